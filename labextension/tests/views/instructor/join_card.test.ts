import { expect, it, vi } from 'vitest';

import { JoinCard } from '../../../src/views/instructor/join_card';
import { room } from './rooms';

function shown(changes: Partial<ReturnType<typeof room>>): HTMLElement {
  const card = new JoinCard();
  card.update(room(changes));
  return card.element;
}

it('shows the link and its picture', () => {
  const card = shown({});
  expect(card.querySelector('a')?.href).toBe('http://192.168.1.20:3000/K7WQ3M');
  expect(card.querySelector('img')?.src).toMatch(/^data:image\/svg\+xml,/);
});

it.each([
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,x',
  'https://school.example@evil.example/',
  '//evil.example',
  'K7WQ3M'
])('shows no link, no picture and no button to copy for %s', joinUrl => {
  const card = shown({ joinUrl });
  expect(card.querySelector('a')?.hasAttribute('href')).toBe(false);
  expect(card.querySelector('a')?.textContent).toBe('');
  expect(card.querySelector('img')?.hasAttribute('src')).toBe(false);
  expect([...card.querySelectorAll('button')].map(({ hidden }) => hidden)).toEqual([
    true,
    true,
    false
  ]);
});

it('says why phones may not reach the link, and shows no picture then', () => {
  const card = new JoinCard();
  card.update(room({ qrSvg: '', joinNotice: 'This machine has no network.' }));
  const notice = card.element.querySelector<HTMLElement>('[role=status]');
  expect(notice?.hidden).toBe(false);
  expect(notice?.textContent).toBe('This machine has no network.');
  expect(card.element.querySelector<HTMLElement>('.lp-qr')?.hidden).toBe(true);
  card.update(room({}));
  expect(notice?.hidden).toBe(true);
  expect(card.element.querySelector('img')?.src).toMatch(/^data:image/);
});

it('shows no picture that is far larger than ours', () => {
  const card = shown({ qrSvg: '<svg>'.padEnd(300_000) });
  expect(card.querySelector('img')?.hasAttribute('src')).toBe(false);
});

it('says that copying is not allowed where the browser has no clipboard for the page', async () => {
  const card = shown({});
  const copy = [...card.querySelectorAll('button')].find(
    ({ textContent }) => textContent === 'Copy link'
  );
  expect((navigator as { clipboard?: unknown }).clipboard).toBeUndefined();
  copy?.click();
  await vi.waitFor(() => {
    expect(copy?.textContent).toBe('Copying is not allowed here');
  });
});
