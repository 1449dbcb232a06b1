/** How long to wait before the next try. Pure: randomness comes in as a number in [0, 1). */

/** Milliseconds between a close and the first try; the seed protocol's figure. */
export const FIRST_DELAY_MS = 3_000;

/** Milliseconds that no wait exceeds. */
export const LONGEST_DELAY_MS = 30_000;

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
