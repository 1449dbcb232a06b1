/** Accents upon accents: thousands on one letter keep a browser busy for half a minute, and are no writing. */

/** Combining marks in a row that are shown; no language puts as many on a letter. `MOST_MARKS` of `core/texts.py`. */
const HEAP = /(\p{M}{30})\p{M}+/gu;

/** The text with at most 30 combining marks in a row. */
export function withoutHeaps(text: string): string {
  return text.replace(HEAP, '$1');
}

/** The combining marks that `text` ends with, at most 30. */
export function marksAtEnd(text: string): string {
  return /\p{M}+$/u.exec(text.slice(-60))?.[0] ?? '';
}
