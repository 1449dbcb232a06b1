/** What is wrong with the room's storage, at the top and read out at once; it goes when that is over. */
import { element, setText } from '../element';
import { icon } from '../icons';
import type { View } from '../view';
import type { InstructorRoom } from './room';

export class TroubleAlert implements View<Pick<InstructorRoom, 'trouble'>> {
  readonly element: HTMLElement;
  private readonly text = element('span');

  constructor() {
    this.element = element('p', { class: 'lp-trouble', role: 'alert' }, icon('alert'), this.text);
  }

  update({ trouble }: Pick<InstructorRoom, 'trouble'>): void {
    this.element.hidden = trouble === null;
    setText(this.text, trouble ?? '');
  }
}
