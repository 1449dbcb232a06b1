/** A student's place in a notebook: what the phone shows, without its page around it. */
import type { Link } from '../client/connection';
import type { Asked } from '../views/asked';
import { element, setText } from '../views/element';
import { LinkView } from '../views/link';
import { QuestionView } from '../views/question';
import { Face } from './face';
import type { Model, SeatState } from './model';

export class SeatFace extends Face<SeatState> {
  private readonly title = element('h2', { class: 'lp-seat-title' });
  private readonly place = element('div', { class: 'lp-seat-place' });
  private readonly nothing = element('p', { class: 'lp-nothing' });
  private readonly link: LinkView;
  private question: QuestionView | null = null;
  private key = '';

  constructor(model: Model) {
    super(model);
    this.element.classList.add('lp-widget-seat');
    this.link = new LinkView(() => {
      this.presses.press('reconnect');
    });
    this.newsOf = ({ late }) => late;
    const head = element('div', { class: 'lp-seat-head' }, this.title, this.link.element);
    this.compose(head, this.place);
  }

  protected show(state: SeatState, link: Link): void {
    setText(this.title, this.model.get('title'));
    this.link.update({ link, here: null });
    if (state.question === null) {
      this.showNothing(link);
    } else {
      this.showQuestion({ ...state, question: state.question });
    }
  }

  private showNothing({ state }: Link): void {
    this.key = '';
    setText(
      this.nothing,
      state === 'stopped' ? 'This room has ended.' : 'Waiting for the first question.'
    );
    this.place.replaceChildren(this.nothing);
  }

  private showQuestion(asked: Asked): void {
    const { id, round } = asked.question;
    const key = `${id} ${round}`;
    if (key !== this.key || this.question === null) {
      this.key = key;
      this.question = new QuestionView(asked.question, answer => {
        this.presses.press('answer', id, answer);
      });
      this.place.replaceChildren(this.question.element);
    }
    this.question.update(asked);
  }
}
