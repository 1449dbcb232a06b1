import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import tseslint from 'typescript-eslint';

const ONE_PLACE =
  'HTML goes into a page through setHtml of views/element.ts alone, which sanitises it.';

const HTML_SINKS = [
  'innerHTML',
  'outerHTML',
  'insertAdjacentHTML',
  'setHTMLUnsafe',
  'createContextualFragment',
  'srcdoc'
];

const NOT_THE_LAB = 'Only src/lab may import JupyterLab: the phone and the widgets run without it.';

export default tseslint.config(
  { ignores: ['lib', 'node_modules', '.yarn'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  ...jupyter.configs.recommended,
  {
    languageOptions: { parserOptions: { project: './tsconfig.test.json' } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error'
    }
  },
  {
    rules: {
      // Nothing is translated yet, on no face; a catalogue for all of them comes with the languages.
      'jupyter/no-untranslated-string': 'off',
      // The sidebar stands open from the start, so what draws it is needed at once; it is small.
      'jupyter/prefer-lazy-imports': 'off'
    }
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/lab/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@jupyterlab/*', '@lumino/*'], message: NOT_THE_LAB }] }
      ]
    }
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...HTML_SINKS.map(property => ({ property, message: ONE_PLACE })),
        { object: 'document', property: 'write', message: ONE_PLACE },
        { object: 'document', property: 'writeln', message: ONE_PLACE }
      ]
    }
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', module: 'writable', process: 'readonly' } }
  }
);
