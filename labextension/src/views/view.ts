/** What every view is: an element that follows a state, without making its inputs anew. */

/** A view. `update` may be called any number of times, with the same state too. */
export interface View<State> {
  readonly element: HTMLElement;
  update(state: State): void;
}
