/** What a close code tells the client to do: the table of the wire protocol, and nothing else. */

/** Why a client stopped for good. */
export type StopReason = 'refused' | 'bad-token' | 'room-ended' | 'unknown-room' | 'limit';

const STOPS: Readonly<Record<number, StopReason>> = {
  1003: 'refused',
  1008: 'refused',
  1009: 'refused',
  4501: 'bad-token',
  4503: 'room-ended',
  4504: 'limit'
};

/** Why to stop after a close with `code`, or null where trying again is right. */
export function stopReason(code: number): StopReason | null {
  return STOPS[code] ?? null;
}
