/** Horizontal bars, one per option: the chart of the kinds that are answered by options. */
import type { Option, Question } from '../../protocol/messages';
import { element, newId, setText } from '../element';
import { icon } from '../icons';
import { setProse } from '../prose';
import { answeredText, shareOf, shareText, votesFor, voteText } from '../shares';
import type { View } from '../view';
import type { Charted } from './kind';

/** Bars that differ in colour and, for those who do not see colours, in place and label. */
export class OptionChart implements View<Charted> {
  readonly element: HTMLElement;
  private readonly rows: readonly OptionRow[];
  private readonly caption = element('p', { class: 'lp-chart-caption' });

  constructor(question: Question) {
    this.rows = question.options.map((option, place) => new OptionRow(option, place));
    const list = element('ul', { class: 'lp-chart-rows' }, ...this.rows.map(row => row.element));
    this.element = element('div', { class: 'lp-chart' }, list, this.caption);
  }

  update(state: Charted): void {
    for (const row of this.rows) {
      row.update(state);
    }
    setText(this.caption, state.note ?? answeredText(state.results));
  }
}

/** Colours in the palette; further options begin it again. */
const COLOURS = 8;

class OptionRow {
  readonly element: HTMLElement;
  private readonly fill = element('div', { class: 'lp-bar-fill' });
  private readonly percent = element('b');
  private readonly votes = element('small');
  private readonly mark = element('span', { class: 'lp-verdict' });

  constructor(
    private readonly option: Option,
    place: number
  ) {
    const id = newId();
    const label = element('div', { class: 'lp-prose', id, dir: 'auto' });
    setProse(label, option.html, option.label);
    this.element = element(
      'li',
      { class: `lp-chart-row lp-colour-${(place % COLOURS) + 1}` },
      element('div', { class: 'lp-chart-label' }, label, this.mark),
      element('span', { class: 'lp-share' }, this.percent, ' ', this.votes),
      element('div', { class: 'lp-bar', 'aria-hidden': 'true' }, this.fill)
    );
  }

  update({ results, correct }: Charted): void {
    const { id } = this.option;
    this.fill.style.setProperty('--lp-share', String(results === null ? 0 : shareOf(results, id)));
    setText(this.percent, results === null ? '' : shareText(results, id));
    setText(this.votes, results === null ? '' : voteText(votesFor(results, id)));
    const isRight = correct?.includes(id) ?? false;
    this.element.classList.toggle('lp-is-right', isRight);
    if (isRight !== this.mark.hasChildNodes()) {
      this.mark.replaceChildren(...(isRight ? [icon('check'), 'Right answer'] : []));
    }
  }
}
