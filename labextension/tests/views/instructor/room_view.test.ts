import { beforeEach, describe, expect, it } from 'vitest';

import { RoomView } from '../../../src/views/instructor/room_view';
import { asked, question, room } from './rooms';

let done: string[];
let view: RoomView;

beforeEach(() => {
  done = [];
  const note =
    (act: string) =>
    (...told: unknown[]) => {
      done.push([act, ...told].join(' '));
    };
  const acts = {
    publish: note('publish'),
    setLock: note('setLock'),
    reveal: note('reveal'),
    close: note('close'),
    delete: note('delete')
  };
  view = new RoomView(acts, () => done.push('retry'));
  document.body.replaceChildren(view.element);
});

function buttonOf(text: string): HTMLButtonElement {
  const found = [...view.element.querySelectorAll('button')].find(
    each => each.textContent === text && !each.closest('[hidden]')
  );
  if (found === undefined) {
    throw new Error(`No button says ${text}.`);
  }
  return found;
}

function isAvailable(text: string): boolean {
  return buttonOf(text).getAttribute('aria-disabled') !== 'true';
}

const RESULTS = { questionId: 'q1', round: 1, total: 3, counts: { a: 2, b: 1 }, participants: 3 };

it('shows how to join: the code, the link without its scheme, and the QR code as an image', () => {
  view.update(room());
  expect(view.element.querySelector('.lp-code')?.textContent).toBe('K7WQ3M');
  const link = view.element.querySelector('a');
  expect(link?.textContent).toBe('192.168.1.20:3000/K7WQ3M');
  expect(link?.href).toBe('http://192.168.1.20:3000/K7WQ3M');
  expect(view.element.querySelector('img')?.src).toContain('data:image/svg+xml,');
});

it('counts who has joined and who has answered the question on show', () => {
  view.update(room({ questions: [asked()], results: RESULTS, participants: 5 }));
  const said = view.element.querySelector('.lp-presence')?.textContent;
  expect(said).toContain('5 joined');
  expect(said).toContain('3 answered');
});

it('does not take the results of an earlier round for those of this one', () => {
  view.update(room({ questions: [asked({ round: 2 })], results: RESULTS }));
  expect(view.element.querySelector('.lp-presence')?.textContent).toContain('0 answered');
});

it.each([
  ['open', asked(), { lock: 'Lock', canLock: true, canReveal: true, canClose: true }],
  [
    'locked',
    asked({ is_locked: true }),
    { lock: 'Unlock', canLock: true, canReveal: true, canClose: true }
  ],
  [
    'revealed',
    asked({ is_locked: true, is_revealed: true }),
    { lock: 'Lock', canLock: false, canReveal: false, canClose: true }
  ]
])('offers what can be done with a question that is %s', (_, shown, offered) => {
  view.update(room({ questions: [shown] }));
  expect(isAvailable(offered.lock)).toBe(offered.canLock);
  expect(isAvailable('Reveal')).toBe(offered.canReveal);
  expect(isAvailable('Close')).toBe(offered.canClose);
});

it('does each act once, with the question that it shows', () => {
  view.update(room({ questions: [asked(), question({ id: 'q2' })] }));
  buttonOf('Lock').click();
  buttonOf('Reveal').click();
  buttonOf('Close').click();
  buttonOf('Publish next').click();
  expect(done).toEqual(['setLock q1 true', 'reveal q1', 'close q1', 'publish q2']);
});

it('unlocks a locked question', () => {
  view.update(room({ questions: [asked({ is_locked: true })] }));
  buttonOf('Unlock').click();
  expect(done).toEqual(['setLock q1 false']);
});

it('keeps a button that cannot be used now in reach of the keyboard, without effect', () => {
  view.update(room({ questions: [asked({ is_locked: true, is_revealed: true })] }));
  const reveal = buttonOf('Reveal');
  reveal.focus();
  reveal.click();
  expect(document.activeElement).toBe(reveal);
  expect(done).toEqual([]);
});

it('keeps the focus on the button that was pressed while the room changes', () => {
  view.update(room({ questions: [asked()] }));
  const lock = buttonOf('Lock');
  lock.focus();
  view.update(room({ questions: [asked({ is_locked: true })], results: RESULTS }));
  expect(document.activeElement).toBe(lock);
  expect(lock.textContent).toBe('Unlock');
});

it('marks the right answer after the reveal, and not before: the screen may be projected', () => {
  view.update(room({ questions: [asked()], results: RESULTS }));
  expect(view.element.querySelector('.lp-is-right')).toBeNull();
  view.update(
    room({ questions: [asked({ is_locked: true, is_revealed: true })], results: RESULTS })
  );
  expect(view.element.querySelector('.lp-is-right')?.textContent).toContain('the mean');
});

it('keeps the chart of a closed question until the next one is asked', () => {
  view.update(room({ questions: [question({ round: 1, is_locked: true })], results: RESULTS }));
  expect(view.element.querySelector('.lp-chart')?.textContent).toContain('67');
  expect(isAvailable('Close')).toBe(false);
});

it('asks a closed question again', () => {
  view.update(room({ questions: [question({ round: 2, is_locked: true })] }));
  buttonOf('Ask again').click();
  expect(done).toEqual(['publish q1']);
});

it('lists questions in their order as they come, and drops those that are gone', () => {
  const ids = () =>
    [...view.element.querySelectorAll('.lp-row-text')].map(each => each.textContent);
  view.update(
    room({ questions: [question({ id: 'x', html: 'X' }), question({ id: 'y', html: 'Y' })] })
  );
  view.update(
    room({ questions: [question({ id: 'y', html: 'Y' }), question({ id: 'z', html: 'Z' })] })
  );
  expect(ids()).toEqual(['Y', 'Z']);
});

it('names the round of a question that is asked again', () => {
  view.update(room({ questions: [asked({ round: 3 })] }));
  expect(view.element.querySelector('.lp-stage')?.textContent).toBe('Open · round 3');
});

describe('trouble', () => {
  const trouble = 'The disk is full, so no votes can be stored. Make room on it.';

  it('is read out at the top, and goes when it is over', () => {
    view.update(room());
    const alert = view.element.querySelector<HTMLElement>('[role=alert]');
    expect(alert?.hidden).toBe(true);
    view.update(room({ trouble }));
    expect(view.element.firstElementChild).toBe(alert);
    expect(alert?.textContent).toBe(trouble);
    expect(alert?.hidden).toBe(false);
    view.update(room());
    expect(alert?.hidden).toBe(true);
  });

  it('is not read out again while it lasts', () => {
    view.update(room({ trouble }));
    const words = view.element.querySelector('[role=alert] span')?.firstChild;
    view.update(room({ trouble, participants: 9 }));
    expect(view.element.querySelector('[role=alert] span')?.firstChild).toBe(words);
  });
});

it('offers nothing in a room that has ended, and keeps its chart', () => {
  const questions = [asked(), question({ id: 'q2' })];
  view.update(room({ questions, results: RESULTS, link: { state: 'stopped', why: 'room-ended' } }));
  const offered = [...view.element.querySelectorAll('button:not(.lp-toggle-results), a, .lp-code')];
  expect(offered.filter(each => !each.closest('[hidden], .lp-is-over'))).toEqual([]);
  expect(view.element.querySelector('.lp-chart')?.textContent).toContain('67');
  expect(view.element.querySelector('.lp-link')?.textContent).toBe('This room has ended');
});

it('says how the connection stands and lets the person try now', () => {
  view.update(room({ link: { state: 'waiting', attempt: 2, secondsLeft: 4 } }));
  expect(view.element.querySelector('.lp-link')?.textContent).toContain('4 s');
  buttonOf('Try now').click();
  expect(done).toEqual(['retry']);
});
