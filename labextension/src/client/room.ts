/**
 * What a client knows of a room, and how each message changes it. Pure: no clock, no socket, no page.
 *
 * Control events are numbered without gaps; results are level-triggered. Both rules are the wire protocol's.
 */
import type {
  MyVote,
  Question,
  Results,
  Resume,
  ServerEvent,
  Snapshot,
  WelcomeData
} from '../protocol/messages';

/** Right options of one round of a question. */
export interface Revealed {
  readonly questionId: string;
  readonly round: number;
  readonly correct: readonly string[];
}

/** A room as one peer sees it; `place` is null until the room's state has arrived. */
export interface RoomState {
  readonly title: string | null;
  readonly role: string | null;
  readonly participant: string | null;
  readonly participants: number | null;
  readonly question: Question | null;
  readonly results: Results | null;
  readonly rev: number;
  readonly revealed: Revealed | null;
  /** Why votes cannot be stored at the moment, for the instructor. */
  readonly trouble: string | null;
  readonly place: Resume | null;
}

export const UNKNOWN_ROOM: RoomState = {
  title: null,
  role: null,
  participant: null,
  participants: null,
  question: null,
  results: null,
  rev: 0,
  revealed: null,
  trouble: null,
  place: null
};

/** Whether anything was missed before `event`, so that only a resumed connection heals the client. */
export function hasGap(state: RoomState, event: ServerEvent): boolean {
  if (state.place === null) {
    return false;
  }
  if (event.event === 'pong') {
    return event.data.seq > state.place.seq;
  }
  const seq = sequence(event);
  if (seq === undefined || event.event === 'snapshot') {
    return false;
  }
  return epoch(event) !== state.place.epoch || seq > state.place.seq + 1;
}

/** The room after `event`. An event that was applied before, or that belongs to another question, changes nothing. */
export function reduceRoom(state: RoomState, event: ServerEvent): RoomState {
  const seq = sequence(event);
  if (event.event === 'snapshot') {
    return fromSnapshot(state, event.data, { epoch: event.epoch, seq: event.seq }, event.rev);
  }
  if (seq === undefined || state.place === null) {
    return apply(state, event);
  }
  return seq <= state.place.seq
    ? state
    : { ...apply(state, event), place: { ...state.place, seq } };
}

/** The results of the question's present round, where the room shows them. */
export function resultsOf(state: RoomState): Results | null {
  return isOfRound(state.question, state.results) ? state.results : null;
}

/** The right options of the question's present round, once they are revealed. */
export function correctOf(state: RoomState): readonly string[] | null {
  return isOfRound(state.question, state.revealed) ? (state.revealed?.correct ?? null) : null;
}

/** Whether something that names a question and a round belongs to this question's present round. */
export function isOfRound(
  question: Question | null,
  thing: Pick<MyVote, 'questionId' | 'round'> | null
): boolean {
  return (
    question?.id === thing?.questionId && question?.round === thing?.round && question !== null
  );
}

function apply(state: RoomState, event: ServerEvent): RoomState {
  switch (event.event) {
    case 'new-question':
      return { ...state, question: event.data };
    case 'lock-status':
      return event.data.questionId === state.question?.id
        ? { ...state, question: { ...state.question, is_locked: event.data.is_locked } }
        : state;
    case 'question-closed':
      return state.question !== null && isOfRound(state.question, event.data)
        ? { ...state, question: { ...state.question, is_locked: true, is_active: false } }
        : state;
    case 'answer-revealed':
      return { ...state, revealed: event.data };
    case 'results-update':
      return withResults(state, event.data, event.rev ?? state.rev);
    case 'presence':
      return { ...state, participants: event.data.participants };
    case 'trouble':
      return { ...state, trouble: event.data.message };
    case 'welcome':
      return welcomed(state, event.data);
    default:
      return state;
  }
}

/** A server that has trouble says so after its welcome; one that has none any more says nothing. */
function welcomed(state: RoomState, { role, participant }: WelcomeData): RoomState {
  return { ...state, role, participant: participant ?? null, trouble: null };
}

function withResults(state: RoomState, results: Results, rev: number): RoomState {
  return rev < state.rev ? state : { ...state, results, rev };
}

function fromSnapshot(state: RoomState, data: Snapshot, place: Resume, rev: number): RoomState {
  const { question, correct } = data;
  return {
    ...state,
    title: data.title,
    participants: data.participants,
    question,
    results: data.results,
    rev,
    revealed:
      question === null || correct === null
        ? null
        : { questionId: question.id, round: question.round, correct },
    place
  };
}

function sequence(event: ServerEvent): number | undefined {
  return 'seq' in event ? event.seq : undefined;
}

function epoch(event: ServerEvent): string | undefined {
  return 'epoch' in event ? event.epoch : undefined;
}
