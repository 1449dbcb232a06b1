/**
 * The options of a question as large cards around real radio buttons or checkboxes, with each option's share in
 * its card. Shared by the kinds that are answered by options; what a tap means is theirs to say.
 */
import type { Option, Question, Results } from '../../protocol/messages';
import { element, newId, setText } from '../element';
import { icon } from '../icons';
import { needsPlainText, plainText, setProse } from '../prose';
import { shareOf, shareText, votesFor, voteText } from '../shares';

/** What the cards show; `results` and `correct` are null while they are not to be seen. */
export interface CardsState {
  readonly chosen: readonly string[];
  readonly isOpen: boolean;
  readonly results: Results | null;
  readonly correct: readonly string[] | null;
}

/** A group of cards. `changed` gets the ids that are checked after each act of the person. */
export class OptionCards {
  readonly element: HTMLFieldSetElement;
  private readonly cards: readonly OptionCard[];

  constructor(
    question: Question,
    type: 'radio' | 'checkbox',
    legend: string,
    changed: (chosen: string[]) => void
  ) {
    const name = newId();
    this.cards = question.options.map(option => new OptionCard(option, type, name));
    this.element = element(
      'fieldset',
      { class: 'lp-options' },
      element('legend', { class: 'lp-hint', id: newId() }, legend),
      ...this.cards.map(card => card.element)
    );
    this.element.addEventListener('change', () => {
      changed(this.chosen);
    });
  }

  /** The ids that are checked, in the options' order. */
  get chosen(): string[] {
    return this.cards.filter(card => card.input.checked).map(card => card.option.id);
  }

  update(state: CardsState): void {
    for (const card of this.cards) {
      card.update(state);
    }
  }
}

class OptionCard {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly fill = element('div', { class: 'lp-fill' });
  private readonly verdict = element('span', { class: 'lp-verdict' });
  private readonly percent = element('b');
  private readonly votes = element('small');

  constructor(
    readonly option: Option,
    type: 'radio' | 'checkbox',
    name: string
  ) {
    const id = newId();
    this.input = element('input', { type, name, id, value: option.id });
    const label = element('label', { for: id, class: 'lp-prose', dir: 'auto' });
    setProse(label, option.html, option.label);
    if (needsPlainText(option.html)) {
      this.input.setAttribute('aria-label', plainText(option.html, option.label));
    }
    this.element = element(
      'div',
      { class: 'lp-option' },
      element('div', { class: 'lp-track', 'aria-hidden': 'true' }, this.fill),
      this.input,
      element('div', { class: 'lp-option-text' }, label, this.verdict),
      element('span', { class: 'lp-share' }, this.percent, ' ', this.votes)
    );
  }

  update({ chosen, isOpen, results, correct }: CardsState): void {
    const { id } = this.option;
    const isMine = chosen.includes(id);
    this.input.checked = isMine;
    this.input.disabled = !isOpen;
    this.element.classList.toggle('lp-is-open', isOpen);
    this.element.classList.toggle('lp-is-mine', isMine);
    this.showShare(results);
    this.showVerdict(correct, isMine);
  }

  private showShare(results: Results | null): void {
    const { id } = this.option;
    this.element.classList.toggle('lp-has-share', results !== null);
    this.fill.style.setProperty('--lp-share', String(results === null ? 0 : shareOf(results, id)));
    setText(this.percent, results === null ? '' : shareText(results, id));
    setText(this.votes, results === null ? '' : voteText(votesFor(results, id)));
  }

  private showVerdict(correct: readonly string[] | null, isMine: boolean): void {
    const isRight = correct?.includes(this.option.id) ?? false;
    const isWrong = correct !== null && correct.length > 0 && isMine && !isRight;
    this.element.classList.toggle('lp-is-right', isRight);
    this.element.classList.toggle('lp-is-wrong', isWrong);
    const text = isRight ? 'Right answer' : isWrong ? 'Your answer' : '';
    if (this.verdict.textContent !== text) {
      this.verdict.replaceChildren(
        ...(text === '' ? [] : [icon(isRight ? 'check' : 'cross'), text])
      );
    }
  }
}
