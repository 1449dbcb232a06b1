import { expect, it } from 'vitest';

import { ChartView } from '../../src/views/chart';
import { aQuestion, someResults } from '../fakes';

function texts(view: ChartView, selector: string): string[] {
  return [...view.element.querySelectorAll(selector)].map(found =>
    (found.textContent ?? '').trim()
  );
}

it('shows each option with its share, its votes and a bar', () => {
  const view = new ChartView();
  view.update({ question: aQuestion(), results: someResults(), correct: null });
  expect(texts(view, '.lp-chart-label')).toEqual(['the mean', 'the median']);
  expect(texts(view, '.lp-share')).toEqual(['75\u202f% 3 votes', '25\u202f% 1 vote']);
  const bars = [...view.element.querySelectorAll<HTMLElement>('.lp-bar-fill')];
  expect(bars.map(bar => bar.style.getPropertyValue('--lp-share'))).toEqual(['0.75', '0.25']);
  expect(texts(view, '.lp-chart-caption')).toEqual(['4 answers']);
});

it('counts shares of several answers by participants', () => {
  const view = new ChartView();
  const question = aQuestion({ kind: 'multiple_choice' });
  const results = someResults({ counts: { a: 4, b: 2 }, total: 6, participants: 4 });
  view.update({ question, results, correct: null });
  expect(texts(view, '.lp-share')).toEqual(['100\u202f% 4 votes', '50\u202f% 2 votes']);
});

it('moves the bars it has while the question is the same', () => {
  const view = new ChartView();
  view.update({ question: aQuestion(), results: null, correct: null });
  const bar = view.element.querySelector<HTMLElement>('.lp-bar-fill');
  view.update({ question: aQuestion({ is_locked: true }), results: someResults(), correct: ['b'] });
  expect(view.element.querySelector('.lp-bar-fill')).toBe(bar);
  expect(texts(view, '.lp-verdict')).toEqual(['', 'Right answer']);
});

it('begins anew with another question or round, and is empty without one', () => {
  const view = new ChartView();
  view.update({ question: aQuestion(), results: someResults(), correct: null });
  view.update({ question: aQuestion({ round: 2 }), results: null, correct: null });
  expect(texts(view, '.lp-share')).toEqual(['', '']);
  expect(texts(view, '.lp-chart-caption')).toEqual(['No answers yet']);
  view.update(null);
  expect(view.element.childElementCount).toBe(0);
});
