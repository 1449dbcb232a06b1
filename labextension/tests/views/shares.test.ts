import { expect, it } from 'vitest';

import type { Results } from '../../src/protocol/messages';
import { shareOf, votesFor } from '../../src/views/shares';

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
