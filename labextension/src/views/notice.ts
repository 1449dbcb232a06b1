/** A whole screen that says one thing: joining, waiting, ended. */
import { element, setText } from './element';
import type { View } from './view';

/** What to say; `art` names the drawing that the style sheet shows, `action` the button, if there is one. */
export interface Notice {
  readonly art: 'joining' | 'waiting' | 'ended' | 'trouble';
  readonly title: string;
  readonly text: string;
  readonly action: string | null;
}

/** Three bars, which the style sheet moves where something is under way. */
export function drawing(): HTMLElement {
  const bars = [element('i'), element('i'), element('i')];
  return element('div', { class: 'lp-art', 'aria-hidden': 'true' }, ...bars);
}

/** One notice at a time. */
export class NoticeView implements View<Notice> {
  readonly element: HTMLElement;
  private readonly art = drawing();
  private readonly title = element('h2', { class: 'lp-notice-title' });
  private readonly text = element('p', { class: 'lp-notice-text' });
  private readonly button = element('button', { type: 'button', class: 'lp-button' });

  constructor(act: () => void) {
    this.button.addEventListener('click', act);
    this.element = element(
      'section',
      { class: 'lp-notice' },
      this.art,
      this.title,
      this.text,
      this.button
    );
  }

  update({ art, title, text, action }: Notice): void {
    this.art.dataset.art = art;
    setText(this.title, title);
    setText(this.text, text);
    this.button.hidden = action === null;
    setText(this.button, action ?? '');
  }
}
