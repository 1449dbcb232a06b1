import { describe, expect, it } from 'vitest';

import { correctOf, hasGap, reduceRoom, resultsOf, UNKNOWN_ROOM } from '../../src/client/room';
import type { RoomState } from '../../src/client/room';
import type { ServerEvent } from '../../src/protocol/messages';
import { aQuestion, aSnapshot, aWelcome, someResults } from '../fakes';

const joined = after(UNKNOWN_ROOM, aWelcome(), aSnapshot());

function after(state: RoomState, ...events: readonly ServerEvent[]): RoomState {
  return events.reduce(reduceRoom, state);
}

function lock(is_locked: boolean, seq?: number, epoch = 'e1'): ServerEvent {
  const data = { questionId: 'q1', is_locked };
  return seq === undefined
    ? { event: 'lock-status', data }
    : { event: 'lock-status', data, seq, epoch };
}

function results(rev: number, a: number): ServerEvent {
  return { event: 'results-update', data: someResults({ counts: { a, b: 0 } }), rev };
}

it('knows nothing before the first message', () => {
  expect(UNKNOWN_ROOM).toMatchObject({ place: null, question: null });
});

it('takes title, question and place from a snapshot', () => {
  expect(joined).toMatchObject({
    title: 'Statistics 101',
    participants: 3,
    participant: 'p1',
    question: aQuestion(),
    place: { epoch: 'e1', seq: 1 }
  });
});

it('never changes the state it was given', () => {
  const before = JSON.stringify(joined);
  after(joined, lock(true, 2), { event: 'presence', data: { participants: 9 } }, results(1, 1));
  expect(JSON.stringify(joined)).toBe(before);
});

describe('control events', () => {
  it('are applied in order', () => {
    const state = after(joined, lock(true, 2), lock(false, 3));
    expect(state.question?.is_locked).toBe(false);
    expect(state.place?.seq).toBe(3);
  });

  it('that came before are dropped', () => {
    const state = after(joined, lock(true, 2), lock(false, 3), lock(true, 2));
    expect(state.question?.is_locked).toBe(false);
    expect(state.place?.seq).toBe(3);
  });

  it('that the snapshot holds already are dropped', () => {
    expect(after(joined, lock(true, 1)).question?.is_locked).toBe(false);
  });

  it('without a number are state, and move no place', () => {
    const state = after(joined, lock(true));
    expect(state.question?.is_locked).toBe(true);
    expect(state.place?.seq).toBe(1);
  });

  it('of another question change nothing', () => {
    const data = { questionId: 'q9', is_locked: true };
    expect(after(joined, { event: 'lock-status', data }).question?.is_locked).toBe(false);
  });

  it('close the question but leave it in sight', () => {
    const closed: ServerEvent = { event: 'question-closed', data: { questionId: 'q1', round: 1 } };
    expect(after(joined, closed).question).toMatchObject({ is_active: false, is_locked: true });
  });

  it('of an earlier round do not close the present one', () => {
    const state = after(joined, { event: 'new-question', data: aQuestion({ round: 2 }) });
    const closed: ServerEvent = { event: 'question-closed', data: { questionId: 'q1', round: 1 } };
    expect(after(state, closed).question?.is_active).toBe(true);
  });
});

describe('a gap', () => {
  it('is a number that was skipped', () => {
    expect(hasGap(joined, lock(true, 2))).toBe(false);
    expect(hasGap(joined, lock(true, 1))).toBe(false);
    expect(hasGap(joined, lock(true, 3))).toBe(true);
  });

  it('is another epoch', () => {
    expect(hasGap(joined, lock(true, 2, 'e2'))).toBe(true);
  });

  it('shows in a pong that is ahead', () => {
    expect(hasGap(joined, { event: 'pong', data: { seq: 1 } })).toBe(false);
    expect(hasGap(joined, { event: 'pong', data: { seq: 2 } })).toBe(true);
  });

  it('is none before the state has come, nor in a snapshot', () => {
    expect(hasGap(UNKNOWN_ROOM, lock(true, 9))).toBe(false);
    expect(hasGap(joined, aSnapshot(null, {}, 40))).toBe(false);
  });
});

describe('results', () => {
  it('with the highest revision win', () => {
    expect(after(joined, results(5, 5), results(4, 4)).results?.counts.a).toBe(5);
  });

  it('of the same revision are taken: they may be the final ones', () => {
    const final: ServerEvent = {
      event: 'results-update',
      data: someResults({ final: true }),
      rev: 5
    };
    expect(resultsOf(after(joined, results(5, 3), final))?.final).toBe(true);
  });

  it('of another round are not shown', () => {
    const again: ServerEvent = { event: 'new-question', data: aQuestion({ round: 2 }) };
    expect(resultsOf(after(joined, results(5, 5), again))).toBeNull();
  });

  it('that arrived as state outlive a replay of older questions', () => {
    const state = after(
      joined,
      { event: 'new-question', data: aQuestion({ id: 'q2' }) },
      { event: 'results-update', data: someResults({ questionId: 'q2' }), rev: 8 },
      { event: 'new-question', data: aQuestion({ round: 2 }), seq: 2, epoch: 'e1' },
      { event: 'new-question', data: aQuestion({ id: 'q2' }), seq: 3, epoch: 'e1' }
    );
    expect(resultsOf(state)?.questionId).toBe('q2');
  });

  it('are forgotten with a snapshot that has none', () => {
    expect(resultsOf(after(joined, results(5, 5), aSnapshot()))).toBeNull();
  });

  it('that come after a snapshot without any are shown, whatever was known before it', () => {
    expect(after(joined, results(5, 5), aSnapshot(), results(2, 2)).results?.counts.a).toBe(2);
  });
});

describe('the right answer', () => {
  const revealed: ServerEvent = {
    event: 'answer-revealed',
    data: { questionId: 'q1', round: 1, correct: ['b'] }
  };

  it('is known once it is revealed, by event or by snapshot', () => {
    expect(correctOf(joined)).toBeNull();
    expect(correctOf(after(joined, revealed))).toEqual(['b']);
    expect(correctOf(after(joined, aSnapshot(aQuestion(), { correct: ['a'] })))).toEqual(['a']);
  });

  it('of one round says nothing in the next', () => {
    const again: ServerEvent = { event: 'new-question', data: aQuestion({ round: 2 }) };
    expect(correctOf(after(joined, revealed, again))).toBeNull();
  });
});

describe('trouble', () => {
  const trouble: ServerEvent = { event: 'trouble', data: { message: 'The disk is full.' } };

  it('lasts until the server says that it is over', () => {
    expect(after(joined, trouble).trouble).toBe('The disk is full.');
    expect(
      after(joined, trouble, { event: 'trouble', data: { message: null } }).trouble
    ).toBeNull();
  });

  it('is over where a welcome is not followed by it: the server may have been restarted', () => {
    expect(after(joined, trouble, aWelcome({ recovered: true })).trouble).toBeNull();
  });
});
