/** Rendered Markdown in the page: put in sanitised, said in plain words, and scrolled where it is too wide. */
import { setHtml } from './element';
import { sanitized } from './sanitize';

/** What may be wider than its place: formulas, code, tables. */
const MAY_BE_WIDE = '.lp-math, pre, table';
const BLOCKS = new Set(
  'BLOCKQUOTE H1 H2 H3 H4 H5 H6 HR LI OL P PRE TABLE TD TH TR UL BR'.split(' ')
);

/**
 * Show a server's HTML in `target`, or the `source` that it was made of if it is too large. What is too wide scrolls by
 * itself, and shows that it does.
 */
export function setProse(target: HTMLElement, html: string, source: string): void {
  setHtml(target, html, source);
  if (typeof ResizeObserver === 'undefined' || target.querySelector(MAY_BE_WIDE) === null) {
    return;
  }
  const wide = [...target.querySelectorAll<HTMLElement>(MAY_BE_WIDE)];
  const look = (): void => {
    wide.forEach(part => {
      showWidth(part, target);
    });
  };
  wide.forEach(part => {
    part.addEventListener('scroll', () => {
      showRest(part);
    });
  });
  new ResizeObserver(look).observe(target);
  // A font for formulas comes later, and has other widths.
  void document.fonts.ready.then(look);
}

/** The words that a reader sees, formulas as one line: `1/2` and not `12`. */
export function plainText(html: string, source = ''): string {
  return textOf(sanitized(html, source)).replace(/\s+/g, ' ').trim();
}

/** Whether a screen reader would not hear from the HTML itself what is seen: formulas run together as `12`. */
export function needsPlainText(html: string): boolean {
  return html.includes('<math');
}

function textOf(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) {
    return node.nodeValue ?? '';
  }
  if (node instanceof Element && node.localName === 'math') {
    return node.getAttribute('alttext') ?? node.textContent ?? '';
  }
  const inner = [...node.childNodes].map(textOf).join('');
  return standsAlone(node) ? ` ${inner} ` : inner;
}

/** Whether it is not in one line with what stands beside it. */
function standsAlone(node: Node): boolean {
  const isBlockFormula = node instanceof Element && node.classList.contains('lp-math-block');
  return isBlockFormula || BLOCKS.has(node.nodeName);
}

function showWidth(part: HTMLElement, target: HTMLElement): void {
  const formula = part.querySelector('math');
  const isInline = part.classList.contains('lp-math') && !part.classList.contains('lp-math-block');
  const isWide =
    isInline && formula !== null
      ? formula.getBoundingClientRect().width > target.clientWidth + 1
      : part.scrollWidth > part.clientWidth + 1;
  part.classList.toggle('lp-wide', isWide);
  if (isWide) {
    // So that it can be scrolled with the keyboard too.
    part.tabIndex = 0;
  } else {
    part.removeAttribute('tabindex');
  }
  showRest(part);
}

/** Mark the ends at which something is hidden. */
function showRest(part: HTMLElement): void {
  const isWide = part.classList.contains('lp-wide');
  const rest = part.scrollWidth - part.clientWidth - Math.abs(part.scrollLeft);
  part.classList.toggle('lp-more-before', isWide && Math.abs(part.scrollLeft) > 1);
  part.classList.toggle('lp-more-after', isWide && rest > 1);
}
