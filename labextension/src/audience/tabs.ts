/**
 * Two tabs that were opened at once in a browser without a cookie got one each, and the browser has kept one of them.
 * Each tab tells the others who it is; a tab that is somebody else opens its socket again, with the cookie that was kept.
 */
import type { RoomClient } from '../client/client';

/** The part of a `BroadcastChannel` that is used. */
export interface Tabs {
  postMessage(participant: string): void;
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
}

/** Times that a page opens its socket again for this; a browser that keeps two cookies shall not do it for ever. */
export const MOST_TIMES = 3;

/** The other tabs in a room; null in a browser in which tabs cannot talk (Safari before 15.4). */
export function tabsIn(code: string): Tabs | null {
  return typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`livepoll-${code}`);
}

/** Let all tabs of this browser be one participant of the room. */
export function agreeWithTabs(client: RoomClient, tabs: Tabs | null): void {
  if (tabs === null) {
    return;
  }
  let told: string | null = null;
  let times = 0;
  client.subscribe(({ link, votes: { participant } }) => {
    const isIn = link.state === 'open' && client.isKnownByCookie;
    if (isIn && participant !== null && participant !== told) {
      told = participant;
      tabs.postMessage(participant);
    }
  });
  tabs.onmessage = ({ data }) => {
    if (told !== null && data !== told && client.isKnownByCookie && times < MOST_TIMES) {
      told = null;
      times += 1;
      client.connection.renew();
    }
  };
}
