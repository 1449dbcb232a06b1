/** The chart of a question's results, of whatever kind it is: for the instructor, a notebook, a projector. */
import { element } from './element';
import { kindOf } from './kinds/index';
import type { Charted } from './kinds/kind';
import type { View } from './view';

export type { Charted } from './kinds/kind';

/** Follows the present question; null shows nothing. The same question keeps its elements, so bars move. */
export class ChartView implements View<Charted | null> {
  readonly element = element('div', { class: 'lp-results' });
  private shown: View<Charted> | null = null;
  private key = '';

  update(state: Charted | null): void {
    const key = state === null ? '' : `${state.question.id} ${state.question.round}`;
    if (key !== this.key) {
      this.key = key;
      this.shown = state && kindOf(state.question).chartView(state.question);
      this.element.replaceChildren(...(this.shown ? [this.shown.element] : []));
    }
    if (state !== null) {
      this.shown?.update(state);
    }
  }
}
