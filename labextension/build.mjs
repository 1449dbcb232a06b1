/**
 * Bundles the two faces that stand on their own, the audience page and the widgets' ESM, with esbuild.
 * The JupyterLab plugin is bundled by jupyter-builder (see package.json): only JupyterLab can share its packages.
 *
 *   node build.mjs [--prod] [--watch]
 */
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
    format: 'iife',
    outdir: `${STATIC}/audience`
  },
  {
    entryPoints: { widget: 'src/widget/index.ts' },
    format: 'esm',
    outdir: `${STATIC}/widget`
  }
].map(bundle => ({ ...common, ...bundle }));

if (process.argv.includes('--watch')) {
  for (const bundle of bundles) {
    await (await esbuild.context(bundle)).watch();
  }
} else {
  await Promise.all(bundles.map(bundle => esbuild.build(bundle)));
}
