/** The kernel's connection as the shared views show it, with the seconds to the next try counted down here. */
import type { Link } from '../client/connection';
import type { Status } from './model';

/** A status of the kernel's connection, `elapsed` seconds after it came. Pure. */
export function linkOf({ state, attempt, wait }: Status, elapsed: number): Link {
  switch (state) {
    case 'connecting':
      return { state: 'connecting', attempt };
    case 'open':
      return { state: 'open' };
    case 'reconnecting':
      return wait - elapsed > 0
        ? { state: 'waiting', attempt, secondsLeft: Math.ceil(wait - elapsed) }
        : { state: 'connecting', attempt };
    case 'failed':
      return { state: 'gave-up' };
    case 'ended':
      return { state: 'stopped', why: 'room-ended' };
    case 'closed':
      return { state: 'stopped', why: 'refused' };
  }
}

/** What a person must know of a connection that does not come back by itself. */
export function problemOf({ state, reason }: Status): string | null {
  return state === 'failed' || state === 'ended' ? reason : null;
}

/** Calls `tick` with the link at once and every second while a next try is awaited. */
export class Countdown {
  private status: Status | null = null;
  private since = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly tick: () => void) {}

  follow(status: Status): Link {
    if (!isSame(status, this.status)) {
      this.status = status;
      this.since = Date.now();
      this.stop();
      if (status.state === 'reconnecting') {
        this.timer = setInterval(this.tick, 1_000);
      }
    }
    return linkOf(status, (Date.now() - this.since) / 1_000);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function isSame(one: Status, other: Status | null): boolean {
  return one.state === other?.state && one.attempt === other.attempt && one.wait === other.wait;
}
