/**
 * Asks the page's own address why a socket would not open, since a browser hides the status of a refused upgrade.
 * The visit also renews the student's place in the room, which is a cookie.
 */
import type { StopReason } from '../client/closing';
import type { Finding, Probe } from '../client/connection';

const REASONS: Readonly<Record<number, StopReason>> = { 404: 'unknown-room', 410: 'room-ended' };

/** What is in our own pages alone: a proxy whose server is away has a 404 of its own, which means nothing. */
const OURS = 'data-state=';

/** A probe of `address`. No answer is no reason to stop: the network may be gone, or the server. */
export function probePage(address: string): Probe {
  const visit = async (): Promise<Finding> => {
    const answer = await fetch(address, { cache: 'no-store' });
    const found = answer.ok ? 'answers' : REASONS[answer.status];
    return found !== undefined && (await answer.text()).includes(OURS) ? found : null;
  };
  return () => visit().catch(() => null);
}
