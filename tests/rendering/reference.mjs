/**
 * What KaTeX makes of the formulas: node tests/rendering/reference.mjs > tests/rendering/reference.json
 *
 * One object for each formula: `mathml`, or `error` where KaTeX refuses. Needs the packages of labextension.
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

const formulas = readFileSync(join(here, 'formulas.txt'), 'utf8')
  .split('\n')
  .filter(line => line !== '' && !/^##? /.test(line));

const answers = formulas.map(latex => {
  const options = { displayMode: OWN_LINE.test(latex), output: 'mathml', strict: false, throwOnError: true };
  try {
    const markup = katex.renderToString(latex, options);
    const mathml = markup
      .replace(/^<span class="katex(?:-display)?">(<span class="katex">)?/, '')
      .replace(/(<\/span>)+$/, '')
      .replace(/<annotation .*<\/annotation>/s, '');
    return { latex, mathml };
  } catch (error) {
    return { latex, error: error.message };
  }
});
process.stdout.write(`[\n${answers.map(answer => JSON.stringify(answer)).join(',\n')}\n]\n`);
