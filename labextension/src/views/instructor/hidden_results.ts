/** The chart of the question on show, with the button that hides or shows its results: a panel hangs on the wall. */
import type { InstructorQuestion, Results } from '../../protocol/messages';
import { ChartView } from '../chart';
import { element, setText } from '../element';
import { answeredText } from '../shares';
import type { View } from '../view';
import { button } from './button';
import { resultsFor } from './room';

export interface Tallied {
  readonly question: InstructorQuestion;
  readonly results: Results | null;
}

/** Whether the class may see the results by the question's own `show_results`; the same rule as the server's. */
export function areShownAtFirst(question: InstructorQuestion): boolean {
  switch (question.show_results) {
    case 'locked':
      return question.is_locked;
    case 'revealed':
      return question.is_revealed;
    default:
      return true;
  }
}

/** While results are hidden, none of them is in the page: no share, no number of votes, no width. */
export class HiddenResults implements View<Tallied | null> {
  readonly element: HTMLElement;
  private readonly chart = new ChartView();
  private readonly toggle: HTMLButtonElement;
  private tallied: Tallied | null = null;
  private key = '';
  /** What was pressed in this round; null while nothing was. */
  private choice: boolean | null = null;

  constructor() {
    this.toggle = button('Hide results', () => {
      this.choice = !this.isShown;
      this.show();
    });
    this.toggle.classList.add('lp-toggle-results');
    this.element = element('div', { class: 'lp-tally' }, this.chart.element, this.toggle);
  }

  update(tallied: Tallied | null): void {
    const key = tallied === null ? '' : `${tallied.question.id} ${tallied.question.round}`;
    if (key !== this.key) {
      this.key = key;
      this.choice = null;
    }
    this.tallied = tallied;
    this.show();
  }

  private get isShown(): boolean {
    return this.choice ?? (this.tallied !== null && areShownAtFirst(this.tallied.question));
  }

  private show(): void {
    const { tallied, isShown } = this;
    this.toggle.hidden = tallied === null || tallied.question.round === 0;
    setText(this.toggle, isShown ? 'Hide results' : 'Show results');
    if (tallied === null) {
      this.chart.update(null);
      return;
    }
    const { question } = tallied;
    const results = resultsFor(question, tallied.results);
    const correct = question.is_revealed ? question.correct : null;
    this.chart.update(
      isShown
        ? { question, results, correct }
        : { question, results: null, correct, note: hiddenText(question, results) }
    );
  }
}

function hiddenText(question: InstructorQuestion, results: Results | null): string {
  if (question.round === 0) {
    return '';
  }
  return `${answeredText(results)} · results are hidden here`;
}
