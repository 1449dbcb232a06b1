import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import widget from '../../src/widget/index';
import { PATIENCE_MS } from '../../src/widget/presses';
import { aQuestion, someResults } from '../fakes';
import { asked, question } from '../views/instructor/rooms';
import { FakeLayout, FakeModel, OPEN, WAITING } from './fake_model';

function show(model: FakeModel): { el: HTMLElement; away: () => void } {
  const el = document.createElement('div');
  document.body.append(el);
  return { el, away: widget.render({ model, el }) };
}

function press(el: HTMLElement, name: string): void {
  const all = [...el.querySelectorAll('button')];
  all.find(button => button.textContent === name)?.click();
}

function problem(el: HTMLElement): string | null {
  const line = el.querySelector<HTMLElement>('.lp-problem');
  return line === null || line.hidden ? null : line.textContent;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

describe('the panel', () => {
  const state = { questions: [asked()], results: someResults(), link: OPEN, trouble: null };

  it('shows the room, its question and the live chart', () => {
    const { el } = show(new FakeModel('panel', state));
    expect(el.textContent).toContain('K7WQ3M');
    expect(el.querySelector('.lp-presence')?.textContent).toContain('3 joined');
    expect(el.querySelector('.lp-now')?.textContent).toContain('3 votes');
  });

  it('follows the kernel', () => {
    const model = new FakeModel('panel', state);
    const { el } = show(model);
    model.change('participants', 31);
    model.change('_state', { ...state, questions: [asked({ is_locked: true })] });
    expect(el.querySelector('.lp-presence')?.textContent).toContain('31 joined');
    expect(el.querySelector('.lp-now')?.textContent).toContain('Unlock');
  });

  it('sends what is pressed, and shows why it was refused', () => {
    const model = new FakeModel('panel', state);
    const { el } = show(model);
    press(el, 'Lock');
    expect(model.send.mock.lastCall?.[0]).toMatchObject({ do: 'lock', question: 'q1' });
    model.reply('The question is closed.');
    expect(problem(el)).toBe('The question is closed.');
    press(el, 'Reveal');
    expect(problem(el)).toBeNull();
    model.reply(null);
    expect(problem(el)).toBeNull();
  });

  it('says that no server answered for as long as none does', () => {
    const model = new FakeModel('panel', state);
    const { el } = show(model);
    const away = { state: 'reconnecting', attempt: 1, wait: 3, reason: 'Gone.' } as const;
    model.change('_state', { ...state, link: away });
    press(el, 'Lock');
    model.reply('No livepoll server answers.');
    model.change('_state', { ...state, link: { ...away, attempt: 2 } });
    expect(problem(el)).toBe('No livepoll server answers.');
    model.change('_state', state);
    expect(problem(el)).toBeNull();
  });

  it('says so when the kernel does not answer, and takes it back when it does', () => {
    const model = new FakeModel('panel', state);
    const { el } = show(model);
    press(el, 'Lock');
    vi.advanceTimersByTime(PATIENCE_MS);
    expect(problem(el)).toContain('busy');
    model.reply(null);
    expect(problem(el)).toBeNull();
  });

  it('tells at the top why votes cannot be stored, for as long as that lasts', () => {
    const model = new FakeModel('panel', state);
    const { el } = show(model);
    const alert = el.querySelector<HTMLElement>('.lp-trouble[role=alert]');
    expect(alert?.hidden).toBe(true);
    model.change('_state', { ...state, trouble: 'The disk is full.' });
    expect(alert?.hidden).toBe(false);
    expect(alert?.textContent).toContain('The disk is full.');
    model.change('_state', state);
    expect(alert?.hidden).toBe(true);
  });

  it('tells of trouble once, also where a button was refused because of it', () => {
    const model = new FakeModel('panel', state);
    const { el } = show(model);
    press(el, 'Lock');
    model.change('_state', { ...state, trouble: 'The disk is full.' });
    model.reply('It was not done. The disk is full.');
    expect(problem(el)).toBe('It was not done.');
    expect(el.querySelector('.lp-trouble')?.textContent).toContain('The disk is full.');
    model.change('_state', state);
    expect(problem(el)).toBe('It was not done.');
    press(el, 'Lock');
    model.change('_state', { ...state, trouble: 'The disk is full.' });
    model.reply('The disk is full.');
    expect(problem(el)).toBeNull();
  });

  it('counts down to the next try while the connection is away', () => {
    const model = new FakeModel('panel', { ...state, link: WAITING });
    const { el } = show(model);
    expect(el.textContent).toContain('Next try in 6 s');
    vi.advanceTimersByTime(2_000);
    expect(el.textContent).toContain('Next try in 4 s');
    press(el, 'Try now');
    expect(model.send.mock.lastCall?.[0]).toMatchObject({ do: 'reconnect' });
  });

  it('lets go of everything when it is taken away', () => {
    const model = new FakeModel('panel', { ...state, link: WAITING });
    const { away } = show(model);
    away();
    expect(model.heard).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a question', () => {
  it('says that its draft was deleted, and offers nothing more', () => {
    const state = { question: question(), results: null, link: OPEN };
    const model = new FakeModel('question', state);
    const { el } = show(model);
    model.change('_state', { ...state, isDeleted: true });
    expect(el.textContent).toContain('This draft was deleted.');
    expect(el.querySelector('button:not([hidden], [hidden] *)')).toBeNull();
  });

  it('can only be published while it is a draft', () => {
    const model = new FakeModel('question', { question: question(), results: null, link: OPEN });
    const { el } = show(model);
    press(el, 'Lock');
    press(el, 'Reveal');
    press(el, 'Close');
    expect(model.send).toHaveBeenCalledExactlyOnceWith({ id: 0, do: 'look', answer: 0 });
    press(el, 'Publish');
    expect(model.send.mock.lastCall?.[0]).toMatchObject({ do: 'publish', question: 'q1' });
  });

  it('says on each button that cannot be used why', () => {
    const state = { question: asked({ is_revealed: true, is_locked: true }), results: null };
    const { el } = show(new FakeModel('question', { ...state, link: OPEN }));
    const blocked = [...el.querySelectorAll('button[aria-disabled="true"]')];
    expect(blocked.map(button => button.textContent)).toEqual(['Ask again', 'Lock', 'Reveal']);
    expect(blocked.every(button => button.getAttribute('title'))).toBe(true);
  });

  it('marks the right answer once it is revealed', () => {
    const link = OPEN;
    const model = new FakeModel('question', { question: asked(), results: someResults(), link });
    const { el } = show(model);
    expect(el.textContent).not.toContain('Right answer');
    model.change('_state', {
      question: asked({ is_revealed: true }),
      results: someResults(),
      link
    });
    expect(el.querySelector('.lp-is-right')?.textContent).toContain('the mean');
  });
});

describe('a seat', () => {
  const seat = {
    question: null,
    results: null,
    correct: null,
    answer: null,
    delivery: 'none',
    isCounted: false,
    refusal: null,
    late: null,
    isOnline: true,
    link: OPEN
  };

  it('waits for the first question', () => {
    const { el } = show(new FakeModel('seat', seat));
    expect(el.textContent).toContain('Waiting for the first question');
  });

  it('answers with a click, for the question that is shown', () => {
    const model = new FakeModel('seat', { ...seat, question: aQuestion() });
    const { el } = show(model);
    el.querySelectorAll<HTMLInputElement>('input[type=radio]')[1]?.click();
    expect(model.send.mock.lastCall?.[0]).toMatchObject({
      do: 'answer',
      question: 'q1',
      answer: 'b'
    });
  });

  it('shows the answer that counts, and why another was refused', () => {
    const model = new FakeModel('seat', { ...seat, question: aQuestion() });
    const { el } = show(model);
    const counted = { ...seat, question: aQuestion(), answer: 'a', isCounted: true };
    model.change('_state', { ...counted, delivery: 'counted' });
    expect(el.querySelector<HTMLInputElement>('input:checked')?.value).toBe('a');
    model.change('_state', { ...counted, delivery: 'refused', refusal: 'It was locked.' });
    expect(el.querySelector('.lp-standing')?.textContent).toContain('It was locked.');
  });

  it('tells above the next question that an answer to the one before came too late', () => {
    const model = new FakeModel('seat', { ...seat, question: aQuestion() });
    const { el } = show(model);
    expect(problem(el)).toBeNull();
    const late = 'Your answer to an earlier question came too late and was not counted.';
    model.change('_state', { ...seat, question: aQuestion({ id: 'q2' }), late });
    expect(problem(el)).toBe(late);
    model.change('_state', { ...seat, question: aQuestion({ id: 'q3' }) });
    expect(problem(el)).toBeNull();
  });

  it('takes an answer back that counts', () => {
    const counted = { answer: 'a', delivery: 'counted', isCounted: true };
    const model = new FakeModel('seat', { ...seat, question: aQuestion(), ...counted });
    const { el } = show(model);
    press(el, 'Take my answer back');
    expect(model.send.mock.lastCall?.[0]).toMatchObject({
      do: 'answer',
      question: 'q1',
      answer: null
    });
  });

  it('starts afresh with another round', () => {
    const model = new FakeModel('seat', { ...seat, question: aQuestion() });
    const { el } = show(model);
    const before = el.querySelector('.lp-question');
    model.change('_state', { ...seat, question: aQuestion({ round: 2 }) });
    expect(el.querySelector('.lp-question')).not.toBe(before);
  });
});

it('says that its kernel is gone, and offers no button then', () => {
  const model = new FakeModel('panel', {
    questions: [],
    results: null,
    link: OPEN
  });
  const layout = new FakeLayout();
  model.change('layout', layout);
  const { el } = show(model);
  layout.become(false);
  expect(el.querySelector('.lp-problem')?.textContent).toContain('Run its cell again');
  expect(el.querySelector<HTMLElement>('.lp-room')?.inert).toBe(true);
  layout.become(true);
  expect(el.querySelector<HTMLElement>('.lp-problem')?.hidden).toBe(true);
  expect(el.querySelector<HTMLElement>('.lp-room')?.inert).toBe(false);
});
