import { beforeEach, expect, it, vi } from 'vitest';

import { RefusedError } from '../../src/lab/api';
import { RoomModel } from '../../src/lab/model';
import { asked, question } from '../views/instructor/rooms';
import { ServerInMemory } from './fakes';

let server: ServerInMemory;
let model: RoomModel;

beforeEach(() => {
  server = new ServerInMemory();
  model = new RoomModel(server.api, server.watch);
});

it('shows the room opened last, and follows when a notebook opens another', async () => {
  server.open('OLD222', 'Last week');
  await model.refresh();
  server.open('NEW222', 'Today');
  await model.refresh();
  expect(model.shown?.code).toBe('NEW222');
  expect(server.watchers.map(({ code, isStopped }) => [code, isStopped])).toEqual([
    ['OLD222', true],
    ['NEW222', false]
  ]);
});

it('stays in the room that the person has chosen, until that room ends', async () => {
  server.open('OLD222', 'Last week');
  server.open('NEW222', 'Today');
  await model.choose('OLD222');
  await model.refresh();
  expect(model.shown?.code).toBe('OLD222');
  server.rooms = server.rooms.filter(({ code }) => code !== 'OLD222');
  server.watchers[0]?.become({ state: 'stopped', why: 'room-ended' });
  await vi.waitFor(() => {
    expect(model.shown?.code).toBe('NEW222');
  });
});

it('shows nothing when the last room has ended', async () => {
  server.open('OLD222', 'Last week');
  await model.refresh();
  server.rooms = [];
  await model.refresh();
  expect(model.shown).toBeNull();
  expect(server.watchers[0]?.isStopped).toBe(true);
});

it('says why the list of rooms could not be had, and forgets that when it can', async () => {
  server.refusal = new RefusedError(404, 'The LivePoll server extension does not answer.');
  await model.refresh();
  expect(model.problem).toBe('The LivePoll server extension does not answer.');
  server.refusal = null;
  await model.refresh();
  expect(model.problem).toBeNull();
});

it('fetches the questions again when the socket says that they changed', async () => {
  server.open('NEW222', 'Today');
  await model.refresh();
  server.open('NEW222', 'Today', [asked()]);
  server.watchers[0]?.heard.questionsChanged();
  await vi.waitFor(() => {
    expect(model.shown?.questions).toHaveLength(1);
  });
});

it('shows and commands the room of the notebook in front, whichever room was opened last', async () => {
  server.open('AAA222', 'Statistics', [question()], 'kernel-a');
  server.open('BBB222', 'Physics', [question()], 'kernel-b');
  await model.refresh();
  model.setFront({ name: 'a.ipynb', kernel: 'kernel-a' });
  await vi.waitFor(() => {
    expect(model.shown?.code).toBe('AAA222');
  });
  model.setFront({ name: 'b.ipynb', kernel: 'kernel-b' });
  expect((await model.present()).code).toBe('BBB222');
  expect(model.notice).toBeNull();
});

it('finds the room that the notebook in front opens later', async () => {
  model.setFront({ name: 'a.ipynb', kernel: 'kernel-a' });
  server.open('OLD222', 'Physics');
  await model.refresh();
  expect(model.notice).toBe('a.ipynb has no room. This is the room “Physics”.');
  server.open('AAA222', 'Statistics', [], 'kernel-a');
  server.open('NEW222', 'Chemistry', [], 'kernel-c');
  await model.refresh();
  expect(model.shown?.code).toBe('AAA222');
  expect(model.notice).toBeNull();
});

it('keeps the room, and says whose it is, while a notebook without a room is in front', async () => {
  server.open('AAA222', 'Statistics', [], 'kernel-a');
  model.setFront({ name: 'a.ipynb', kernel: 'kernel-a' });
  await model.refresh();
  server.open('BBB222', 'Physics', [], 'kernel-b');
  model.setFront({ name: 'c.ipynb', kernel: 'kernel-c' });
  await model.refresh();
  expect(model.shown?.code).toBe('AAA222');
  expect(model.notice).toBe('c.ipynb has no room. This is the room “Statistics”.');
});

it('keeps a room picked by hand until another notebook with a room comes to the front', async () => {
  server.open('AAA222', 'Statistics', [], 'kernel-a');
  server.open('BBB222', 'Physics', [], 'kernel-b');
  server.open('XXX222', 'Elsewhere');
  model.setFront({ name: 'a.ipynb', kernel: 'kernel-a' });
  await model.refresh();
  await model.choose('XXX222');
  await model.refresh();
  model.setFront({ name: 'c.ipynb', kernel: 'kernel-c' });
  model.setFront({ name: 'a.ipynb', kernel: 'kernel-a' });
  await model.refresh();
  expect(model.shown?.code).toBe('XXX222');
  expect(model.notice).toBe('a.ipynb has the room “Statistics”. This is the room “Elsewhere”.');
  model.setFront({ name: 'b.ipynb', kernel: 'kernel-b' });
  await model.refresh();
  expect(model.shown?.code).toBe('BBB222');
});

it('lets a button act in the room that was to be seen, though another notebook has just come to the front', async () => {
  server.open('AAA222', 'Statistics', [question()], 'kernel-a');
  server.open('BBB222', 'Physics', [question()], 'kernel-b');
  model.setFront({ name: 'a.ipynb', kernel: 'kernel-a' });
  await model.refresh();
  model.setFront({ name: 'b.ipynb', kernel: 'kernel-b' });
  await model.publish('q1');
  expect(server.done).toEqual(['publish AAA222 q1']);
});

it('hands a refusal on in the words of the server', async () => {
  server.open('NEW222', 'Today', [asked()]);
  await model.refresh();
  server.refusal = new RefusedError(409, 'The right answer is out.');
  await expect(model.setLock('q1', false)).rejects.toThrow('The right answer is out.');
});

it('opens a room and stays in it', async () => {
  server.open('OLD222', 'Last week');
  await model.openRoom('Today');
  expect(model.shown?.title).toBe('Today');
});

it('connects anew where the connection was stopped for good while the room is still there', async () => {
  server.open('NEW222', 'Today');
  await model.refresh();
  server.watchers[0]?.become({ state: 'stopped', why: 'bad-token' });
  await model.refresh();
  expect(server.watchers).toHaveLength(2);
  expect(model.shown?.link.state).toBe('open');
});

it('tries again by itself once the server answers after all tries have failed', async () => {
  server.open('NEW222', 'Today');
  await model.refresh();
  server.watchers[0]?.become({ state: 'gave-up' });
  server.refusal = new RefusedError(503, 'Not yet.');
  await model.refresh();
  expect(server.watchers[0]?.tries).toBe(0);
  server.refusal = null;
  await model.refresh();
  expect(server.watchers[0]?.tries).toBe(1);
});

it('shows the trouble that the socket tells of', async () => {
  server.open('NEW222', 'Today');
  await model.refresh();
  expect(model.shown?.trouble).toBeNull();
  server.watchers[0]?.hear({ event: 'trouble', data: { message: 'The disk is full.' } });
  expect(model.shown?.trouble).toBe('The disk is full.');
});

it('tries at once when the person asks', async () => {
  server.open('NEW222', 'Today');
  await model.refresh();
  model.retry();
  expect(server.watchers[0]?.tries).toBe(1);
});

it('lets go of the socket when it is disposed of', async () => {
  server.open('NEW222', 'Today');
  await model.refresh();
  model.dispose();
  expect(server.watchers[0]?.isStopped).toBe(true);
});
