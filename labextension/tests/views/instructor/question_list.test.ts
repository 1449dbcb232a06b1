import { expect, it, vi } from 'vitest';

import { QuestionList } from '../../../src/views/instructor/question_list';
import { someResults } from '../../fakes';
import { asked, question, room } from './rooms';

function listOf(...questions: Parameters<typeof question>[0][]) {
  const acts = {
    publish: vi.fn(),
    setLock: vi.fn(),
    reveal: vi.fn(),
    close: vi.fn(),
    delete: vi.fn()
  };
  const list = new QuestionList(acts);
  list.update(room({ questions: questions.map(changes => question(changes)) }));
  document.body.replaceChildren(list.element);
  const buttons = [...list.element.querySelectorAll<HTMLButtonElement>('li button')];
  return { acts, list, buttons };
}

const CLOSED = { id: 'q1', round: 1 };
const OPEN = asked({ id: 'q2' });

it('takes an open question from the class for another round only at a second press', () => {
  const { acts, buttons } = listOf(CLOSED, OPEN);
  buttons[0]?.focus();
  buttons[0]?.click();
  expect(buttons[0]?.textContent).toBe('Replace it now');
  expect(acts.publish).not.toHaveBeenCalled();
  buttons[0]?.click();
  expect(acts.publish).toHaveBeenCalledExactlyOnceWith('q1');
});

it('forgets the first press when the focus goes elsewhere', () => {
  const { acts, buttons } = listOf(CLOSED, OPEN);
  buttons[0]?.focus();
  buttons[0]?.click();
  buttons[0]?.blur();
  expect(buttons[0]?.textContent).toBe('Ask again');
  buttons[0]?.click();
  expect(acts.publish).not.toHaveBeenCalled();
});

it('asks again at one press where nothing is being answered', () => {
  const { acts, buttons } = listOf(CLOSED, { ...OPEN, is_revealed: true });
  buttons[0]?.click();
  expect(acts.publish).toHaveBeenCalledExactlyOnceWith('q1');
});

it('takes an open question that has answers from the class for a draft only at a second press, and says so', () => {
  const { acts, list } = listOf(CLOSED, OPEN, { id: 'q3' });
  const questions = [CLOSED, OPEN, { id: 'q3' }].map(changes => question(changes));
  const next = [...list.element.querySelectorAll('button')].find(
    ({ textContent }) => textContent === 'Publish next'
  );
  const told = () => next?.nextElementSibling?.textContent;
  next?.click();
  expect(acts.publish).toHaveBeenCalledExactlyOnceWith('q3');
  list.update(room({ questions, results: someResults({ questionId: 'q2', participants: 3 }) }));
  next?.click();
  expect(next?.nextElementSibling?.getAttribute('role')).toBe('status');
  expect(told()).toContain('Publishing closes it on all phones. Its answers are kept.');
  next?.dispatchEvent(new MouseEvent('click', { detail: 2, bubbles: true }));
  expect(acts.publish).toHaveBeenCalledTimes(1);
  next?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(told()).toBe('');
  next?.click();
  next?.click();
  expect(acts.publish).toHaveBeenCalledTimes(2);
});

it('deletes a draft at a second press, and offers that for nothing that was asked', () => {
  const { acts, list } = listOf(CLOSED, OPEN, { id: 'q3' });
  const buttons = [...list.element.querySelectorAll<HTMLButtonElement>('li button')].filter(
    ({ textContent, hidden }) => textContent === 'Delete' && !hidden
  );
  expect(buttons).toHaveLength(1);
  buttons[0]?.click();
  expect(acts.delete).not.toHaveBeenCalled();
  expect(list.element.textContent).toContain('Press again to delete it');
  buttons[0]?.click();
  expect(acts.delete).toHaveBeenCalledExactlyOnceWith('q3');
  list.update(room({ questions: [question(CLOSED), question(OPEN)] }));
  expect(list.element.querySelectorAll('li')).toHaveLength(2);
});
