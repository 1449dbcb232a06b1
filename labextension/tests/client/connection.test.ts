import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { LONGEST_DELAY_MS, MAX_TRIES } from '../../src/client/backoff';
import { CHECK_MS, Connection, OPENING_MS, STABLE_MS } from '../../src/client/connection';
import type { StopReason } from '../../src/client/closing';
import type { Finding, Link } from '../../src/client/connection';
import { FakeSocket, fakeSurroundings, last } from '../fakes';

let around: ReturnType<typeof fakeSurroundings>;
let links: Link[];
let frames: unknown[];
let connection: Connection;

beforeEach(() => {
  around = fakeSurroundings();
  links = [];
  frames = [];
  const events = {
    opened: () => undefined,
    frame: (data: unknown) => frames.push(data),
    changed: (link: Link) => links.push(link)
  };
  connection = new Connection('ws://host/_ws?room=ABC234', events, around);
});

afterEach(() => {
  vi.useRealTimers();
});

function socket(): FakeSocket {
  return last(around.sockets);
}

function open(): void {
  if (around.sockets.length === 0) {
    connection.start();
  }
  socket().onopen?.();
}

/** Let every try fail until the connection gives up. */
function failAllTries(): void {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    vi.advanceTimersByTime(LONGEST_DELAY_MS);
    socket().hangUp();
  }
}

it('opens one socket at the address it was given', () => {
  connection.start();
  expect(around.sockets.map(({ url }) => url)).toEqual(['ws://host/_ws?room=ABC234']);
  expect(links).toEqual([{ state: 'connecting', attempt: 0 }]);
});

it('hands on what it hears, and sends only while it is open', () => {
  connection.start();
  expect(connection.send('early')).toBe(false);
  open();
  expect(connection.send('now')).toBe(true);
  socket().onmessage?.({ data: 'heard' });
  expect(socket().sent).toEqual(['now']);
  expect(frames).toEqual(['heard']);
});

describe('after a loss', () => {
  it('counts down from 3 and tries again after exactly 3 s', () => {
    open();
    socket().hangUp();
    expect(connection.link).toEqual({ state: 'waiting', attempt: 1, secondsLeft: 3 });
    vi.advanceTimersByTime(1000);
    expect(connection.link).toEqual({ state: 'waiting', attempt: 1, secondsLeft: 2 });
    vi.advanceTimersByTime(1999);
    expect(around.sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(around.sockets).toHaveLength(2);
    expect(connection.link).toEqual({ state: 'connecting', attempt: 1 });
  });

  it('waits longer before the second try', () => {
    open();
    socket().hangUp();
    vi.advanceTimersByTime(3000);
    socket().hangUp();
    expect(connection.link).toEqual({ state: 'waiting', attempt: 2, secondsLeft: 5 });
    vi.advanceTimersByTime(4499);
    expect(around.sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(around.sockets).toHaveLength(3);
  });

  it('gives up after the last try, and tries again when it is asked to', () => {
    open();
    socket().hangUp();
    failAllTries();
    expect(connection.link).toEqual({ state: 'gave-up' });
    expect(around.sockets).toHaveLength(1 + MAX_TRIES);
    vi.advanceTimersByTime(1_000_000);
    expect(around.sockets).toHaveLength(1 + MAX_TRIES);
    connection.retry();
    expect(around.sockets).toHaveLength(2 + MAX_TRIES);
    socket().hangUp();
    expect(connection.link).toMatchObject({ state: 'waiting', attempt: 1 });
  });

  it('tries at once when it is asked to while it waits', () => {
    open();
    socket().hangUp();
    connection.retry();
    expect(around.sockets).toHaveLength(2);
    vi.advanceTimersByTime(3000);
    expect(around.sockets).toHaveLength(2);
  });

  it('counts tries from one again once the state of the room has come', () => {
    open();
    socket().hangUp();
    vi.advanceTimersByTime(3000);
    open();
    connection.succeeded();
    vi.advanceTimersByTime(STABLE_MS - 1);
    socket().hangUp();
    expect(connection.link).toMatchObject({ attempt: 1, secondsLeft: 5 });
  });

  it('waits for 3 s again only after a connection that held for 5 s', () => {
    open();
    socket().hangUp();
    vi.advanceTimersByTime(3000);
    open();
    connection.succeeded();
    vi.advanceTimersByTime(STABLE_MS);
    socket().hangUp();
    expect(connection.link).toMatchObject({ attempt: 1, secondsLeft: 3 });
  });

  it('takes a socket that does not open in time for a lost one', () => {
    connection.start();
    vi.advanceTimersByTime(OPENING_MS);
    expect(connection.link).toMatchObject({ state: 'waiting', attempt: 1 });
    expect(around.sockets[0]?.isClosed).toBe(true);
  });

  it('hears nothing more from a socket that it let go', () => {
    open();
    const old = socket();
    connection.renew();
    expect(around.sockets).toHaveLength(2);
    expect([old.onopen, old.onmessage, old.onclose, old.isClosed]).toEqual([
      null,
      null,
      null,
      true
    ]);
  });
});

it('does not ask a server again and again without a pause whose every connection has a gap', () => {
  open();
  connection.resume();
  expect(around.sockets).toHaveLength(2);
  open();
  connection.succeeded();
  connection.resume();
  expect(around.sockets).toHaveLength(2);
  expect(connection.link).toMatchObject({ state: 'waiting', attempt: 1, secondsLeft: 5 });
  vi.advanceTimersByTime(4500);
  expect(around.sockets).toHaveLength(3);
  open();
  vi.advanceTimersByTime(STABLE_MS);
  connection.resume();
  expect(around.sockets).toHaveLength(4);
});

describe('a socket that would not even open', () => {
  async function refusedWith(why: StopReason | null): Promise<void> {
    const events = { opened: () => undefined, frame: () => undefined, changed: () => undefined };
    connection = new Connection('ws://host/_ws', events, around, () => Promise.resolve(why));
    connection.start();
    socket().hangUp();
    await Promise.resolve();
  }

  it('asks why, and stops where the answer is final', async () => {
    await refusedWith('room-ended');
    expect(connection.link).toEqual({ state: 'stopped', why: 'room-ended' });
    vi.advanceTimersByTime(60_000);
    expect(around.sockets).toHaveLength(1);
  });

  it('goes on trying where there is no answer', async () => {
    await refusedWith(null);
    expect(connection.link).toMatchObject({ state: 'waiting', attempt: 1 });
  });

  it('tells a server that answers from a network that is not there, at its second answer', async () => {
    let found: Finding = 'answers';
    connection = new Connection(
      'ws://host/_ws',
      { opened: () => undefined, frame: () => undefined, changed: link => links.push(link) },
      around,
      () => Promise.resolve(found)
    );
    const fail = async (): Promise<boolean> => {
      socket().hangUp();
      await Promise.resolve();
      const isBlocked = 'isBlocked' in connection.link;
      connection.retry();
      return isBlocked;
    };
    connection.start();
    expect([await fail(), await fail()]).toEqual([false, true]);
    found = null;
    expect(await fail()).toBe(false);
    found = 'answers';
    expect([await fail(), await fail()]).toEqual([false, true]);
    open();
    expect(await fail()).toBe(false);
  });

  it('does not stop a later try for the answer to an earlier one', async () => {
    let answer: (why: StopReason) => void = () => undefined;
    const events = { opened: () => undefined, frame: () => undefined, changed: () => undefined };
    const slowly = (): Promise<StopReason> => new Promise(resolve => (answer = resolve));
    connection = new Connection('ws://host/_ws', events, around, slowly);
    connection.start();
    socket().hangUp();
    connection.retry();
    answer('room-ended');
    await Promise.resolve();
    expect(connection.link.state).toBe('connecting');
  });
});

describe('keep-alive', () => {
  it('pings every 30 s with the string of the seed protocol', () => {
    open();
    vi.advanceTimersByTime(29_999);
    expect(socket().sent).toEqual([]);
    vi.advanceTimersByTime(1);
    socket().onmessage?.({ data: 'pong' });
    vi.advanceTimersByTime(30_000);
    expect(socket().sent).toEqual(['"ping"', '"ping"']);
  });

  it('finds a half-open socket within two intervals', () => {
    open();
    const silent = socket();
    vi.advanceTimersByTime(59_999);
    expect(connection.link.state).toBe('open');
    vi.advanceTimersByTime(1);
    expect(connection.link).toMatchObject({ state: 'waiting', attempt: 1 });
    expect(silent.isClosed).toBe(true);
  });

  it('takes any message for a sign of life', () => {
    open();
    for (let minute = 0; minute < 20; minute += 1) {
      vi.advanceTimersByTime(30_000);
      socket().onmessage?.({ data: 'anything' });
    }
    expect(around.sockets).toHaveLength(1);
  });

  it('pings as often as the server asks', () => {
    connection.start();
    connection.setPingInterval(5000);
    open();
    vi.advanceTimersByTime(5000);
    expect(socket().sent).toEqual(['"ping"']);
  });

  it('changes to the pace that the server asks for on an open connection', () => {
    open();
    vi.advanceTimersByTime(4000);
    connection.setPingInterval(5000);
    vi.advanceTimersByTime(5000);
    expect(socket().sent).toEqual(['"ping"']);
    vi.advanceTimersByTime(5000);
    expect(connection.link.state).toBe('waiting');
  });

  it('keeps its pace where the server asks for the one it has', () => {
    open();
    vi.advanceTimersByTime(29_000);
    connection.setPingInterval(30_000);
    vi.advanceTimersByTime(1000);
    expect(socket().sent).toEqual(['"ping"']);
  });

  it('finds a socket that dies just after an answer within two intervals of that', () => {
    open();
    vi.advanceTimersByTime(30_000);
    socket().onmessage?.({ data: 'pong' });
    vi.advanceTimersByTime(59_999);
    expect(connection.link.state).toBe('open');
    vi.advanceTimersByTime(1);
    expect(connection.link.state).toBe('waiting');
  });
});

it.each([
  [0, 1_000],
  [Number.MAX_SAFE_INTEGER, 600_000]
])('asked to ping every %i ms, it pings every %i ms', (asked, ms) => {
  open();
  connection.setPingInterval(asked);
  vi.advanceTimersByTime(ms - 1);
  expect(socket().sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(socket().sent).toEqual(['"ping"']);
});

describe('in doubt', () => {
  it('asks at once, and does not wait long for the answer', () => {
    open();
    vi.advanceTimersByTime(29_000);
    connection.check();
    connection.check();
    expect(socket().sent).toEqual(['"ping"']);
    vi.advanceTimersByTime(CHECK_MS - 1);
    expect(connection.link.state).toBe('open');
    vi.advanceTimersByTime(1);
    expect(connection.link).toMatchObject({ state: 'waiting', attempt: 1 });
  });

  it('does so also while an earlier ping is out', () => {
    open();
    vi.advanceTimersByTime(30_000);
    connection.check();
    vi.advanceTimersByTime(CHECK_MS);
    expect(connection.link.state).toBe('waiting');
  });

  it('goes on as before once it has heard anything', () => {
    open();
    connection.check();
    socket().onmessage?.({ data: 'anything' });
    vi.advanceTimersByTime(CHECK_MS + 29_999);
    expect(socket().sent).toEqual(['"ping"']);
    vi.advanceTimersByTime(1);
    expect(socket().sent).toEqual(['"ping"', '"ping"']);
    expect(connection.link.state).toBe('open');
  });
});

describe('a network that is back, or a page that has slept', () => {
  it('is tried at once while it waits', () => {
    open();
    socket().hangUp();
    connection.wake();
    expect(around.sockets).toHaveLength(2);
  });

  it('is tried at once after all tries', () => {
    open();
    socket().hangUp();
    failAllTries();
    connection.wake();
    expect(connection.link).toEqual({ state: 'connecting', attempt: 0 });
  });

  it('lets tries count from one again, also on a connection that is not stable yet', () => {
    open();
    socket().hangUp();
    vi.advanceTimersByTime(3000);
    socket().hangUp();
    vi.advanceTimersByTime(LONGEST_DELAY_MS);
    open();
    connection.wake();
    socket().hangUp();
    expect(connection.link).toMatchObject({ state: 'waiting', attempt: 1, secondsLeft: 3 });
  });

  it('asks whether an open connection still stands', () => {
    open();
    connection.wake();
    expect(around.sockets).toHaveLength(1);
    expect(socket().sent).toEqual(['"ping"']);
  });

  it('does not undo a stop for good', () => {
    open();
    socket().hangUp(4503);
    connection.wake();
    expect(around.sockets).toHaveLength(1);
  });
});

describe('a planned restart', () => {
  const reason = JSON.stringify({ reason: 'restart', retryAfterMs: 8000 });

  function waitsFor(random: number): number {
    around = fakeSurroundings(random);
    const events = { opened: () => undefined, frame: () => undefined, changed: () => undefined };
    connection = new Connection('ws://host/_ws', events, around);
    open();
    const start = Date.now();
    socket().hangUp(1012, reason);
    while (around.sockets.length === 1) {
      vi.advanceTimersByTime(100);
    }
    return Date.now() - start;
  }

  it('spreads the class over the time that the server names', () => {
    expect([0, 0.25, 0.5, 1].map(waitsFor)).toEqual([4000, 6000, 8000, 12_000]);
  });

  it('counts down from the wait that was drawn', () => {
    open();
    socket().hangUp(1012, JSON.stringify({ reason: 'restart', retryAfterMs: 4300 }));
    expect(connection.link).toEqual({ state: 'waiting', attempt: 1, secondsLeft: 5 });
    vi.advanceTimersByTime(300);
    expect(connection.link).toMatchObject({ secondsLeft: 4 });
    vi.advanceTimersByTime(3000);
    expect(connection.link).toMatchObject({ secondsLeft: 1 });
    vi.advanceTimersByTime(1000);
    expect(connection.link.state).toBe('connecting');
  });

  it('is followed by the usual waits', () => {
    open();
    socket().hangUp(1013, reason);
    vi.advanceTimersByTime(8000);
    socket().hangUp();
    expect(connection.link).toMatchObject({ attempt: 2, secondsLeft: 5 });
  });

  it.each(['', 'restart', '{"reason":"restart"}', '{"retryAfterMs":9}', '{"reason":1}'])(
    'waits 3 s where %o names no time',
    other => {
      open();
      socket().hangUp(1012, other);
      expect(connection.link).toMatchObject({ attempt: 1, secondsLeft: 3 });
    }
  );
});

describe('close codes', () => {
  it.each([
    [1003, 'refused'],
    [1008, 'refused'],
    [1009, 'refused'],
    [4501, 'bad-token'],
    [4503, 'room-ended'],
    [4504, 'limit']
  ])('%i stops for good', (code, why) => {
    open();
    socket().hangUp(code);
    expect(connection.link).toEqual({ state: 'stopped', why });
    vi.advanceTimersByTime(1_000_000);
    connection.retry();
    expect(around.sockets).toHaveLength(1);
  });

  it.each([1000, 1001, 1006, 1012, 1013, 4408, 4409, 4410, 4429])('%i tries again', code => {
    open();
    socket().hangUp(code);
    expect(connection.link.state).toBe('waiting');
  });
});

describe('a proxy that cuts what is idle', () => {
  /** Open, hear the state of the room, and be cut after a silence; how often the client has pinged meanwhile. */
  function cutAfter(silenceMs: number, code = 1006): number {
    open();
    connection.succeeded();
    socket().onmessage?.({ data: 'the state' });
    let pings = 0;
    for (let passed = 0; passed < silenceMs; passed += 100) {
      vi.advanceTimersByTime(100);
      for (; pings < socket().sent.length; pings += 1) {
        socket().onmessage?.({ data: 'a pong' });
      }
    }
    socket().hangUp(code);
    const wait = connection.link.state === 'waiting' ? connection.link.secondsLeft * 1000 : 0;
    vi.advanceTimersByTime(wait);
    return pings;
  }

  it('makes no phone give up', () => {
    for (let times = 0; times < 3 * MAX_TRIES; times += 1) {
      cutAfter(10_000);
    }
    expect(connection.link.state).toBe('connecting');
  });

  it('is pinged in time after its second cut', () => {
    expect([10_000, 10_200, 10_100].map(ms => cutAfter(ms))).toEqual([0, 0, 2]);
  });

  it('is not seen in cuts after another silence each time', () => {
    expect([10_000, 20_000, 8_000, 25_000].map(ms => cutAfter(ms))).toEqual([0, 0, 0, 0]);
  });

  it('is not seen where the server says goodbye', () => {
    expect([10_000, 10_000, 10_000].map(ms => cutAfter(ms, 4408))).toEqual([0, 0, 0]);
  });
});
