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

it('says that more is below while it lies over what stands before it', () => {
  vi.stubGlobal('innerHeight', 800);
  isHigh(60);
  const options = document.createElement('div');
  line.before(options);
  const endsAt = vi
    .spyOn(options, 'getBoundingClientRect')
    .mockReturnValue(new DOMRect(0, 0, 320, 900));
  vi.spyOn(line, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 730, 320, 60));
  keepInSight(document.body, '.line')();
  expect(line.classList).toContain('lp-has-more');
  endsAt.mockReturnValue(new DOMRect(0, -200, 320, 900));
  dispatchEvent(new Event('scroll'));
  expect(line.classList).not.toContain('lp-has-more');
});

it('says nothing of it where it does not stay in sight', () => {
  vi.stubGlobal('innerHeight', 200);
  isHigh(60);
  line.classList.add('lp-has-more');
  keepInSight(document.body, '.line')();
  expect(line.classList).not.toContain('lp-has-more');
});
