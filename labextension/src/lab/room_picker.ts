/** Which of the open rooms is on show. */
import type { RoomSummary } from '../protocol/rest';
import { button } from '../views/instructor/button';
import { element } from '../views/element';
import type { View } from '../views/view';

/** The open rooms, and the code of the one on show. */
export interface Choice {
  readonly rooms: readonly RoomSummary[];
  readonly code: string | null;
}

export class RoomPicker implements View<Choice> {
  readonly element: HTMLElement;
  private readonly select: HTMLSelectElement;
  private written = '';

  constructor(choose: (code: string) => void, newRoom: () => void) {
    this.select = element('select', { class: 'lp-lab-select', 'aria-label': 'Room' });
    this.select.addEventListener('change', () => {
      choose(this.select.value);
    });
    this.element = element('div', { class: 'lp-lab-picker' }, this.select, button('New…', newRoom));
  }

  update({ rooms, code }: Choice): void {
    const wanted = JSON.stringify(rooms.map(room => [room.code, room.title]));
    if (wanted !== this.written) {
      this.written = wanted;
      this.select.replaceChildren(
        ...rooms.map(room => element('option', { value: room.code }, room.title))
      );
    }
    this.select.value = code ?? '';
  }
}
