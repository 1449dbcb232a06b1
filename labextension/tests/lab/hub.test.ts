import { PageConfig } from '@jupyterlab/coreutils';
import { expect, it, vi } from 'vitest';

import { showAddress } from '../../src/lab/hub';

it.each([
  ['/hub/', 1],
  ['', 0]
])('asks the server once where a hub started it (%j)', async (hubPrefix, times) => {
  PageConfig.setOption('hubPrefix', hubPrefix);
  const rooms = vi.fn(() => Promise.resolve([]));
  await showAddress({ rooms });
  expect(rooms).toHaveBeenCalledTimes(times);
});

it('leaves it to the sidebar to say what is wrong', async () => {
  PageConfig.setOption('hubPrefix', '/hub/');
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await showAddress({ rooms: () => Promise.reject(new Error('no such server')) });
  expect(warn).toHaveBeenCalledOnce();
});
