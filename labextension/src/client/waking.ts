/** What a browser tells of its network and its sleep, passed on to a connection. */
import type { RoomClient } from './client';

/**
 * A network that is back, or a page that is looked at again, is a reason to try at once; a network that went, to ask
 * whether anybody is still there. Returns what ends it.
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
  addEventListener('online', wake);
  addEventListener('offline', doubt);
  document.addEventListener('visibilitychange', look);
  return () => {
    removeEventListener('online', wake);
    removeEventListener('offline', doubt);
    document.removeEventListener('visibilitychange', look);
  };
}
