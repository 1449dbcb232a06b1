import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { LONGEST_DELAY_MS, MAX_TRIES } from '../../src/client/backoff';
import { RoomClient } from '../../src/client/client';
import { CHECK_MS } from '../../src/client/connection';
import { wakeWith } from '../../src/client/waking';
import { aSnapshot, aWelcome, FakeSocket, fakeSurroundings, last } from '../fakes';

let around: ReturnType<typeof fakeSurroundings>;
let client: RoomClient;
let end: () => void;

beforeEach(() => {
  around = fakeSurroundings();
  client = new RoomClient({ url: 'ws://host/_ws', around });
  end = wakeWith(client);
  client.start();
  socket().onopen?.();
  socket().hear(aWelcome());
  socket().hear(aSnapshot());
});

afterEach(() => {
  end();
  vi.useRealTimers();
});

function socket(): FakeSocket {
  return last(around.sockets);
}

function look(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

it.each([
  ['the network is back', () => dispatchEvent(new Event('online'))],
  [
    'the page is looked at again',
    () => {
      look('visible');
    }
  ]
])('tries at once when %s', (_, wake) => {
  socket().hangUp();
  wake();
  expect(around.sockets).toHaveLength(2);
});

describe('after the last try', () => {
  beforeEach(() => {
    for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
      socket().hangUp();
      vi.advanceTimersByTime(LONGEST_DELAY_MS);
    }
    expect(client.state.link.state).toBe('gave-up');
  });

  it.each(['pointerdown', 'keydown', 'focus', 'online'])('tries once more at a %s', name => {
    const before = around.sockets.length;
    dispatchEvent(new Event(name));
    expect(around.sockets).toHaveLength(before + 1);
  });

  it('tries once more when the page is looked at', () => {
    const before = around.sockets.length;
    look('visible');
    expect(around.sockets).toHaveLength(before + 1);
  });
});

it('leaves a connection alone that waits for its next try when the page is touched', () => {
  socket().hangUp();
  dispatchEvent(new Event('pointerdown'));
  expect(around.sockets).toHaveLength(1);
});

it('asks how things stand when an open page is looked at again', () => {
  look('visible');
  const said = socket().said.slice(1);
  expect(said).toEqual(['ping', expect.objectContaining({ event: 'hello' })]);
});

it('does nothing when the page is put away', () => {
  look('hidden');
  expect(socket().said).toHaveLength(1);
});

it('soon finds that the connection went with the network', () => {
  dispatchEvent(new Event('offline'));
  expect(last(socket().said)).toBe('ping');
  vi.advanceTimersByTime(CHECK_MS);
  expect(client.state.link).toMatchObject({ state: 'waiting', attempt: 1 });
});

it('keeps a connection that needs no network, such as one to the same machine', () => {
  dispatchEvent(new Event('offline'));
  socket().hear({ event: 'pong', data: { seq: 1 } });
  vi.advanceTimersByTime(CHECK_MS);
  expect(client.state.link.state).toBe('open');
});

it('ends when it is told to', () => {
  end();
  socket().hangUp();
  dispatchEvent(new Event('online'));
  look('visible');
  expect(around.sockets).toHaveLength(1);
});
