/** A server in memory, as the sidebar's model sees it. */
import { reduceRoom, UNKNOWN_ROOM } from '../../src/client/room';
import { NO_VOTES } from '../../src/client/votes';
import type { Link } from '../../src/client/connection';
import type { InstructorQuestion, ServerEvent } from '../../src/protocol/messages';
import type { RoomState } from '../../src/protocol/rest';
import { question } from '../views/instructor/rooms';
import { RefusedError } from '../../src/lab/api';
import type { RoomsApi } from '../../src/lab/api';
import type { Heard, Watch } from '../../src/lab/watcher';

/** Rooms, oldest first, what was done to them, and who watches which. */
export class ServerInMemory {
  rooms: RoomState[] = [];
  readonly done: string[] = [];
  readonly watchers: WatcherInMemory[] = [];
  refusal: RefusedError | null = null;
  /** How many have answered whatever is asked. */
  answers = 0;

  get api(): RoomsApi {
    const act =
      (name: string) =>
      (code: string, id: string, ...more: boolean[]) => {
        this.done.push([name, code, id, ...more].join(' '));
        return this.answer(() => question({ id }));
      };
    const api: Partial<RoomsApi> = {
      rooms: () => this.answer(() => this.rooms),
      room: code => this.answer(() => this.room(code)),
      openRoom: title => this.answer(() => this.open('NEW222', title)),
      publish: act('publish'),
      setLock: act('setLock'),
      reveal: act('reveal'),
      close: act('close'),
      results: (_, id) =>
        this.answer(() => ({
          questionId: id,
          round: 1,
          total: this.answers,
          counts: {},
          participants: this.answers,
          rev: 1
        }))
    };
    return api as RoomsApi;
  }

  readonly watch: Watch = (_, code, heard) => {
    const watcher = new WatcherInMemory(code, heard);
    this.watchers.push(watcher);
    return Promise.resolve(watcher);
  };

  open(
    code: string,
    title: string,
    questions: readonly InstructorQuestion[] = [],
    ...kernels: string[]
  ): RoomState {
    const room: RoomState = {
      code,
      title,
      questions,
      join_url: `http://10.0.0.1:3000/${code}`,
      ws_url: `ws://10.0.0.1:3000/_ws?room=${code}`,
      qr_svg: '<svg/>',
      participants: 0,
      created_at: '2026-01-01T00:00:00Z',
      kernels
    };
    this.rooms = [...this.rooms.filter(other => other.code !== code), room];
    return room;
  }

  private room(code: string): RoomState {
    const room = this.rooms.find(each => each.code === code);
    if (room === undefined) {
      throw new RefusedError(410, 'This room has ended.');
    }
    return room;
  }

  private answer<T>(make: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.refusal !== null) {
        throw this.refusal;
      }
      return make();
    });
  }
}

/** An observer's connection that the test moves. */
export class WatcherInMemory {
  state = { link: { state: 'open' } as Link, room: UNKNOWN_ROOM, votes: NO_VOTES };
  isStopped = false;
  tries = 0;

  constructor(
    readonly code: string,
    readonly heard: Heard
  ) {}

  hear(event: ServerEvent): void {
    this.state = { ...this.state, room: reduceRoom(this.state.room, event) };
    this.heard.changed();
  }

  become(link: Link): void {
    this.state = { ...this.state, link };
    this.heard.changed();
  }

  retry(): void {
    this.tries += 1;
  }

  stop(): void {
    this.isStopped = true;
  }
}
