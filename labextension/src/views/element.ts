/** Making elements without a framework. Text goes in as text; only `setHtml` takes HTML, and sanitises it. */
import { withoutHeaps } from './marks';
import { laysOutFormulas, replaceFormulas } from './mathml';
import { sanitized } from './sanitize';

type Attributes = Readonly<Record<string, string>>;

/** A new element with attributes and children; strings become text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children.map(child => (typeof child === 'string' ? withoutHeaps(child) : child)));
  return made;
}

/** Set an element's text, and leave the page alone where nothing changes. */
export function setText(target: Element, text: string): void {
  const shown = withoutHeaps(text);
  if (target.textContent !== shown) {
    target.textContent = shown;
  }
}

/** Set an attribute, or take it away where `value` is null. */
export function setAttribute(target: Element, name: string, value: string | null): void {
  if (value === null) {
    target.removeAttribute(name);
  } else if (target.getAttribute(name) !== value) {
    target.setAttribute(name, value);
  }
}

/**
 * Show HTML that a server has rendered: `Question.html` and `Option.html`, nothing else. What comes over the wire is
 * never trusted, so it is sanitised here, whatever the server has done. A student's words never come here.
 * A browser without MathML shows the line of text of each formula. `source` is shown where the HTML is too large.
 */
export function setHtml(target: Element, html: string, source = ''): void {
  const fragment = sanitized(html, source);
  if (html.includes('<math') && !laysOutFormulas()) {
    replaceFormulas(fragment);
  }
  target.replaceChildren(fragment);
}

/** Several bundles of ours, and one copy of the widgets' per widget, share the page of a notebook. */
const COPY = Math.random().toString(36).slice(2, 8);

let lastId = 0;

/** An id that no other element of the page has, for labels and descriptions. */
export function newId(): string {
  lastId += 1;
  return `lp-${COPY}-${lastId}`;
}
