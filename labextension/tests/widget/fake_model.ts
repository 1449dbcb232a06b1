/** A kernel's model whose other end is the test. */
import { vi } from 'vitest';

import type { Layout, Model, Status, Traits } from '../../src/widget/model';

/** A connection that is open. */
export const OPEN: Status = { state: 'open', attempt: 0, wait: 0, reason: '' };

/** A connection that waits six seconds for its second try. */
export const WAITING: Status = {
  state: 'reconnecting',
  attempt: 2,
  wait: 6,
  reason: 'The connection to the server was lost.'
};

const TRAITS: Traits = {
  _face: 'panel',
  _state: null,
  _qr_svg: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  title: 'Statistics 101',
  code: 'K7WQ3M',
  join_url: 'http://192.168.1.20:3000/K7WQ3M',
  participants: 3
};

/** What ipywidgets keeps beside each model; anywidget's own model does not tell whether its kernel is there. */
export class FakeLayout implements Layout {
  comm_live = true;
  private listener: () => void = () => undefined;

  on(_: 'comm_live_update', listener: () => void): void {
    this.listener = listener;
  }

  off(): void {
    this.listener = () => undefined;
  }

  become(isLive: boolean): void {
    this.comm_live = isLive;
    this.listener();
  }
}

export class FakeModel implements Model {
  readonly send = vi.fn();
  private traits: Traits;
  private readonly listeners = new Map<string, Set<(message?: unknown) => void>>();

  constructor(face: Traits['_face'], state: unknown) {
    this.traits = { ...TRAITS, _face: face, _state: state };
  }

  get<Name extends keyof Traits>(name: Name): Traits[Name] {
    return this.traits[name];
  }

  on(event: string, listener: (message?: unknown) => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: (message?: unknown) => void): void {
    this.listeners.get(event)?.delete(listener);
  }

  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void {
    this.change(name, value);
  }

  /** The kernel sets a trait. */
  change<Name extends keyof Traits>(name: Name, value: Traits[Name]): void {
    this.traits = { ...this.traits, [name]: value };
    this.emit(`change:${name}`);
  }

  /** The kernel answers the last press. */
  reply(error: string | null): void {
    const { id } = this.send.mock.lastCall?.[0] as { id: number };
    this.emit('msg:custom', { reply: id, error });
  }

  /** How many listeners there are. */
  get heard(): number {
    return [...this.listeners.values()].reduce((sum, those) => sum + those.size, 0);
  }

  emit(event: string, message?: unknown): void {
    this.listeners.get(event)?.forEach(listener => {
      listener(message);
    });
  }
}
