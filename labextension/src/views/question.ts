/** A question with the inputs to answer it, the line that says how the answer stands, and the way back: a student's place. */
import type { Question } from '../protocol/messages';
import type { Asked } from './asked';
import { element, newId } from './element';
import { kindOf } from './kinds/index';
import { needsPlainText, plainText, setProse } from './prose';
import { StandingLine } from './standing_line';
import { standing } from './standing';
import { WithdrawButton } from './withdraw';
import type { View } from './view';

/** One question in one round. Another round or question is another view. `send` gets an answer, or null to withdraw. */
export class QuestionView implements View<Asked> {
  readonly element: HTMLElement;
  private readonly line = new StandingLine();
  private readonly answer: View<Asked>;
  private readonly withdraw: WithdrawButton;

  constructor(question: Question, send: (answer: unknown) => void) {
    const id = newId();
    const text = element('div', { class: 'lp-prose lp-question-text', id });
    setProse(text, question.html, question.text);
    this.answer = kindOf(question).answerView(question, send);
    this.withdraw = new WithdrawButton(() => {
      send(null);
    });
    this.element = element(
      'section',
      { class: 'lp-question', 'aria-labelledby': id },
      ...roundLabel(question),
      text,
      this.answer.element,
      this.line.element,
      this.withdraw.element
    );
    nameAfter(id, this.element.querySelector('fieldset'));
    if (needsPlainText(question.html)) {
      sayInWords(this.element, plainText(question.html, question.text));
    }
  }

  update(state: Asked): void {
    this.answer.update(state);
    this.line.update(standing(state));
    this.withdraw.update(state);
  }
}

/** The first round needs no name. */
function roundLabel({ round }: Question): HTMLElement[] {
  return round > 1 ? [element('p', { class: 'lp-round' }, `Round ${round}`)] : [];
}

/** A formula's elements make no sense one after the other, so the names that hold them are said in words instead. */
function sayInWords(section: HTMLElement, words: string): void {
  section.removeAttribute('aria-labelledby');
  section.setAttribute('aria-label', words);
  const group = section.querySelector('fieldset');
  const legend = group?.querySelector('legend')?.textContent ?? '';
  group?.removeAttribute('aria-labelledby');
  group?.setAttribute('aria-label', `${words} ${legend}`.trim());
}

/** The group of inputs is named by the question and then by its own legend. */
function nameAfter(id: string, group: HTMLFieldSetElement | null): void {
  const legend = group?.querySelector('legend')?.id ?? '';
  group?.setAttribute('aria-labelledby', `${id} ${legend}`.trim());
}
