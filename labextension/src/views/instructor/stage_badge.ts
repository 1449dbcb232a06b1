/** Where a question stands, as a small label. */
import type { InstructorQuestion } from '../../protocol/messages';
import { element, setAttribute, setText } from '../element';
import type { View } from '../view';
import { stageOf } from './room';
import type { Stage } from './room';

const WORDS: Readonly<Record<Stage, string>> = {
  draft: 'Draft',
  open: 'Open',
  locked: 'Locked',
  revealed: 'Revealed',
  closed: 'Closed'
};

export class StageBadge implements View<InstructorQuestion> {
  readonly element = element('span', { class: 'lp-stage' });

  update(question: InstructorQuestion): void {
    const stage = stageOf(question);
    const round = question.round > 1 ? ` · round ${question.round}` : '';
    setAttribute(this.element, 'data-stage', stage);
    setText(this.element, `${WORDS[stage]}${round}`);
  }
}
