/** All that a connection takes from the browser, in one place, so that a test can bring its own clock and socket. */

/** The part of a WebSocket that a connection uses. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(frame: string): void;
  close(code?: number): void;
}

/** Sockets, time and chance. Times are in milliseconds, `now` counts from anywhere; `random` gives a number in [0, 1). */
export interface Surroundings {
  openSocket(url: string): Socket;
  after(ms: number, run: () => void): () => void;
  now(): number;
  random(): number;
}

/** The browser's own. `after` returns what cancels it. */
export const browserSurroundings: Surroundings = {
  openSocket: url => new WebSocket(url) as Socket,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  now: () => performance.now(),
  random: () => Math.random()
};
