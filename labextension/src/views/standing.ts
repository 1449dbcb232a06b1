/** How one's answer stands, in a sentence: the line under a question. Pure. */
import { isOpen } from './asked';
import type { Asked } from './asked';
import type { IconName } from './icons';
import { kindOf } from './kinds/index';

export type Tone = 'plain' | 'busy' | 'good' | 'bad' | 'locked' | 'closed';

/** One line: its tone colours it, its icon repeats the tone without colour. */
export interface Standing {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text: string;
}

/** How the answer to `asked` stands. */
export function standing(asked: Asked): Standing {
  return refused(asked) ?? revealed(asked) ?? sent(asked);
}

function revealed(asked: Asked): Standing | null {
  const { delivery, isCounted } = asked;
  if (!isJudged(asked) || delivery === 'pending') {
    return null;
  }
  if (!isCounted) {
    return {
      tone: 'locked',
      icon: 'lock',
      text: 'The right answer is marked. You did not answer.'
    };
  }
  return isRight(asked)
    ? { tone: 'good', icon: 'star', text: 'Your answer is right.' }
    : { tone: 'bad', icon: 'cross', text: 'Not this time. The right answer is marked.' };
}

/** A refusal comes first, a reveal or not: whoever answered must not read that they did not. */
function refused(asked: Asked): Standing | null {
  const { delivery, refusal } = asked;
  if (delivery !== 'refused') {
    return null;
  }
  const text = `${refusal ?? 'Your answer was not counted.'} ${whatCounts(asked)}`.trim();
  return { tone: 'bad', icon: 'alert', text };
}

function whatCounts(asked: Asked): string {
  const { question, isCounted, isOnline } = asked;
  if (isJudged(asked)) {
    const verdict = isRight(asked) ? 'right' : 'not right';
    return isCounted ? `The answer that counts is ${verdict}.` : 'The right answer is marked.';
  }
  if (isCounted) {
    return 'The answer that is marked counts.';
  }
  return isOpen(question) && isOnline ? 'You can answer again.' : '';
}

/** Whether it is out what is right, where something is. */
function isJudged({ correct }: Asked): boolean {
  return correct !== null && correct.length > 0;
}

function isRight({ question, correct, answer }: Asked): boolean {
  return kindOf(question).isRight(correct ?? [], answer);
}

function sent(asked: Asked): Standing {
  const { question, delivery, isCounted } = asked;
  if (delivery === 'pending') {
    return { tone: 'busy', icon: 'clock', text: pendingText(asked) };
  }
  if (!isOpen(question)) {
    return closed(question.is_active, isCounted);
  }
  if (delivery === 'withdrawn') {
    return { tone: 'plain', icon: 'tap', text: 'Answer taken back. You can answer again.' };
  }
  return isCounted
    ? { tone: 'good', icon: 'check', text: 'Answer counted. You can still change it.' }
    : { tone: 'plain', icon: 'tap', text: kindOf(question).hint };
}

function pendingText({ isOnline, answer }: Asked): string {
  const isWithdrawal = answer === null;
  if (isOnline) {
    return isWithdrawal ? 'Taking your answer back…' : 'Sending your answer…';
  }
  return isWithdrawal
    ? 'Your answer is taken back when the connection is back.'
    : 'Your answer is kept, and sent when the connection is back.';
}

function closed(isActive: boolean, isCounted: boolean): Standing {
  const mine = isCounted ? 'Your answer counts.' : 'You did not answer.';
  return isActive
    ? { tone: 'locked', icon: 'lock', text: `Answers are locked. ${mine}` }
    : { tone: 'closed', icon: 'flag', text: `This question is closed. ${mine}` };
}
