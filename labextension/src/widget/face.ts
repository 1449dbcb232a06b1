/** What every widget's view is made of: a root in Jupyter's colours, a line for problems, and an update per change. */
import { element, setText } from '../views/element';
import type { Link } from '../client/connection';
import { Countdown, problemOf } from './countdown';
import type { Model, Status } from './model';
import { Presses } from './presses';

const NO_KERNEL =
  'The kernel of this view has stopped or was restarted, so its buttons do nothing. Run its cell again: the room is open, ' +
  'and the LivePoll sidebar works without a kernel.';

/** A view of one widget. A subclass builds its inside and shows the state in `show`. */
export abstract class Face<State extends { readonly link: Status }> {
  readonly element = element('div', { class: 'lp-jupyter lp-widget' });
  protected readonly presses: Presses;
  /** What of a refusal is still to be said besides what the view itself tells; null for nothing. */
  protected besides: (state: State, refusal: string) => string | null = (_, refusal) => refusal;
  /** What else a person must know, in the line for problems. */
  protected newsOf: (state: State) => string | null = () => null;
  private readonly problem = element('p', { class: 'lp-problem', role: 'alert' });
  private readonly countdown: Countdown;
  private refusal: string | null = null;
  private isAway = false;

  constructor(protected readonly model: Model) {
    this.countdown = new Countdown(this.update);
    this.presses = new Presses(model, problem => {
      this.refusal = problem;
      this.update();
    });
    for (const event of this.events) {
      model.on(event, this.update);
    }
    model.get('layout')?.on('comm_live_update', this.update);
  }

  /** The traits whose changes are shown. */
  protected get events(): readonly string[] {
    return [
      'comm_live_update',
      'change:_state',
      'change:title',
      'change:participants',
      'change:_qr_svg'
    ];
  }

  protected abstract show(state: State, link: Link): void;

  /** Put the parts in, with the line for problems before the last of them. */
  protected compose(...parts: readonly HTMLElement[]): void {
    this.element.append(this.problem, ...parts);
    this.update();
  }

  readonly update = (): void => {
    const state = this.model.get('_state') as State;
    this.refusal = this.refusal && this.besides(state, this.refusal);
    this.forgetOnReturn(state.link);
    // Of anywidget's model a view cannot ask this, and ipywidgets marks only views of its own.
    const isOrphan = this.model.get('layout')?.comm_live === false;
    this.element.classList.toggle('lp-orphan', isOrphan);
    for (const part of this.element.children) {
      (part as HTMLElement).inert = isOrphan && part !== this.problem;
    }
    const problem = isOrphan
      ? NO_KERNEL
      : (this.refusal ?? problemOf(state.link) ?? this.newsOf(state));
    this.problem.hidden = problem === null;
    setText(this.problem, problem ?? '');
    this.show(state, this.countdown.follow(state.link));
  };

  /** What was refused while the server was away says nothing of one that is back. */
  private forgetOnReturn({ state }: Status): void {
    const isAway = state !== 'open';
    if (this.isAway && !isAway) {
      this.refusal = null;
    }
    this.isAway = isAway;
  }

  /** The view is gone. */
  dispose(): void {
    this.countdown.stop();
    this.presses.stop();
    for (const event of this.events) {
      this.model.off(event, this.update);
    }
    this.model.get('layout')?.off('comm_live_update', this.update);
  }
}
