/**
 * Finds a proxy that cuts connections on which nothing was said for a while, and how often to ping below that. Pure.
 *
 * A proxy counts the same time on each connection; a killed server or a lost network cuts at any. So two cuts after about
 * the same silence are a proxy's, and one alone is nothing. They need not follow each other: the server's own pings,
 * which a browser tells nobody of, lengthen the silence that we see before some cuts.
 */

/** Milliseconds between pings, below which no proxy makes us go. */
export const LEAST_PING_MS = 2_000;

/** Milliseconds by which the silences before two cuts may differ. */
export const SAME_MS = 1_500;

/** Cuts with which the next one is compared. */
const REMEMBERED = 3;

/** What is known of cuts: the silences before the last few, and the longest time between pings that avoids them. */
export interface IdleCuts {
  readonly silences: readonly number[];
  readonly pingMs: number;
}

export const NO_CUTS: IdleCuts = { silences: [], pingMs: Infinity };

/** What is known after a connection was cut on which nothing had been heard for `silenceMs`. */
export function withCut({ silences, pingMs }: IdleCuts, silenceMs: number): IdleCuts {
  const same = silences.filter(earlier => Math.abs(earlier - silenceMs) <= SAME_MS);
  const below = Math.min(pingMs, ...[...same, silenceMs].map(ms => ms / 2));
  return {
    silences: [...silences, silenceMs].slice(-REMEMBERED),
    pingMs: same.length > 0 ? Math.max(LEAST_PING_MS, below) : pingMs
  };
}
