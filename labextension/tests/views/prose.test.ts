import { describe, expect, it } from 'vitest';

import { replaceFormulas } from '../../src/views/mathml';
import { plainText } from '../../src/views/prose';
import { sanitized } from '../../src/views/sanitize';

const HALF = '<math alttext="1/2"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>';

describe('what a screen reader says of rendered text', () => {
  it.each([
    [`<p><strong>Which</strong> is <code>x</code>, and ${HALF}?</p>`, 'Which is x, and 1/2?'],
    ['<p>one</p><p>two</p>', 'one two'],
    ['<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>', 'a b'],
    ['<math><mi>x</mi></math>', 'x'],
    [`<p>so<span class="lp-math lp-math-block">${HALF}</span>it is</p>`, 'so 1/2 it is'],
    ['a &lt; b<script>x</script>', 'a < b']
  ])('of %s is %s', (html, words) => {
    expect(plainText(html)).toBe(words);
  });
});

it('shows the line of each formula where there is no MathML', () => {
  const fragment = sanitized(`<p>Is ${HALF} of 2<sup>x</sup> it?</p>`);
  replaceFormulas(fragment);
  expect(fragment.querySelector('math')).toBeNull();
  expect(fragment.textContent).toBe('Is 1/2 of 2x it?');
});
