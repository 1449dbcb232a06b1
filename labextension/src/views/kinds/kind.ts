/** What a kind of question must bring to be shown: one file in this folder, and one line in `index.ts`. */
import type { Question, Results } from '../../protocol/messages';
import type { Asked } from '../asked';
import type { View } from '../view';

/** A tally as it is charted, for those who look on: instructor, projector, a notebook; `note` replaces its caption. */
export interface Charted {
  readonly question: Question;
  readonly results: Results | null;
  readonly correct: readonly string[] | null;
  readonly note?: string;
}

/** A kind of question. */
export interface Kind {
  /** What to do, in a few words, while nothing is answered. */
  readonly hint: string;
  /** The inputs for `question`; `send` takes an answer in the shape that the wire documents for the kind. */
  answerView(question: Question, send: (answer: unknown) => void): View<Asked>;
  /** The chart for `question`. */
  chartView(question: Question): View<Charted>;
  /** Whether an own answer is right. */
  isRight(correct: readonly string[], answer: unknown): boolean;
}
