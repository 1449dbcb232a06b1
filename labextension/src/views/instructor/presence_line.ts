/** Who is here, who has answered, and how the connection stands. */
import { element, setText } from '../element';
import { LinkView } from '../link';
import type { View } from '../view';
import { onShow, resultsFor } from './room';
import type { InstructorRoom } from './room';

export class PresenceLine implements View<InstructorRoom> {
  readonly element: HTMLElement;
  private readonly joined = element('b');
  private readonly answered = element('b');
  private readonly link: LinkView;

  constructor(retry: () => void) {
    this.link = new LinkView(retry);
    this.element = element(
      'div',
      { class: 'lp-presence' },
      element('span', {}, this.joined, ' joined'),
      element('span', {}, this.answered, ' answered'),
      this.link.element
    );
  }

  update(room: InstructorRoom): void {
    const question = onShow(room);
    const results = question === null ? null : resultsFor(question, room.results);
    setText(this.joined, room.participants === null ? '–' : String(room.participants));
    setText(this.answered, String(results?.participants ?? 0));
    this.link.update({ link: room.link, here: null });
  }
}
