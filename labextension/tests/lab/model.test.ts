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

it('works from a command before the panel was ever shown', async () => {
  server.open('NEW222', 'Today', [question(), question({ id: 'q2' })]);
  await model.publishNext();
  expect(server.done).toEqual(['publish NEW222 q1']);
});

it('acts on what the room is now, not on what it was when the panel was last drawn', async () => {
  server.open('NEW222', 'Today', [asked()]);
  await model.refresh();
  server.open('NEW222', 'Today', [asked({ is_locked: true })]);
  await model.toggleLock();
  expect(server.done).toEqual(['setLock NEW222 q1 false']);
});

it.each([
  ['publishNext', [asked()], /poll\.draft/],
  ['toggleLock', [question()], /No question is being asked/],
  ['revealShown', [question()], /No question is being asked/],
  ['closeActive', [question({ round: 1 })], /No question is being asked/]
] as const)('tells what to do where %s has nothing to work on', async (act, questions, advice) => {
  server.open('NEW222', 'Today', questions);
  await expect(model[act]()).rejects.toThrow(advice);
  expect(server.done).toEqual([]);
});

it('tells how to open a room where none is', async () => {
  await expect(model.publishNext()).rejects.toThrow(/LivePoll\("…"\)/);
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
