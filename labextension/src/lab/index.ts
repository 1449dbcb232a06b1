/** The JupyterLab plugin: the sidebar panel and the `livepoll:*` commands. This file only puts the parts together. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';

import { RoomsApi } from './api';
import { addCommands, CommandIDs, telling } from './commands';
import { followFront } from './front';
import { showAddress } from './hub';
import { livePollIcon } from './icon';
import { RoomModel } from './model';
import { RoomPanel } from './panel';

/** Where the panel stands among the sidebar's tabs: after JupyterLab's own. */
const RANK = 900;

const PANEL_ID = 'livepoll-panel';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'livepoll-jupyter:plugin',
  description: 'Runs a live poll from the sidebar and the palette, even while the kernel is busy.',
  autoStart: true,
  optional: [ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ) => {
    const { commands, serviceManager, shell } = app;
    const api = new RoomsApi(serviceManager.serverSettings);
    const model = new RoomModel(api);
    void showAddress(api);
    const panel = new RoomPanel(model, {
      run: act => {
        void telling(act);
      },
      newRoom: () => {
        void commands.execute(CommandIDs.newRoom);
      }
    });
    followFront(shell, front => {
      model.setFront(front);
    });
    panel.id = PANEL_ID;
    panel.title.icon = livePollIcon;
    panel.title.caption = 'LivePoll';
    shell.add(panel, 'left', { rank: RANK, type: 'LivePoll' });
    restorer?.add(panel, PANEL_ID);
    addCommands(
      commands,
      model,
      () => {
        shell.activateById(PANEL_ID);
      },
      palette
    );
  }
};

export default plugin;
