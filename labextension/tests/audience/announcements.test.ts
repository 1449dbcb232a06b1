import { describe, expect, it, vi } from 'vitest';

import { announcement } from '../../src/audience/announcements';
import { RoomClient } from '../../src/client/client';
import type { ClientState } from '../../src/client/client';
import { reduceRoom, UNKNOWN_ROOM } from '../../src/client/room';
import { castVote, NO_VOTES, reduceVotes } from '../../src/client/votes';
import type { ServerEvent } from '../../src/protocol/messages';
import { aQuestion, aSnapshot, aWelcome, fakeSurroundings, someResults } from '../fakes';

const open = { state: 'open' } as const;
const nowhere: ClientState = {
  link: { state: 'connecting', attempt: 0 },
  room: UNKNOWN_ROOM,
  votes: NO_VOTES
};
const waiting = { ...hear(nowhere, aWelcome(), aSnapshot(null)), link: open };
const asked = hear(waiting, { event: 'new-question', data: aQuestion() });

function hear(state: ClientState, ...events: readonly ServerEvent[]): ClientState {
  return {
    ...state,
    room: events.reduce(reduceRoom, state.room),
    votes: events.reduce(reduceVotes, state.votes)
  };
}

function vote(state: ClientState): ClientState {
  return { ...state, votes: castVote(state.votes, aQuestion(), 'a', 'op1') };
}

function ack(changes = {}): ServerEvent {
  return {
    event: 'vote-ack',
    data: { op: 'op1', status: 'accepted', rev: 1, answer: 'a', ...changes }
  };
}

function lock(is_locked: boolean): ServerEvent {
  return { event: 'lock-status', data: { questionId: 'q1', is_locked } };
}

function after(before: ClientState, ...events: readonly ServerEvent[]): string | null {
  return announcement(before, hear(before, ...events));
}

it('tells a student who joins that they are in, and ends with that', () => {
  const around = fakeSurroundings();
  const client = new RoomClient({ url: 'ws://host/_ws', around });
  const said: (string | null)[] = [];
  let before = client.state;
  client.subscribe(state => {
    said.push(announcement(before, state));
    before = state;
  });
  client.start();
  const [socket] = around.sockets;
  socket?.onopen?.();
  socket?.hear(aWelcome());
  socket?.hear(aSnapshot(null));
  vi.useRealTimers();
  expect(said.filter(sentence => sentence !== null)).toEqual([
    'You are in. The next question appears here by itself.'
  ]);
});

it('tells a student that they are in', () => {
  expect(announcement(nowhere, waiting)).toBe(
    'You are in. The next question appears here by itself.'
  );
});

it('reads a new question, and a new round of it', () => {
  expect(announcement(waiting, asked)).toBe('New question: Which is larger?');
  expect(after(asked, { event: 'new-question', data: aQuestion({ round: 2 }) })).toBe(
    'Round 2 of a question: Which is larger?'
  );
});

it('is silent when the same state arrives again', () => {
  expect(after(asked, { event: 'new-question', data: aQuestion() })).toBeNull();
  expect(after(asked, lock(false))).toBeNull();
});

it('never reads results or how many are here', () => {
  expect(after(asked, { event: 'results-update', data: someResults(), rev: 3 })).toBeNull();
  expect(after(asked, { event: 'presence', data: { participants: 4 } })).toBeNull();
});

it('is silent on a tap and speaks on the ack', () => {
  const tapped = vote(asked);
  expect(announcement(asked, tapped)).toBeNull();
  expect(after(tapped, ack())).toBe('Answer counted. You can still change it.');
});

it('says that an answer is kept while there is no connection', () => {
  const lost: ClientState = { ...asked, link: { state: 'gave-up' } };
  expect(announcement(lost, vote(lost))).toBe(
    'Your answer is kept, and sent when the connection is back.'
  );
});

it('says why an answer was not counted', () => {
  const refusal = { status: 'rejected', reason: 'question-locked', message: 'Too late.', rev: 0 };
  const locked = hear(vote(asked), lock(true));
  expect(after(locked, ack({ ...refusal, answer: undefined }))).toBe('Too late.');
});

it('says so when an answer to an earlier question came too late', () => {
  const next = hear(vote(asked), { event: 'new-question', data: aQuestion({ id: 'q2' }) });
  const refusal = { status: 'rejected', reason: 'round-closed', message: 'Over.', rev: 0 };
  expect(after(next, ack({ ...refusal, answer: undefined }))).toBe(
    'Your answer to an earlier question came too late and was not counted.'
  );
});

it('tells of an answer that is taken back as of an answer', () => {
  const counted = hear(vote(asked), ack());
  const wished = { ...counted, votes: castVote(counted.votes, aQuestion(), null, 'op2') };
  expect(announcement(counted, wished)).toBeNull();
  const taken = ack({ op: 'op2', rev: 2, answer: null });
  expect(after(wished, taken)).toBe('Answer taken back. You can answer again.');
  const refusal = {
    op: 'op2',
    status: 'rejected',
    reason: 'question-locked',
    message: 'Too late.'
  };
  expect(after(wished, ack(refusal))).toBe(
    'It was too late to take your answer back. The answer that is marked counts.'
  );
});

it('says that the wish to take an answer back is kept, also right after the answer was', () => {
  const lost: ClientState = { ...vote(asked), link: { state: 'gave-up' } };
  const wished = { ...lost, votes: castVote(lost.votes, aQuestion(), null, 'op2') };
  expect(announcement(lost, wished)).toBe('Your answer is taken back when the connection is back.');
});

it('says so when an answer to an earlier question could not be taken back in time', () => {
  const wished = { ...asked, votes: castVote(asked.votes, aQuestion(), null, 'op1') };
  const next = hear(wished, { event: 'new-question', data: aQuestion({ id: 'q2' }) });
  const refusal = { status: 'rejected', reason: 'question-closed', message: 'Over.', rev: 0 };
  expect(after(next, ack({ ...refusal, answer: undefined }))).toBe(
    'It was too late to take back your answer to an earlier question.'
  );
});

it('speaks of lock, unlock and close', () => {
  const locked = hear(asked, lock(true));
  expect(announcement(asked, locked)).toBe('Answers are locked. You did not answer.');
  expect(after(locked, lock(false))).toBe('The question is open again.');
  expect(after(locked, { event: 'question-closed', data: { questionId: 'q1', round: 1 } })).toBe(
    'This question is closed. You did not answer.'
  );
});

it('reads the right answer', () => {
  const answered = hear(vote(asked), ack(), lock(true));
  const revealed: ServerEvent = {
    event: 'answer-revealed',
    data: { questionId: 'q1', round: 1, correct: ['b'] }
  };
  expect(after(answered, revealed)).toBe(
    'The right answer: the median. Not this time. The right answer is marked.'
  );
});

describe('the connection', () => {
  const lost: ClientState = { ...asked, link: { state: 'waiting', attempt: 1, secondsLeft: 3 } };

  it('is spoken of when it is lost and when it is back', () => {
    expect(announcement(asked, lost)).toBe('Connection lost. Trying again by itself.');
    expect(announcement(lost, asked)).toBe('Connected again.');
  });

  it('is not spoken of with every second and every try', () => {
    const second: ClientState = { ...lost, link: { state: 'waiting', attempt: 1, secondsLeft: 2 } };
    const trying: ClientState = { ...lost, link: { state: 'connecting', attempt: 1 } };
    expect(announcement(lost, second)).toBeNull();
    expect(announcement(second, trying)).toBeNull();
    expect(announcement(trying, lost)).toBeNull();
  });

  it('is spoken of when the person has to do something', () => {
    expect(announcement(lost, { ...lost, link: { state: 'gave-up' } })).toBe(
      'No connection. Press the button to try again.'
    );
    expect(announcement(asked, { ...asked, link: { state: 'stopped', why: 'room-ended' } })).toBe(
      'This room has ended. Thank you for taking part. You can close this page.'
    );
  });
});
