/** Which screen stands in place of a question, and its words. Pure. */
import type { ClientState } from '../client/client';
import type { StopReason } from '../client/closing';
import type { Notice } from '../views/notice';

const STOPPED: Readonly<Record<StopReason, Notice>> = {
  'room-ended': {
    art: 'ended',
    title: 'This room has ended',
    text: 'Thank you for taking part. You can close this page.',
    action: 'Join another room'
  },
  'unknown-room': {
    art: 'trouble',
    title: 'This room is not here any more',
    text: 'Ask for the code of the present room.',
    action: 'Enter another code'
  },
  'bad-token': {
    art: 'trouble',
    title: 'Your place has expired',
    text: 'Join again to go on; it takes a moment.',
    action: 'Join again'
  },
  refused: {
    art: 'trouble',
    title: 'The room closed this connection',
    text: 'This page may be out of date. Reload it to go on.',
    action: 'Reload'
  },
  limit: {
    art: 'trouble',
    title: 'You have too many pages of this room open',
    text: 'This was the oldest, so it was closed. Your answers are kept. Go on in the newest, or here.',
    action: 'Go on here'
  }
};

const UNCONFIRMED_TEXT = 'Your last answer was not confirmed, so it may not count.';

/** What is said where the answer that was on its way has nowhere to go any more. */
const UNCONFIRMED = {
  'room-ended': {
    ...STOPPED['room-ended'],
    text: `${UNCONFIRMED_TEXT} Thank you for taking part.`
  },
  'unknown-room': {
    ...STOPPED['unknown-room'],
    text: `${UNCONFIRMED_TEXT} ${STOPPED['unknown-room'].text}`
  }
};

/** The screen for `state`, or null where there is a question to show. */
export function notice({ link, room, votes }: ClientState): Notice | null {
  if (link.state === 'stopped') {
    const isOver = link.why === 'room-ended' || link.why === 'unknown-room';
    return isOver && votes.outbox.length > 0 ? UNCONFIRMED[link.why] : STOPPED[link.why];
  }
  if (room.question !== null) {
    return null;
  }
  if (room.place !== null) {
    return WAITING;
  }
  return 'isBlocked' in link ? BLOCKED : joining(link.state === 'connecting');
}

const WAITING: Notice = {
  art: 'waiting',
  title: 'You are in',
  text: 'The next question appears here by itself.',
  action: null
};

const BLOCKED: Notice = {
  art: 'trouble',
  title: 'The room cannot be reached',
  text: "The page's server answers, but the live connection is blocked on the way (a proxy). Tell your lecturer.",
  action: null
};

function joining(isTrying: boolean): Notice {
  return {
    art: 'joining',
    title: isTrying ? 'Joining…' : 'The room cannot be reached',
    text: isTrying ? 'This takes a moment.' : 'Are you on the network that the link is for?',
    action: null
  };
}
