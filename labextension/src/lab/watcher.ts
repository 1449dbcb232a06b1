/** The observer's peer of one room, with a fresh token each time it is made. */
import { RoomClient } from '../client/client';
import type { ClientState } from '../client/client';
import type { StopReason } from '../client/closing';
import { wakeWith } from '../client/waking';
import type { ServerEvent } from '../protocol/messages';
import { RefusedError } from './api';
import type { RoomsApi } from './api';

/** A peer as the model needs it; a test brings its own. */
export interface Watcher {
  readonly state: ClientState;
  retry(): void;
  stop(): void;
}

/** What a watcher tells: that its state changed, and that the room's questions are to be fetched again. */
export interface Heard {
  changed(): void;
  questionsChanged(): void;
}

export type Watch = (api: RoomsApi, code: string, heard: Heard) => Promise<Watcher>;

const NEWS: ReadonlySet<ServerEvent['event']> = new Set(['room-changed', 'snapshot', 'welcome']);

/** Watch a room over the observer's socket. */
export const watchBySocket: Watch = async (api, code, heard) => {
  const client = new RoomClient({
    url: api.socketUrl(code),
    token: await api.observerToken(code),
    probe: () => whyNot(api, code),
    onEvent: ({ event }) => {
      if (NEWS.has(event)) {
        heard.questionsChanged();
      }
    }
  });
  const unsubscribe = client.subscribe(() => {
    heard.changed();
  });
  const sleepOn = wakeWith(client);
  client.start();
  return {
    get state() {
      return client.state;
    },
    retry: () => {
      client.connection.retry();
    },
    stop: () => {
      unsubscribe();
      sleepOn();
      client.connection.stop('room-ended');
    }
  };
};

/** A browser hides why a socket was refused; the REST API tells. */
async function whyNot(api: RoomsApi, code: string): Promise<StopReason | null> {
  try {
    await api.room(code);
  } catch (error) {
    if (error instanceof RefusedError) {
      return error.status === 410 ? 'room-ended' : error.status === 404 ? 'unknown-room' : null;
    }
  }
  return null;
}
