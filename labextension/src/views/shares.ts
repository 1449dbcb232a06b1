/** An option's share of a tally, as a number and as words. Pure. */
import type { Results } from '../protocol/messages';

/** The part of those who answered that chose an option, from 0 to 1. */
export function shareOf({ counts, participants }: Results, optionId: string): number {
  return participants > 0 ? Math.min(1, (counts[optionId] ?? 0) / participants) : 0;
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
