/**
 * What the palette's commands do. The panel may be closed, so each says in which room it acted, and asks first where
 * that room is not certain or where a running question would be lost.
 */
import type { InstructorQuestion } from '../protocol/messages';
import type { RoomSummary, RoomState as Room } from '../protocol/rest';
import { webAddress } from '../views/address';
import { isBeingAnswered, lossOf, nextDraft, onShow } from '../views/instructor/room';
import { NotNowError, orNotNow } from './model';
import type { RoomModel } from './model';

/** Asks the person; the answer is null or false where they would rather not. */
export interface Ask {
  /** Which of the rooms is meant: its code. `shown` is proposed. */
  room(rooms: readonly RoomSummary[], shown: string): Promise<string | null>;
  /** Whether to do it all the same. */
  isSure(what: string): Promise<boolean>;
}

const NO_DRAFT =
  'Every question of this room has been asked. Prepare more in a notebook: poll.draft([…]).';
const NO_LINK =
  'The join link of this room is no web address. Look at the settings of LivePollApp.';
const NO_QUESTION = 'No question is being asked. Publish one first.';

/** Each act resolves with a sentence about what was done, or with null if the person did not want it. */
export class PaletteActs {
  constructor(
    private readonly model: RoomModel,
    private readonly ask: Ask
  ) {}

  /** Publish the first draft; ask before it takes the place of a question that has answers. */
  publishNext(): Promise<string | null> {
    return this.inRoom(async room => {
      const draft = orNotNow(nextDraft(room.questions), NO_DRAFT);
      const running = room.questions.find(isBeingAnswered);
      if (running !== undefined) {
        const hasAnswers = (await this.model.answered(room.code, running.id)) > 0;
        const loss = lossOf(draft, { isLocked: running.is_locked, hasAnswers });
        if (loss !== null && !(await this.ask.isSure(loss))) {
          return null;
        }
      }
      await this.model.publish(draft.id, room.code);
      return `Published in “${room.title}”.`;
    });
  }

  /** Lock the active question, or unlock it. */
  toggleLock(): Promise<string | null> {
    return this.inRoom(async room => {
      const { id, is_locked } = activeOf(room);
      await this.model.setLock(id, !is_locked, room.code);
      return `${is_locked ? 'Unlocked' : 'Locked'} in “${room.title}”.`;
    });
  }

  /** Reveal the right answer of the question on show, which may have been closed already. */
  revealShown(): Promise<string | null> {
    return this.inRoom(async room => {
      const results = this.model.shown?.results ?? null;
      const { id } = orNotNow(onShow({ questions: room.questions, results }), NO_QUESTION);
      await this.model.reveal(id, room.code);
      return `Revealed in “${room.title}”.`;
    });
  }

  /** Close the active question. */
  closeActive(): Promise<string | null> {
    return this.inRoom(async room => {
      await this.model.close(activeOf(room).id, room.code);
      return `Closed in “${room.title}”.`;
    });
  }

  /** Hand the link by which the class joins to `copy`. */
  copyJoinLink(copy: (link: string) => void): Promise<string | null> {
    return this.inRoom(room => {
      copy(orNotNow(webAddress(room.join_url), NO_LINK));
      return Promise.resolve(`The join link of “${room.title}” is in the clipboard.`);
    });
  }

  /** Act in the room of the notebook in front. Where it has none and several are open, ask which one. */
  private async inRoom(act: (room: Room) => Promise<string | null>): Promise<string | null> {
    const room = await this.model.present();
    if (this.model.rooms.length === 1 || this.model.isOfFront(room.code)) {
      return act(room);
    }
    const code = await this.ask.room(this.model.rooms, room.code);
    if (code === null) {
      return null;
    }
    await this.model.choose(code);
    const chosen = await this.model.present();
    if (chosen.code !== code) {
      throw new NotNowError('That room is no longer open, so nothing was done.');
    }
    return act(chosen);
  }
}

function activeOf({ questions }: Room): InstructorQuestion {
  return orNotNow(questions.find(question => question.is_active) ?? null, NO_QUESTION);
}
