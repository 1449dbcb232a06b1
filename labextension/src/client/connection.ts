/**
 * One socket that comes back: opening, keep-alive, liveness, reconnecting and giving up.
 *
 * It carries frames and knows nothing of what they mean. Time, chance and sockets are injected.
 */
import { delayBefore, delayTold, MAX_TRIES } from './backoff';
import { stopReason } from './closing';
import type { StopReason } from './closing';
import { NO_CUTS, withCut } from './idle_cuts';
import type { Socket, Surroundings } from './surroundings';
import { closeReason } from '../protocol/decode';
import { PING_MS } from '../protocol/messages';

/** Milliseconds that a socket may take to open. */
export const OPENING_MS = 10_000;

/** Milliseconds for which a connection must have been open, so that the next wait is a short one again. */
export const STABLE_MS = 5_000;

/** The code of a connection that ended without a close frame: nobody said goodbye. */
const CUT = 1006;

/** Milliseconds between which a server's own figure for pings is believed. */
export const PING_LIMITS_MS = { least: 1_000, most: 600_000 } as const;

/** Milliseconds for a sign of life where there is reason to doubt: after a sleep, or a change of network. */
export const CHECK_MS = 5_000;

/**
 * Where a connection stands. `attempt` is 0 for the first opening and counts the tries after a loss. `isBlocked`: the
 * server answers at another address, so the network is there and something between refuses this connection.
 */
export type Link =
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'open' }
  | {
      readonly state: 'waiting';
      readonly attempt: number;
      readonly secondsLeft: number;
      readonly isBlocked?: true;
    }
  | { readonly state: 'gave-up'; readonly isBlocked?: true }
  | { readonly state: 'stopped'; readonly why: StopReason };

/** What a connection tells its owner. */
export interface ConnectionEvents {
  opened(): void;
  frame(data: unknown): void;
  changed(link: Link): void;
}

/** What a probe found: a reason to stop, a server that answers all the same, or nothing that means anything. */
export type Finding = StopReason | 'answers' | null;

/** Asked when a socket would not even open, since a browser hides the HTTP status of a refused upgrade. */
export type Probe = () => Promise<Finding>;

/** Probes in a row that found a server which answers. After the first, it may have started a moment ago. */
const BLOCKED_AFTER = 2;

/** A socket that comes back. Nothing happens before `start()`. */
export class Connection {
  link: Link = { state: 'connecting', attempt: 0 };
  private socket: Socket | null = null;
  /** Tries in vain since the room's state last came; the person sees it. */
  private attempt = 0;
  /** Losses since a connection last held for a while; they lengthen the wait. */
  private losses = 0;
  private openedAt = 0;
  private heardAt = 0;
  private cuts = NO_CUTS;
  private answered = 0;
  private pingMs = PING_MS;
  private isPingUnanswered = false;
  private isInDoubt = false;
  private cancels: (() => void)[] = [];
  private cancelPing: () => void = () => undefined;

  constructor(
    private readonly url: string,
    private readonly events: ConnectionEvents,
    private readonly around: Surroundings,
    private readonly probe: Probe = () => Promise.resolve(null)
  ) {}

  /** Open the socket for the first time. */
  start(): void {
    this.open();
  }

  /** Send a frame; false if the connection is not open, and then nothing was sent. */
  send(frame: string): boolean {
    if (this.link.state !== 'open') {
      return false;
    }
    this.socket?.send(frame);
    return true;
  }

  /** Try now, and count tries from one again: the person asked. */
  retry(): void {
    if (this.link.state === 'waiting' || this.link.state === 'gave-up') {
      this.attempt = this.losses = 0;
      this.open();
    }
  }

  /** The person is there again, after the connection was given up: try once more. */
  revive(): void {
    if (this.link.state === 'gave-up') {
      this.retry();
    }
  }

  /** The room's state has come over this connection, so the tries before it were not in vain. */
  succeeded(): void {
    this.attempt = 0;
  }

  /** The network is back, or the page has slept: try now, or find out whether the connection still stands. */
  wake(): void {
    this.attempt = this.losses = 0;
    this.retry();
    this.check();
  }

  /** Let go of the socket and open another at once. */
  renew(): void {
    if (this.link.state === 'open') {
      this.open();
    }
  }

  /**
   * What was heard has a gap: open another socket, at once. A server whose every connection has a gap is not asked
   * again and again without a pause: soon after another loss it is a loss like others, with its wait.
   */
  resume(): void {
    if (this.link.state !== 'open') {
      return;
    }
    if (this.losses === 0 || this.wasStable()) {
      this.losses = 1;
      this.open();
    } else {
      this.lost();
    }
  }

  /** Ask for a sign of life at once; without one the connection is taken for lost after `CHECK_MS`. */
  check(): void {
    if (this.link.state === 'open' && !this.isInDoubt) {
      this.isInDoubt = true;
      this.cancelPing();
      this.ping();
      this.cancelPing = this.later(CHECK_MS, () => {
        this.schedulePing();
        this.expectLife();
      });
    }
  }

  /** Close for good. */
  stop(why: StopReason): void {
    this.release();
    this.become({ state: 'stopped', why });
  }

  /** Ping every `asked` milliseconds, as far as that does neither flood the network nor leave a lost one unnoticed. */
  setPingInterval(asked: number): void {
    const ms = Math.min(PING_LIMITS_MS.most, Math.max(PING_LIMITS_MS.least, asked));
    const isNew = ms !== this.pingMs;
    this.pingMs = ms;
    if (isNew && this.link.state === 'open') {
      this.cancelPing();
      this.schedulePing();
    }
  }

  private open(): void {
    this.release();
    this.become({ state: 'connecting', attempt: this.attempt });
    const socket = this.around.openSocket(this.url);
    this.socket = socket;
    this.later(OPENING_MS, () => {
      this.lost();
    });
    socket.onopen = () => {
      this.onOpen();
    };
    socket.onmessage = event => {
      this.isPingUnanswered = this.isInDoubt = false;
      this.heardAt = this.around.now();
      this.events.frame(event.data);
    };
    socket.onclose = event => {
      this.onClose(event.code, event.reason);
    };
  }

  private onOpen(): void {
    this.cancelTimers();
    this.isPingUnanswered = this.isInDoubt = false;
    this.openedAt = this.heardAt = this.around.now();
    this.answered = 0;
    this.schedulePing();
    this.become({ state: 'open' });
    this.events.opened();
  }

  private onClose(code: number, reason: string): void {
    const why = stopReason(code);
    this.noteCut(code);
    if (why === null) {
      this.lost(closeReason(reason)?.retryAfterMs);
    } else {
      this.stop(why);
    }
  }

  /** A proxy between may cut what is idle; with a ping on its way it was not. */
  private noteCut(code: number): void {
    if (code === CUT && this.link.state === 'open' && !this.isPingUnanswered) {
      this.cuts = withCut(this.cuts, this.around.now() - this.heardAt);
    }
  }

  private schedulePing(): void {
    this.cancelPing = this.later(Math.min(this.pingMs, this.cuts.pingMs), () => {
      if (this.expectLife()) {
        this.ping();
        this.schedulePing();
      }
    });
  }

  private ping(): void {
    this.isPingUnanswered = true;
    this.socket?.send('"ping"');
  }

  /** Whether anything was heard since the last ping; a connection without a sign of life is lost. */
  private expectLife(): boolean {
    const isAlive = !this.isPingUnanswered;
    if (!isAlive) {
      this.lost();
    }
    return isAlive;
  }

  private lost(retryAfterMs?: number): void {
    const wasOpen = this.link.state === 'open';
    this.release();
    if (wasOpen && this.wasStable()) {
      this.losses = 0;
    }
    this.attempt += 1;
    this.losses += 1;
    if (this.attempt > MAX_TRIES) {
      this.become({ state: 'gave-up', ...this.blocked() });
      return;
    }
    const chance = this.around.random();
    this.countDown(
      retryAfterMs === undefined
        ? delayBefore(this.losses, chance)
        : delayTold(retryAfterMs, chance)
    );
    if (!wasOpen) {
      void this.askWhy(this.attempt);
    }
  }

  private async askWhy(attempt: number): Promise<void> {
    const found = await this.probe();
    if (this.link.state !== 'waiting' || this.link.attempt !== attempt) {
      return;
    }
    if (found === null || found === 'answers') {
      this.answered = found === null ? 0 : this.answered + 1;
      const { isBlocked, secondsLeft } = this.link;
      if (this.blocked().isBlocked !== isBlocked) {
        this.become({ state: 'waiting', attempt, secondsLeft, ...this.blocked() });
      }
    } else {
      this.stop(found);
    }
  }

  private wasStable(): boolean {
    return this.around.now() - this.openedAt >= STABLE_MS;
  }

  private blocked(): { readonly isBlocked?: true } {
    return this.answered >= BLOCKED_AFTER ? { isBlocked: true } : {};
  }

  /** One timer opens, others only show: a browser runs a hidden page's timers late, and late ones must not add up. */
  private countDown(ms: number): void {
    const seconds = Math.ceil(ms / 1000);
    this.later(ms, () => {
      this.open();
    });
    for (let secondsLeft = seconds - 1; secondsLeft > 0; secondsLeft -= 1) {
      this.later(ms - secondsLeft * 1000, () => {
        this.become({ state: 'waiting', attempt: this.attempt, secondsLeft, ...this.blocked() });
      });
    }
    const { attempt } = this;
    this.become({ state: 'waiting', attempt, secondsLeft: seconds, ...this.blocked() });
  }

  private later(ms: number, run: () => void): () => void {
    const cancel = this.around.after(ms, run);
    this.cancels.push(cancel);
    return cancel;
  }

  private cancelTimers(): void {
    this.cancels.forEach(cancel => {
      cancel();
    });
    this.cancels = [];
  }

  private release(): void {
    this.cancelTimers();
    const { socket } = this;
    this.socket = null;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private become(link: Link): void {
    this.link = link;
    this.events.changed(link);
  }
}
