/** How long to wait before the next try. Pure: randomness comes in as a number in [0, 1). */

/** Milliseconds between a close and the first try; the seed protocol's figure. */
export const FIRST_DELAY_MS = 3_000;

/** Milliseconds that no wait exceeds, unless a server that restarts asks for more. */
export const LONGEST_DELAY_MS = 30_000;

/** Milliseconds between which a server's own figure is believed. */
export const TOLD_MS = { least: 1_000, most: 120_000 } as const;

/** Tries in a row before the person is asked to press a button. */
export const MAX_TRIES = 10;

/**
 * Milliseconds before try number `attempt`, counted from 1: 3 s, then doubling up to a cap.
 *
 * From the second try on half of the wait is random, so that a class does not come back in one instant.
 */
export function delayBefore(attempt: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return attempt === 1 ? full : Math.round(full * (0.5 + random / 2));
}

/** Milliseconds to wait where the server has named `retryAfterMs`: from half of it to one and a half. */
export function delayTold(retryAfterMs: number, random: number): number {
  const told = Math.min(TOLD_MS.most, Math.max(TOLD_MS.least, retryAfterMs));
  return Math.round(told * (0.5 + random));
}
