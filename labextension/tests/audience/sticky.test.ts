import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { keepInSight, maySticky } from '../../src/audience/sticky';

const line = document.createElement('p');

beforeEach(() => {
  line.className = 'line';
  document.body.replaceChildren(line);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function isHigh(pixels: number): void {
  vi.spyOn(line, 'offsetHeight', 'get').mockReturnValue(pixels);
}

it('may cover a fifth of the window and no more', () => {
  expect(maySticky(100, 500)).toBe(true);
  expect(maySticky(101, 500)).toBe(false);
});

it('keeps a low line in sight, and lets a high one go', () => {
  vi.stubGlobal('innerHeight', 800);
  isHigh(60);
  const look = keepInSight(document.body, '.line');
  look();
  expect(line.classList).toContain('lp-is-sticky');
  isHigh(300);
  look();
  expect(line.classList).not.toContain('lp-is-sticky');
});

it('looks again when the window changes', () => {
  vi.stubGlobal('innerHeight', 800);
  isHigh(60);
  keepInSight(document.body, '.line')();
  vi.stubGlobal('innerHeight', 200);
  dispatchEvent(new Event('resize'));
  expect(line.classList).not.toContain('lp-is-sticky');
});
