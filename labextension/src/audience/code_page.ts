/** The page on which a student types a room's code: at the root, and wherever a code leads nowhere. */
import { element, setText } from '../views/element';
import { drawing } from '../views/notice';

/** Characters of a room's code; the ones that look alike are not among them. */
const CODE = /^[2-9A-HJ-NP-Z]{6}$/;

/** Why the page is shown: asked for, or because a code was wrong or its room is over. */
export type CodePageReason = 'enter' | 'unknown' | 'ended';

const WORDS: Readonly<Record<CodePageReason, { title: string; text: string }>> = {
  enter: {
    title: 'Join a room',
    text: 'Type the code that you see on the screen in front of the class.'
  },
  unknown: {
    title: 'There is no room with that code',
    text: 'Look at the code once more: it has six characters, without 0, 1, I and O.'
  },
  ended: {
    title: 'This room has ended',
    text: 'Thank you for taking part. If the class goes on, it has a new code.'
  }
};

/** The page as an element; `join` gets a code that looks like one. */
export function codePage(reason: CodePageReason, join: (code: string) => void): HTMLElement {
  const { title, text } = WORDS[reason];
  const input = element('input', {
    id: 'code',
    class: 'lp-code',
    autocapitalize: 'characters',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: '300',
    'aria-describedby': 'problem'
  });
  const problem = element('p', { id: 'problem', class: 'lp-problem', role: 'alert' });
  const form = element(
    'form',
    { class: 'lp-code-form', novalidate: '' },
    element('label', { for: 'code' }, 'Room code'),
    input,
    problem,
    element('button', { class: 'lp-button' }, 'Join')
  );
  form.addEventListener('submit', event => {
    event.preventDefault();
    const code = tidy(input.value);
    const isCode = CODE.test(code);
    setText(problem, isCode ? '' : 'A code has six letters and digits, like K7QM2X.');
    input.setAttribute('aria-invalid', String(!isCode));
    if (isCode) {
      join(code);
    } else {
      input.focus();
    }
  });
  const heading = element('h1', { class: 'lp-notice-title' }, title);
  const main = element(
    'main',
    { class: 'lp-main lp-notice' },
    drawing(),
    heading,
    element('p', {}, text),
    form
  );
  return element('div', { class: 'lp-page' }, main);
}

/** A code from what was typed or pasted: full-width letters, a whole link, and what sticks to the end of one. */
function tidy(typed: string): string {
  const plain = typed.normalize('NFKD').replace(/[\s\p{Cf}\p{Cc}]/gu, '');
  const last =
    plain
      .replace(/^https?:\/\/[^/]*/i, '')
      .split(/[?#]/)[0]
      ?.split('/')
      .filter(Boolean)
      .pop() ?? '';
  return last.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
}
