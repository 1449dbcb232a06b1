import { expect, it } from 'vitest';

import type { Asked } from '../../src/views/asked';
import { standing } from '../../src/views/standing';
import { aQuestion } from '../fakes';

const base: Asked = {
  question: aQuestion(),
  results: null,
  correct: null,
  isOnline: true,
  answer: undefined,
  delivery: 'none',
  isCounted: false,
  refusal: null
};
const counted = { answer: 'a', delivery: 'counted', isCounted: true } as const;
const locked = { question: aQuestion({ is_locked: true }) };
const closed = { question: aQuestion({ is_locked: true, is_active: false }) };

it.each<[string, Partial<Asked>, string, string]>([
  ['nothing answered', {}, 'plain', 'Tap an answer. You can change it until it is locked.'],
  ['on its way', { answer: 'a', delivery: 'pending' }, 'busy', 'Sending your answer…'],
  [
    'kept without a connection',
    { answer: 'a', delivery: 'pending', isOnline: false },
    'busy',
    'Your answer is kept, and sent when the connection is back.'
  ],
  ['counted', counted, 'good', 'Answer counted. You can still change it.'],
  [
    'being taken back',
    { answer: null, delivery: 'pending', isCounted: true },
    'busy',
    'Taking your answer back…'
  ],
  [
    'to be taken back, without a connection',
    { answer: null, delivery: 'pending', isOnline: false },
    'busy',
    'Your answer is taken back when the connection is back.'
  ],
  [
    'taken back',
    { answer: null, delivery: 'withdrawn' },
    'plain',
    'Answer taken back. You can answer again.'
  ],
  [
    'taken back and locked',
    { ...locked, answer: null, delivery: 'withdrawn' },
    'locked',
    'Answers are locked. You did not answer.'
  ],
  [
    'refused',
    { ...locked, delivery: 'refused', refusal: 'The question was locked.' },
    'bad',
    'The question was locked.'
  ],
  [
    'refused, and unlocked since',
    { delivery: 'refused', refusal: 'The question was locked.' },
    'bad',
    'The question was locked. You can answer again.'
  ],
  [
    'refused by a room that is gone',
    { isOnline: false, delivery: 'refused', refusal: 'This room has ended.' },
    'bad',
    'This room has ended.'
  ],
  [
    'a change refused',
    { ...counted, delivery: 'refused', refusal: 'The question was locked.' },
    'bad',
    'The question was locked. The answer that is marked counts.'
  ],
  [
    'locked, answered',
    { ...locked, ...counted },
    'locked',
    'Answers are locked. Your answer counts.'
  ],
  ['locked, unanswered', locked, 'locked', 'Answers are locked. You did not answer.'],
  ['closed', { ...closed, ...counted }, 'closed', 'This question is closed. Your answer counts.'],
  ['right', { ...locked, ...counted, correct: ['a'] }, 'good', 'Your answer is right.'],
  [
    'wrong',
    { ...locked, ...counted, correct: ['b'] },
    'bad',
    'Not this time. The right answer is marked.'
  ],
  [
    'revealed, unanswered',
    { ...locked, correct: ['b'] },
    'locked',
    'The right answer is marked. You did not answer.'
  ],
  [
    'refused, and revealed meanwhile',
    { ...locked, correct: ['b'], delivery: 'refused', refusal: 'Too late.' },
    'bad',
    'Too late. The right answer is marked.'
  ],
  [
    'a change refused, and revealed meanwhile',
    { ...locked, ...counted, correct: ['a'], delivery: 'refused', refusal: 'Too late.' },
    'bad',
    'Too late. The answer that counts is right.'
  ],
  [
    'a change refused, the answer before it wrong',
    { ...locked, ...counted, correct: ['b'], delivery: 'refused', refusal: 'Too late.' },
    'bad',
    'Too late. The answer that counts is not right.'
  ],
  [
    'on its way, and revealed meanwhile',
    { ...locked, correct: ['b'], answer: 'a', delivery: 'pending' },
    'busy',
    'Sending your answer…'
  ],
  [
    'revealed where nothing is right or wrong',
    { ...locked, ...counted, correct: [] },
    'locked',
    'Answers are locked. Your answer counts.'
  ]
])('%s', (_, changes, tone, text) => {
  expect(standing({ ...base, ...changes })).toMatchObject({ tone, text });
});

it('calls several right only when exactly the right ones were chosen', () => {
  const question = aQuestion({ kind: 'multiple_choice', is_locked: true });
  const asked = { ...base, ...counted, question, correct: ['a', 'b'] };
  expect(standing({ ...asked, answer: ['b', 'a'] }).tone).toBe('good');
  expect(standing({ ...asked, answer: ['a'] }).tone).toBe('bad');
});
