/** What a browser tells of its network and its sleep, passed on to a connection. */
import type { RoomClient } from './client';

/** What says that somebody is at the page. */
const TOUCHES = ['pointerdown', 'keydown', 'focus'] as const;

/**
 * A network that is back, or a page that is looked at again, is a reason to try at once; a network that went or changed,
 * to ask whether anybody is still there. After the last try a touch of the page is a reason for another one. Returns
 * what ends it.
 */
export function wakeWith(client: RoomClient): () => void {
  const wake = (): void => {
    client.connection.wake();
    client.refresh();
  };
  const look = (): void => {
    if (document.visibilityState === 'visible') {
      wake();
    }
  };
  const doubt = (): void => {
    client.connection.check();
  };
  const changed = (): void => {
    client.connection.revive();
    client.connection.check();
  };
  const touch = (): void => {
    client.connection.revive();
  };
  // Not in every browser, and a phone that changes from one network to another may never be offline.
  const network = (navigator as { connection?: EventTarget }).connection;
  addEventListener('online', wake);
  addEventListener('offline', doubt);
  addEventListener('pageshow', look);
  for (const touched of TOUCHES) {
    addEventListener(touched, touch);
  }
  network?.addEventListener('change', changed);
  document.addEventListener('visibilitychange', look);
  return () => {
    removeEventListener('online', wake);
    removeEventListener('offline', doubt);
    removeEventListener('pageshow', look);
    for (const touched of TOUCHES) {
      removeEventListener(touched, touch);
    }
    network?.removeEventListener('change', changed);
    document.removeEventListener('visibilitychange', look);
  };
}
