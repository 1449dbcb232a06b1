import { expect, it, vi } from 'vitest';

import { closeReason, decode } from '../../src/protocol/decode';
import { SERVER_EVENTS } from '../../src/protocol/messages';
import type { Option, ServerEvent } from '../../src/protocol/messages';
import { aQuestion, aSnapshot, aWelcome, someResults } from '../fakes';

const EVENTS: readonly ServerEvent[] = [
  { event: 'new-question', data: aQuestion(), seq: 1, epoch: 'e' },
  { event: 'lock-status', data: { questionId: 'q1', is_locked: true } },
  { event: 'results-update', data: someResults({ final: true }), rev: 3 },
  { event: 'question-closed', data: { questionId: 'q1', round: 1 } },
  { event: 'answer-revealed', data: { questionId: 'q1', round: 1, correct: ['a'] } },
  aWelcome({ myVote: { questionId: 'q1', round: 1, answer: ['a'], rev: 2 } }),
  aSnapshot(),
  { event: 'vote-ack', data: { op: 'o', status: 'accepted', rev: 1, answer: 'a' } },
  { event: 'my-vote', data: { questionId: 'q1', round: 1, answer: null, rev: 2 } },
  { event: 'pong', data: { seq: 0 } },
  { event: 'presence', data: { participants: 0 } },
  { event: 'room-changed', data: { questions: 2 } },
  { event: 'trouble', data: { message: null } },
  { event: 'error', data: { code: 'bad-message', message: 'That is not JSON.', retry: false } }
];

it('has an example here of every event of the wire', () => {
  expect(EVENTS.map(({ event }) => event)).toEqual(SERVER_EVENTS);
});

it.each(EVENTS)('reads $event', event => {
  expect(decode(JSON.stringify(event))).toEqual(event);
});

it('reads an event with fields that a newer server added', () => {
  const frame = '{"event":"pong","data":{"seq":4,"extra":1},"more":true}';
  expect(decode(frame)).toMatchObject({ event: 'pong', data: { seq: 4 } });
});

it.each([
  ['a message larger than any of ours', `"${'x'.repeat(150_000)}"`, 'too long'],
  ['JSON within JSON without end', '['.repeat(149_000), 'not a JSON object'],
  [
    'more options than a person can look at',
    JSON.stringify({
      event: 'new-question',
      data: aQuestion({ options: Array<Option>(201).fill({ id: 'a', label: '', html: '' }) })
    }),
    'malformed event'
  ],
  ['text that is not JSON', 'hello there', 'not a JSON object'],
  ['a JSON array', '[{"event":"pong"}]', 'not a JSON object'],
  ['null', 'null', 'not a JSON object'],
  ['a binary frame', new ArrayBuffer(2), 'not a JSON object'],
  ['an unknown event', '{"event":"fireworks","data":{}}', 'unknown event'],
  ['an event named after an inherited property', '{"event":"toString","data":{}}', 'unknown event'],
  ['a message without an event', '{"data":{}}', 'unknown event'],
  ['an event without data', '{"event":"pong"}', 'malformed event'],
  ['a count below zero', '{"event":"pong","data":{"seq":-1}}', 'malformed event'],
  [
    'a question without options',
    '{"event":"new-question","data":{"id":"q","kind":"choice","text":"","html":"","round":1,"is_locked":false,"is_active":true}}',
    'malformed event'
  ],
  [
    'counts that are no numbers',
    '{"event":"results-update","data":{"questionId":"q","round":1,"total":1,"participants":1,"counts":{"a":"1"}}}',
    'malformed event'
  ]
])('logs and skips %s', (_, frame, why) => {
  const log = vi.fn();
  expect(decode(frame, log)).toBeNull();
  expect(log).toHaveBeenCalledExactlyOnceWith(why, frame);
});

it('reads from a close frame why, and when to come back', () => {
  expect(closeReason('{"reason":"restart","retryAfterMs":4000}')).toEqual({
    reason: 'restart',
    retryAfterMs: 4000
  });
  expect(closeReason('{"reason":"room-ended"}')).toEqual({ reason: 'room-ended' });
});

it.each(['', 'going away', '[]', '{}', '{"reason":1}', '{"reason":"x","retryAfterMs":-1}'])(
  'takes the reason %j for none of ours',
  reason => {
    expect(closeReason(reason)).toBeNull();
  }
);
