/**
 * The allow-list for HTML that came over the wire, and the one place that applies it. The server sanitises too, but the
 * server may be another one, or somebody on the network may have changed what it sent.
 *
 * To let more through, add to the data below. It holds what `server/rendering` writes and nothing else: no style, no
 * id or name (they would shadow our own globals), no form, image, SVG, frame, template or custom element, no event
 * handler, and no link that is not `http`, `https` or `mailto`.
 */
import createPurifier from 'dompurify';
import type { DOMPurify } from 'dompurify';

import { marksAtEnd, withoutHeaps } from './marks';
import { insteadOf, isTooLarge, isTooLong } from './size';

const HTML = 'http://www.w3.org/1999/xhtml';
const MATHML = 'http://www.w3.org/1998/Math/MathML';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Text, lists, tables, code. */
const PROSE_ELEMENTS = words(`
  a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul
`);

/** MathML Core without links and annotations, and `menclose`, which the server writes too. */
const MATH_ELEMENTS = words(`
  math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub
  msubsup msup mtable mtd mtext mtr munder munderover semantics
  menclose
`);

/** The classes of formulas: `CLASSES` in `server/rendering/math_style.py`, where the last lines are made as here. */
const MATH_CLASSES = [
  ...words(`
  actuarial chr-lrg chr-lrg-vec chr-med chr-med-vec chr-sml chr-sml-vec circle-pad downstrike longdiv-arc longdiv-top
  mathcal mathscr menclose phasor-angle phasor-bottom sout special-fraction textcircle tml-bold tml-boxed tml-cancel
  tml-cancelto tml-clap tml-display tml-eqn tml-fbox tml-frame tml-h-10 tml-hat-1 tml-hat-2 tml-hat-3 tml-hat-4
  tml-jot tml-label tml-left tml-llap tml-llap-in tml-lrg-pad tml-med-pad tml-mono tml-overline tml-p-0 tml-p-3
  tml-prime tml-reflect tml-right tml-shift-left tml-small tml-sml-pad tml-tag tml-tageqn tml-tilde-2 tml-tilde-3
  tml-tilde-4 tml-underline tml-vec tml-w-100 tml-w-50 tml-w-8 tml-xcancel upstrike
  `),
  ...each('l r t b', side => each('0 1 2 4 5 10 20', tenths => [`tml-p${side}-${tenths}`])),
  ...each('l r t b', side => each('solid dashed double', kind => [`tml-b${side}-${kind}`])),
  ...each('1 2 3 4 5 6 9 12 18 36', mu => [`tml-n-${mu}`])
];

/** The classes of highlighted code (`CODE_CLASSES` in `server/rendering/code.py`), of a table's columns, around formulas. */
const PROSE_CLASSES = words('c k m nb nf s  lp-left lp-center lp-right  lp-math lp-math-block');

/** The classes of elements by namespace: those of formulas would take a link out of its text. */
const CLASSES: ReadonlyMap<string | null, ReadonlySet<string>> = new Map([
  [HTML, new Set(PROSE_CLASSES)],
  [MATHML, new Set(MATH_CLASSES)]
]);

/** The words that `make` makes of each of `names`. */
function each(names: string, make: (name: string) => string[]): string[] {
  return words(names).flatMap(make);
}

const WEB_LINK = /^(?:https?:\/\/|mailto:)[^\s]+$/i;
const NUMBER = /^-?\d{1,6}$/;
/** A title is shown as text; a formula's plain text is read out. */
const SENTENCE = /^\P{Cc}{1,500}$/u;
const FORMULA = /^\P{Cc}{0,8000}$/u;
const DIRECTION = /^(?:ltr|rtl|auto)$/i;
/** A word, a colour, or a few of these. */
const PLAIN = /^[-+#%.\w ]{1,100}$/;
/**
 * At most 25 em, or 499 pixels, points or per cent, as in `server/rendering/mathml.py`: a formula that asks for more
 * covers what stands around it, or keeps a browser busy for seconds with brackets of many pieces.
 */
const NUMBER_WITH_UNIT = String.raw`(?:(?:1?\d|2[0-5])(?:\.\d{0,20})?|\.\d{1,20})(?:em|ex)?|(?:[1-4]?\d{1,2}(?:\.\d{0,20})?|\.\d{1,20})(?:px|pt|%)`;
const LENGTH = new RegExp(`^\\+?(?:${NUMBER_WITH_UNIT})$`);
/** The same, for what may also lead to the left or down. */
const SIGNED_LENGTH = new RegExp(`^[-+]?(?:${NUMBER_WITH_UNIT})$`);
const SPAN = /^(?:[1-9]|[1-4]\d|50)$/;
const LEVEL = /^[-+]?\d$/;

type Values = ReadonlyMap<string, RegExp>;

/** Attributes of an element, each with the values that it may have. `class` has its own list. */
const PROSE_ATTRIBUTES: ReadonlyMap<string, Values> = new Map<string, Values>([
  [
    'a',
    new Map([
      ['href', WEB_LINK],
      ['title', SENTENCE]
    ])
  ],
  ['ol', new Map([['start', NUMBER]])],
  ['th', new Map([['scope', /^(?:col|row)$/]])]
]);

/** Attributes of every element of MathML. */
const MATH_ATTRIBUTES: Values = new Map([
  ['alttext', FORMULA],
  ...words(`
    accent accentunder columnalign columnlines display displaystyle fence form largeop mathbackground mathcolor
    mathvariant movablelimits notation rowlines separator stretchy symmetric
  `).map((name): [string, RegExp] => [name, PLAIN]),
  ...words('columnspacing linethickness mathsize maxsize minsize rowspacing').map(
    (name): [string, RegExp] => [name, LENGTH]
  ),
  ...words('depth height lspace rspace voffset width').map((name): [string, RegExp] => [
    name,
    SIGNED_LENGTH
  ]),
  ['columnspan', SPAN],
  ['rowspan', SPAN],
  ['scriptlevel', LEVEL]
]);

/** Where a link leads opens in a page of its own, which cannot reach back. */
const LINK = { target: '_blank', rel: 'noopener noreferrer' };

const CONFIG = {
  ALLOWED_TAGS: [...PROSE_ELEMENTS, ...MATH_ELEMENTS],
  ALLOWED_ATTR: attributeNames(),
  ALLOWED_NAMESPACES: [HTML, MATHML],
  ALLOWED_URI_REGEXP: WEB_LINK,
  // Other attributes are no addresses; `allows` looks at their values.
  ADD_URI_SAFE_ATTR: attributeNames().filter(name => name !== 'href'),
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  // A fragment goes into the page as it is. HTML as text would be parsed once more, perhaps in another way.
  RETURN_DOM_FRAGMENT: true as const
};

/** Makes harmless DOM of HTML that nobody vouches for. */
class Sanitizer {
  private readonly purifier: DOMPurify;

  constructor() {
    // An instance of our own: another extension's hooks do not concern it, nor ours theirs.
    this.purifier = createPurifier(window);
    this.purifier.addHook('uponSanitizeAttribute', (element, event) => {
      if (event.attrName === 'class') {
        event.attrValue = ourClasses(element, event.attrValue);
        event.keepAttr = event.attrValue !== '';
      } else {
        event.keepAttr = allows(element, event.attrName, event.attrValue);
      }
    });
    this.purifier.addHook('afterSanitizeAttributes', element => {
      if (element.localName === 'a' && element.hasAttribute('href')) {
        Object.entries(LINK).forEach(([name, value]) => {
          element.setAttribute(name, value);
        });
      }
    });
  }

  /** What of `html` may be shown, or null if it is too large. A browser that can sanitise nothing shows it as text. */
  sanitizedFragment(html: string): DocumentFragment | null {
    if (isTooLong(html)) {
      return null;
    }
    if (!this.purifier.isSupported) {
      return asText(withoutHeaps(html));
    }
    // Null for HTML of which no body is left, such as a frameset.
    const clean = this.purifier.sanitize(html, CONFIG) as DocumentFragment | null;
    return clean === null ? asText('') : isTooLarge(clean) ? null : cutHeaps(clean);
  }
}

function asText(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(text);
  return fragment;
}

function cutHeaps(fragment: DocumentFragment): DocumentFragment {
  const texts = document.createNodeIterator(fragment, NodeFilter.SHOW_TEXT);
  // A browser puts the marks of several elements in a row on the same letter.
  let marks = '';
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const text = node.nodeValue ?? '';
    const all = withoutHeaps(marks + text);
    const shown = all.slice(marks.length);
    if (shown !== text) {
      node.nodeValue = shown;
    }
    marks = marksAtEnd(all);
  }
  return fragment;
}

let sanitizer: Sanitizer | null = null;

/** Foreign HTML as a fragment that is safe in every page; a sentence and the `source` if it is too large for that. */
export function sanitized(html: string, source = ''): DocumentFragment {
  sanitizer ??= new Sanitizer();
  return sanitizer.sanitizedFragment(html) ?? asText(withoutHeaps(insteadOf(source)));
}

function attributeNames(): string[] {
  const ofProse = [...PROSE_ATTRIBUTES.values()].flatMap(values => [...values.keys()]);
  return ['class', 'dir', ...ofProse, ...MATH_ATTRIBUTES.keys()];
}

function allows({ localName, namespaceURI }: Element, name: string, value: string): boolean {
  if (name === 'dir') {
    return DIRECTION.test(value);
  }
  const values = namespaceURI === MATHML ? MATH_ATTRIBUTES : PROSE_ATTRIBUTES.get(localName);
  return values?.get(name)?.test(value) ?? false;
}

function ourClasses({ namespaceURI }: Element, value: string): string {
  const ours = CLASSES.get(namespaceURI);
  return value
    .split(/\s+/)
    .filter(name => ours?.has(name))
    .join(' ');
}
