import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Asked } from '../../src/views/asked';
import { QuestionView } from '../../src/views/question';
import { aQuestion, someResults } from '../fakes';

const send = vi.fn<(answer: unknown) => void>();

beforeEach(() => {
  send.mockReset();
  document.body.replaceChildren();
});

function anAsked(changes: Partial<Asked> = {}): Asked {
  return {
    question: aQuestion(),
    results: null,
    correct: null,
    isOnline: true,
    answer: undefined,
    delivery: 'none',
    isCounted: false,
    refusal: null,
    ...changes
  };
}

function shown(state: Asked): { view: QuestionView; inputs: HTMLInputElement[] } {
  const view = new QuestionView(state.question, send);
  view.update(state);
  document.body.append(view.element);
  return { view, inputs: [...view.element.querySelectorAll('input')] };
}

function shares(view: QuestionView): string[] {
  return [...view.element.querySelectorAll('.lp-share')].map(share =>
    (share.textContent ?? '').trim()
  );
}

const counted = { answer: 'a', delivery: 'counted', isCounted: true } as const;

it('names every round but the first', () => {
  const first = shown(anAsked()).view;
  expect(first.element.querySelector('.lp-round')).toBeNull();
  const second = shown(anAsked({ question: aQuestion({ round: 2 }) })).view;
  expect(second.element.querySelector('.lp-round')?.textContent).toBe('Round 2');
});

describe('a choice', () => {
  it('is a group of radio buttons, named by the question', () => {
    const { view, inputs } = shown(anAsked());
    expect(inputs.map(({ type, value }) => [type, value])).toEqual([
      ['radio', 'a'],
      ['radio', 'b']
    ]);
    expect(new Set(inputs.map(({ name }) => name)).size).toBe(1);
    const group = view.element.querySelector('fieldset');
    const names = group?.getAttribute('aria-labelledby')?.split(' ') ?? [];
    expect(names.map(id => document.getElementById(id)?.textContent)).toEqual([
      'Which is larger?',
      'Choose one'
    ]);
  });

  it('sends the option that is tapped', () => {
    shown(anAsked()).inputs[1]?.click();
    expect(send).toHaveBeenCalledExactlyOnceWith('b');
  });

  it('keeps its inputs and the focus through every update', () => {
    const { view, inputs } = shown(anAsked());
    inputs[1]?.focus();
    view.update(anAsked({ ...counted, results: someResults() }));
    view.update(anAsked({ ...counted, question: aQuestion({ is_locked: true }) }));
    expect([...view.element.querySelectorAll('input')]).toEqual(inputs);
    view.update(anAsked());
    expect(document.activeElement).toBe(inputs[1]);
  });

  it('takes no answer while it is locked', () => {
    const { inputs } = shown(anAsked({ question: aQuestion({ is_locked: true }) }));
    expect(inputs.every(({ disabled }) => disabled)).toBe(true);
  });

  it('shows results only after an own answer, or when it is locked', () => {
    const results = someResults();
    expect(shares(shown(anAsked({ results })).view)).toEqual(['', '']);
    expect(shares(shown(anAsked({ results, ...counted })).view)).toEqual([
      '75\u202f% 3 votes',
      '25\u202f% 1 vote'
    ]);
    const question = aQuestion({ is_locked: true });
    expect(shares(shown(anAsked({ results, question })).view)[0]).toContain('75');
  });

  it('does not show a tally that the own answer has not reached as if nobody had answered', () => {
    const results = someResults({ counts: { a: 0, b: 0 }, total: 0, participants: 0 });
    expect(shares(shown(anAsked({ results, ...counted })).view)).toEqual(['', '']);
  });

  it('marks right and wrong in words', () => {
    const { view } = shown(
      anAsked({ ...counted, correct: ['b'], question: aQuestion({ is_locked: true }) })
    );
    const verdicts = [...view.element.querySelectorAll('.lp-verdict')];
    expect(verdicts.map(({ textContent }) => textContent)).toEqual(['Your answer', 'Right answer']);
  });

  it('gives the answer back that was refused', () => {
    const { view, inputs } = shown(anAsked({ answer: 'b', delivery: 'pending' }));
    const question = aQuestion({ is_locked: true });
    view.update(anAsked({ question, delivery: 'refused', refusal: 'Too late.' }));
    expect(inputs.some(({ checked }) => checked)).toBe(false);
    expect(view.element.querySelector('.lp-standing')?.textContent).toBe('Too late.');
  });
});

describe('the way back', () => {
  function wayBack(view: QuestionView): HTMLButtonElement | null {
    const all = [...view.element.querySelectorAll('button')];
    return all.find(each => each.textContent === 'Take my answer back' && !each.hidden) ?? null;
  }

  it('is there from the answer to the lock', () => {
    const { view } = shown(anAsked());
    expect(wayBack(view)).toBeNull();
    view.update(anAsked({ answer: 'a', delivery: 'pending' }));
    expect(wayBack(view)).not.toBeNull();
    view.update(anAsked(counted));
    expect(wayBack(view)).not.toBeNull();
    view.update(anAsked({ ...counted, question: aQuestion({ is_locked: true }) }));
    expect(wayBack(view)).toBeNull();
  });

  it('sends that there is no answer, and is gone at once', () => {
    const { view, inputs } = shown(anAsked(counted));
    wayBack(view)?.click();
    expect(send).toHaveBeenCalledExactlyOnceWith(null);
    view.update(anAsked({ answer: null, delivery: 'pending', isCounted: true }));
    expect(wayBack(view)).toBeNull();
    expect(inputs.some(({ checked }) => checked)).toBe(false);
  });

  it('clears the ticks of several answers, and lets them be sent anew', () => {
    const question = aQuestion({ kind: 'multiple_choice' });
    const { view, inputs } = shown(anAsked({ question, ...counted, answer: ['a'] }));
    wayBack(view)?.click();
    expect(send).toHaveBeenCalledExactlyOnceWith(null);
    view.update(anAsked({ question, answer: null, delivery: 'withdrawn' }));
    expect(inputs.some(({ checked }) => checked)).toBe(false);
    const submit = view.element.querySelector<HTMLButtonElement>('.lp-send');
    expect(submit?.textContent).toBe('Send answer');
    inputs[0]?.click();
    submit?.click();
    expect(send).toHaveBeenLastCalledWith(['a']);
  });
});

describe('a multiple choice', () => {
  const question = aQuestion({ kind: 'multiple_choice' });

  function button(view: QuestionView): HTMLButtonElement {
    const found = view.element.querySelector('button');
    if (found === null) {
      throw new Error('There is no button.');
    }
    return found;
  }

  it('sends what is ticked with the button, and not before', () => {
    const { view, inputs } = shown(anAsked({ question }));
    expect(inputs.map(({ type }) => type)).toEqual(['checkbox', 'checkbox']);
    inputs[1]?.click();
    inputs[0]?.click();
    expect(send).not.toHaveBeenCalled();
    button(view).click();
    expect(send).toHaveBeenCalledExactlyOnceWith(['a', 'b']);
  });

  it('sends nothing where nothing is ticked or nothing has changed', () => {
    const { view } = shown(anAsked({ question }));
    button(view).click();
    view.update(anAsked({ question, ...counted, answer: ['a'] }));
    button(view).click();
    expect(send).not.toHaveBeenCalled();
    expect(button(view).getAttribute('aria-disabled')).toBe('true');
  });

  it('keeps unsent ticks when results come in', () => {
    const { view, inputs } = shown(anAsked({ question, ...counted, answer: ['a'] }));
    inputs[1]?.click();
    view.update(anAsked({ question, ...counted, answer: ['a'], results: someResults() }));
    expect(inputs.map(({ checked }) => checked)).toEqual([true, true]);
    expect(button(view).textContent).toBe('Send changed answer');
  });

  it('goes back to what counts when a change is refused', () => {
    const { view, inputs } = shown(anAsked({ question, ...counted, answer: ['a'] }));
    inputs[1]?.click();
    button(view).click();
    view.update(anAsked({ question, ...counted, delivery: 'pending', answer: ['a', 'b'] }));
    expect(inputs.map(({ checked }) => checked)).toEqual([true, true]);
    view.update(anAsked({ question, ...counted, delivery: 'refused', answer: ['a'] }));
    expect(inputs.map(({ checked }) => checked)).toEqual([true, false]);
  });

  it('says when the answer is sent', () => {
    const { view } = shown(anAsked({ question, ...counted, answer: ['a'] }));
    expect(button(view).textContent).toBe('Answer sent');
  });

  it('shows what counts when it is locked with unsent ticks', () => {
    const { view, inputs } = shown(anAsked({ question, ...counted, answer: ['a'] }));
    inputs[1]?.click();
    view.update(anAsked({ question: { ...question, is_locked: true }, ...counted, answer: ['a'] }));
    expect(inputs.map(({ checked }) => checked)).toEqual([true, false]);
    expect(button(view).hidden).toBe(true);
  });
});

it('says of a kind that it does not know what to do', () => {
  const { view } = shown(anAsked({ question: aQuestion({ kind: 'hologram' }) }));
  expect(view.element.textContent).toContain('Reload the page');
  view.update(anAsked({ question: aQuestion({ kind: 'hologram' }), correct: ['a'], ...counted }));
});

it('shows the html of the server, and labels as html of the server', () => {
  const options = [
    { id: 'a', label: '*x*', html: '<em>x</em>' },
    { id: 'b', label: '1 < 2', html: '1 &lt; 2' }
  ];
  const { view } = shown(
    anAsked({ question: aQuestion({ html: '<p><strong>Q</strong></p>', options }) })
  );
  expect(view.element.querySelector('.lp-question-text strong')?.textContent).toBe('Q');
  expect([...view.element.querySelectorAll('label')].map(label => label.innerHTML)).toEqual([
    '<em>x</em>',
    '1 &lt; 2'
  ]);
});
