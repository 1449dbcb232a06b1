import { beforeEach, expect, it } from 'vitest';

import { RefusedError } from '../../src/lab/api';
import { RoomModel } from '../../src/lab/model';
import { PaletteActs } from '../../src/lab/palette_acts';
import { asked, question } from '../views/instructor/rooms';
import { ServerInMemory } from './fakes';

let server: ServerInMemory;
let model: RoomModel;
let acts: PaletteActs;
/** What the person was asked, and what they answer. */
let heard: string[];
let room: string | null;
let isSure: boolean;

beforeEach(() => {
  server = new ServerInMemory();
  model = new RoomModel(server.api, server.watch);
  heard = [];
  room = null;
  isSure = false;
  acts = new PaletteActs(model, {
    room: (rooms, shown) => {
      heard.push(`${rooms.map(({ code }) => code).join(' or ')}, maybe ${shown}`);
      return Promise.resolve(room);
    },
    isSure: what => {
      heard.push(what);
      return Promise.resolve(isSure);
    }
  });
});

it('works before the panel was ever shown, and names the room', async () => {
  server.open('NEW222', 'Today', [question(), question({ id: 'q2' })]);
  expect(await acts.publishNext()).toBe('Published in “Today”.');
  expect(server.done).toEqual(['publish NEW222 q1']);
});

it('acts on what the room is now, not on what it was when the panel was last drawn', async () => {
  server.open('NEW222', 'Today', [asked()]);
  await model.refresh();
  server.open('NEW222', 'Today', [asked({ is_locked: true })]);
  expect(await acts.toggleLock()).toBe('Unlocked in “Today”.');
  expect(server.done).toEqual(['setLock NEW222 q1 false']);
});

it('acts without a question in the room of the notebook in front', async () => {
  server.open('AAA222', 'Statistics', [asked()], 'kernel-a');
  server.open('BBB222', 'Physics', [asked()], 'kernel-b');
  await model.refresh();
  model.setFront({ name: 'a.ipynb', kernel: 'kernel-a' });
  expect(await acts.closeActive()).toBe('Closed in “Statistics”.');
  expect(server.done).toEqual(['close AAA222 q1']);
  expect(heard).toEqual([]);
});

it('asks which room is meant where several are open and the notebook in front has none', async () => {
  server.open('AAA222', 'Statistics', [asked()], 'kernel-a');
  server.open('BBB222', 'Physics', [asked()], 'kernel-b');
  model.setFront({ name: 'c.ipynb', kernel: 'kernel-c' });
  expect(await acts.toggleLock()).toBeNull();
  expect(server.done).toEqual([]);
  room = 'AAA222';
  expect(await acts.toggleLock()).toBe('Locked in “Statistics”.');
  expect(server.done).toEqual(['setLock AAA222 q1 true']);
  expect(heard[0]).toBe('AAA222 or BBB222, maybe BBB222');
});

it('does nothing while it cannot tell which rooms there are', async () => {
  server.open('AAA222', 'Statistics', [asked()], 'kernel-a');
  await model.refresh();
  server.refusal = new RefusedError(503, 'Not yet.');
  await expect(acts.closeActive()).rejects.toThrow('Not yet.');
  expect(server.done).toEqual([]);
});

it('asks before the next question takes the place of one that has answers', async () => {
  server.open('NEW222', 'Today', [asked(), question({ id: 'q2' })]);
  server.answers = 30;
  expect(await acts.publishNext()).toBeNull();
  expect(server.done).toEqual([]);
  expect(heard).toEqual([
    'Another question is open. Publishing closes it on all phones. Its answers are kept.'
  ]);
  isSure = true;
  expect(await acts.publishNext()).toBe('Published in “Today”.');
  server.answers = 0;
  isSure = false;
  expect(await acts.publishNext()).toBe('Published in “Today”.');
  expect(server.done).toEqual(['publish NEW222 q2', 'publish NEW222 q2']);
});

it.each([
  ['publishNext', [asked()], /poll\.draft/],
  ['toggleLock', [question()], /No question is being asked/],
  ['revealShown', [question()], /No question is being asked/],
  ['closeActive', [question({ round: 1 })], /No question is being asked/]
] as const)('tells what to do where %s has nothing to work on', async (act, questions, advice) => {
  server.open('NEW222', 'Today', questions);
  await expect(acts[act]()).rejects.toThrow(advice);
  expect(server.done).toEqual([]);
});

it('tells how to open a room where none is', async () => {
  await expect(acts.publishNext()).rejects.toThrow(/LivePoll\("…"\)/);
});
