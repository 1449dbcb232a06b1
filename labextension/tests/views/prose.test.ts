import { describe, expect, it } from 'vitest';

import { plainText } from '../../src/views/prose';

const HALF = '<math alttext="1/2"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>';

describe('what a screen reader says of rendered text', () => {
  it.each([
    [`<p><strong>Which</strong> is <code>x</code>, and ${HALF}?</p>`, 'Which is x, and 1/2?'],
    ['<p>one</p><p>two</p>', 'one two'],
    ['<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>', 'a b'],
    ['<math><mi>x</mi></math>', 'x'],
    ['a &lt; b<script>x</script>', 'a < b']
  ])('of %s is %s', (html, words) => {
    expect(plainText(html)).toBe(words);
  });
});
