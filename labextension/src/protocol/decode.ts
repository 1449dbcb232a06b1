/**
 * Reads what a server says. A message that is not JSON, not an event, unknown or malformed is logged and
 * skipped: it is never fatal, so that an old page survives a newer server. It holds no state.
 */
import type { CloseReason, ServerEvent } from './messages';

/** Characters of a message, and options of a question, beyond which it is not ours and would hold up the page. */
const MOST_CHARACTERS = 150_000;
const MOST_OPTIONS = 200;

/** Characters of a message that was skipped which are written down. */
const MOST_WRITTEN_DOWN = 500;

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = value => typeof value === 'string';
const count: Check = value => Number.isSafeInteger(value) && (value as number) >= 0;
const flag: Check = value => typeof value === 'boolean';
const oneOf =
  (...values: readonly unknown[]): Check =>
  value =>
    values.includes(value);
const optional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value);
const orNull =
  (check: Check): Check =>
  value =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.length <= MOST_OPTIONS && value.every(check);
const object =
  (shape: Shape): Check =>
  value =>
    isRecord(value) && Object.entries(shape).every(([key, check]) => check(value[key]));
const countOfEach: Check = value => isRecord(value) && listOf(count)(Object.values(value));

const question = object({
  id: text,
  kind: text,
  text,
  html: text,
  plain: optional(text),
  options: listOf(object({ id: text, label: text, html: text, plain: optional(text) })),
  round: count,
  is_locked: flag,
  is_active: flag
});

const results = object({
  questionId: text,
  round: count,
  total: count,
  counts: countOfEach,
  participants: count,
  final: optional(flag)
});

const myVote = object({ questionId: text, round: count, rev: count });

const control: Shape = { seq: optional(count), epoch: optional(text) };

const SHAPES: Readonly<Record<ServerEvent['event'], Check>> = {
  'new-question': object({ ...control, data: question }),
  'lock-status': object({ ...control, data: object({ questionId: text, is_locked: flag }) }),
  'question-closed': object({ ...control, data: object({ questionId: text, round: count }) }),
  'answer-revealed': object({
    ...control,
    data: object({ questionId: text, round: count, correct: listOf(text) })
  }),
  'results-update': object({ rev: optional(count), data: results }),
  welcome: object({
    data: object({
      epoch: text,
      seq: count,
      recovered: flag,
      pingMs: count,
      maxFrame: count,
      role: text,
      participant: optional(text),
      myVote: optional(myVote)
    })
  }),
  snapshot: object({
    seq: count,
    epoch: text,
    rev: count,
    data: object({
      title: text,
      question: orNull(question),
      results: orNull(results),
      correct: orNull(listOf(text)),
      participants: count
    })
  }),
  'vote-ack': object({
    data: object({
      op: text,
      status: oneOf('accepted', 'rejected'),
      rev: count,
      reason: optional(text),
      message: optional(text),
      retry: optional(flag)
    })
  }),
  'my-vote': object({ data: myVote }),
  pong: object({ data: object({ seq: count }) }),
  presence: object({ data: object({ participants: count }) }),
  'room-changed': object({ data: object({ questions: count }) }),
  trouble: object({ data: object({ message: orNull(text) }) }),
  error: object({ data: object({ code: text, message: text, retry: flag }) })
};

const CHECKS = new Map<unknown, Check>(Object.entries(SHAPES));

/** Where a message that was skipped is written down. */
export type Log = (why: string, frame: unknown) => void;

const toConsole: Log = (why, frame) => {
  const shown = typeof frame === 'string' ? frame.slice(0, MOST_WRITTEN_DOWN) : frame;
  console.warn(`livepoll: skipped a message: ${why}`, shown);
};

/** The event in one frame, or null for one that is to be skipped (and was logged). */
export function decode(frame: unknown, log: Log = toConsole): ServerEvent | null {
  if (typeof frame === 'string' && frame.length > MOST_CHARACTERS) {
    log('too long', frame);
    return null;
  }
  const value = typeof frame === 'string' ? parse(frame) : undefined;
  if (!isRecord(value)) {
    log('not a JSON object', frame);
    return null;
  }
  const isWellFormed = CHECKS.get(value.event);
  if (isWellFormed === undefined) {
    log('unknown event', frame);
    return null;
  }
  if (!isWellFormed(value)) {
    log('malformed event', frame);
    return null;
  }
  return value as unknown as ServerEvent;
}

const isCloseReason = object({ reason: text, retryAfterMs: optional(count) });

/** What a close frame's reason says, or null for one that is not ours. */
export function closeReason(reason: string): CloseReason | null {
  const value = parse(reason);
  return isCloseReason(value) ? (value as CloseReason) : null;
}

function parse(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
