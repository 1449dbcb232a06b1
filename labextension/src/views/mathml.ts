/** Whether this browser lays formulas out, and the line of plain text that stands in for each one where it does not. */
const MATHML = 'http://www.w3.org/1998/Math/MathML';

let isLaidOut: boolean | null = null;

/** Whether a fraction's parts stand above each other. Old browsers put them side by side, so that a half reads as 12. */
export function laysOutFormulas(): boolean {
  return (isLaidOut ??= measured()) ?? true;
}

/** Put each formula's own line of text in its place. */
export function replaceFormulas(fragment: DocumentFragment): void {
  for (const formula of fragment.querySelectorAll('math')) {
    const line = document.createElement('span');
    line.dir = 'ltr';
    line.textContent = formula.getAttribute('alttext') ?? formula.textContent;
    formula.replaceWith(line);
  }
}

/** Null where nothing has a layout now, as in a tab that is not shown: then it is measured again with the next text. */
function measured(): boolean | null {
  const above = document.createElementNS(MATHML, 'mn');
  const below = document.createElementNS(MATHML, 'mn');
  above.textContent = '1';
  below.textContent = '2';
  const fraction = document.createElementNS(MATHML, 'mfrac');
  fraction.append(above, below);
  const formula = document.createElementNS(MATHML, 'math');
  formula.append(fraction);
  const place = document.createElement('div');
  place.setAttribute('aria-hidden', 'true');
  place.style.position = 'absolute';
  place.style.visibility = 'hidden';
  place.append(formula);
  document.body.append(place);
  const upper = above.getBoundingClientRect();
  const lower = below.getBoundingClientRect();
  place.remove();
  return upper.height === 0 ? null : lower.top > upper.top + upper.height / 4;
}
