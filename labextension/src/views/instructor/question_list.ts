/** All questions of the room, in their order, each with the button that asks it. */
import type { InstructorQuestion } from '../../protocol/messages';
import { element, newId, setText } from '../element';
import { setProse } from '../prose';
import type { View } from '../view';
import { button, setObstacle } from './button';
import { isOver, nextDraft, publishObstacle } from './room';
import type { Acts, InstructorRoom } from './room';
import { StageBadge } from './stage_badge';

const NONE_LEFT = 'Every question has been asked. Prepare more in a notebook: poll.draft([…]).';

export class QuestionList implements View<InstructorRoom> {
  readonly element: HTMLElement;
  private readonly list = element('ol', { class: 'lp-question-list' });
  private readonly rows = new Map<string, QuestionRow>();
  private readonly next: HTMLButtonElement;
  private draft: InstructorQuestion | null = null;

  constructor(private readonly acts: Acts) {
    this.next = button('Publish next', () => {
      if (this.draft !== null) {
        acts.publish(this.draft.id);
      }
    });
    const id = newId();
    const heading = element('h3', { id }, 'Questions');
    this.element = element(
      'section',
      { class: 'lp-questions', 'aria-labelledby': id },
      element('div', { class: 'lp-questions-head' }, heading, this.next),
      this.list
    );
  }

  update(room: Pick<InstructorRoom, 'questions' | 'link'>): void {
    const { questions } = room;
    this.element.classList.toggle('lp-is-over', isOver(room));
    this.element.hidden = questions.length === 0;
    this.draft = nextDraft(questions);
    setObstacle(this.next, this.draft === null ? NONE_LEFT : null);
    this.next.classList.toggle(
      'lp-act-main',
      this.draft !== null && !questions.some(isBeingAnswered)
    );
    const running = questions.find(isBeingAnswered)?.id ?? null;
    const shown = questions.map(question => this.row(question, running));
    shown.forEach((row, place) => {
      if (this.list.children[place] !== row) {
        this.list.insertBefore(row, this.list.children[place] ?? null);
      }
    });
    while (this.list.children.length > shown.length) {
      this.list.lastElementChild?.remove();
    }
  }

  private row(question: InstructorQuestion, running: string | null): HTMLElement {
    const row = this.rows.get(question.id) ?? new QuestionRow(this.acts);
    this.rows.set(question.id, row);
    row.update({ question, isAnotherRunning: running !== null && running !== question.id });
    return row.element;
  }
}

/** Whether the class still has something to do with it, so that the next question can wait. */
function isBeingAnswered(question: InstructorQuestion): boolean {
  return question.is_active && !question.is_revealed;
}

/** A question, and whether the class is answering another one. */
interface Row {
  readonly question: InstructorQuestion;
  readonly isAnotherRunning: boolean;
}

/** What "Ask again" says after its first press where it takes another question from all phones. */
const SURE = 'Replace the open question?';

class QuestionRow implements View<Row> {
  readonly element: HTMLElement;
  private readonly badge = new StageBadge();
  private readonly text = element('div', { class: 'lp-prose lp-row-text', id: newId() });
  private readonly publish: HTMLButtonElement;
  private question: InstructorQuestion | null = null;
  private isAnotherRunning = false;
  private isArmed = false;

  constructor(acts: Acts) {
    this.publish = button('Publish', () => {
      this.press(acts);
    });
    this.publish.addEventListener('blur', () => {
      this.arm(false);
    });
    this.publish.setAttribute('aria-describedby', this.text.id);
    this.element = element(
      'li',
      { class: 'lp-question-row' },
      this.text,
      this.badge.element,
      this.publish
    );
  }

  update({ question, isAnotherRunning }: Row): void {
    if (question.html !== this.question?.html) {
      setProse(this.text, question.html);
    }
    this.question = question;
    this.badge.update(question);
    this.element.classList.toggle('lp-is-active', question.is_active);
    this.isAnotherRunning = isAnotherRunning;
    this.arm(this.isArmed && this.isReplacing);
    setObstacle(this.publish, publishObstacle(question));
  }

  /** A round that begins again takes the open question away from everybody: one press too many must not do that. */
  private get isReplacing(): boolean {
    return this.isAnotherRunning && (this.question?.round ?? 0) > 0;
  }

  private press(acts: Acts): void {
    if (this.isReplacing && !this.isArmed) {
      this.arm(true);
    } else if (this.question !== null) {
      this.arm(false);
      acts.publish(this.question.id);
    }
  }

  private arm(isArmed: boolean): void {
    this.isArmed = isArmed;
    const isAgain = (this.question?.round ?? 0) > 0;
    setText(this.publish, isArmed ? SURE : isAgain ? 'Ask again' : 'Publish');
  }
}
