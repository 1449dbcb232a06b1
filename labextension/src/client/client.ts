/**
 * One peer of a room: it carries messages between the connection and the pure reducers, and tells its
 * listeners of every new state. What a message means is decided in `room.ts` and `votes.ts`.
 */
import { decode } from '../protocol/decode';
import type { Log } from '../protocol/decode';
import type { ClientMessage, HelloData, ServerEvent } from '../protocol/messages';
import { Connection } from './connection';
import type { Link, Probe } from './connection';
import { hasGap, reduceRoom, UNKNOWN_ROOM } from './room';
import type { RoomState } from './room';
import { browserSurroundings } from './surroundings';
import type { Surroundings } from './surroundings';
import { NOT_KEPT } from './unsent';
import type { UnsentVotes } from './unsent';
import { castVote, NO_VOTES, reduceVotes, takeUp } from './votes';
import type { VotesState } from './votes';

/** Milliseconds before a vote is sent again that the server could not take at the moment. */
export const RESEND_MS = 2_000;

/** All that a face shows: the connection, the room, and one's own votes. */
export interface ClientState {
  readonly link: Link;
  readonly room: RoomState;
  readonly votes: VotesState;
}

/** How to reach a room. `token` is a participant's or an observer's; a page that has its cookie needs none. */
export interface ClientOptions {
  readonly url: string;
  readonly token?: string;
  readonly probe?: Probe;
  /** Gets a participant's token for a page whose cookie was refused; without it such a page only listens. */
  readonly takePlace?: () => Promise<string>;
  /** Where votes without an ack outlive the page. */
  readonly unsent?: UnsentVotes;
  readonly around?: Surroundings;
  readonly log?: Log;
  /** Called for each event, after the state has changed; for what is no state (`room-changed`). */
  readonly onEvent?: (event: ServerEvent) => void;
}

/** A peer of a room. Nothing happens before `start()`. */
export class RoomClient {
  state: ClientState = {
    link: { state: 'connecting', attempt: 0 },
    room: UNKNOWN_ROOM,
    votes: NO_VOTES
  };
  readonly connection: Connection;
  private readonly around: Surroundings;
  private readonly unsent: UnsentVotes;
  private readonly listeners = new Set<(state: ClientState) => void>();
  private attempt = 0;
  private token: string | undefined;
  private isTakingPlace = false;
  private keptFor: string | null = null;
  private cancelResend: () => void = () => undefined;

  constructor(private readonly options: ClientOptions) {
    this.around = options.around ?? browserSurroundings;
    this.unsent = options.unsent ?? NOT_KEPT;
    this.token = options.token;
    const events = {
      opened: () => {
        this.sayHello();
      },
      frame: (data: unknown) => {
        this.read(data);
      },
      changed: (link: Link) => {
        this.follow(link);
      }
    };
    this.connection = new Connection(options.url, events, this.around, options.probe);
  }

  /** Whether it is the browser's cookie, and no token of this page alone, that says who speaks. */
  get isKnownByCookie(): boolean {
    return this.token === undefined && !this.isTakingPlace;
  }

  /** Join. */
  start(): void {
    this.connection.start();
  }

  /** Call `listener` with every new state; returns what ends that. */
  subscribe(listener: (state: ClientState) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /**
   * Answer the present question, or take the answer back with null: at once where there is a connection, else as
   * soon as there is one.
   */
  vote(answer: unknown): void {
    const { question } = this.state.room;
    if (question === null) {
      return;
    }
    const op = this.newOp();
    this.change({ votes: castVote(this.state.votes, question, answer, op) });
    if (this.state.link.state === 'open') {
      if (this.state.room.role === 'listener') {
        this.takePlace();
      }
      this.sendVotes(op);
    }
  }

  /** Ask how things stand, as after another tab of the same student has voted; unneeded while not connected. */
  refresh(): void {
    if (this.state.link.state === 'open') {
      this.sayHello();
    }
  }

  private sayHello(): void {
    const { place } = this.state.room;
    const { token } = this;
    const data: HelloData = {
      v: 2,
      ...(token === undefined ? {} : { token }),
      ...(place === null ? {} : { resume: place })
    };
    this.send({ event: 'hello', data });
  }

  private read(data: unknown): void {
    const event = decode(data, this.options.log);
    if (event === null) {
      return;
    }
    if (hasGap(this.state.room, event)) {
      this.connection.resume();
      return;
    }
    const arrives =
      event.event === 'snapshot' || (event.event === 'welcome' && event.data.recovered);
    // In one step: who sees the room's state before the connection's would take the first join for a return.
    this.change({
      room: reduceRoom(this.state.room, event),
      votes: reduceVotes(this.state.votes, event),
      ...(arrives ? { link: this.connection.link } : {})
    });
    this.react(event);
    this.options.onEvent?.(event);
  }

  private react(event: ServerEvent): void {
    if (event.event === 'welcome') {
      this.connection.setPingInterval(event.data.pingMs);
      this.isTakingPlace = false;
      this.takeUpUnsent();
      if (event.data.role === 'listener') {
        this.takePlace();
      }
      if (event.data.recovered) {
        this.arrive();
      }
    } else if (event.event === 'snapshot') {
      this.arrive();
    } else if (event.event === 'vote-ack' && event.data.retry === true) {
      this.sendLater();
    }
  }

  /** What an earlier page of this participant could not send is sent by this one. */
  private takeUpUnsent(): void {
    const { participant } = this.state.votes;
    if (participant !== null && participant !== this.keptFor) {
      const kept = this.unsent.load(participant);
      this.keptFor = participant;
      this.change({ votes: takeUp(this.state.votes, kept) });
    }
  }

  /** Say hello again with a token; a vote that waits is sent when the server has welcomed the participant. */
  private takePlace(): void {
    const { takePlace } = this.options;
    if (takePlace === undefined || this.token !== undefined || this.isTakingPlace) {
      return;
    }
    this.isTakingPlace = true;
    takePlace().then(
      token => {
        this.token = token;
        this.sayHello();
      },
      () => {
        this.isTakingPlace = false;
        this.sendVotes();
      }
    );
  }

  /** The room's state is here. */
  private arrive(): void {
    this.attempt = 0;
    this.connection.succeeded();
    this.sendVotes();
  }

  private follow(link: Link): void {
    if (link.state === 'connecting') {
      this.attempt = link.attempt;
    }
    const shown: Link =
      link.state === 'open' ? { state: 'connecting', attempt: this.attempt } : link;
    this.change({ link: shown });
  }

  private sendVotes(only?: string): void {
    if (this.isTakingPlace) {
      return;
    }
    for (const vote of this.state.votes.outbox) {
      if (only === undefined || vote.op === only) {
        this.send({ event: 'vote', data: vote });
      }
    }
  }

  /** One timer for all votes that wait: one per refusal would send ever more of them. */
  private sendLater(): void {
    this.cancelResend();
    this.cancelResend = this.around.after(RESEND_MS * (1 + this.around.random()), () => {
      this.sendVotes();
    });
  }

  private send(message: ClientMessage): void {
    this.connection.send(JSON.stringify(message));
  }

  private newOp(): string {
    const part = (): string => Math.floor(this.around.random() * 2 ** 52).toString(36);
    return `${part()}-${part()}`;
  }

  private change(part: Partial<ClientState>): void {
    const { outbox } = this.state.votes;
    this.state = { ...this.state, ...part };
    if (this.keptFor !== null && this.state.votes.outbox !== outbox) {
      this.unsent.save(this.keptFor, this.state.votes.outbox);
    }
    for (const listener of this.listeners) {
      listener(this.state);
    }
  }
}
