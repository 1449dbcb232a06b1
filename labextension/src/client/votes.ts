/**
 * A participant's own votes: what the server has counted, what is on its way, what was refused. Pure.
 *
 * A vote stays in the outbox until its ack, whatever happens to the connection, and is then sent again as
 * the same act (`op`), so that it counts once and the student always learns what became of it.
 */
import type {
  MyVote,
  Question,
  ServerEvent,
  VoteAckData,
  VoteData,
  WelcomeData
} from '../protocol/messages';
import { isOfRound } from './room';

/** A vote that was not counted, and why in the server's words. */
export interface RefusedVote {
  readonly questionId: string;
  readonly round: number;
  readonly reason: string;
  readonly message: string;
}

/** Own votes; each list holds at most one per round of a question. */
export interface VotesState {
  readonly counted: readonly MyVote[];
  readonly outbox: readonly VoteData[];
  readonly refused: readonly RefusedVote[];
}

export const NO_VOTES: VotesState = { counted: [], outbox: [], refused: [] };

/** What became of the answer to one question. */
export type Delivery = 'none' | 'pending' | 'counted' | 'refused';

/**
 * One's own answer to a question: the newest one given, and what became of it. `isCounted` says that some
 * answer of one's own counts, be it this one or an older one.
 */
export interface OwnAnswer {
  readonly answer: unknown;
  readonly delivery: Delivery;
  readonly isCounted: boolean;
  readonly refusal: string | null;
}

type Placed = Pick<MyVote, 'questionId' | 'round'>;

/** The votes after the participant answers `question`; `op` is unique to this act. */
export function castVote(
  state: VotesState,
  question: Question,
  answer: unknown,
  op: string
): VotesState {
  const before = [...state.outbox, ...state.counted].filter(vote => isOfRound(question, vote));
  const rev = Math.max(0, ...before.map(vote => vote.rev)) + 1;
  const vote = { questionId: question.id, round: question.round, answer, op, rev };
  return {
    ...state,
    outbox: put(state.outbox, vote),
    refused: state.refused.filter(refused => !isOfRound(question, refused))
  };
}

/** The votes after a message. */
export function reduceVotes(state: VotesState, event: ServerEvent): VotesState {
  switch (event.event) {
    case 'welcome':
      return { ...state, counted: atWelcome(state, event.data) };
    case 'vote-ack':
      return acknowledge(state, event.data);
    default:
      return state;
  }
}

/** One's own answer to `question`. */
export function ownAnswer(state: VotesState, question: Question): OwnAnswer {
  const pending = state.outbox.find(vote => isOfRound(question, vote));
  const counted = state.counted.find(vote => isOfRound(question, vote));
  const refused = state.refused.find(vote => isOfRound(question, vote));
  const isCounted = counted !== undefined;
  if (pending !== undefined) {
    return { answer: pending.answer, delivery: 'pending', isCounted, refusal: null };
  }
  const answer = counted?.answer;
  if (refused !== undefined) {
    return { answer, delivery: 'refused', isCounted, refusal: refused.message };
  }
  return { answer, delivery: isCounted ? 'counted' : 'none', isCounted, refusal: null };
}

/** A vote to another question than `question` that was refused, and of which the student must still be told. */
export function refusedElsewhere(state: VotesState, question: Question | null): RefusedVote | null {
  return state.refused.find(refused => !isOfRound(question, refused)) ?? null;
}

function atWelcome(state: VotesState, { recovered, myVote }: WelcomeData): readonly MyVote[] {
  const known = recovered ? state.counted : [];
  return myVote === undefined ? known : put(known, myVote);
}

function acknowledge(state: VotesState, ack: VoteAckData): VotesState {
  const vote = state.outbox.find(sent => sent.op === ack.op);
  if (vote === undefined || ack.retry === true) {
    return state;
  }
  const { questionId, round } = vote;
  const answer = ack.answer ?? vote.answer;
  return {
    outbox: state.outbox.filter(sent => sent !== vote),
    counted:
      ack.rev > 0 ? put(state.counted, { questionId, round, answer, rev: ack.rev }) : state.counted,
    refused: ack.status === 'accepted' ? [] : put(state.refused, refusal(vote, ack))
  };
}

function refusal({ questionId, round }: VoteData, ack: VoteAckData): RefusedVote {
  return {
    questionId,
    round,
    reason: ack.reason ?? 'refused',
    message: ack.message ?? 'Your answer was not counted.'
  };
}

function put<T extends Placed>(list: readonly T[], item: T): readonly T[] {
  const isOther = (other: T): boolean =>
    other.questionId !== item.questionId || other.round !== item.round;
  return [...list.filter(isOther), item];
}
