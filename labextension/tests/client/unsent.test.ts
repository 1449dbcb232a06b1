import { beforeEach, expect, it } from 'vitest';

import { MOST_KEPT, unsentVotes } from '../../src/client/unsent';
import type { Place } from '../../src/client/unsent';
import type { VoteData } from '../../src/protocol/messages';

class PlaceInMemory implements Place {
  readonly items = new Map<string, string>();
  isFull = false;

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.isFull) {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    }
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}

const blocked = (): Place => {
  throw new DOMException('Access is denied.', 'SecurityError');
};
const VOTE: VoteData = { questionId: 'q1', round: 1, answer: ['a'], op: 'op1', rev: 2 };

let lasting: PlaceInMemory;
let passing: PlaceInMemory;
let places: (() => Place)[];

beforeEach(() => {
  lasting = new PlaceInMemory();
  passing = new PlaceInMemory();
  places = [() => lasting, () => passing];
});

function kept(room = 'ABC234', participant = 'p1'): readonly VoteData[] {
  return unsentVotes(room, places).load(participant);
}

function keep(...votes: readonly VoteData[]): void {
  unsentVotes('ABC234', places).save('p1', votes);
}

it('has after a reload what was kept before it', () => {
  keep(VOTE, { ...VOTE, questionId: 'q2', answer: null, op: 'op2' });
  expect(kept()).toEqual([VOTE, { ...VOTE, questionId: 'q2', answer: null, op: 'op2' }]);
});

it('keeps nothing more once nothing waits', () => {
  keep(VOTE);
  keep();
  expect([...lasting.items, ...passing.items]).toEqual([]);
});

it('drops the votes of another room', () => {
  keep(VOTE);
  expect(kept('XYZ789')).toEqual([]);
  expect(kept()).toEqual([]);
});

it('drops the votes of another participant', () => {
  keep(VOTE);
  expect(kept('ABC234', 'p2')).toEqual([]);
  expect(kept()).toEqual([]);
});

it('keeps them for the tab where they cannot be kept for longer', () => {
  places = [blocked, () => passing];
  keep(VOTE);
  expect(passing.items.size).toBe(1);
  expect(kept()).toEqual([VOTE]);
});

it('takes a full place for one that keeps nothing', () => {
  keep(VOTE);
  lasting.isFull = true;
  keep({ ...VOTE, op: 'op2' });
  expect(kept().map(({ op }) => op)).toEqual(['op2']);
  passing.isFull = true;
  keep({ ...VOTE, op: 'op3' });
  expect(kept()).toEqual([]);
});

it('gets along where all storage is denied', () => {
  places = [blocked, blocked];
  keep(VOTE);
  keep();
  expect(kept()).toEqual([]);
});

it('keeps a bounded number, the newest', () => {
  const many = Array.from({ length: MOST_KEPT + 3 }, (_, place) => ({
    ...VOTE,
    questionId: `q${place}`
  }));
  keep(...many);
  expect(kept()).toEqual(many.slice(3));
});

it.each(['', 'nonsense', '7', 'null', '{"room":"ABC234","participant":"p1"}'])(
  'takes nothing from an entry like %o',
  text => {
    keep(VOTE);
    for (const key of lasting.items.keys()) {
      lasting.items.set(key, text);
    }
    expect(kept()).toEqual([]);
  }
);

it.each([null, 7, {}, { ...VOTE, op: 1 }, { ...VOTE, rev: '2' }, { ...VOTE, round: 1.5 }])(
  'takes nothing from a vote like %o',
  vote => {
    keep(vote as VoteData);
    expect(kept()).toEqual([]);
  }
);
