/** The way back: takes one's answer away until the question is locked. Its place is kept free, so that nothing moves. */
import { isOpen } from './asked';
import type { Asked } from './asked';
import { element } from './element';
import type { View } from './view';

/** Shown while there is an answer of one's own, on its way or counted, that can still be taken back. */
export class WithdrawButton implements View<Asked> {
  readonly element: HTMLElement;
  private readonly button = element(
    'button',
    { type: 'button', class: 'lp-button lp-plain' },
    'Take my answer back'
  );

  constructor(withdraw: () => void) {
    this.button.addEventListener('click', withdraw);
    this.element = element('div', { class: 'lp-withdraw' }, this.button);
  }

  update({ question, answer }: Asked): void {
    this.button.hidden = !isOpen(question) || answer === undefined || answer === null;
  }
}
