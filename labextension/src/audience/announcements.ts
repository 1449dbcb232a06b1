/**
 * What the one live region says: only what a student must know, and never the two-second results. Pure.
 */
import type { ClientState } from '../client/client';
import { isOfRound } from '../client/room';
import { refusedElsewhere } from '../client/votes';
import type { RefusedVote } from '../client/votes';
import { asked } from '../views/asked';
import type { Asked } from '../views/asked';
import { plainText } from '../views/prose';
import { standing } from '../views/standing';
import { notice } from './notices';

/** The sentence to say when the state goes from `before` to `after`, or null where silence is right. */
export function announcement(before: ClientState, after: ClientState): string | null {
  const said = [ofLink(before, after), ofLateVote(before, after), ofQuestion(before, after)];
  return said.filter(sentence => sentence !== null).join(' ') || null;
}

function ofLink(before: ClientState, after: ClientState): string | null {
  if (before.link.state === after.link.state) {
    return null;
  }
  switch (after.link.state) {
    case 'waiting':
      return wasOpen(before) ? 'Connection lost. Trying again by itself.' : null;
    case 'open':
      return before.room.place === null ? null : 'Connected again.';
    case 'gave-up':
      return 'No connection. Press the button to try again.';
    case 'stopped':
      return `${notice(after)?.title ?? ''}. ${notice(after)?.text ?? ''}`;
    case 'connecting':
      return wasOpen(before) ? 'Connection lost. Trying again by itself.' : null;
  }
}

function wasOpen({ link }: ClientState): boolean {
  return link.state === 'open';
}

function ofLateVote(before: ClientState, after: ClientState): string | null {
  const late = refusedElsewhere(after.votes, after.room.question);
  const isNew = late !== refusedElsewhere(before.votes, before.room.question);
  return late !== null && isNew ? lateText(late) : null;
}

/** What a student is told whose answer to a question that is over, or its withdrawal, did not arrive in time. */
export function lateText({ isWithdrawal }: RefusedVote): string {
  return isWithdrawal
    ? 'It was too late to take back your answer to an earlier question.'
    : 'Your answer to an earlier question came too late and was not counted.';
}

function ofQuestion(before: ClientState, after: ClientState): string | null {
  const now = asked(after);
  const then = asked(before);
  if (now === null) {
    return then !== null || before.room.place !== after.room.place
      ? waitingText(before, after)
      : null;
  }
  if (then === null || !isOfRound(now.question, ofRound(then))) {
    return `${headline(now)}: ${plainText(now.question.html, now.question.text)}`;
  }
  return changed(then, now);
}

function waitingText(before: ClientState, after: ClientState): string | null {
  const isFirst = before.room.place === null && after.room.place !== null;
  const words = notice(after);
  return (isFirst || before.room.question !== null) && words
    ? `${words.title}. ${words.text}`
    : null;
}

function ofRound({ question }: Asked): { questionId: string; round: number } {
  return { questionId: question.id, round: question.round };
}

/** Sentences about the state of one question, when what they are about has changed. */
function changed(then: Asked, now: Asked): string | null {
  const reopened = then.question.is_locked && !now.question.is_locked;
  const isOver = now.question.is_locked && !then.question.is_locked;
  const isClosed = then.question.is_active && !now.question.is_active;
  const isRevealed = then.correct === null && now.correct !== null;
  const isOther =
    then.delivery !== now.delivery || (then.answer === null) !== (now.answer === null);
  const isDelivered = isOther && now.delivery !== 'none';
  if (reopened) {
    return 'The question is open again.';
  }
  if (isRevealed) {
    return `${rightAnswers(now)}${standing(now).text}`;
  }
  const isKept = now.delivery === 'pending' && now.isOnline;
  return isOver || isClosed || (isDelivered && !isKept) ? standing(now).text : null;
}

function rightAnswers({ question, correct }: Asked): string {
  const labels = question.options
    .filter(({ id }) => correct?.includes(id))
    .map(({ html, label }) => plainText(html, label));
  return labels.length > 0 ? `The right answer: ${labels.join(', ')}. ` : '';
}

function headline({ question: { round } }: Asked): string {
  return round > 1 ? `Round ${round} of a question` : 'New question';
}
