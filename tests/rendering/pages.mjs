/**
 * KaTeX's own HTML of each formula of the list, as JSON: node tests/rendering/pages.mjs
 *
 * `pictures.py` runs it. Needs the packages of labextension.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, '../../labextension/package.json'));
const katex = require('katex');
require('katex/contrib/mhchem');

const OWN_LINE = /^\s*\\begin\{(align|alignat|equation|gather|split)\*?\}|\\tag\b/;

const answers = JSON.parse(readFileSync(join(here, 'reference.json'), 'utf8'))
  .filter(one => one.mathml !== undefined)
  .map(({ latex }) => {
    const options = { displayMode: OWN_LINE.test(latex), output: 'html', strict: false, throwOnError: true };
    return { latex, isBlock: options.displayMode, html: katex.renderToString(latex, options) };
  });
process.stdout.write(JSON.stringify(answers));
