/**
 * The room that the sidebar and the commands work on: which one it is, what is known of it, and the acts.
 *
 * REST tells what the questions are and carries the acts; the observer's socket tells when to look again, and the
 * results. Neither passes through a kernel.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { resultsOf } from '../client/room';
import type { InstructorQuestion } from '../protocol/messages';
import type { RoomState as Room, RoomSummary } from '../protocol/rest';
import { webAddress } from '../views/address';
import { nextDraft, onShow } from '../views/instructor/room';
import type { InstructorRoom } from '../views/instructor/room';
import type { RoomsApi } from './api';
import { Refresher } from './refresher';
import { watchBySocket } from './watcher';
import type { Watch, Watcher } from './watcher';

/** What cannot be done now, and what to do first; the sentence is shown to the person. */
export class NotNowError extends Error {}

const NO_ROOM =
  'No room is open. Run LivePoll("…") in a notebook, or open one with the command “New Room…”.';
const NO_DRAFT =
  'Every question of this room has been asked. Prepare more in a notebook: poll.draft([…]).';
const NO_LINK =
  'The join link of this room is no web address. Look at the settings of LivePollApp.';
const NO_QUESTION = 'No question is being asked. Publish one first.';

export class RoomModel {
  rooms: readonly RoomSummary[] = [];
  /** Why the list of rooms could not be had. */
  problem: string | null = null;
  private room: Room | null = null;
  private watcher: Watcher | null = null;
  private isChosenByHand = false;
  private readonly roomsRefresher = new Refresher(() => this.fetchRooms());
  private readonly roomRefresher = new Refresher(() => this.fetchRoom());
  private readonly stateChanged = new Signal<this, undefined>(this);

  constructor(
    private readonly api: RoomsApi,
    private readonly watch: Watch = watchBySocket
  ) {}

  /** Emitted after every change. */
  get changed(): ISignal<this, undefined> {
    return this.stateChanged;
  }

  /** The room as the shared views show it, or null while none is open. */
  get shown(): InstructorRoom | null {
    const { room, watcher } = this;
    if (room === null || watcher === null) {
      return null;
    }
    const { link, room: live } = watcher.state;
    return {
      title: room.title,
      code: room.code,
      joinUrl: room.join_url,
      qrSvg: room.qr_svg,
      link,
      participants: live.participants,
      questions: room.questions,
      results: resultsOf(live),
      trouble: live.trouble
    };
  }

  /** Look which rooms there are. Until the person has chosen one, the room opened last is shown. */
  refresh(): Promise<void> {
    return this.roomsRefresher.request();
  }

  /** Show the room that the person has chosen. */
  async choose(code: string): Promise<void> {
    this.isChosenByHand = true;
    await this.enter(code);
  }

  /** Try to connect now. */
  retry(): void {
    this.watcher?.retry();
  }

  /** Open a room, or take up the open one of that title, and show it. */
  async openRoom(title: string): Promise<void> {
    await this.choose((await this.api.openRoom(title)).code);
    await this.refresh();
  }

  async publish(questionId: string): Promise<void> {
    const { code } = await this.present();
    await this.act(this.api.publish(code, questionId));
  }

  async setLock(questionId: string, isLocked: boolean): Promise<void> {
    const { code } = await this.present();
    await this.act(this.api.setLock(code, questionId, isLocked));
  }

  async reveal(questionId: string): Promise<void> {
    const { code } = await this.present();
    await this.act(this.api.reveal(code, questionId));
  }

  async close(questionId: string): Promise<void> {
    const { code } = await this.present();
    await this.act(this.api.close(code, questionId));
  }

  /** Publish the first draft. */
  async publishNext(): Promise<void> {
    const draft = nextDraft((await this.present()).questions);
    await this.publish(orNotNow(draft, NO_DRAFT).id);
  }

  /** Lock the active question, or unlock it. */
  async toggleLock(): Promise<void> {
    const { id, is_locked } = await this.active();
    await this.setLock(id, !is_locked);
  }

  /** Reveal the right answer of the question on show, which may have been closed already. */
  async revealShown(): Promise<void> {
    await this.present();
    const question = this.shown === null ? null : onShow(this.shown);
    await this.reveal(orNotNow(question, NO_QUESTION).id);
  }

  /** Close the active question. */
  async closeActive(): Promise<void> {
    await this.close((await this.active()).id);
  }

  /** The link by which the class joins. */
  async joinUrl(): Promise<string> {
    return orNotNow(webAddress((await this.present()).join_url), NO_LINK);
  }

  /** Let go of the socket. */
  dispose(): void {
    this.leave();
    Signal.clearData(this);
  }

  private async active(): Promise<InstructorQuestion> {
    const { questions } = await this.present();
    return orNotNow(questions.find(question => question.is_active) ?? null, NO_QUESTION);
  }

  /** The room as it is now: a command may come before the panel was ever shown. */
  private async present(): Promise<Room> {
    if (this.room === null) {
      await this.refresh();
    } else {
      await this.roomRefresher.request();
    }
    return orNotNow(this.room, this.problem ?? NO_ROOM);
  }

  private async act(done: Promise<InstructorQuestion>): Promise<void> {
    await done;
    await this.roomRefresher.request();
  }

  private async fetchRooms(): Promise<void> {
    try {
      this.rooms = await this.api.rooms();
      await this.enterWhatIsOpen();
      this.problem = null;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.emit();
  }

  private async enterWhatIsOpen(): Promise<void> {
    const here = this.room?.code;
    const isStillOpen = this.rooms.some(({ code }) => code === here);
    const code =
      this.isChosenByHand && isStillOpen ? here : this.rooms[this.rooms.length - 1]?.code;
    if (code === undefined) {
      this.leave();
    } else if (code !== here || this.watcher?.state.link.state === 'stopped') {
      await this.enter(code);
    } else if (this.watcher?.state.link.state === 'gave-up') {
      // The server answers again.
      this.watcher.retry();
    }
  }

  private async fetchRoom(): Promise<void> {
    const code = this.room?.code;
    if (code === undefined) {
      return;
    }
    const room = await this.api.room(code);
    if (this.room?.code === code) {
      this.room = room;
      this.emit();
    }
  }

  private async enter(code: string): Promise<void> {
    const room = await this.api.room(code);
    const watcher = await this.watch(this.api, code, {
      changed: () => {
        this.follow();
      },
      questionsChanged: () => {
        this.lookAgain();
      }
    });
    this.leave();
    this.room = room;
    this.watcher = watcher;
    this.emit();
  }

  private leave(): void {
    this.watcher?.stop();
    this.watcher = null;
    this.room = null;
  }

  private follow(): void {
    const link = this.watcher?.state.link;
    if (link?.state === 'stopped' && (link.why === 'room-ended' || link.why === 'unknown-room')) {
      void this.refresh();
    }
    this.emit();
  }

  /** The socket said that something changed; if the look fails, the connection's own state tells why. */
  private lookAgain(): void {
    this.roomRefresher.request().catch((error: unknown) => {
      console.warn('LivePoll could not fetch the room.', error);
    });
  }

  private emit(): void {
    this.stateChanged.emit(undefined);
  }
}

function orNotNow<T>(thing: T | null, advice: string): T {
  if (thing === null) {
    throw new NotNowError(advice);
  }
  return thing;
}
