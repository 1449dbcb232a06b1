import { expect, it } from 'vitest';

import {
  delayBefore,
  delayTold,
  LONGEST_DELAY_MS,
  MAX_TRIES,
  TOLD_MS
} from '../../src/client/backoff';

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

it('spreads what the server has asked for between half of it and one and a half', () => {
  expect([0, 0.5, 1].map(random => delayTold(8000, random))).toEqual([4000, 8000, 12_000]);
});

it('believes the server within reason', () => {
  expect(delayTold(0, 0.5)).toBe(TOLD_MS.least);
  expect(delayTold(1e12, 0.5)).toBe(TOLD_MS.most);
});
