import { afterEach, describe, expect, it, vi } from 'vitest';

import { element, setHtml, setText } from '../../src/views/element';
import { isTooLarge, MOST_ELEMENTS, MOST_LEVELS, MOST_OF_FORMULA } from '../../src/views/size';

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

const TOO_LARGE = 'This text is too large to be shown.';

const signs = (count: number): string => `<math>${'<mo>(</mo>'.repeat(count)}</math>`;
const nested = (levels: number): string =>
  `<math>${'<msqrt>'.repeat(levels)}${'</msqrt>'.repeat(levels)}</math>`;

function shown(html: string): string {
  const target = element('div');
  setHtml(target, html);
  return target.innerHTML;
}

describe('HTML of a server', () => {
  it.each([
    ['<img src=x onerror=alert(1)>', ''],
    [
      '<p onclick=alert(1) style=color:red id=body name=cookie data-x=1 aria-label=x>x</p>',
      '<p>x</p>'
    ],
    ['<a href="javascript:alert(1)">x</a>', '<a>x</a>'],
    ['<a href="//evil.example/">x</a>', '<a>x</a>'],
    [
      '<a href="https://a.example/" target=_top ping=x>x</a>',
      '<a href="https://a.example/" target="_blank" rel="noopener noreferrer">x</a>'
    ],
    [
      '<a href="mailto:a@b.example">x</a>',
      '<a href="mailto:a@b.example" target="_blank" rel="noopener noreferrer">x</a>'
    ],
    ['<span class="k lp-qr-dialog jp-Dialog">x</span>', '<span class="k">x</span>'],
    ['<p class="constructor __proto__">x</p>', '<p>x</p>'],
    ['<p class="tml-cancelto c">x</p>', '<p class="c">x</p>'],
    [
      '<math><mi class="tml-cancelto c">x</mi></math>',
      '<math><mi class="tml-cancelto">x</mi></math>'
    ],
    ['<svg onload=alert(1)><g>x</g></svg>', ''],
    ['<x-app is=y>x</x-app>', 'x'],
    [
      '<math href="javascript:1"><mi mathcolor="red" mathvariant="url(x)">x</mi></math>',
      '<math><mi mathcolor="red">x</mi></math>'
    ],
    [
      '<math><annotation-xml encoding="text/html"><p>x</p></annotation-xml></math>',
      '<math></math>'
    ],
    ['<ol start="javascript:1"><li dir="rtl" hidden>x</li></ol>', '<ol><li dir="rtl">x</li></ol>']
  ])('%s is shown as %s', (html, safe) => {
    expect(shown(html)).toBe(safe);
  });

  it.each([
    ['columnspan="1000"', ''],
    ['columnspan="51"', ''],
    ['columnspan="0"', ''],
    ['rowspan="65534"', ''],
    ['columnspan="50" rowspan="2"', ' columnspan="50" rowspan="2"']
  ])('has a cell of %s as%s', (written, kept) => {
    expect(shown(`<math><mtable><mtr><mtd ${written}></mtd></mtr></mtable></math>`)).toBe(
      `<math><mtable><mtr><mtd${kept}></mtd></mtr></mtable></math>`
    );
  });

  it.each([
    ['minsize="99999em"', ''],
    ['minsize="100em"', ''],
    ['minsize="25.5em" maxsize="499px"', ' minsize="25.5em" maxsize="499px"'],
    ['minsize="26em" maxsize="500px"', ''],
    ['minsize="-2em" lspace="-26em"', ''],
    ['mathsize="-2em"', ''],
    ['mathsize="99999999%"', ''],
    ['maxsize="1e9em"', ''],
    ['minsize="2.4em"', ' minsize="2.4em"'],
    ['lspace="-.1667em"', ' lspace="-.1667em"']
  ])('has an operator of %s as%s', (written, kept) => {
    expect(shown(`<math><mo ${written}>(</mo></math>`)).toBe(`<math><mo${kept}>(</mo></math>`);
  });

  it('is not shown where it is longer than any of ours', () => {
    expect(shown(`<p>${'x'.repeat(98_304)}</p>`)).toContain('xxx');
    expect(shown('<br>'.repeat(40_000))).toBe(TOO_LARGE);
  });

  it('is not shown where it has more elements than any of ours', () => {
    expect(shown(signs(MOST_ELEMENTS))).toBe(TOO_LARGE);
    const lines = element('p', {}, ...Array.from({ length: 99 }, () => element('br')));
    const fragment = document.createDocumentFragment();
    for (let count = 0; count < MOST_ELEMENTS; count += 100) {
      fragment.append(lines.cloneNode(true));
    }
    expect(isTooLarge(fragment)).toBe(false);
    fragment.append(element('br'));
    expect(isTooLarge(fragment)).toBe(true);
  });

  it('is not shown where it is nested more deeply than any of ours', () => {
    const inText = (levels: number, formula: string): string =>
      `${'<em>'.repeat(levels)}${formula}`;
    expect(shown(nested(MOST_OF_FORMULA - 1))).toContain('<msqrt>');
    expect(shown(nested(MOST_OF_FORMULA))).toBe(TOO_LARGE);
    expect(shown(inText(MOST_LEVELS, ''))).toContain('<em>');
    expect(shown(inText(MOST_LEVELS + 1, ''))).toBe(TOO_LARGE);
    expect(shown(inText(MOST_LEVELS - MOST_OF_FORMULA + 1, nested(MOST_OF_FORMULA - 1)))).toBe(
      TOO_LARGE
    );
  });

  it('is shown as it was written where it is too large, if that is short enough', () => {
    const target = element('div');
    setHtml(target, signs(MOST_ELEMENTS), 'Is **$x$** <b>5</b>?');
    expect(target.textContent).toMatch(
      /too large.* As it was written: Is \*\*\$x\$\*\* <b>5<\/b>\?$/
    );
    expect(target.children).toHaveLength(0);
    setHtml(target, signs(MOST_ELEMENTS), 'x'.repeat(8_001));
    expect(target.textContent).toBe(TOO_LARGE);
  });

  it('has at most 30 accents in a row, however they are written', () => {
    const heap = '\u0301'.repeat(30);
    expect(shown(`<p>a${heap}\u0301\u0301b</p>`)).toBe(`<p>a${heap}b</p>`);
    expect(shown(`<p>a${'&#769;'.repeat(40)}b</p>`)).toBe(`<p>a${heap}b</p>`);
    expect(shown(`<p>a${'<s>&#769;</s>'.repeat(40)}b&#769;</p>`)).toBe(
      `<p>a${'<s>\u0301</s>'.repeat(30)}${'<s></s>'.repeat(10)}b\u0301</p>`
    );
  });

  it('or plain text has at most 30 accents in a row', () => {
    const heap = '\u0301'.repeat(30);
    const target = element('p', {}, `a${heap}${heap}`);
    expect(target.textContent).toBe(`a${heap}`);
    setText(target, `b${heap}${heap}c`);
    expect(target.textContent).toBe(`b${heap}c`);
  });

  it('is shown as its source where nothing can be sanitised', async () => {
    vi.spyOn(document.implementation, 'createHTMLDocument').mockReturnValue(undefined as never);
    vi.doMock('dompurify', () => ({
      default: () => ({ isSupported: false, addHook: vi.fn(), sanitize: (html: string) => html })
    }));
    const { sanitized } = await import('../../src/views/sanitize');
    expect(sanitized('<img src=x onerror=alert(1)>').textContent).toBe(
      '<img src=x onerror=alert(1)>'
    );
  });
});
