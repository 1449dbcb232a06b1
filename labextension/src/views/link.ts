/** The strip that says how the connection stands, with a button where the person can do something. */
import { MAX_TRIES } from '../client/backoff';
import type { Link } from '../client/connection';
import { element, setText } from './element';
import type { View } from './view';

/** What the strip shows; `here` is how many participants are connected, null where that is not known. */
export interface LinkState {
  readonly link: Link;
  readonly here: number | null;
}

/** A connection in words. Pure. */
export function linkText({ link, here }: LinkState): string {
  switch (link.state) {
    case 'open':
      return here === null || here === 0 ? 'Connected' : `Connected · ${here} here`;
    case 'connecting':
      return link.attempt === 0
        ? 'Connecting…'
        : `Connecting… (try ${link.attempt} of ${MAX_TRIES})`;
    case 'waiting':
      return `${link.isBlocked ? 'Connection blocked' : 'Connection lost'}. Next try in ${link.secondsLeft} s (${link.attempt} of ${MAX_TRIES})`;
    case 'gave-up':
      return link.isBlocked
        ? `Connection blocked on the way (a proxy) after ${MAX_TRIES} tries.`
        : `No connection after ${MAX_TRIES} tries.`;
    case 'stopped':
      return link.why === 'room-ended' ? 'This room has ended' : 'Not connected';
  }
}

const BUTTONS: Readonly<Partial<Record<Link['state'], string>>> = {
  waiting: 'Try now',
  'gave-up': 'Try again'
};

/** The strip keeps its height in every state, so that nothing below it moves. */
export class LinkView implements View<LinkState> {
  readonly element: HTMLElement;
  private readonly text = element('span', { class: 'lp-link-text' });
  private readonly button = element('button', { type: 'button', class: 'lp-button lp-quiet' });

  constructor(retry: () => void) {
    this.button.addEventListener('click', retry);
    const dot = element('span', { class: 'lp-dot', 'aria-hidden': 'true' });
    this.element = element('div', { class: 'lp-link' }, dot, this.text, this.button);
  }

  update(state: LinkState): void {
    const label = BUTTONS[state.link.state];
    this.element.dataset.link = state.link.state;
    setText(this.text, linkText(state));
    this.button.hidden = label === undefined;
    setText(this.button, label ?? '');
  }
}
