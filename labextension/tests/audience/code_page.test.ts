import { beforeEach, expect, it, vi } from 'vitest';

import { codePage } from '../../src/audience/code_page';

const join = vi.fn<(code: string) => void>();

beforeEach(() => {
  join.mockReset();
});

function type(code: string): HTMLElement {
  const page = codePage('enter', join);
  document.body.replaceChildren(page);
  const input = page.querySelector('input');
  if (input !== null) {
    input.value = code;
  }
  page.querySelector('button')?.click();
  return page;
}

it.each([
  ['K7QM2X', 'K7QM2X'],
  ['k7qm2x', 'K7QM2X'],
  [' k7q m2x ', 'K7QM2X'],
  ['K7Q-M2X', 'K7QM2X'],
  ['K7QM2X.', 'K7QM2X'],
  ['(K7QM2X)', 'K7QM2X'],
  ['【K7QM2X】', 'K7QM2X'],
  ['→ K7QM2X\u0301', 'K7QM2X'],
  ['\u200bK7QM2X\ufeff', 'K7QM2X'],
  ['Ｋ７ＱＭ２Ｘ', 'K7QM2X'],
  ['http://192.168.1.5:3000/K7QM2X', 'K7QM2X'],
  ['https://hub.example.org/user/a/livepoll/k7qm2x/', 'K7QM2X'],
  ['https://poll.example.org/K7QM2X?utm=1#top', 'K7QM2X']
])('takes %o', (typed, code) => {
  type(typed);
  expect(join).toHaveBeenCalledExactlyOnceWith(code);
});

it.each(['', 'K7QM2', 'K7QM2XX', 'K7QM20', 'O7QM2X', '../../x'])('does not take %o', typed => {
  const page = type(typed);
  expect(join).not.toHaveBeenCalled();
  expect(page.querySelector('[role=alert]')?.textContent).toContain('six letters and digits');
  expect(page.querySelector('input')?.getAttribute('aria-invalid')).toBe('true');
  expect(document.activeElement).toBe(page.querySelector('input'));
});
