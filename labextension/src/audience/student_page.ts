/**
 * The page of one student: a header with the connection, below it a question or a notice, and the one live
 * region. It shows a state and passes acts on; it decides nothing.
 */
import type { ClientState } from '../client/client';
import { refusedElsewhere } from '../client/votes';
import { asked } from '../views/asked';
import type { Asked } from '../views/asked';
import { element, setText } from '../views/element';
import { LinkView } from '../views/link';
import { NoticeView } from '../views/notice';
import { QuestionView } from '../views/question';
import type { View } from '../views/view';
import { announcement, lateText } from './announcements';
import { notice } from './notices';

/** What a student can do besides typing into the question itself. */
export interface StudentActs {
  vote(answer: unknown): void;
  retry(): void;
  /** The button of the notice that stands there now was pressed. */
  leave(): void;
}

export class StudentPage implements View<ClientState> {
  readonly element = element('div', { class: 'lp-page' });
  private readonly title: HTMLElement;
  private readonly link: LinkView;
  private readonly notice: NoticeView;
  private readonly late = element('p', { class: 'lp-standing lp-tone-bad' });
  private readonly place = element('div', { class: 'lp-place' });
  private readonly main: HTMLElement;
  private readonly speech = element('div', { class: 'lp-hidden-text', role: 'status' });
  private question: { key: string; view: QuestionView } | null = null;
  private last: ClientState | null = null;

  constructor(
    title: string,
    private readonly acts: StudentActs
  ) {
    this.title = element('h1', { class: 'lp-title' }, title);
    this.link = new LinkView(() => {
      acts.retry();
    });
    this.notice = new NoticeView(() => {
      acts.leave();
    });
    this.main = element('main', { class: 'lp-main', tabindex: '-1' }, this.late, this.place);
    const header = element('header', { class: 'lp-header' }, this.title, this.link.element);
    this.element.append(header, this.main, this.speech);
  }

  update(state: ClientState): void {
    const hadFocus = this.element.contains(document.activeElement);
    setText(this.title, state.room.title ?? this.title.textContent ?? '');
    this.link.element.hidden = state.link.state === 'stopped';
    this.link.update({ link: state.link, here: state.room.participants });
    this.showLate(state);
    this.showPlace(state);
    this.speak(state);
    if (hadFocus) {
      this.keepFocus();
    }
    this.last = state;
  }

  private showLate({ votes, room }: ClientState): void {
    const late = refusedElsewhere(votes, room.question);
    this.late.hidden = late === null;
    setText(this.late, late === null ? '' : lateText(late));
  }

  private showPlace(state: ClientState): void {
    const words = notice(state);
    const now = asked(state);
    if (words !== null || now === null) {
      this.question = null;
      this.put(this.notice.element);
      if (words !== null) {
        this.notice.update(words);
      }
      return;
    }
    const view = this.questionView(now);
    this.put(view.element);
    view.update(now);
  }

  private questionView({ question }: Asked): QuestionView {
    const key = `${question.id} ${question.round}`;
    if (this.question?.key !== key) {
      const view = new QuestionView(question, answer => {
        this.acts.vote(answer);
      });
      this.question = { key, view };
      // Who has scrolled down to the last option would see the new question's options and not what is asked.
      document.documentElement.scrollTop = 0;
    }
    return this.question.view;
  }

  private put(shown: HTMLElement): void {
    if (this.place.firstChild !== shown) {
      this.place.replaceChildren(shown);
    }
  }

  private speak(state: ClientState): void {
    const sentence = this.last === null ? null : announcement(this.last, state);
    if (sentence !== null) {
      // A new node, because the same sentence twice is news twice.
      this.speech.replaceChildren(document.createTextNode(sentence));
    }
  }

  /** What had the focus may be gone or hidden now: then the main part has it, and reading goes on from there. */
  private keepFocus(): void {
    const { activeElement } = document;
    const isLost = !this.element.contains(activeElement) || activeElement?.closest('[hidden]');
    if (isLost) {
      this.main.focus({ preventScroll: true });
    }
  }
}
