/**
 * Bundles with esbuild: the two faces that stand on their own, the audience page and the widgets' ESM, and the
 * renderer of formulas that the server runs.
 * The JupyterLab plugin is bundled by jupyter-builder (see package.json): only JupyterLab can share its packages.
 *
 *   node build.mjs [--prod] [--watch]
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';

const STATIC = '../livepoll_jupyter/static';
const prod = process.argv.includes('--prod');

const common = {
  bundle: true,
  // The licences of what is bundled stand at its end.
  legalComments: 'eof',
  logLevel: 'info',
  minify: prod,
  sourcemap: prod ? false : 'inline',
  target: 'es2020'
};

const bundles = [
  {
    entryPoints: { audience: 'src/audience/index.ts' },
    // Stands beside the pages and is loaded by a page that shows a formula.
    external: ['assets/*'],
    format: 'iife',
    outdir: `${STATIC}/audience`
  },
  {
    entryPoints: { widget: 'src/widget/index.ts' },
    format: 'esm',
    outdir: `${STATIC}/widget`
  },
  {
    // Runs in QuickJS on the server, which knows ES2023 and no browser.
    entryPoints: { formulas: 'src/formulas/index.ts' },
    format: 'iife',
    minify: true,
    outdir: `${STATIC}/formulas`,
    sourcemap: false,
    target: 'es2022'
  }
].map(bundle => ({ ...common, ...bundle }));

if (process.argv.includes('--watch')) {
  for (const bundle of bundles) {
    await (await esbuild.context(bundle)).watch();
  }
} else {
  await Promise.all(bundles.map(bundle => esbuild.build(bundle)));
}
await keepLicences();
await copyFile('fonts/lp-math.woff2', `${STATIC}/audience/lp-math.woff2`);

/** Temml is MIT, and mhchem within it Apache 2.0: their texts go where their code goes. */
async function keepLicences() {
  const temml = await readFile('node_modules/temml/LICENSE', 'utf8');
  const mhchem =
    'mhchem: Copyright (c) 2011-2015 The MathJax Consortium, (c) 2015-2018 Martin Hensel. Licensed under the ' +
    'Apache License, Version 2.0: http://www.apache.org/licenses/LICENSE-2.0\n';
  const font = await readFile('fonts/GUST-FONT-LICENSE.txt', 'utf8');
  const texts = `Temml\n\n${temml}\n\n${mhchem}\n\nlp-math.woff2, of Latin Modern Math\n\n${font}`;
  await writeFile(`${STATIC}/formulas/LICENSES.txt`, texts);
}
