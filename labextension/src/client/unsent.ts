/**
 * Votes that wait for their ack, kept in the browser so that a reload does not lose them. There is one entry: whoever
 * enters another room, or has another place in it, gives it up. A browser that keeps nothing is none the worse.
 */
import type { VoteData } from '../protocol/messages';

/** Where votes outlive the page. Neither method throws. */
export interface UnsentVotes {
  load(participant: string): readonly VoteData[];
  save(participant: string, votes: readonly VoteData[]): void;
}

/** The part of the browser's storage that is used. */
export type Place = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Votes kept at most, the newest ones; more than a room asks in a lecture. */
export const MOST_KEPT = 50;

const KEY = 'livepoll-unsent';

/** Keeps nothing: for a peer that outlives its page anyway, or has no vote. */
export const NOT_KEPT: UnsentVotes = { load: () => [], save: () => undefined };

/** The browser's places, the lasting one first; asking for one may throw where storage is blocked. */
export const BROWSER_PLACES: readonly (() => Place)[] = [() => localStorage, () => sessionStorage];

/** Keeps the unsent votes of one room in the first of `places` that takes them. */
export function unsentVotes(
  room: string,
  places: readonly (() => Place)[] = BROWSER_PLACES
): UnsentVotes {
  return {
    load: participant => {
      const kept = places.map(place => entryAt(place)).find(entry => entry !== null);
      if (kept?.room === room && kept.participant === participant) {
        return kept.votes;
      }
      places.forEach(forget);
      return [];
    },
    save: (participant, votes) => {
      places.forEach(forget);
      if (votes.length > 0) {
        const text = JSON.stringify({ room, participant, votes: votes.slice(-MOST_KEPT) });
        places.some(place => isKept(place, text));
      }
    }
  };
}

interface Entry {
  readonly room: string;
  readonly participant: string;
  readonly votes: readonly VoteData[];
}

function entryAt(place: () => Place): Entry | null {
  try {
    const entry = JSON.parse(place().getItem(KEY) ?? 'null') as Partial<Entry> | null;
    return Array.isArray(entry?.votes) && entry.votes.every(isVote) ? (entry as Entry) : null;
  } catch {
    // Storage that is blocked, or holds what is not ours, keeps nothing for us.
    return null;
  }
}

function isKept(place: () => Place, text: string): boolean {
  try {
    place().setItem(KEY, text);
    return true;
  } catch {
    // Blocked or full: the next place may take it, and the page itself has the votes in any case.
    return false;
  }
}

function forget(place: () => Place): void {
  try {
    place().removeItem(KEY);
  } catch {
    // What is blocked holds nothing.
  }
}

function isVote(value: unknown): boolean {
  const { questionId, round, op, rev } = value as Partial<VoteData>;
  const areTexts = typeof questionId === 'string' && typeof op === 'string';
  return areTexts && Number.isSafeInteger(round) && Number.isSafeInteger(rev);
}
