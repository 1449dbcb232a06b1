/**
 * Finds a proxy that cuts connections on which nothing was said for a while, and how often to ping below that. Pure.
 *
 * A proxy counts the same time on each connection; a killed server or a lost network cuts at any. So two cuts in a row
 * after about the same silence are a proxy's, and one alone is nothing.
 */

/** Milliseconds between pings, below which no proxy makes us go. */
export const LEAST_PING_MS = 2_000;

/** Milliseconds by which the silences before two cuts may differ. */
export const SAME_MS = 1_500;

/** What is known of cuts: the silence before the last one, and the longest time between pings that avoids them. */
export interface IdleCuts {
  readonly silenceMs: number | null;
  readonly pingMs: number;
}

export const NO_CUTS: IdleCuts = { silenceMs: null, pingMs: Infinity };

/** What is known after a connection was cut on which nothing had been heard for `silenceMs`. */
export function withCut(known: IdleCuts, silenceMs: number): IdleCuts {
  const isAgain = known.silenceMs !== null && Math.abs(silenceMs - known.silenceMs) <= SAME_MS;
  const pingMs = isAgain
    ? Math.max(LEAST_PING_MS, Math.min(known.pingMs, Math.min(silenceMs, known.silenceMs) / 2))
    : known.pingMs;
  return { silenceMs, pingMs };
}
