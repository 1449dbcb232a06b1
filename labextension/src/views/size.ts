/**
 * How much HTML a page lays out. A browser is busy for seconds with tens of thousands of elements, and with a few hundred
 * that are within each other in a formula: there twice the depth takes some eight times as long. The server refuses what
 * is larger: `core/drafts.py` and `server/rendering/formulas.py`.
 */

/** Characters of one piece of HTML; a question of ours has at most 98,304 bytes. */
const MOST_CHARACTERS = 150_000;
/** Elements of one piece of HTML: `MAX_ELEMENTS` in `core/drafts.py`. */
export const MOST_ELEMENTS = 5_000;
/** Elements within each other: `MAX_LEVELS` in `core/drafts.py`. */
export const MOST_LEVELS = 80;
/** The same in a formula: `MAX_DEPTH` in `server/rendering/formulas.py`. */
export const MOST_OF_FORMULA = 40;
/** Characters of a text as it was written: `MAX_TEXT` in `core/drafts.py`. */
const MOST_OF_SOURCE = 8_000;

const TOO_LARGE = 'This text is too large to be shown.';
const AS_WRITTEN = 'This text is too large to be shown as it should be. As it was written: ';

/** Whether this is seen before the HTML is parsed: each element has a tag that begins it, and most have one that ends it. */
export function isTooLong(html: string): boolean {
  return html.length > MOST_CHARACTERS || html.split('<').length > 2 * MOST_ELEMENTS + 1;
}

/** Whether there are too many elements, or too many of them within each other. */
export function isTooLarge(fragment: DocumentFragment): boolean {
  return fragment.querySelectorAll('*').length > MOST_ELEMENTS || isDeeper(fragment, MOST_LEVELS);
}

/** What is shown instead: the source, if there is one of a size that can be shown. */
export function insteadOf(source: string): string {
  return source.trim() === '' || source.length > MOST_OF_SOURCE
    ? TOO_LARGE
    : `${AS_WRITTEN}${source}`;
}

function isDeeper(node: ParentNode, levels: number): boolean {
  return [...node.children].some(child => {
    const rest = child.localName === 'math' ? Math.min(levels, MOST_OF_FORMULA) : levels;
    return rest === 0 || isDeeper(child, rest - 1);
  });
}
