import { expect, it } from 'vitest';

import { followPatches, look, patched } from '../../src/widget/state_patch';
import { FakeModel } from './fake_model';

const one = { id: 'q1', is_locked: false };
const two = { id: 'q2', is_locked: false };
const state = { version: 3, questions: [one, two], trouble: null };

it('changes one question and leaves the others', () => {
  const locked = { id: 'q1', is_locked: true };
  const after = patched(state, { from: 3, to: 4, changed: [locked], set: { trouble: 'full' } });
  expect(after).toEqual({ version: 4, questions: [locked, two], trouble: 'full' });
});

it('adds, removes and moves questions', () => {
  const three = { id: 'q3', is_locked: false };
  expect(
    patched(state, { from: 3, to: 4, changed: [three], order: ['q3', 'q1'] })?.questions
  ).toEqual([three, one]);
});

it('begins with nothing', () => {
  expect(patched({}, { from: 0, to: 1, changed: [one], order: ['q1'] })).toEqual({
    version: 1,
    questions: [one]
  });
});

it('takes no change that does not follow, or names what is not here', () => {
  expect(patched(state, { from: 4, to: 5, set: {} })).toBeNull();
  expect(patched(state, { from: 3, to: 4, order: ['q9'] })).toBeNull();
});

it('asks for the whole where it has missed a change, and once when it is shown', () => {
  const model = new FakeModel('panel', state);
  const end = followPatches(model);
  model.emit('msg:custom', { patch: { from: 3, to: 4, set: { trouble: 'full' } } });
  expect(model.get('_state')).toMatchObject({ version: 4, trouble: 'full' });
  model.emit('msg:custom', { patch: { from: 5, to: 6, set: {} } });
  expect(model.send.mock.calls).toEqual([[{ id: 0, do: 'look', answer: 4 }]]);
  look(model);
  expect(model.send).toHaveBeenCalledTimes(2);
  model.emit('msg:custom', { reply: 1, error: null });
  end();
  expect(model.heard).toBe(0);
});
