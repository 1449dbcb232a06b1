/**
 * What changed in a widget's state: the kernel sends that instead of the whole, which may hold hundreds of questions.
 *
 * Each state has a version. A patch that does not follow on the version here was preceded by one that nobody heard, as
 * while the page loads; then the whole is asked for.
 */
import type { Model } from './model';

interface Item {
  readonly id: string;
}

/** A state of any widget; only the panel's has questions. */
export interface State {
  readonly version?: number;
  readonly questions?: readonly Item[];
}

/** A change, from one version to the next; see `livepoll_jupyter/widgets/state_patch.py`. */
export interface Patch {
  readonly from: number;
  readonly to: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly changed?: readonly Item[];
  readonly order?: readonly string[];
}

/** The state after `patch`, or null where `patch` does not follow on `state`. Pure. */
export function patched(state: State, { from, to, set, changed, order }: Patch): State | null {
  if ((state.version ?? 0) !== from) {
    return null;
  }
  const after = { ...state, ...set, version: to };
  if (changed === undefined && order === undefined) {
    return after;
  }
  const items = new Map(
    [...(state.questions ?? []), ...(changed ?? [])].map(item => [item.id, item])
  );
  const ids = order ?? (state.questions ?? []).map(({ id }) => id);
  const questions = ids.map(id => items.get(id));
  return questions.every(item => item !== undefined) ? { ...after, questions } : null;
}

/** Ask for the whole state, if the kernel has another version of it. */
export function look(model: Model): void {
  model.send({ id: 0, do: 'look', answer: stateOf(model).version ?? 0 });
}

/** Keep the state of `model` up to date, whether or not it has a view; returns what ends it. */
export function followPatches(model: Model): () => void {
  const hear = (message?: unknown): void => {
    const { patch } = message as { readonly patch?: Patch };
    if (patch === undefined) {
      return;
    }
    const after = patched(stateOf(model), patch);
    if (after === null) {
      look(model);
    } else {
      model.set('_state', after);
    }
  };
  model.on('msg:custom', hear);
  return () => {
    model.off('msg:custom', hear);
  };
}

function stateOf(model: Model): State {
  return model.get('_state') as State;
}
