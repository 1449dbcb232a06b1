/**
 * A room as its instructor has it before them: plain data, so that a notebook and JupyterLab's sidebar can both
 * make it, and what follows from it. Pure.
 */
import type { Link } from '../../client/connection';
import type { InstructorQuestion, Results } from '../../protocol/messages';

/**
 * A room; `participants` counts who is connected, `results` are those of the question on show, and `trouble` says why
 * votes cannot be stored at the moment, `joinNotice` why phones may not reach the link.
 */
export interface InstructorRoom {
  readonly title: string;
  readonly code: string;
  readonly joinUrl: string;
  readonly qrSvg: string;
  readonly link: Link;
  readonly participants: number | null;
  readonly questions: readonly InstructorQuestion[];
  readonly results: Results | null;
  readonly trouble: string | null;
  readonly joinNotice?: string | null;
}

/** What the instructor may do to a question; each call is one act, and a refusal is the owner's to show. */
export interface Acts {
  publish(questionId: string): void;
  setLock(questionId: string, isLocked: boolean): void;
  reveal(questionId: string): void;
  close(questionId: string): void;
  /** Of a draft only. */
  delete(questionId: string): void;
}

/** Whether there is nothing more to be done in the room: it has ended, or the connection to it was given up for good. */
export function isOver({ link }: Pick<InstructorRoom, 'link'>): boolean {
  return link.state === 'stopped';
}

export type Stage = 'draft' | 'open' | 'locked' | 'revealed' | 'closed';

/** Where a question stands in its present round. */
export function stageOf({ round, is_active, is_locked, is_revealed }: InstructorQuestion): Stage {
  if (round === 0) {
    return 'draft';
  }
  if (!is_active) {
    return 'closed';
  }
  return is_revealed ? 'revealed' : is_locked ? 'locked' : 'open';
}

/** The question on show: the active one, else the one that was asked last and whose results are still known. */
export function onShow({ questions, results }: Pick<InstructorRoom, 'questions' | 'results'>) {
  const shown = questions.find(question => question.is_active);
  return shown ?? questions.find(({ id, round }) => isOf(results, id, round)) ?? null;
}

/** The results of `question`, where they are those of its present round. */
export function resultsFor(question: InstructorQuestion, results: Results | null): Results | null {
  return isOf(results, question.id, question.round) ? results : null;
}

/** Why a question cannot be published now, or null if it can. */
export function publishObstacle({ is_active }: InstructorQuestion): string | null {
  return is_active ? 'It is being asked now. Close it to ask it again.' : null;
}

/** Whether the class still has something to do with it, so that the next question can wait. */
export function isBeingAnswered(question: InstructorQuestion): boolean {
  return question.is_active && !question.is_revealed;
}

/**
 * What publishing `question` takes away from the class, as a sentence; null where it may be done at one press. A round
 * that begins again must not end a running question by a slip of the hand, and no question may end one that has answers.
 */
export function replacing(
  question: InstructorQuestion,
  { questions, results }: Pick<InstructorRoom, 'questions' | 'results'>
): string | null {
  const running = questions.find(isBeingAnswered);
  if (running === undefined || running.id === question.id) {
    return null;
  }
  const answered = resultsFor(running, results)?.participants ?? 0;
  const isLocked = running.is_locked;
  return warningOf(question, { isLocked, hasAnswers: answered > 0 });
}

/** The question that runs, as far as it matters to whoever would replace it. */
export interface Running {
  readonly isLocked: boolean;
  readonly hasAnswers: boolean;
}

/** The sentence of {@link replacing}, for one who knows only of this question and that another is running. */
export function warningOf(question: InstructorQuestion, running: Running): string | null {
  const loss = lossOf(question, running);
  return loss === null ? null : `${loss} Press again to do it, or Escape.`;
}

/** The same without what to press. */
export function lossOf(question: InstructorQuestion, running: Running): string | null {
  const { isLocked, hasAnswers } = running;
  if (question.round === 0 && (isLocked || !hasAnswers)) {
    return null;
  }
  const now = isLocked ? 'locked, but not closed' : 'open';
  const kept = hasAnswers ? ' Its answers are kept.' : '';
  return `Another question is ${now}. Publishing closes it on all phones.${kept}`;
}

/** The draft that comes next. */
export function nextDraft(questions: readonly InstructorQuestion[]): InstructorQuestion | null {
  return questions.find(question => question.round === 0) ?? null;
}

function isOf(results: Results | null, id: string, round: number): boolean {
  return results !== null && results.questionId === id && results.round === round;
}
