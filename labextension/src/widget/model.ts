/** What the widgets' Python side says to the view, and the other way round: the one doorway for state. */
import type { InstructorQuestion, Results } from '../protocol/messages';
import type { Asked } from '../views/asked';
import type { Running } from '../views/instructor/room';

/** Where the kernel's own connection stands; `wait` is in seconds. */
export interface Status {
  readonly state: 'connecting' | 'open' | 'reconnecting' | 'failed' | 'ended' | 'closed';
  readonly attempt: number;
  readonly wait: number;
  readonly reason: string;
}

/** `_state` of a panel; `results` are those of the question on show, `trouble` and `joinNotice` are sentences, if there are. */
export interface PanelState {
  readonly questions: readonly InstructorQuestion[];
  readonly results: Results | null;
  readonly trouble?: string | null;
  readonly joinNotice?: string | null;
  readonly link: Status;
}

/** `_state` of one question in the instructor's notebook; `running` is the other question that publishing it would end, if any. */
export interface QuestionState {
  readonly question: InstructorQuestion;
  readonly results: Results | null;
  readonly running?: Running | null;
  /** Whether it was a draft that is deleted by now; `question` is what it was. */
  readonly isDeleted?: boolean;
  readonly link: Status;
}

/**
 * `_state` of a student's place; `question` is null while none was asked. `late` tells of an answer to an earlier
 * question that did not count.
 */
export type SeatState = Omit<Asked, 'question'> & {
  readonly late: string | null;
  readonly question: Asked['question'] | null;
  readonly link: Status;
};

/** The traits that a view reads. */
export interface Traits {
  readonly _face: 'panel' | 'question' | 'seat';
  readonly _state: unknown;
  readonly _qr_svg: string;
  readonly title: string;
  readonly code: string;
  readonly join_url: string;
  readonly participants: number;
  readonly layout?: Layout;
}

/** The model of ipywidgets' own that each widget has; it lives and ends with the widget's kernel. */
export interface Layout {
  readonly comm_live: boolean;
  on(event: 'comm_live_update', listener: () => void): void;
  off(event: 'comm_live_update', listener: () => void): void;
}

/** The part of anywidget's model that the views use. */
export interface Model {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void;
  on(event: string, listener: (message?: unknown) => void): void;
  off(event: string, listener: (message?: unknown) => void): void;
  send(content: unknown): void;
}

/** What came of a press. */
export interface Reply {
  readonly reply: number;
  readonly error: string | null;
}
