import { beforeEach, expect, it, vi } from 'vitest';

import { StudentPage } from '../../src/audience/student_page';
import type { ClientState } from '../../src/client/client';
import { reduceRoom, UNKNOWN_ROOM } from '../../src/client/room';
import { NO_VOTES } from '../../src/client/votes';
import type { ServerEvent } from '../../src/protocol/messages';
import { aQuestion, aSnapshot, aWelcome } from '../fakes';

const acts = { vote: vi.fn(), retry: vi.fn(), leave: vi.fn() };
const start: ClientState = {
  link: { state: 'connecting', attempt: 0 },
  room: UNKNOWN_ROOM,
  votes: NO_VOTES
};

let page: StudentPage;

beforeEach(() => {
  page = new StudentPage('Statistics 101', acts);
  document.body.replaceChildren(page.element);
  page.update(start);
});

function after(...events: readonly ServerEvent[]): ClientState {
  return { ...start, link: { state: 'open' }, room: events.reduce(reduceRoom, UNKNOWN_ROOM) };
}

function headings(): (string | null)[] {
  return [...page.element.querySelectorAll('h1, h2')].map(({ textContent }) => textContent);
}

it('shows the room’s title from the start, and the present one as soon as it is known', () => {
  expect(headings()).toEqual(['Statistics 101', 'Joining…']);
  page.update(after(aWelcome(), aSnapshot(null, { title: 'Statistics 102' })));
  expect(headings()).toEqual(['Statistics 102', 'You are in']);
});

it('has one live region, and it is polite', () => {
  page.update(after(aWelcome(), aSnapshot()));
  const live = page.element.querySelectorAll('[aria-live], [role=status], [role=alert]');
  expect([...live].map(element => element.getAttribute('role'))).toEqual(['status']);
});

it('passes a vote on', () => {
  page.update(after(aWelcome(), aSnapshot()));
  page.element.querySelector('input')?.click();
  expect(acts.vote).toHaveBeenCalledExactlyOnceWith('a');
});

it('hands the focus to the main part when what had it is gone', () => {
  page.update(after(aWelcome(), aSnapshot()));
  page.element.querySelector('input')?.focus();
  page.update(after(aWelcome(), aSnapshot(aQuestion({ id: 'q2' }))));
  expect(document.activeElement).toBe(page.element.querySelector('main'));
});

it('hands the focus on when a button that had it is hidden', () => {
  page.update({ ...start, link: { state: 'waiting', attempt: 1, secondsLeft: 3 } });
  page.element.querySelector<HTMLButtonElement>('.lp-link button')?.focus();
  page.update(after(aWelcome(), aSnapshot(null)));
  expect(document.activeElement).toBe(page.element.querySelector('main'));
});

it('takes no focus that it was not given', () => {
  page.update(after(aWelcome(), aSnapshot()));
  expect(document.activeElement).toBe(document.body);
});

it('begins a new question, and a new round, at the top of the window', () => {
  page.update(after(aWelcome(), aSnapshot()));
  const root = document.documentElement;
  for (const asked of [aQuestion({ id: 'q2' }), aQuestion({ id: 'q2', round: 2 })]) {
    root.scrollTop = 300;
    page.update(after(aWelcome(), aSnapshot(asked)));
    expect(root.scrollTop).toBe(0);
  }
  root.scrollTop = 300;
  page.update(after(aWelcome(), aSnapshot(aQuestion({ id: 'q2', round: 2, is_locked: true }))));
  expect(root.scrollTop).toBe(300);
});
