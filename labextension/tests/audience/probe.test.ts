import { afterEach, expect, it, vi } from 'vitest';

import { probePage } from '../../src/audience/probe';

const OURS = '<body data-state="unknown" data-code="" data-title="Join a room">';

afterEach(() => {
  vi.unstubAllGlobals();
});

function answers(status: number, body: string): void {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));
}

it.each([
  [404, 'unknown-room'],
  [410, 'room-ended'],
  [200, 'answers'],
  [503, null]
])('reads our own page, %i', async (status, why) => {
  answers(status, OURS);
  expect(await probePage('/K7QM2X')()).toBe(why);
});

it.each([404, 410, 200])('takes nothing from a proxy whose server is away: %i', async status => {
  answers(status, '404 page not found');
  expect(await probePage('/K7QM2X')()).toBeNull();
});

it('takes no answer for no reason to stop', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  expect(await probePage('/K7QM2X')()).toBeNull();
});
