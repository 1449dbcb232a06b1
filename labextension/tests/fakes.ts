/** Doubles for what a connection takes from the browser: a server one speaks for, and chance without surprise. */
import { vi } from 'vitest';

import type { Socket, Surroundings } from '../src/client/surroundings';
import type { ClientMessage, Question, Results, ServerEvent } from '../src/protocol/messages';

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: string[] = [];
  isClosed = false;

  constructor(readonly url: string) {}

  send(frame: string): void {
    this.sent.push(frame);
  }

  close(): void {
    this.isClosed = true;
  }

  /** All messages that the client has sent, read. */
  get said(): ClientMessage[] {
    return this.sent.map(frame => JSON.parse(frame) as ClientMessage);
  }

  hear(event: ServerEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  hangUp(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }
}

/** Surroundings on vitest's fake clock, and all the sockets that were opened in them. */
export function fakeSurroundings(random = 0.5): Surroundings & { sockets: FakeSocket[] } {
  vi.useFakeTimers();
  const sockets: FakeSocket[] = [];
  return {
    sockets,
    openSocket: url => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket;
    },
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    now: () => Date.now(),
    random: () => random
  };
}

/** The last of a list, which must not be empty. */
export function last<T>(list: readonly T[]): T {
  const item = list[list.length - 1];
  if (item === undefined) {
    throw new Error('The list is empty.');
  }
  return item;
}

/** A question with two options, `a` and `b`. */
export function aQuestion(changes: Partial<Question> = {}): Question {
  return {
    id: 'q1',
    kind: 'choice',
    text: 'Which is larger?',
    html: '<p>Which is larger?</p>',
    options: [
      { id: 'a', label: 'the mean', html: 'the mean' },
      { id: 'b', label: 'the median', html: 'the median' }
    ],
    round: 1,
    is_locked: false,
    is_active: true,
    ...changes
  };
}

/** Results of `aQuestion`: three for `a`, one for `b`. */
export function someResults(changes: Partial<Results> = {}): Results {
  return {
    questionId: 'q1',
    round: 1,
    total: 4,
    counts: { a: 3, b: 1 },
    participants: 4,
    ...changes
  };
}

/** A welcome to a participant. */
export function aWelcome(
  changes: Partial<Extract<ServerEvent, { event: 'welcome' }>['data']> = {}
): ServerEvent {
  return {
    event: 'welcome',
    data: {
      epoch: 'e1',
      seq: 1,
      recovered: false,
      pingMs: 30_000,
      maxFrame: 16_384,
      role: 'participant',
      participant: 'p1',
      ...changes
    }
  };
}

/** A snapshot of a room in which `question` is asked. */
export function aSnapshot(
  question: Question | null = aQuestion(),
  changes: Partial<Extract<ServerEvent, { event: 'snapshot' }>['data']> = {},
  seq = 1
): ServerEvent {
  return {
    event: 'snapshot',
    seq,
    epoch: 'e1',
    rev: 0,
    data: {
      title: 'Statistics 101',
      question,
      results: null,
      correct: null,
      participants: 3,
      ...changes
    }
  };
}
