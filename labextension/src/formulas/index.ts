/**
 * LaTeX to a tree of MathML, for the server: Temml with mhchem, and what LaTeX has and Temml has not.
 *
 * This bundle runs in QuickJS, in the server's rendering process: no DOM, no network, no files. It hands over plain
 * JSON, because only a string crosses the border safely. What may be in the page is decided on the other side.
 */
import temml from 'temml';
import { rewriteEnvironments, needsItsOwnLine } from './environments';
import { defineUnits } from './siunitx';

/** A node as Temml builds it. A text has `text`, an element `type` (or none for HTML), the rest is a fragment. */
interface TemmlNode {
  readonly type?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly classes?: readonly string[];
  readonly style?: Readonly<Record<string, unknown>>;
  readonly children?: readonly TemmlNode[];
}

/** An element: its name (`span` for HTML), attributes, classes, style and children. Text is a string. */
type Tree =
  | string
  | readonly [string, Record<string, string>, string[], Record<string, string>, Tree[]];

interface TemmlError {
  readonly message: string;
  readonly position?: number;
}

const MACROS: Readonly<Record<string, string>> = {
  '\\mathds': '\\mathbb{#1}',
  '\\mathbbm': '\\mathbb{#1}',
  '\\pmb': '\\boldsymbol{#1}',
  '\\mbox': '\\text{#1}',
  '\\textdegree': '\\text{\u00b0}',
  '\\degree': '\\text{\u00b0}',
  '\\argmax': '\\operatorname*{arg\\,max}',
  '\\argmin': '\\operatorname*{arg\\,min}'
};

/** Sizes that a formula may ask for: what is larger is cut down to this many em and points. */
const MAX_SIZE: [number, number] = [25, 250];

defineUnits((name, expand) => {
  temml.__defineMacro(name, expand);
});

/** The formula as JSON: `{"tree": …}`, or `{"error": …, "position": …}`, the position counted in characters from 0. */
function renderFormula(latex: string, isBlock: boolean): string {
  try {
    const rewritten = rewriteEnvironments(latex);
    const root = temml.__renderToMathMLTree(rewritten, {
      displayMode: isBlock || needsItsOwnLine(rewritten),
      macros: { ...MACROS },
      maxSize: MAX_SIZE,
      throwOnError: true
    }) as TemmlNode;
    return JSON.stringify({ tree: plain(root)[0] });
  } catch (thrown) {
    const { message, position } = asError(thrown);
    return JSON.stringify({ error: message.trim(), position });
  }
}

function asError(thrown: unknown): TemmlError {
  return Array.isArray(thrown)
    ? { message: String(thrown[1] ?? thrown[0]) } // mhchem throws a pair: a name and a sentence.
    : (thrown as TemmlError);
}

/** The node, or the children of a fragment, which is no element of its own. */
function plain(node: TemmlNode): Tree[] {
  if (node.text !== undefined) {
    return [node.text];
  }
  const type = node.type ?? '';
  const parts = (node.children ?? []).map(plain);
  const children = TAKES_PARTS.has(type) ? parts.map(asOne) : parts.flat();
  if (type === '' && node.attributes === undefined) {
    return children;
  }
  const classes = (node.classes ?? []).filter(name => name !== '');
  const [attributes, style] = [strings(node.attributes ?? {}), strings(node.style ?? {})];
  return [[type || 'span', attributes, classes, style, children]];
}

/** Temml gives some of these a fragment of several elements as one part; to a browser they would be further parts. */
const TAKES_PARTS = new Set(
  'mfrac mmultiscripts mover mroot msub msubsup msup munder munderover'.split(' ')
);

function asOne(part: Tree[]): Tree {
  const [only] = part;
  return part.length === 1 && only !== undefined ? only : ['mrow', {}, [], {}, part];
}

function strings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

(globalThis as { renderFormula?: typeof renderFormula }).renderFormula = renderFormula;
