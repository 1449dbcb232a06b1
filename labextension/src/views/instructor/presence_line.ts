/** Who is here and how the connection stands. */
import { element, setAttribute, setText } from '../element';
import type { View } from '../view';
import { button } from './button';
import { onShow, resultsFor } from './room';
import type { InstructorRoom } from './room';
import { linkWords } from './words';

export class PresenceLine implements View<InstructorRoom> {
  readonly element: HTMLElement;
  private readonly joined = element('b');
  private readonly answered = element('b');
  private readonly link = element('span', { class: 'lp-link', role: 'status' });
  private readonly retry: HTMLButtonElement;

  constructor(retry: () => void) {
    this.retry = button('Connect again', retry);
    this.element = element(
      'div',
      { class: 'lp-presence' },
      element('span', {}, this.joined, ' joined'),
      element('span', {}, this.answered, ' answered'),
      this.link,
      this.retry
    );
  }

  update(room: InstructorRoom): void {
    const question = onShow(room);
    const results = question === null ? null : resultsFor(question, room.results);
    setText(this.joined, room.participants === null ? '–' : String(room.participants));
    setText(this.answered, String(results?.participants ?? 0));
    setAttribute(this.link, 'data-state', room.link.state);
    setText(this.link, linkWords(room.link));
    this.retry.hidden = room.link.state !== 'gave-up';
  }
}
