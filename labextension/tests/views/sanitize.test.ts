import { afterEach, describe, expect, it, vi } from 'vitest';

import { element, setHtml } from '../../src/views/element';

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

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
