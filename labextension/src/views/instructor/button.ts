/** The instructor's buttons. One that cannot be used now keeps the focus and says so, instead of vanishing. */
import { element, setAttribute } from '../element';

/** A button that does nothing while it is unavailable. */
export function button(text: string, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'lp-act' }, text);
  made.addEventListener('click', () => {
    if (made.getAttribute('aria-disabled') !== 'true') {
      act();
    }
  });
  return made;
}

/** Say why a button cannot be used now; null if it can. */
export function setObstacle(target: HTMLButtonElement, why: string | null): void {
  // Not `disabled`: that would throw the focus of whoever has just pressed it off the button.
  setAttribute(target, 'aria-disabled', why === null ? null : 'true');
  setAttribute(target, 'title', why);
}
