import { expect, it, vi } from 'vitest';

import { agreeWithTabs, MOST_TIMES, tabsIn } from '../../src/audience/tabs';
import type { Tabs } from '../../src/audience/tabs';
import { RoomClient } from '../../src/client/client';
import { aSnapshot, aWelcome, fakeSurroundings, last } from '../fakes';

/** A browser's tabs: what one says the others hear. */
class Browser {
  private readonly all: Tabs[] = [];

  tab(): Tabs {
    const tab: Tabs = {
      onmessage: null,
      postMessage: data => {
        this.all
          .filter(other => other !== tab)
          .forEach(other => other.onmessage?.({ data } as MessageEvent<unknown>));
      }
    };
    this.all.push(tab);
    return tab;
  }
}

function open(tabs: Tabs | null, token?: string): ReturnType<typeof fakeSurroundings> {
  const around = fakeSurroundings();
  const client = new RoomClient({
    url: 'ws://host/_ws',
    around,
    ...(token === undefined ? {} : { token })
  });
  agreeWithTabs(client, tabs);
  client.start();
  return around;
}

function join(around: ReturnType<typeof fakeSurroundings>, participant: string): void {
  const socket = last(around.sockets);
  socket.onopen?.();
  socket.hear(aWelcome({ role: 'participant', participant }));
  socket.hear(aSnapshot());
}

it('opens its socket again if another tab is somebody else, until both agree', () => {
  const browser = new Browser();
  const one = open(browser.tab());
  const two = open(browser.tab());
  join(one, 'a');
  join(two, 'b');
  expect(one.sockets.length).toBe(2);
  join(one, 'b');
  expect([one.sockets.length, two.sockets.length]).toEqual([2, 1]);
});

it('agrees also if the first cookie was the one that the browser kept', () => {
  const browser = new Browser();
  const one = open(browser.tab());
  const two = open(browser.tab());
  join(one, 'a');
  join(two, 'b');
  join(one, 'a');
  expect(two.sockets.length).toBe(2);
  join(two, 'a');
  expect([one.sockets.length, two.sockets.length]).toEqual([2, 2]);
});

it('gives up where each tab has a cookie that the other has not', () => {
  const browser = new Browser();
  const one = open(browser.tab());
  const two = open(browser.tab());
  for (let time = 0; time < 20; time += 1) {
    join(one, 'a');
    join(two, 'b');
  }
  expect([one.sockets.length, two.sockets.length]).toEqual([1 + MOST_TIMES, 1 + MOST_TIMES]);
});

it('leaves a page alone that has a token of its own', () => {
  const browser = new Browser();
  const one = open(browser.tab(), 'my-token');
  const two = open(browser.tab());
  join(one, 'a');
  join(two, 'b');
  expect([one.sockets.length, two.sockets.length]).toEqual([1, 1]);
});

it('does without where tabs cannot talk', () => {
  const one = open(null);
  join(one, 'a');
  expect(one.sockets.length).toBe(1);
});

it('asks the browser for a channel of the room', () => {
  const channel = vi.fn();
  vi.stubGlobal('BroadcastChannel', channel);
  expect(tabsIn('K7M2QX')).toBeInstanceOf(channel);
  expect(channel).toHaveBeenCalledWith('livepoll-K7M2QX');
  vi.stubGlobal('BroadcastChannel', undefined);
  expect(tabsIn('K7M2QX')).toBeNull();
  vi.unstubAllGlobals();
});
