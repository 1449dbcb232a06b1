import { expect, it } from 'vitest';

import plugin from '../../src/lab/index';

it('is known to JupyterLab by the id that the documentation gives', () => {
  expect(plugin.id).toBe('livepoll-jupyter:plugin');
  expect(plugin.autoStart).toBe(true);
});
