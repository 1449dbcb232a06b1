import { expect, it } from 'vitest';

import { Refresher } from '../../src/lab/refresher';

/** A look that the test ends. */
class Looks {
  readonly open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly look = (): Promise<void> =>
    new Promise((resolve, reject) => {
      this.open.push({ resolve, reject });
    });
}

it('looks once more, and only once, for all who asked during a look', async () => {
  const looks = new Looks();
  const refresher = new Refresher(looks.look);
  const first = refresher.request();
  const others = [refresher.request(), refresher.request()];
  looks.open[0]?.resolve();
  await first;
  await Promise.resolve();
  expect(looks.open).toHaveLength(2);
  looks.open[1]?.resolve();
  await Promise.all(others);
  expect(looks.open).toHaveLength(2);
});

it('looks again after a look that failed', async () => {
  const looks = new Looks();
  const refresher = new Refresher(looks.look);
  const first = refresher.request();
  const second = refresher.request();
  looks.open[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await Promise.resolve();
  looks.open[1]?.resolve();
  await second;
});
