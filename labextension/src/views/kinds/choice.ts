/** `choice`: one option out of several. An answer is an option's id, and a tap sends it. */
import type { Question } from '../../protocol/messages';
import { isOpen, resultsToShow } from '../asked';
import type { Asked } from '../asked';
import type { View } from '../view';
import type { Kind } from './kind';
import { OptionCards } from './option_cards';
import { OptionChart } from './option_chart';

class ChoiceView implements View<Asked> {
  readonly element: HTMLElement;
  private readonly cards: OptionCards;

  constructor(question: Question, send: (answer: unknown) => void) {
    this.cards = new OptionCards(question, 'radio', 'Choose one', ([chosen]) => {
      send(chosen);
    });
    this.element = this.cards.element;
  }

  update(state: Asked): void {
    this.cards.update({
      chosen: typeof state.answer === 'string' ? [state.answer] : [],
      isOpen: isOpen(state.question),
      results: resultsToShow(state),
      correct: state.correct
    });
  }
}

export const choice: Kind = {
  hint: 'Tap an answer. You can change it until it is locked.',
  answerView: (question, send) => new ChoiceView(question, send),
  chartView: question => new OptionChart(question),
  isRight: (correct, answer) => typeof answer === 'string' && correct.includes(answer)
};
