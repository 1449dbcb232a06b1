/** Lock, reveal and close: the buttons of the question on show. */
import type { InstructorQuestion } from '../../protocol/messages';
import { element, setText } from '../element';
import type { View } from '../view';
import { button, setAvailable } from './button';
import { stageOf } from './room';
import type { Acts } from './room';

export class QuestionActs implements View<InstructorQuestion> {
  readonly element: HTMLElement;
  private question: InstructorQuestion | null = null;
  private readonly lock: HTMLButtonElement;
  private readonly reveal: HTMLButtonElement;
  private readonly close: HTMLButtonElement;

  constructor(acts: Acts) {
    this.lock = this.act('Lock', ({ id, is_locked }) => {
      acts.setLock(id, !is_locked);
    });
    this.reveal = this.act('Reveal', ({ id }) => {
      acts.reveal(id);
    });
    this.close = this.act('Close', ({ id }) => {
      acts.close(id);
    });
    this.element = element('div', { class: 'lp-acts' }, this.lock, this.reveal, this.close);
  }

  update(question: InstructorQuestion): void {
    this.question = question;
    const stage = stageOf(question);
    setText(this.lock, stage === 'locked' ? 'Unlock' : 'Lock');
    this.lock.classList.toggle('lp-act-main', stage === 'open');
    setAvailable(this.lock, stage === 'open' || stage === 'locked');
    setAvailable(this.reveal, !question.is_revealed);
    this.reveal.classList.toggle('lp-act-main', stage === 'locked');
    setAvailable(this.close, stage !== 'closed');
  }

  private act(text: string, act: (question: InstructorQuestion) => void): HTMLButtonElement {
    return button(text, () => {
      if (this.question !== null) {
        act(this.question);
      }
    });
  }
}
