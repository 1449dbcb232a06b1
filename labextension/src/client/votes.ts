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

/** A vote that was not counted, and why in words for the person; `isWithdrawal` if it was to take an answer back. */
export interface RefusedVote {
  readonly questionId: string;
  readonly round: number;
  readonly reason: string;
  readonly message: string;
  readonly isWithdrawal: boolean;
}

/**
 * Own votes, and whose they are: `participant` is null until the server has said it. Each list holds at most one
 * per round of a question; an answer of null is a withdrawal.
 */
export interface VotesState {
  readonly participant: string | null;
  readonly counted: readonly MyVote[];
  readonly outbox: readonly VoteData[];
  readonly refused: readonly RefusedVote[];
}

export const NO_VOTES: VotesState = { participant: null, counted: [], outbox: [], refused: [] };

/** What became of the answer to one question. */
export type Delivery = 'none' | 'pending' | 'counted' | 'withdrawn' | 'refused';

/**
 * One's own answer to a question: the newest one given, and what became of it. An `answer` of null or undefined
 * is none; while it is pending, null is the wish to take an answer back. `isCounted` says that some answer of
 * one's own counts, be it this one or an older one.
 */
export interface OwnAnswer {
  readonly answer: unknown;
  readonly delivery: Delivery;
  readonly isCounted: boolean;
  readonly refusal: string | null;
}

type Placed = Pick<MyVote, 'questionId' | 'round'>;

/** The votes after the participant answers `question`, or withdraws with null; `op` is unique to this act. */
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
    // Who answers has read what became of earlier answers.
    refused: []
  };
}

/** The votes after a message. */
export function reduceVotes(state: VotesState, event: ServerEvent): VotesState {
  switch (event.event) {
    case 'welcome':
      return atWelcome(state, event.data);
    case 'vote-ack':
      return acknowledge(state, event.data);
    case 'my-vote':
      return learn(state, event.data);
    case 'new-question':
      // What was told of the question before is told.
      return { ...state, refused: state.refused.filter(refused => isOfRound(event.data, refused)) };
    default:
      return state;
  }
}

/** One's own answer to `question`. */
export function ownAnswer(state: VotesState, question: Question): OwnAnswer {
  const pending = state.outbox.find(vote => isOfRound(question, vote));
  const counted = state.counted.find(vote => isOfRound(question, vote));
  const refused = state.refused.find(vote => isOfRound(question, vote));
  const isCounted = counted !== undefined && counted.answer !== null;
  if (pending !== undefined) {
    return { answer: pending.answer, delivery: 'pending', isCounted, refusal: null };
  }
  const answer = counted?.answer;
  if (refused !== undefined) {
    return { answer, delivery: 'refused', isCounted, refusal: refused.message };
  }
  const withdrawn = counted === undefined ? 'none' : 'withdrawn';
  return { answer, delivery: isCounted ? 'counted' : withdrawn, isCounted, refusal: null };
}

/** The votes with those that were kept over a reload: they wait again, as the same acts. */
export function takeUp(state: VotesState, kept: readonly VoteData[]): VotesState {
  const isNew = ({ questionId, round }: VoteData): boolean =>
    !state.outbox.some(vote => vote.questionId === questionId && vote.round === round);
  return { ...state, outbox: [...kept.filter(isNew), ...state.outbox] };
}

/** A vote to another question than `question` that was refused, and of which the student must still be told. */
export function refusedElsewhere(state: VotesState, question: Question | null): RefusedVote | null {
  return state.refused.find(refused => !isOfRound(question, refused)) ?? null;
}

function atWelcome(state: VotesState, welcome: WelcomeData): VotesState {
  const { recovered, myVote } = welcome;
  const participant = welcome.participant ?? state.participant;
  const isSame = state.participant === null || participant === state.participant;
  const mine = isSame ? state : withoutPlace(state);
  const counted = recovered && isSame ? state.counted : [];
  return {
    ...mine,
    participant,
    counted: myVote === undefined ? counted : putNewest(counted, myVote)
  };
}

/** Another participant's votes are not sent as one's own: they may have been counted already. */
function withoutPlace(state: VotesState): VotesState {
  const refused = state.outbox.map(({ questionId, round, answer }) => ({
    questionId,
    round,
    reason: 'another-participant',
    message: 'You have a new place in this room, and no answer there yet.',
    isWithdrawal: answer === null
  }));
  return { ...NO_VOTES, refused };
}

/** A vote of one's own from elsewhere, such as another tab. */
function learn(state: VotesState, vote: MyVote): VotesState {
  const counted = putNewest(state.counted, vote);
  return counted === state.counted
    ? state
    : { ...state, counted, refused: state.refused.filter(refused => !isSameRound(refused, vote)) };
}

function acknowledge(state: VotesState, ack: VoteAckData): VotesState {
  const vote = state.outbox.find(sent => sent.op === ack.op);
  if (vote === undefined || ack.retry === true) {
    return state;
  }
  const { questionId, round } = vote;
  const answer = ack.answer === undefined ? vote.answer : ack.answer;
  return {
    ...state,
    outbox: state.outbox.filter(sent => sent !== vote),
    counted:
      ack.rev > 0
        ? putNewest(state.counted, { questionId, round, answer, rev: ack.rev })
        : state.counted,
    refused:
      ack.status === 'accepted'
        ? state.refused.filter(refused => !isSameRound(refused, vote))
        : put(state.refused, refusal(vote, ack))
  };
}

/** Why a vote comes too late. */
const LATE: ReadonlySet<string> = new Set(['question-locked', 'question-closed', 'round-closed']);

function refusal({ questionId, round, answer }: VoteData, ack: VoteAckData): RefusedVote {
  const { reason = 'refused', message = 'Your answer was not counted.' } = ack;
  const isWithdrawal = answer === null;
  const isLate = isWithdrawal && LATE.has(reason);
  return {
    questionId,
    round,
    reason,
    message: isLate ? 'It was too late to take your answer back.' : message,
    isWithdrawal
  };
}

function isSameRound(one: Placed, other: Placed): boolean {
  return one.questionId === other.questionId && one.round === other.round;
}

function put<T extends Placed>(list: readonly T[], item: T): readonly T[] {
  return [...list.filter(other => !isSameRound(other, item)), item];
}

/** The list with `vote`, or the same list where it holds a newer one: an old act's ack may come late. */
function putNewest(list: readonly MyVote[], vote: MyVote): readonly MyVote[] {
  return list.some(other => isSameRound(other, vote) && other.rev >= vote.rev)
    ? list
    : put(list, vote);
}
