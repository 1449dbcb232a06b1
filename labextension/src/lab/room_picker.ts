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
    const names = namesOf(rooms);
    const wanted = JSON.stringify([...names]);
    if (wanted !== this.written) {
      this.written = wanted;
      this.select.replaceChildren(
        ...[...names].map(([value, name]) => element('option', { value }, name))
      );
    }
    this.select.value = code ?? '';
  }
}

/** What each room is called, by its code: its title, and the code with it where two rooms have the same title. */
export function namesOf(rooms: readonly RoomSummary[]): ReadonlyMap<string, string> {
  const times = new Map<string, number>();
  for (const { title } of rooms) {
    times.set(title, (times.get(title) ?? 0) + 1);
  }
  const isShared = (title: string) => (times.get(title) ?? 0) > 1;
  return new Map(
    rooms.map(({ code, title }) => [code, isShared(title) ? `${title} (${code})` : title])
  );
}
