import { describe, expect, it } from 'vitest';

import {
  castVote,
  NO_VOTES,
  ownAnswer,
  reduceVotes,
  refusedElsewhere
} from '../../src/client/votes';
import type { VotesState } from '../../src/client/votes';
import type { ServerEvent, VoteAckData } from '../../src/protocol/messages';
import { aQuestion, aWelcome, last } from '../fakes';

const question = aQuestion();
const sent = castVote(NO_VOTES, question, 'a', 'op1');

function ack(state: VotesState, data: Partial<VoteAckData> = {}): VotesState {
  const event: ServerEvent = {
    event: 'vote-ack',
    data: { op: 'op1', status: 'accepted', rev: 1, answer: 'a', ...data }
  };
  return reduceVotes(state, event);
}

const lockedOut = { status: 'rejected', reason: 'question-locked', message: 'Too late.' } as const;

it('numbers the acts of one participant on one round from 1', () => {
  expect(sent.outbox).toEqual([{ questionId: 'q1', round: 1, answer: 'a', op: 'op1', rev: 1 }]);
  expect(last(castVote(ack(sent), question, 'b', 'op2').outbox).rev).toBe(2);
});

it('keeps one vote per round on its way: a newer one takes the place of an older', () => {
  const changed = castVote(sent, question, 'b', 'op2');
  expect(changed.outbox).toEqual([{ questionId: 'q1', round: 1, answer: 'b', op: 'op2', rev: 2 }]);
});

it('is pending until the ack, and counted only then', () => {
  expect(ownAnswer(NO_VOTES, question)).toMatchObject({ answer: undefined, delivery: 'none' });
  expect(ownAnswer(sent, question)).toMatchObject({
    answer: 'a',
    delivery: 'pending',
    isCounted: false
  });
  expect(ownAnswer(ack(sent), question)).toMatchObject({
    answer: 'a',
    delivery: 'counted',
    isCounted: true
  });
});

it('stays pending when the ack is of an act that it replaced', () => {
  const changed = castVote(sent, question, 'b', 'op2');
  expect(ownAnswer(ack(changed), question)).toMatchObject({ answer: 'b', delivery: 'pending' });
});

describe('a refusal', () => {
  it('is told in the words of the server', () => {
    const refused = ack(sent, { ...lockedOut, rev: 0, answer: undefined });
    expect(ownAnswer(refused, question)).toEqual({
      answer: undefined,
      delivery: 'refused',
      isCounted: false,
      refusal: 'Too late.'
    });
  });

  it('leaves the earlier answer standing', () => {
    const changed = castVote(ack(sent), question, 'b', 'op2');
    const refused = ack(changed, { ...lockedOut, op: 'op2', rev: 1, answer: 'a' });
    expect(ownAnswer(refused, question)).toMatchObject({
      answer: 'a',
      delivery: 'refused',
      isCounted: true
    });
  });

  it('is forgotten with the next answer', () => {
    const refused = ack(sent, { ...lockedOut, rev: 0, answer: undefined });
    expect(ownAnswer(castVote(refused, question, 'b', 'op2'), question).delivery).toBe('pending');
  });

  it('that may pass leaves the vote in the outbox', () => {
    const busy = ack(sent, { status: 'rejected', reason: 'unavailable', retry: true, rev: 0 });
    expect(busy.outbox).toEqual(sent.outbox);
  });

  it('of a vote for a question that is over is kept to be told', () => {
    const refused = ack(sent, { ...lockedOut, rev: 0, answer: undefined });
    expect(refusedElsewhere(refused, question)).toBeNull();
    expect(refusedElsewhere(refused, aQuestion({ id: 'q2' }))?.message).toBe('Too late.');
  });
});

describe('after a reload', () => {
  const restored = reduceVotes(
    NO_VOTES,
    aWelcome({ myVote: { questionId: 'q1', round: 1, answer: 'b', rev: 7 } })
  );

  it('has the answer that the server has', () => {
    expect(ownAnswer(restored, question)).toMatchObject({ answer: 'b', delivery: 'counted' });
  });

  it('goes on counting from its revision', () => {
    expect(last(castVote(restored, question, 'a', 'op9').outbox).rev).toBe(8);
  });

  it('has none in a new round', () => {
    expect(ownAnswer(restored, aQuestion({ round: 2 })).delivery).toBe('none');
  });

  it('believes a server that has lost the vote', () => {
    expect(ownAnswer(reduceVotes(restored, aWelcome()), question).delivery).toBe('none');
    const resumed = reduceVotes(restored, aWelcome({ recovered: true }));
    expect(ownAnswer(resumed, question).delivery).toBe('counted');
  });
});
