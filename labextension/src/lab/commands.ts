/** The `livepoll:*` commands: each works from the palette alone, with the panel closed and the kernel busy. */
import { Clipboard, Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';

import type { RoomSummary } from '../protocol/rest';
import type { RoomModel } from './model';
import { PaletteActs } from './palette_acts';
import type { Ask } from './palette_acts';
import { namesOf } from './room_picker';
import { SURE } from '../views/instructor/question_list';

export const CATEGORY = 'LivePoll';

export const CommandIDs = {
  openPanel: 'livepoll:open-panel',
  newRoom: 'livepoll:new-room',
  publishNext: 'livepoll:publish-next',
  toggleLock: 'livepoll:toggle-lock',
  reveal: 'livepoll:reveal',
  closeQuestion: 'livepoll:close-question',
  copyJoinLink: 'livepoll:copy-join-link'
} as const;

/** Run an act and tell the person what was refused, in the refusal's own words. */
export async function telling(act: Promise<void>): Promise<void> {
  try {
    await act;
  } catch (error) {
    Notification.error(error instanceof Error ? error.message : String(error), {
      autoClose: 8_000
    });
  }
}

/** Register the commands and put them into the palette. */
export function addCommands(
  commands: CommandRegistry,
  model: RoomModel,
  openPanel: () => void,
  palette: ICommandPalette | null
): void {
  const add = (id: string, label: string, caption: string, act: () => Promise<void>) => {
    commands.addCommand(id, {
      label,
      caption,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => telling(act())
    });
    palette?.addItem({ command: id, category: CATEGORY });
  };
  add(CommandIDs.openPanel, 'Show the Room', 'Open the LivePoll sidebar', () => {
    openPanel();
    return Promise.resolve();
  });
  add(CommandIDs.newRoom, 'New Room…', 'Open a room for a class', async () => {
    openPanel();
    await newRoom(model);
  });
  const acts = new PaletteActs(model, ASK);
  const addAct = (
    id: string,
    label: string,
    caption: string,
    act: () => Promise<string | null>
  ) => {
    add(id, label, caption, async () => {
      const done = await act();
      if (done !== null) {
        Notification.success(done, { autoClose: 3_000 });
      }
    });
  };
  addAct(
    CommandIDs.publishNext,
    'Publish the Next Question',
    'Ask the first draft of the room',
    () => acts.publishNext()
  );
  addAct(CommandIDs.toggleLock, 'Lock or Unlock the Question', 'Stop or take up taking votes', () =>
    acts.toggleLock()
  );
  addAct(
    CommandIDs.reveal,
    'Reveal the Answer',
    'Lock the question and mark the right answer',
    () => acts.revealShown()
  );
  addAct(CommandIDs.closeQuestion, 'Close the Question', 'End the question for the class', () =>
    acts.closeActive()
  );
  addAct(CommandIDs.copyJoinLink, 'Copy the Join Link', 'Copy the link for the class', () =>
    acts.copyJoinLink(link => {
      Clipboard.copyToSystem(link);
    })
  );
}

/** JupyterLab's dialogues. */
const ASK: Ask = {
  room: async (rooms: readonly RoomSummary[], shown: string) => {
    const names = [...namesOf(rooms)];
    const { value } = await InputDialog.getItem({
      title: 'In which room?',
      label: 'Several rooms are open, and what is in front has none of them, or another one.',
      items: names.map(([, name]) => name),
      current: names.findIndex(([code]) => code === shown),
      okLabel: 'Do it there'
    });
    return names.find(([, name]) => name === value)?.[0] ?? null;
  },
  isSure: async (what: string) => {
    const { button } = await showDialog({
      title: 'Replace the question?',
      body: what,
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: SURE })]
    });
    return button.accept;
  }
};

async function newRoom(model: RoomModel): Promise<void> {
  const { value } = await InputDialog.getText({
    title: 'New room',
    label: 'What is it called? An open room of that title is taken up again.',
    placeholder: 'Statistics 101',
    okLabel: 'Open'
  });
  const title = value?.trim() ?? '';
  if (title !== '') {
    await model.openRoom(title);
  }
}
