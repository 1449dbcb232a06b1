/** The `livepoll:*` commands: each works from the palette alone, with the panel closed and the kernel busy. */
import { Clipboard, InputDialog, Notification } from '@jupyterlab/apputils';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';

import type { RoomModel } from './model';

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
    commands.addCommand(id, { label, caption, execute: () => telling(act()) });
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
  add(CommandIDs.publishNext, 'Publish the Next Question', 'Ask the first draft of the room', () =>
    model.publishNext()
  );
  add(CommandIDs.toggleLock, 'Lock or Unlock the Question', 'Stop or take up taking votes', () =>
    model.toggleLock()
  );
  add(CommandIDs.reveal, 'Reveal the Answer', 'Lock the question and mark the right answer', () =>
    model.revealShown()
  );
  add(CommandIDs.closeQuestion, 'Close the Question', 'End the question for the class', () =>
    model.closeActive()
  );
  add(CommandIDs.copyJoinLink, 'Copy the Join Link', 'Copy the link for the class', async () => {
    Clipboard.copyToSystem(await model.joinUrl());
    Notification.success('The join link is in the clipboard.', { autoClose: 3_000 });
  });
}

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
