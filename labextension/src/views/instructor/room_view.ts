/** The instructor's room in one column: trouble, how to join, who is here, the question on show, all questions. */
import { element, setText } from '../element';
import type { View } from '../view';
import { JoinCard } from './join_card';
import { PresenceLine } from './presence_line';
import { QuestionCard } from './question_card';
import { QuestionList } from './question_list';
import type { Acts, InstructorRoom } from './room';
import { TroubleAlert } from './trouble';

/** One room. `retry` is called when the person asks to connect again. */
export class RoomView implements View<InstructorRoom> {
  readonly element: HTMLElement;
  private readonly title = element('h2', { class: 'lp-room-title' });
  private readonly trouble = new TroubleAlert();
  private readonly parts: readonly View<InstructorRoom>[];

  constructor(acts: Acts, retry: () => void) {
    this.parts = [
      new JoinCard(),
      new PresenceLine(retry),
      new QuestionCard(acts),
      new QuestionList(acts)
    ];
    this.element = element(
      'div',
      { class: 'lp-room' },
      this.trouble.element,
      this.title,
      ...this.parts.map(part => part.element)
    );
  }

  update(room: InstructorRoom): void {
    setText(this.title, room.title);
    this.trouble.update(room);
    for (const part of this.parts) {
      part.update(room);
    }
  }
}
