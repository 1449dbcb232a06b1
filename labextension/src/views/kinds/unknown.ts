/** A kind of question that this version does not know: said to the person, never fatal. */
import { element } from '../element';
import type { View } from '../view';
import type { Kind } from './kind';

const notice = (): View<unknown> => ({
  element: element('p', { class: 'lp-notice' }, 'Reload the page to see this kind of question.'),
  update: () => undefined
});

export const unknownKind: Kind = {
  hint: 'This page is too old for this kind of question.',
  answerView: notice,
  chartView: notice,
  isRight: () => false
};
