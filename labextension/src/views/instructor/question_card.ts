/** The question on show: its text, its live chart, and what may be done with it. */
import { element } from '../element';
import { setProse } from '../prose';
import type { View } from '../view';
import { HiddenResults } from './hidden_results';
import { QuestionActs } from './question_acts';
import { isOver, onShow } from './room';
import type { Acts, InstructorRoom } from './room';
import { StageBadge } from './stage_badge';

/** Follows the room; while nothing was asked yet it tells so. */
export class QuestionCard implements View<InstructorRoom> {
  readonly element: HTMLElement;
  private readonly badge = new StageBadge();
  private readonly text = element('div', { class: 'lp-prose lp-question-text' });
  private readonly chart = new HiddenResults();
  private readonly acts: QuestionActs;
  private readonly card: HTMLElement;
  private readonly nothing = element(
    'p',
    { class: 'lp-nothing' },
    'No question has been asked yet.'
  );
  private html = '';

  constructor(acts: Acts) {
    this.acts = new QuestionActs(acts);
    this.card = element(
      'div',
      { class: 'lp-question-card' },
      this.badge.element,
      this.text,
      this.chart.element,
      this.acts.element
    );
    this.element = element(
      'section',
      { class: 'lp-now', 'aria-label': 'Question on show' },
      this.nothing,
      this.card
    );
  }

  update(room: InstructorRoom): void {
    const question = onShow(room);
    this.nothing.hidden = question !== null;
    this.card.hidden = question === null;
    if (question === null) {
      this.chart.update(null);
      return;
    }
    if (question.html !== this.html) {
      this.html = question.html;
      setProse(this.text, question.html, question.text);
    }
    this.badge.update(question);
    this.chart.update({ question, results: room.results });
    this.acts.update(question);
    this.acts.element.hidden = isOver(room);
  }
}
