import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { RESEND_MS, RoomClient } from '../../src/client/client';
import { refusedElsewhere } from '../../src/client/votes';
import type { ServerEvent, VoteData, Welcome } from '../../src/protocol/messages';
import { asked } from '../../src/views/asked';
import { aQuestion, aSnapshot, aWelcome, FakeSocket, fakeSurroundings, last } from '../fakes';

let around: ReturnType<typeof fakeSurroundings>;
let client: RoomClient;

beforeEach(() => {
  around = fakeSurroundings();
  client = new RoomClient({ url: 'ws://host/_ws', around, log: () => undefined });
  client.start();
});

afterEach(() => {
  vi.useRealTimers();
});

function socket(): FakeSocket {
  return last(around.sockets);
}

function join(): void {
  socket().onopen?.();
  socket().hear(aWelcome());
  socket().hear(aSnapshot());
}

/** Lose the connection and open the next one, up to its opening. */
function comeBack(): void {
  socket().hangUp();
  vi.advanceTimersByTime(3000);
  socket().onopen?.();
}

function votes(): VoteData[] {
  return socket().said.flatMap(message =>
    typeof message === 'object' && message.event === 'vote' ? [message.data] : []
  );
}

it('says hello as soon as the socket opens', () => {
  socket().onopen?.();
  expect(socket().said).toEqual([{ event: 'hello', data: { v: 2 } }]);
});

it('brings its token where it has one', () => {
  const observer = new RoomClient({ url: 'ws://host/_ws', token: 'secret', around });
  observer.start();
  socket().onopen?.();
  expect(socket().said).toEqual([{ event: 'hello', data: { v: 2, token: 'secret' } }]);
});

it('counts as connected only when the room’s state has arrived', () => {
  socket().onopen?.();
  expect(client.state.link.state).toBe('connecting');
  socket().hear(aWelcome());
  expect(client.state.link.state).toBe('connecting');
  socket().hear(aSnapshot());
  expect(client.state.link.state).toBe('open');
});

it('learns of the vote of another tab when it asks how things stand', () => {
  join();
  const { id, round } = aQuestion();
  client.refresh();
  expect(last(socket().said)).toMatchObject({ event: 'hello', data: { resume: { epoch: 'e1' } } });
  const myVote = { questionId: id, round, answer: 'b', rev: 2 };
  socket().hear(aWelcome({ recovered: true, myVote }));
  expect(client.state.votes.counted).toEqual([myVote]);
});

it('asks nothing while it is not connected', () => {
  socket().onopen?.();
  client.refresh();
  expect(socket().said).toHaveLength(1);
});

it('survives anything that a server may say', () => {
  join();
  for (const frame of ['', 'null', '{"event":"x"}', '{"event":"new-question","data":{}}', '[]']) {
    socket().onmessage?.({ data: frame });
  }
  expect(client.state.room.question).toEqual(aQuestion());
  expect(client.state.link.state).toBe('open');
});

it('tells its listeners of each new state until they have heard enough', () => {
  const heard: string[] = [];
  const end = client.subscribe(({ link }) => heard.push(link.state));
  join();
  end();
  socket().hangUp();
  expect(last(heard)).toBe('open');
});

describe('resuming', () => {
  it('says where it stands, and is connected once the server has recovered that', () => {
    join();
    comeBack();
    expect(socket().said).toEqual([
      { event: 'hello', data: { v: 2, resume: { epoch: 'e1', seq: 1 } } }
    ]);
    expect(client.state.link).toEqual({ state: 'connecting', attempt: 1 });
    socket().hear(aWelcome({ recovered: true, seq: 1 }));
    expect(client.state.link.state).toBe('open');
  });

  it('happens at once when an event is missing', () => {
    join();
    socket().hear({
      event: 'lock-status',
      seq: 3,
      epoch: 'e1',
      data: { questionId: 'q1', is_locked: true }
    });
    expect(around.sockets).toHaveLength(2);
    expect(client.state.room.question?.is_locked).toBe(false);
  });

  it('happens when a pong is ahead', () => {
    join();
    socket().hear({ event: 'pong', data: { seq: 2 } });
    expect(around.sockets).toHaveLength(2);
  });
});

describe('a page whose cookie was refused', () => {
  function joinWith(takePlace: () => Promise<string>): void {
    client = new RoomClient({ url: 'ws://host/_ws', around, takePlace });
    client.start();
    socket().onopen?.();
    socket().hear(listenersWelcome());
    socket().hear(aSnapshot());
    client.vote('a');
  }

  function listenersWelcome(): ServerEvent {
    const { event, data } = aWelcome() as Welcome;
    const { epoch, seq, recovered, pingMs, maxFrame } = data;
    return { event, data: { epoch, seq, recovered, pingMs, maxFrame, role: 'listener' } };
  }

  it('takes a place, says hello again and then sends what waits', async () => {
    joinWith(() => Promise.resolve('my-token'));
    expect(votes()).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(last(socket().said)).toEqual({
      event: 'hello',
      data: { v: 2, token: 'my-token', resume: { epoch: 'e1', seq: 1 } }
    });
    socket().hear(aWelcome({ recovered: true }));
    expect(votes()).toMatchObject([{ answer: 'a' }]);
  });

  it('brings the token along when it reconnects', async () => {
    joinWith(() => Promise.resolve('my-token'));
    await vi.advanceTimersByTimeAsync(0);
    comeBack();
    expect(socket().said[0]).toMatchObject({ data: { token: 'my-token' } });
  });

  it('lets the server say why, where there is no place', async () => {
    joinWith(() => Promise.reject(new Error('full')));
    await vi.advanceTimersByTimeAsync(0);
    expect(votes()).toMatchObject([{ answer: 'a' }]);
  });

  it('asks for a place again with the next answer', async () => {
    const takePlace = vi.fn(() => Promise.reject<string>(new Error('full')));
    joinWith(takePlace);
    await vi.advanceTimersByTimeAsync(0);
    takePlace.mockResolvedValueOnce('my-token');
    client.vote('b');
    expect(votes()).toMatchObject([{ answer: 'a' }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(last(socket().said)).toMatchObject({ event: 'hello', data: { token: 'my-token' } });
    socket().hear(aWelcome({ recovered: true }));
    expect(votes()).toMatchObject([{ answer: 'a' }, { answer: 'b' }]);
  });
});

describe('voting', () => {
  it('sends at once while there is a connection', () => {
    join();
    client.vote('a');
    expect(votes()).toMatchObject([{ questionId: 'q1', round: 1, answer: 'a', rev: 1 }]);
  });

  it('keeps the vote while there is none, and sends it when it is back', () => {
    join();
    socket().hangUp();
    client.vote('a');
    expect(asked(client.state)).toMatchObject({ delivery: 'pending', isOnline: false });
    vi.advanceTimersByTime(3000);
    socket().onopen?.();
    expect(votes()).toEqual([]);
    socket().hear(aWelcome({ recovered: true }));
    expect(votes()).toMatchObject([{ answer: 'a', rev: 1 }]);
  });

  it('sends a vote whose ack was lost again as the same act', () => {
    join();
    client.vote('a');
    const [first] = votes();
    comeBack();
    socket().hear(aWelcome({ recovered: true }));
    expect(votes()).toEqual([first]);
  });

  it('learns what became of a vote for a question that is over meanwhile', () => {
    join();
    client.vote('a');
    const [first] = votes();
    comeBack();
    socket().hear(aWelcome());
    socket().hear(aSnapshot(aQuestion({ id: 'q2' })));
    expect(votes()).toEqual([first]);
  });

  it('sends again after a while what the server could not take at the moment', () => {
    join();
    client.vote('a');
    const op = votes()[0]?.op ?? '';
    socket().hear({
      event: 'vote-ack',
      data: { op, status: 'rejected', rev: 0, reason: 'unavailable', retry: true }
    });
    expect(votes()).toHaveLength(1);
    vi.advanceTimersByTime(RESEND_MS * 2);
    expect(votes()).toHaveLength(2);
    expect(asked(client.state)?.delivery).toBe('pending');
  });

  it('sends no more often because several votes wait', () => {
    join();
    client.vote('a');
    socket().hear({ event: 'new-question', seq: 2, epoch: 'e1', data: aQuestion({ id: 'q2' }) });
    client.vote('b');
    const before = votes();
    for (let minute = 0; minute < 10; minute += 1) {
      for (const { op } of before) {
        socket().hear({
          event: 'vote-ack',
          data: { op, status: 'rejected', rev: 0, reason: 'unavailable', retry: true }
        });
      }
      vi.advanceTimersByTime(RESEND_MS * 2);
    }
    expect(votes()).toHaveLength(before.length + 10 * client.state.votes.outbox.length);
  });

  it('takes an answer back as a vote for nothing', () => {
    join();
    client.vote('a');
    client.vote(null);
    expect(votes()).toMatchObject([
      { answer: 'a', rev: 1 },
      { answer: null, rev: 2 }
    ]);
  });

  it('does nothing where nothing is asked', () => {
    socket().onopen?.();
    socket().hear(aWelcome());
    socket().hear(aSnapshot(null));
    client.vote('a');
    expect(votes()).toEqual([]);
  });

  it('names each act differently', () => {
    const chance = fakeSurroundings();
    chance.random = Math.random;
    const other = new RoomClient({ url: 'ws://host/_ws', around: chance });
    other.start();
    const wire = last(chance.sockets);
    wire.onopen?.();
    wire.hear(aWelcome());
    wire.hear(aSnapshot());
    for (let act = 0; act < 50; act += 1) {
      other.vote(act % 2 ? 'a' : 'b');
    }
    const ops = wire.said.map(said =>
      typeof said === 'object' && said.event === 'vote' ? said.data.op : ''
    );
    expect(new Set(ops).size).toBe(51);
    expect(ops.every(op => op.length <= 64)).toBe(true);
  });
});

describe('over a reload', () => {
  const kept = new Map<string, readonly VoteData[]>();
  const unsent = {
    load: (participant: string) => kept.get(participant) ?? [],
    save: (participant: string, waiting: readonly VoteData[]) => {
      kept.set(participant, waiting);
    }
  };

  /** A page that is opened, as far as its socket. */
  function openPage(): void {
    around = fakeSurroundings();
    client = new RoomClient({ url: 'ws://host/_ws', around, unsent });
    client.start();
    socket().onopen?.();
  }

  beforeEach(() => {
    kept.clear();
    openPage();
    socket().hear(aWelcome());
    socket().hear(aSnapshot());
  });

  it('sends the vote that had no ack as the same act, once the room is known', () => {
    client.vote('a');
    const [first] = votes();
    openPage();
    socket().hear(aWelcome());
    expect(votes()).toEqual([]);
    socket().hear(aSnapshot());
    expect(votes()).toEqual([first]);
    expect(asked(client.state)).toMatchObject({ answer: 'a', delivery: 'pending' });
  });

  it('keeps a vote that was given without a connection', () => {
    socket().hangUp();
    client.vote('b');
    openPage();
    socket().hear(aWelcome());
    socket().hear(aSnapshot());
    expect(votes()).toMatchObject([{ answer: 'b', rev: 1 }]);
  });

  it('keeps nothing more once there is an ack, be it a refusal', () => {
    client.vote('a');
    const op = votes()[0]?.op ?? '';
    socket().hear({ event: 'vote-ack', data: { op, status: 'rejected', rev: 0 } });
    expect(kept.get('p1')).toEqual([]);
  });

  it('learns that the question was locked meanwhile, also where another is asked now', () => {
    client.vote('a');
    openPage();
    socket().hear(aWelcome());
    socket().hear(aSnapshot(aQuestion({ id: 'q2' })));
    const op = votes()[0]?.op ?? '';
    socket().hear({
      event: 'vote-ack',
      data: { op, status: 'rejected', rev: 0, reason: 'question-closed' }
    });
    expect(refusedElsewhere(client.state.votes, aQuestion({ id: 'q2' }))).not.toBeNull();
  });

  it('sends nothing of another participant’s', () => {
    client.vote('a');
    openPage();
    socket().hear(aWelcome({ participant: 'p2' }));
    socket().hear(aSnapshot());
    expect(votes()).toEqual([]);
  });
});
