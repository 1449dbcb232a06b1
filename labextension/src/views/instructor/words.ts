/** What an instructor reads about a room's state, in a few words each. Pure. */
import type { Link } from '../../client/connection';
import type { StopReason } from '../../client/closing';
import type { Stage } from './room';

/** Where a question stands. */
export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  draft: 'Draft',
  open: 'Open',
  locked: 'Locked',
  revealed: 'Revealed',
  closed: 'Closed'
};

const STOP_WORDS: Readonly<Record<StopReason, string>> = {
  refused: 'Stopped: the server refused the connection',
  'bad-token': 'Stopped: the server does not know this token',
  'room-ended': 'This room has ended',
  'unknown-room': 'There is no such room',
  limit: 'Stopped: the server is full'
};

/** The state of the connection. */
export function linkWords(link: Link): string {
  switch (link.state) {
    case 'connecting':
      return link.attempt === 0 ? 'Connecting…' : `Reconnecting, try ${link.attempt}…`;
    case 'open':
      return 'Connected';
    case 'waiting':
      return `Connection lost. Try ${link.attempt} in ${link.secondsLeft} s`;
    case 'gave-up':
      return 'Connection lost';
    case 'stopped':
      return STOP_WORDS[link.why];
  }
}

/** How many there are of something. */
export function count(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}
