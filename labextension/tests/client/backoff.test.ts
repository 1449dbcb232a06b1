import { expect, it } from 'vitest';

import { delayBefore, LONGEST_DELAY_MS, MAX_TRIES } from '../../src/client/backoff';

it('waits 3 s before the first try, whatever the dice say', () => {
  expect([0, 0.5, 0.999].map(random => delayBefore(1, random))).toEqual([3000, 3000, 3000]);
});

it('doubles from there, and takes between half and all of it', () => {
  expect(delayBefore(2, 0)).toBe(3000);
  expect(delayBefore(2, 1)).toBe(6000);
  expect(delayBefore(3, 0)).toBe(6000);
  expect(delayBefore(3, 1)).toBe(12_000);
});

it('never waits longer than the cap', () => {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    expect(delayBefore(attempt, 1)).toBeLessThanOrEqual(LONGEST_DELAY_MS);
  }
  expect(delayBefore(MAX_TRIES, 1)).toBe(LONGEST_DELAY_MS);
});
