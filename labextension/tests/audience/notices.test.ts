import { expect, it } from 'vitest';

import { notice } from '../../src/audience/notices';
import type { ClientState } from '../../src/client/client';
import type { StopReason } from '../../src/client/closing';
import { UNKNOWN_ROOM } from '../../src/client/room';
import { castVote, NO_VOTES } from '../../src/client/votes';
import { aQuestion } from '../fakes';

function stopped(why: StopReason, votes = NO_VOTES): ClientState {
  return { link: { state: 'stopped', why }, room: UNKNOWN_ROOM, votes };
}

const unsent = castVote(NO_VOTES, aQuestion(), 'a', 'op1');

it.each<[StopReason, string]>([
  [
    'room-ended',
    'Your last answer was not confirmed, so it may not count. Thank you for taking part.'
  ],
  [
    'unknown-room',
    'Your last answer was not confirmed, so it may not count. Ask for the code of the present room.'
  ]
])('tells whose last answer was not confirmed: %s', (why, text) => {
  expect(notice(stopped(why, unsent))?.text).toBe(text);
});

it('says nothing of answers where all are confirmed', () => {
  expect(notice(stopped('room-ended'))?.text).toBe(
    'Thank you for taking part. You can close this page.'
  );
});

it('tells a connection that is blocked on the way from a network that is not there', () => {
  const waiting = { state: 'waiting', attempt: 2, secondsLeft: 3 } as const;
  const said = (link: ClientState['link']): string | undefined =>
    notice({ link, room: UNKNOWN_ROOM, votes: NO_VOTES })?.text;
  expect(said(waiting)).toContain('Are you on the network');
  expect(said({ ...waiting, isBlocked: true })).toContain('blocked on the way (a proxy)');
  expect(said({ state: 'gave-up', isBlocked: true })).toContain('Tell your lecturer');
});
