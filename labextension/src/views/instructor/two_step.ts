/** A button whose first press only says what would happen, where that cannot be undone; the second press does it. */
import { element, setText } from '../element';
import { button, setObstacle } from './button';

/** What the button says, what it would take away (null: nothing, so one press is enough), and why it cannot be used. */
export interface Step {
  readonly label: string;
  readonly sure: string;
  readonly warning: string | null;
  readonly obstacle?: string | null;
}

/** The sentence stands beside the button and is read out; Escape, or leaving the button, takes the first press back. */
export class TwoStep {
  readonly button: HTMLButtonElement;
  /** Where the sentence stands; it is always in the page, so that a screen reader follows it. */
  readonly warning = element('span', { class: 'lp-warning', role: 'status' });
  private step: Step = { label: '', sure: '', warning: null };
  private isArmed = false;

  constructor(private readonly act: () => void) {
    this.button = button('', () => {
      this.press();
    });
    // The second click of a double click is no second thought.
    this.button.addEventListener(
      'click',
      event => {
        if (this.isArmed && event.detail > 1) {
          event.stopImmediatePropagation();
        }
      },
      { capture: true }
    );
    this.button.addEventListener('blur', () => {
      this.arm(false);
    });
    this.button.addEventListener('keydown', event => {
      if (event.key === 'Escape' && this.isArmed) {
        event.stopPropagation();
        this.arm(false);
      }
    });
  }

  update(step: Step): void {
    this.step = step;
    setObstacle(this.button, step.obstacle ?? null);
    this.arm(this.isArmed && step.warning !== null);
  }

  /** Forget a first press: it was meant for something else. */
  reset(): void {
    this.arm(false);
  }

  private press(): void {
    if (this.step.warning !== null && !this.isArmed) {
      this.arm(true);
    } else {
      this.arm(false);
      this.act();
    }
  }

  private arm(isArmed: boolean): void {
    this.isArmed = isArmed;
    const { label, sure, warning } = this.step;
    setText(this.button, isArmed ? sure : label);
    this.button.classList.toggle('lp-is-armed', isArmed);
    setText(this.warning, isArmed ? (warning ?? '') : '');
  }
}
