/** All questions of the room, in their order, each with the button that asks it. */
import type { InstructorQuestion } from '../../protocol/messages';
import { element, newId } from '../element';
import { setProse } from '../prose';
import type { View } from '../view';
import { isBeingAnswered, isOver, nextDraft, publishObstacle, replacing } from './room';
import type { Acts, InstructorRoom } from './room';
import { StageBadge } from './stage_badge';
import { TwoStep } from './two_step';
import type { Step } from './two_step';

const NONE_LEFT = 'Every question has been asked. Prepare more in a notebook: poll.draft([…]).';

export class QuestionList implements View<InstructorRoom> {
  readonly element: HTMLElement;
  private readonly list = element('ol', { class: 'lp-question-list' });
  private readonly rows = new Map<string, QuestionRow>();
  private readonly next: TwoStep;
  private draft: InstructorQuestion | null = null;

  constructor(private readonly acts: Acts) {
    this.next = new TwoStep(() => {
      if (this.draft !== null) {
        acts.publish(this.draft.id);
      }
    });
    const id = newId();
    const heading = element('h3', { id }, 'Questions');
    this.element = element(
      'section',
      { class: 'lp-questions', 'aria-labelledby': id },
      element('div', { class: 'lp-questions-head' }, heading, this.next.button, this.next.warning),
      this.list
    );
  }

  update(room: Pick<InstructorRoom, 'questions' | 'link' | 'results'>): void {
    const { questions } = room;
    this.element.classList.toggle('lp-is-over', isOver(room));
    this.element.hidden = questions.length === 0;
    const draft = nextDraft(questions);
    if (draft?.id !== this.draft?.id) {
      this.next.reset();
    }
    this.draft = draft;
    this.next.update({
      label: 'Publish next',
      sure: SURE,
      warning: draft && replacing(draft, room),
      obstacle: draft === null ? NONE_LEFT : null
    });
    this.next.button.classList.toggle(
      'lp-act-main',
      this.draft !== null && !questions.some(isBeingAnswered)
    );
    for (const id of this.rows.keys()) {
      if (!questions.some(question => question.id === id)) {
        this.rows.delete(id);
      }
    }
    const shown = questions.map(question => this.row(question, replacing(question, room)));
    shown.forEach((row, place) => {
      if (this.list.children[place] !== row) {
        this.list.insertBefore(row, this.list.children[place] ?? null);
      }
    });
    while (this.list.children.length > shown.length) {
      this.list.lastElementChild?.remove();
    }
  }

  private row(question: InstructorQuestion, warning: string | null): HTMLElement {
    const row = this.rows.get(question.id) ?? new QuestionRow(this.acts);
    this.rows.set(question.id, row);
    row.update({ question, warning });
    return row.element;
  }
}

/** A question, and what publishing it would take away from the class. */
interface Row {
  readonly question: InstructorQuestion;
  readonly warning: string | null;
}

/** What a button says after its first press where it takes another question from all phones. */
export const SURE = 'Replace it now';

const DELETE: Step = {
  label: 'Delete',
  sure: 'Delete it now',
  warning: 'This draft was never asked. Press again to delete it, or Escape.'
};

class QuestionRow implements View<Row> {
  readonly element: HTMLElement;
  private readonly badge = new StageBadge();
  private readonly text = element('div', { class: 'lp-prose lp-row-text', id: newId() });
  private readonly publish: TwoStep;
  private readonly delete: TwoStep;
  private question: InstructorQuestion | null = null;

  constructor(acts: Acts) {
    this.publish = new TwoStep(() => {
      if (this.question !== null) {
        acts.publish(this.question.id);
      }
    });
    this.delete = new TwoStep(() => {
      if (this.question !== null) {
        acts.delete(this.question.id);
      }
    });
    this.delete.update(DELETE);
    this.delete.button.setAttribute('aria-describedby', this.text.id);
    this.publish.button.setAttribute('aria-describedby', this.text.id);
    this.element = element(
      'li',
      { class: 'lp-question-row' },
      this.text,
      this.badge.element,
      element('div', { class: 'lp-row-acts' }, this.publish.button, this.delete.button),
      this.publish.warning,
      this.delete.warning
    );
  }

  update({ question, warning }: Row): void {
    if (question.html !== this.question?.html) {
      setProse(this.text, question.html, question.text);
    }
    this.question = question;
    this.badge.update(question);
    this.element.classList.toggle('lp-is-active', question.is_active);
    this.publish.update({
      label: question.round > 0 ? 'Ask again' : 'Publish',
      sure: SURE,
      warning,
      obstacle: publishObstacle(question)
    });
    this.delete.button.hidden = question.round > 0;
    if (question.round > 0) {
      this.delete.reset();
    }
  }
}
