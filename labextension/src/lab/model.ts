/**
 * The room that the sidebar and the commands work on: which one it is, what is known of it, and the acts.
 *
 * REST tells what the questions are and carries the acts; the observer's socket tells when to look again, and the
 * results. Neither passes through a kernel.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { resultsOf } from '../client/room';
import type { RoomState as Room, RoomSummary } from '../protocol/rest';
import type { InstructorRoom } from '../views/instructor/room';
import type { RoomsApi } from './api';
import { Choosing, elsewhere, roomOf } from './choosing';
import type { Front } from './front';
import { Refresher } from './refresher';
import { watchBySocket } from './watcher';
import type { Watch, Watcher } from './watcher';

/** What cannot be done now, and what to do first; the sentence is shown to the person. */
export class NotNowError extends Error {}

const NO_ROOM =
  'No room is open. Run LivePoll("…") in a notebook, or open one with the command “New Room…”.';
export class RoomModel {
  rooms: readonly RoomSummary[] = [];
  /** Why the list of rooms could not be had. */
  problem: string | null = null;
  private room: Room | null = null;
  private watcher: Watcher | null = null;
  private front: Front | null = null;
  private wanted: string | null = null;
  private readonly choosing = new Choosing();
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
      joinNotice: room.join_notice ?? null,
      qrSvg: room.qr_svg,
      link,
      participants: live.participants,
      questions: room.questions,
      results: resultsOf(live),
      trouble: live.trouble
    };
  }

  /** What the panel says where the room shown is not that of the notebook in front. */
  get notice(): string | null {
    return elsewhere(this.room, this.front, this.rooms);
  }

  /** Whether the notebook in front has the room of that code. */
  isOfFront(code: string): boolean {
    return roomOf(this.front, this.rooms)?.code === code;
  }

  /** Another notebook, or none, is in front; its room is shown. */
  setFront(front: Front | null): void {
    if (front?.kernel === this.front?.kernel && front?.name === this.front?.name) {
      return;
    }
    this.front = front;
    if (this.room === null) {
      // Nobody has looked yet; whoever looks sees the right one.
      return;
    }
    this.emit();
    void this.refresh();
  }

  /** Look which rooms there are, and show the one that {@link Choosing} chooses. */
  refresh(): Promise<void> {
    return this.roomsRefresher.request();
  }

  /** Show the room that the person has chosen. */
  async choose(code: string): Promise<void> {
    this.choosing.pick(code, this.front, this.rooms);
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

  /** Ask a question of the room shown, or of the room of that code. */
  async publish(questionId: string, code = this.code()): Promise<void> {
    await this.act(this.api.publish(code, questionId));
  }

  async setLock(questionId: string, isLocked: boolean, code = this.code()): Promise<void> {
    await this.act(this.api.setLock(code, questionId, isLocked));
  }

  async reveal(questionId: string, code = this.code()): Promise<void> {
    await this.act(this.api.reveal(code, questionId));
  }

  async close(questionId: string, code = this.code()): Promise<void> {
    await this.act(this.api.close(code, questionId));
  }

  async deleteDraft(questionId: string): Promise<void> {
    await this.act(this.api.deleteDraft(this.code(), questionId));
  }

  /** How many participants have answered a question in its present round. */
  async answered(code: string, questionId: string): Promise<number> {
    return (await this.api.results(code, questionId)).participants;
  }

  /** The room to command, as it is now: a command may come before the panel was ever shown. */
  async present(): Promise<Room> {
    await this.refresh();
    if (this.problem !== null) {
      // The room shown may not be the one that is meant.
      throw new NotNowError(this.problem);
    }
    await this.roomRefresher.request();
    return orNotNow(this.room, NO_ROOM);
  }

  /** Let go of the socket. */
  dispose(): void {
    this.leave();
    Signal.clearData(this);
  }

  /** The code of the room shown: what the person sees while they press a button. */
  private code(): string {
    return orNotNow(this.room, NO_ROOM).code;
  }

  private async act(done: Promise<unknown>): Promise<void> {
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
    const code = this.choosing.choose(this.front, this.rooms);
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
    this.wanted = code;
    const room = await this.api.room(code);
    const watcher = await this.watch(this.api, code, {
      changed: () => {
        this.follow();
      },
      questionsChanged: () => {
        this.lookAgain();
      }
    });
    if (this.wanted !== code) {
      // Another room was chosen meanwhile.
      watcher.stop();
      return;
    }
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

/** The thing; raises the advice where there is none. */
export function orNotNow<T>(thing: T | null, advice: string): T {
  if (thing === null) {
    throw new NotNowError(advice);
  }
  return thing;
}
