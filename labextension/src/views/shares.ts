/** An option's share of a tally, as a number and as words. Pure. */
import type { Results } from '../protocol/messages';

/** The votes for an option. An id may be the name of what every object has, such as `constructor`. */
export function votesFor({ counts }: Results, optionId: string): number {
  return Object.prototype.hasOwnProperty.call(counts, optionId) ? (counts[optionId] ?? 0) : 0;
}

/** The part of those who answered that chose an option, from 0 to 1. */
export function shareOf(results: Results, optionId: string): number {
  const { participants } = results;
  return participants > 0 ? Math.min(1, votesFor(results, optionId) / participants) : 0;
}

/** That share in whole per cent, as people read it. */
export function shareText(results: Results, optionId: string): string {
  return `${percentages(results).get(optionId) ?? 0}\u202f%`;
}

/**
 * The shares in whole per cent. Where everybody chose one option they add up to 100: what rounding down leaves over goes
 * to the largest remainders. 100 is never said of an option that somebody did not choose.
 */
export function percentages({ counts, participants }: Results): ReadonlyMap<string, number> {
  const shares = Object.entries(counts).map(([id, votes]): Share => {
    const exact = participants > 0 ? Math.min(100, (100 * votes) / participants) : 0;
    return { id, votes, exact, shown: Math.floor(exact) };
  });
  const total = shares.reduce((sum, { votes }) => sum + votes, 0);
  if (participants > 0 && total === participants) {
    handOut(shares);
  } else {
    shares.forEach(share => {
      share.shown = share.exact < 100 ? Math.min(99, Math.round(share.exact)) : 100;
    });
  }
  return new Map(shares.map(({ id, shown }) => [id, shown]));
}

interface Share {
  readonly id: string;
  readonly votes: number;
  readonly exact: number;
  shown: number;
}

/** Give what is missing to 100 to the largest remainders, but no option to which others prefer another all of it. */
function handOut(shares: readonly Share[]): void {
  const missing = 100 - shares.reduce((sum, { shown }) => sum + shown, 0);
  const byRemainder = shares
    .filter(({ exact, shown }) => exact > shown && (shown < 99 || exact === 100))
    .sort((one, other) => other.exact - other.shown - (one.exact - one.shown));
  byRemainder.slice(0, missing).forEach(share => {
    share.shown += 1;
  });
}

/** A number of votes in words. */
export function voteText(votes: number): string {
  return votes === 1 ? '1 vote' : `${votes} votes`;
}

/** How many have answered, in words. */
export function answeredText(results: Results | null): string {
  const answered = results?.participants ?? 0;
  return answered === 0 ? 'No answers yet' : answered === 1 ? '1 answer' : `${answered} answers`;
}
