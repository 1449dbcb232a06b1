import { expect, it } from 'vitest';

import { HiddenResults } from '../../../src/views/instructor/hidden_results';
import { someResults } from '../../fakes';
import { asked } from './rooms';

function shown(changes: Parameters<typeof asked>[0]) {
  const view = new HiddenResults();
  const results = someResults();
  const update = (more: Parameters<typeof asked>[0] = {}) => {
    view.update({ question: asked({ ...changes, ...more }), results });
  };
  update();
  return { view, update, toggle: view.element.querySelector('button') };
}

/** Whether any number of a tally is in the page: as text, as a width, in an attribute. */
function tells(view: HiddenResults): boolean {
  return /%|vote|--lp-share: ?(0?\.\d|1)/.test(view.element.outerHTML);
}

it('shows at first what the question lets the class see, and what the button says from then on', () => {
  const { view, update, toggle } = shown({ show_results: 'locked' });
  expect(tells(view)).toBe(false);
  expect(view.element.textContent).toContain('4 answers · results are hidden here');
  expect(toggle?.textContent).toBe('Show results');
  update({ is_locked: true });
  expect(tells(view)).toBe(true);
  toggle?.click();
  expect(tells(view)).toBe(false);
  update({ is_locked: true, is_revealed: true });
  expect(tells(view)).toBe(false);
  update({ round: 2, is_locked: true });
  expect(toggle?.textContent).toBe('Hide results');
});

it('hides until the answer is revealed where the question says so, also when it is locked', () => {
  const { view, update, toggle } = shown({ show_results: 'revealed', is_locked: true });
  expect(tells(view)).toBe(false);
  toggle?.click();
  expect(tells(view)).toBe(true);
  toggle?.click();
  update({ is_revealed: true });
  expect(tells(view)).toBe(false);
});

it('shows a live question, and no button for a draft', () => {
  expect(tells(shown({ show_results: 'live' }).view)).toBe(true);
  const draft = shown({ round: 0, is_active: false });
  expect(draft.toggle?.hidden).toBe(true);
});
