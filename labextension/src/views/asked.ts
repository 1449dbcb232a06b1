/** A question as one person has it before them: plain data, so that a phone and a notebook can both make it. */
import type { ClientState } from '../client/client';
import { correctOf, resultsOf } from '../client/room';
import { ownAnswer } from '../client/votes';
import type { OwnAnswer } from '../client/votes';
import type { Question, Results } from '../protocol/messages';

/** A question, what is known of it, and one's own answer; `correct` is null until the reveal. */
export interface Asked extends OwnAnswer {
  readonly question: Question;
  readonly results: Results | null;
  readonly correct: readonly string[] | null;
  readonly isOnline: boolean;
}

/** The question that a client's state holds, or null while none was asked. */
export function asked({ room, votes, link }: ClientState): Asked | null {
  const { question } = room;
  return question === null
    ? null
    : {
        question,
        results: resultsOf(room),
        correct: correctOf(room),
        isOnline: link.state === 'open',
        ...ownAnswer(votes, question)
      };
}

/** Whether the question takes answers now. */
export function isOpen({ is_active, is_locked }: Question): boolean {
  return is_active && !is_locked;
}

/**
 * The results that a participant may look at now: not before an own answer counts, so that nobody follows
 * the crowd, and in any case once the question is locked. A tally that the own answer has yet to reach, two
 * seconds at most, is not shown as if nobody had answered.
 */
export function resultsToShow({ question, results, isCounted }: Asked): Results | null {
  if (isOpen(question)) {
    return isCounted && results !== null && results.participants > 0 ? results : null;
  }
  return results;
}
