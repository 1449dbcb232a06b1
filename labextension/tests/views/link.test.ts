import { expect, it, vi } from 'vitest';

import type { Link } from '../../src/client/connection';
import { LinkView } from '../../src/views/link';

it.each<[Link, number | null, string, string | null]>([
  [{ state: 'connecting', attempt: 0 }, null, 'Connecting…', null],
  [{ state: 'connecting', attempt: 2 }, null, 'Connecting… (try 2 of 10)', null],
  [{ state: 'open' }, null, 'Connected', null],
  [{ state: 'open' }, 24, 'Connected · 24 here', null],
  [
    { state: 'waiting', attempt: 2, secondsLeft: 5 },
    24,
    'Connection lost. Next try in 5 s (2 of 10)',
    'Try now'
  ],
  [{ state: 'gave-up' }, null, 'No connection after 10 tries.', 'Try again']
])('%o', (link, here, text, label) => {
  const retry = vi.fn();
  const view = new LinkView(retry);
  view.update({ link, here });
  expect(view.element.querySelector('.lp-link-text')?.textContent).toBe(text);
  const button = view.element.querySelector('button');
  expect(button?.hidden).toBe(label === null);
  expect(button?.textContent).toBe(label ?? '');
  button?.click();
  expect(retry).toHaveBeenCalledOnce();
});
