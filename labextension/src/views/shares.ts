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
  return `${Math.round(shareOf(results, optionId) * 100)}\u202f%`;
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
