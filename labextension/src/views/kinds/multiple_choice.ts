/**
 * `multiple_choice`: one or more options. An answer is a list of ids, sent by a button, because half of a
 * selection is no answer yet.
 */
import type { Question } from '../../protocol/messages';
import { isOpen, resultsToShow } from '../asked';
import type { Asked } from '../asked';
import { element, setAttribute, setText } from '../element';
import type { View } from '../view';
import type { Kind } from './kind';
import { OptionCards } from './option_cards';
import { OptionChart } from './option_chart';

class MultipleChoiceView implements View<Asked> {
  readonly element: HTMLElement;
  private readonly cards: OptionCards;
  private readonly button = element('button', { type: 'submit', class: 'lp-button lp-send' });
  private ticked: readonly string[] | null = null;
  private state: Asked | null = null;

  constructor(question: Question, send: (answer: unknown) => void) {
    this.cards = new OptionCards(question, 'checkbox', 'Choose all that apply', chosen => {
      this.ticked = chosen;
      this.show();
    });
    this.element = element('form', { class: 'lp-answer' }, this.cards.element, this.button);
    this.element.addEventListener('submit', event => {
      event.preventDefault();
      if (this.canSend()) {
        send(this.cards.chosen);
      }
    });
  }

  update(state: Asked): void {
    const isNew = !sameIds(idsIn(state.answer), idsIn(this.state?.answer));
    const isOver = !isOpen(state.question);
    this.ticked = isNew || isOver ? null : this.ticked;
    this.state = state;
    this.show();
  }

  private show(): void {
    const { state } = this;
    if (state === null) {
      return;
    }
    this.cards.update({
      chosen: this.ticked ?? idsIn(state.answer),
      isOpen: isOpen(state.question),
      results: resultsToShow(state),
      correct: state.correct
    });
    this.button.hidden = !isOpen(state.question);
    setText(this.button, this.buttonText(state));
    // Not `disabled`: that would throw the focus of whoever has just pressed it off the button.
    setAttribute(this.button, 'aria-disabled', this.canSend() ? null : 'true');
  }

  private canSend(): boolean {
    const chosen = this.ticked ?? [];
    return chosen.length > 0 && !sameIds(chosen, idsIn(this.state?.answer));
  }

  private buttonText({ delivery, answer }: Asked): string {
    if (idsIn(answer).length === 0) {
      return 'Send answer';
    }
    if (this.canSend()) {
      return 'Send changed answer';
    }
    return delivery === 'pending'
      ? 'Sending…'
      : delivery === 'counted'
        ? 'Answer sent'
        : 'Send answer';
  }
}

function idsIn(answer: unknown): readonly string[] {
  return Array.isArray(answer) ? answer.filter(id => typeof id === 'string') : [];
}

function sameIds(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every(id => other.includes(id));
}

export const multipleChoice: Kind = {
  hint: 'Choose all that apply, then send. You can change it until it is locked.',
  answerView: (question, send) => new MultipleChoiceView(question, send),
  chartView: question => new OptionChart(question),
  isRight: (correct, answer) => sameIds(correct, idsIn(answer))
};
