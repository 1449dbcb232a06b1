import { describe, expect, it } from 'vitest';

import {
  castVote,
  NO_VOTES,
  ownAnswer,
  reduceVotes,
  refusedElsewhere,
  takeUp
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

describe('taking an answer back', () => {
  const counted = ack(sent);
  const wished = castVote(counted, question, null, 'op2');
  const withdrawn = ack(wished, { op: 'op2', rev: 2, answer: null });

  it('is an act like any other: pending, and then no answer', () => {
    expect(last(wished.outbox)).toMatchObject({ answer: null, op: 'op2', rev: 2 });
    expect(ownAnswer(wished, question)).toMatchObject({
      answer: null,
      delivery: 'pending',
      isCounted: true
    });
    expect(ownAnswer(withdrawn, question)).toMatchObject({
      answer: null,
      delivery: 'withdrawn',
      isCounted: false
    });
  });

  it('leaves its revision behind, for the next answer to go on from', () => {
    expect(last(castVote(withdrawn, question, 'b', 'op3').outbox).rev).toBe(3);
    const restored = reduceVotes(
      NO_VOTES,
      aWelcome({ myVote: { questionId: 'q1', round: 1, answer: null, rev: 6 } })
    );
    expect(ownAnswer(restored, question).isCounted).toBe(false);
    expect(last(castVote(restored, question, 'b', 'op3').outbox).rev).toBe(7);
  });

  it('says so when it came too late, and the answer stands', () => {
    const refused = ack(wished, { ...lockedOut, op: 'op2', rev: 1, answer: 'a' });
    expect(ownAnswer(refused, question)).toEqual({
      answer: 'a',
      delivery: 'refused',
      isCounted: true,
      refusal: 'It was too late to take your answer back.'
    });
    expect(refusedElsewhere(refused, aQuestion({ id: 'q2' }))?.isWithdrawal).toBe(true);
  });

  it('still stands when a later answer is refused', () => {
    const late = castVote(withdrawn, question, 'b', 'op3');
    const refused = ack(late, { ...lockedOut, op: 'op3', rev: 2, answer: null });
    expect(ownAnswer(refused, question)).toMatchObject({ answer: null, isCounted: false });
  });

  it('is learned from a refusal where another tab has done it', () => {
    const refused = ack(sent, { ...lockedOut, rev: 5, answer: null });
    expect(ownAnswer(refused, question)).toMatchObject({ answer: null, isCounted: false });
  });
});

describe('the newest of a round counts', () => {
  const newer = { questionId: 'q1', round: 1, answer: 'b', rev: 3 } as const;
  const known = reduceVotes(NO_VOTES, { event: 'my-vote', data: newer });

  it('where it comes from another tab', () => {
    expect(ownAnswer(known, question)).toMatchObject({ answer: 'b', delivery: 'counted' });
    expect(last(castVote(known, question, 'a', 'op9').outbox).rev).toBe(4);
  });

  it('also against the ack of an older act, which is the same whenever it is asked for', () => {
    expect(ownAnswer(ack({ ...known, outbox: sent.outbox }), question)).toMatchObject({
      answer: 'b',
      delivery: 'counted'
    });
  });

  it('also against an older one from another tab', () => {
    const older: ServerEvent = { event: 'my-vote', data: { ...newer, answer: 'a', rev: 2 } };
    expect(reduceVotes(known, older)).toBe(known);
    expect(reduceVotes(known, aWelcome({ recovered: true, myVote: older.data })).counted).toEqual([
      newer
    ]);
  });

  it('and takes the place of what was said of a refusal', () => {
    const refused = ack(sent, { ...lockedOut, rev: 0, answer: undefined });
    const learned = reduceVotes(refused, { event: 'my-vote', data: newer });
    expect(ownAnswer(learned, question)).toMatchObject({ answer: 'b', delivery: 'counted' });
  });

  it('and leaves other rounds alone', () => {
    const other: ServerEvent = { event: 'my-vote', data: { ...newer, round: 2, rev: 1 } };
    expect(reduceVotes(known, other).counted).toHaveLength(2);
  });
});

describe('what is told of a refusal', () => {
  const late = ack(sent, { ...lockedOut, rev: 0, answer: undefined });
  const next = aQuestion({ id: 'q2' });

  it('stays until the person answers another question', () => {
    expect(refusedElsewhere(late, next)).not.toBeNull();
    expect(refusedElsewhere(castVote(late, next, 'a', 'op2'), next)).toBeNull();
  });

  it('ends with the next question, and not when its own is told again', () => {
    expect(reduceVotes(late, { event: 'new-question', data: question }).refused).toHaveLength(1);
    expect(reduceVotes(late, { event: 'new-question', data: next }).refused).toEqual([]);
  });
});

describe('a participant', () => {
  const mine = castVote(reduceVotes(NO_VOTES, aWelcome()), question, 'a', 'op1');

  it('who is known only later takes along what waits', () => {
    expect(reduceVotes(sent, aWelcome()).outbox).toEqual(sent.outbox);
  });

  it('who comes back as another one sends nothing of the first one’s, and is told', () => {
    const other = reduceVotes(mine, aWelcome({ recovered: true, participant: 'p2' }));
    expect(other.outbox).toEqual([]);
    expect(ownAnswer(other, question)).toMatchObject({ delivery: 'refused', isCounted: false });
    expect(ownAnswer(other, question).refusal).toContain('a new place');
  });

  it('who comes back as the same one keeps what waits', () => {
    expect(reduceVotes(mine, aWelcome({ recovered: true })).outbox).toEqual(mine.outbox);
  });

  it('takes up what an earlier page could not send, unless there is a newer act', () => {
    const kept = [
      { questionId: 'q0', round: 1, answer: 'b', op: 'op7', rev: 1 },
      { questionId: 'q1', round: 1, answer: 'b', op: 'op8', rev: 1 }
    ];
    expect(takeUp(mine, kept).outbox.map(({ op }) => op)).toEqual(['op7', 'op1']);
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
