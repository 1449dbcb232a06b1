import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { RoomModel } from '../../src/lab/model';
import { RoomPanel } from '../../src/lab/panel';
import { ServerInMemory } from './fakes';

const LOOK = 5_000;

// Lumino needs the name when it is loaded, and jsdom does not have it.
vi.hoisted(() => vi.stubGlobal('DragEvent', MouseEvent));

let server: ServerInMemory;
let panel: RoomPanel;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new ServerInMemory();
  const model = new RoomModel(server.api, server.watch);
  panel = new RoomPanel(model, { run: act => void act, newRoom: () => undefined });
  Widget.attach(panel, document.body);
  panel.hide();
  panel.show();
  await vi.advanceTimersByTimeAsync(LOOK);
});

afterEach(() => {
  panel.dispose();
  vi.useRealTimers();
});

function rooms(): (string | null)[] {
  return [...panel.node.querySelectorAll('option')].map(option => option.textContent);
}

it('shows a room that a notebook opens, five seconds later at most', async () => {
  expect(rooms()).toEqual([]);
  server.open('NEW222', 'Today');
  await vi.advanceTimersByTimeAsync(LOOK);
  expect(rooms()).toEqual(['Today']);
});

it('asks for nothing while nobody can see it, and at once when it is shown again', async () => {
  panel.hide();
  server.open('NEW222', 'Today');
  await vi.advanceTimersByTimeAsync(3 * LOOK);
  expect(rooms()).toEqual([]);
  panel.show();
  await vi.advanceTimersByTimeAsync(LOOK / 10);
  expect(rooms()).toEqual(['Today']);
});
