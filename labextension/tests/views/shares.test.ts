import { describe, expect, it } from 'vitest';

import type { Results } from '../../src/protocol/messages';
import { percentages, shareOf, votesFor } from '../../src/views/shares';

const RESULTS: Results = {
  questionId: 'q',
  round: 1,
  total: 2,
  participants: 2,
  counts: JSON.parse('{"a": 1, "__proto__": 1}') as Record<string, number>
};

it.each(['constructor', 'toString', 'hasOwnProperty', 'b'])('finds no votes for %s', id => {
  expect(votesFor(RESULTS, id)).toBe(0);
  expect(shareOf(RESULTS, id)).toBe(0);
});

it.each(['a', '__proto__'])('finds the vote for %s', id => {
  expect(votesFor(RESULTS, id)).toBe(1);
  expect(shareOf(RESULTS, id)).toBe(0.5);
});

function tally(votes: readonly number[], participants?: number): Results {
  const counts = Object.fromEntries(votes.map((count, place) => [`o${place}`, count]));
  const total = votes.reduce((sum, count) => sum + count, 0);
  return { questionId: 'q', round: 1, total, counts, participants: participants ?? total };
}

function shown(results: Results): number[] {
  return [...percentages(results).values()];
}

describe('shares in per cent', () => {
  it.each([
    [
      [12, 4, 1],
      [71, 23, 6]
    ],
    [
      [1, 1, 1],
      [34, 33, 33]
    ],
    [
      [1, 1, 1, 1, 1, 1],
      [17, 17, 17, 17, 16, 16]
    ],
    [
      [7, 0],
      [100, 0]
    ],
    [
      [0, 0],
      [0, 0]
    ]
  ])('of %j are %j', (votes, wanted) => {
    expect(shown(tally(votes))).toEqual(wanted);
  });

  it.each([[[999, 1]], [[9999, 1]], [[400, 1, 1]], [[1, 99_999]]])(
    'never say 100 of %j, where some chose otherwise',
    votes => {
      expect(Math.max(...shown(tally(votes)))).toBeLessThan(100);
      expect(shown(tally(votes)).reduce((sum, share) => sum + share, 0)).toBe(100);
    }
  );

  it('add up to 100 whatever the votes', () => {
    for (let a = 0; a < 12; a += 1) {
      for (let b = 0; b < 12; b += 1) {
        for (let c = 1; c < 12; c += 1) {
          expect(shown(tally([a, b, c])).reduce((sum, share) => sum + share, 0)).toBe(100);
        }
      }
    }
  });

  it('of several answers each are shares of those who answered', () => {
    expect(shown(tally([3, 2, 1], 3))).toEqual([100, 67, 33]);
    expect(shown(tally([999, 1000, 1], 1000))).toEqual([99, 100, 0]);
  });
});
