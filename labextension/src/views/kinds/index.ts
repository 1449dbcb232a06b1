/** The registry of kinds. A further kind is one file here and one line below. */
import type { Question } from '../../protocol/messages';
import { choice } from './choice';
import type { Kind } from './kind';
import { multipleChoice } from './multiple_choice';
import { unknownKind } from './unknown';

const KINDS = new Map<string, Kind>([
  ['choice', choice],
  ['multiple_choice', multipleChoice]
]);

/** The kind of `question`; a kind that this page is too old for says so and can't be answered. */
export function kindOf(question: Question): Kind {
  return KINDS.get(question.kind) ?? unknownKind;
}
