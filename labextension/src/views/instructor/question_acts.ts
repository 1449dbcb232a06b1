/** Lock, reveal and close: the buttons of the question on show. */
import type { InstructorQuestion } from '../../protocol/messages';
import { element, setText } from '../element';
import type { View } from '../view';
import { button, setObstacle } from './button';
import { stageOf } from './room';
import type { Acts, Stage } from './room';

const IS_DRAFT = 'Publish the question first.';
const IS_OUT = 'The right answer is out. Ask again for a new round.';

/** Why an act is not possible at a stage of the question. */
const OBSTACLES: Readonly<
  Record<'lock' | 'reveal' | 'close', Readonly<Partial<Record<Stage, string>>>>
> = {
  lock: {
    draft: IS_DRAFT,
    revealed: IS_OUT,
    closed: 'The question is closed. Ask again for a new round.'
  },
  reveal: { draft: IS_DRAFT },
  close: { draft: IS_DRAFT, closed: 'The question is closed already.' }
};

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
    setObstacle(this.lock, OBSTACLES.lock[stage] ?? null);
    setObstacle(this.reveal, question.is_revealed ? IS_OUT : (OBSTACLES.reveal[stage] ?? null));
    this.reveal.classList.toggle('lp-act-main', stage === 'locked');
    setObstacle(this.close, OBSTACLES.close[stage] ?? null);
  }

  private act(text: string, act: (question: InstructorQuestion) => void): HTMLButtonElement {
    return button(text, () => {
      if (this.question !== null) {
        act(this.question);
      }
    });
  }
}
