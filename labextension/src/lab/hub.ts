/**
 * On a JupyterHub, which mostly does not tell a server its public address: the address of this page is that address.
 * One request as soon as JupyterLab is open lets the server see it, so that join links are right from the first room on.
 */
import { PageConfig } from '@jupyterlab/coreutils';

import type { RoomsApi } from './api';

/** Ask the server something, where a hub started it; what it answers does not matter. */
export async function showAddress(api: Pick<RoomsApi, 'rooms'>): Promise<void> {
  if (PageConfig.getOption('hubPrefix') === '') {
    return;
  }
  try {
    await api.rooms();
  } catch (error) {
    // The sidebar asks again as soon as it is opened, and says there what is wrong.
    console.warn('LivePoll could not show the server the address of this page.', error);
  }
}
