/** Environments of LaTeX that Temml lacks, rewritten to those that it has. Pure text work on balanced LaTeX. */

/** `\begin{cases*}` and its like: the second column is text, in which dollars hold math. */
const TEXT_CASES = ['cases', 'dcases', 'rcases', 'drcases'];

const OWN_LINE =
  /^\s*\\begin\{(?:align|alignat|eqnarray|equation|flalign|gather|multline|split)\*?\}|\\tag\b/;

/** Whether LaTeX sets this formula on a line of its own, whatever dollars stand around it. */
export function needsItsOwnLine(latex: string): boolean {
  return OWN_LINE.test(latex);
}

/** `\begin{aligned}[t]`: where the lines stand beside the rest, which Temml would print as text. */
const PLACEMENT =
  /(\\begin\{(?:aligned|alignedat|array|darray|gathered|multlined|split|tabular)\})\s*\[[tbc]\]/g;

/** The same formula in environments that Temml knows. */
export function rewriteEnvironments(latex: string): string {
  let rewritten = latex.replace(PLACEMENT, '$1');
  for (const name of TEXT_CASES) {
    rewritten = replaceEnvironment(rewritten, `${name}*`, body =>
      wrapped(name, withTextColumn(body))
    );
  }
  for (const star of ['', '*']) {
    rewritten = replaceEnvironment(rewritten, `eqnarray${star}`, body =>
      wrapped(`align${star}`, withOneAlignment(body))
    );
    // LaTeX numbers the last line, Temml each one.
    rewritten = replaceEnvironment(rewritten, 'multline', body => wrapped('multline*', body));
    rewritten = replaceEnvironment(rewritten, `flalign${star}`, body =>
      wrapped(`align${star}`, body)
    );
  }
  return rewritten;
}

function wrapped(name: string, body: string): string {
  return `\\begin{${name}}${body}\\end{${name}}`;
}

/** Replace every environment of that name, from its first `\begin` to the `\end` that follows. */
function replaceEnvironment(latex: string, name: string, make: (body: string) => string): string {
  const [begin, end] = [`\\begin{${name}}`, `\\end{${name}}`];
  const start = latex.indexOf(begin);
  const stop = latex.indexOf(end, start);
  if (start < 0 || stop < 0) {
    return latex;
  }
  const rest = replaceEnvironment(latex.slice(stop + end.length), name, make);
  return latex.slice(0, start) + make(latex.slice(start + begin.length, stop)) + rest;
}

function withTextColumn(body: string): string {
  return mapRows(body, ([first = '', ...others]) =>
    others.length === 0 ? first : `${first}& \\text{${others.join('\\&').trim()}}`
  );
}

/** In `eqnarray` a relation stands in a column of its own; in `align` it begins the right-hand column. */
function withOneAlignment(body: string): string {
  return mapRows(body, ([left = '', relation, ...right]) =>
    relation === undefined ? left : `${left}&${relation}{}${right.join('')}`
  );
}

function mapRows(body: string, map: (cells: string[]) => string): string {
  return split(body, '\\\\')
    .map(row => map(split(row, '&')))
    .join('\\\\');
}

/** The parts between separators that stand in no braces and in no inner environment. */
function split(latex: string, separator: string): string[] {
  const parts: string[] = [];
  let [depth, from, at] = [0, 0, 0];
  while (at < latex.length) {
    if (depth === 0 && latex.startsWith(separator, at)) {
      parts.push(latex.slice(from, at));
      at += separator.length;
      from = at;
      continue;
    }
    depth += opened(latex, at);
    at += latex[at] === '\\' ? 2 : 1;
  }
  return [...parts, latex.slice(from)];
}

function opened(latex: string, at: number): number {
  if (latex[at] === '{' || latex.startsWith('\\begin{', at)) {
    return 1;
  }
  return latex[at] === '}' || latex.startsWith('\\end{', at) ? -1 : 0;
}
