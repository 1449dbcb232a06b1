/**
 * Asks the page's own address why a socket would not open, since a browser hides the status of a refused upgrade.
 * The visit also renews the student's place in the room, which is a cookie.
 */
import type { StopReason } from '../client/closing';
import type { Probe } from '../client/connection';

const REASONS: Readonly<Record<number, StopReason>> = { 404: 'unknown-room', 410: 'room-ended' };

/** A probe of `address`. No answer is no reason to stop: the network may be gone. */
export function probePage(address: string): Probe {
  return () =>
    fetch(address, { cache: 'no-store' }).then(
      ({ status }) => REASONS[status] ?? null,
      () => null
    );
}
