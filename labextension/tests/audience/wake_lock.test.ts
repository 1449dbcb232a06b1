import { afterEach, expect, it, vi } from 'vitest';

import { ScreenLock } from '../../src/audience/wake_lock';

afterEach(() => {
  vi.restoreAllMocks();
});

interface FakeLock {
  release: ReturnType<typeof vi.fn>;
}

function fakeWakeLock(): { wakeLock: WakeLock; locks: FakeLock[] } {
  const locks: FakeLock[] = [];
  const request = (): Promise<FakeLock> => {
    const lock = { release: vi.fn() };
    locks.push(lock);
    return Promise.resolve(lock);
  };
  return { wakeLock: { request } as unknown as WakeLock, locks };
}

function look(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

it('asks once for a screen that stays on, however often it is told', () => {
  const { wakeLock, locks } = fakeWakeLock();
  const screen = new ScreenLock(wakeLock);
  screen.set(true);
  screen.set(true);
  expect(locks).toHaveLength(1);
});

it('lets go when no question is open', async () => {
  const { wakeLock, locks } = fakeWakeLock();
  const screen = new ScreenLock(wakeLock);
  screen.set(true);
  screen.set(false);
  await vi.waitFor(() => {
    expect(locks[0]?.release).toHaveBeenCalledOnce();
  });
});

it('asks again when the page is looked at again, because the browser has let go', () => {
  const { wakeLock, locks } = fakeWakeLock();
  const screen = new ScreenLock(wakeLock);
  screen.set(true);
  look('hidden');
  expect(locks).toHaveLength(1);
  look('visible');
  expect(locks).toHaveLength(2);
});

it('does without a browser that cannot, or will not', () => {
  new ScreenLock(undefined).set(true);
  const refuses = { request: () => Promise.reject(new Error('low battery')) };
  expect(() => {
    new ScreenLock(refuses as unknown as WakeLock).set(true);
  }).not.toThrow();
});
