/**
 * The page on a student's phone: reads what the server wrote on `<body>`, and puts the parts together. They take the
 * place of the first screen, which the server has drawn in the same way.
 */
import './audience.css';
import { RoomClient } from '../client/client';
import { unsentVotes } from '../client/unsent';
import { wakeWith } from '../client/waking';
import { isOpen } from '../views/asked';
import { codePage } from './code_page';
import type { CodePageReason } from './code_page';
import { placeAt } from './place';
import { probePage } from './probe';
import { keepInSight } from './sticky';
import { StudentPage } from './student_page';
import { agreeWithTabs, tabsIn } from './tabs';
import { ScreenLock } from './wake_lock';

const { body } = document;
const { code = '', title = '', state = 'join' } = body.dataset;

if (state === 'join') {
  joinRoom();
} else {
  body.replaceChildren(
    codePage(state as CodePageReason, typed => {
      location.assign(sibling(typed));
    })
  );
}

function joinRoom(): void {
  const client = new RoomClient({
    url: socketUrl(),
    probe: probePage(location.href),
    takePlace: placeAt(participantsUrl()),
    unsent: unsentVotes(code)
  });
  const page = new StudentPage(title, {
    vote: answer => {
      client.vote(answer);
    },
    retry: () => {
      client.connection.retry();
    },
    leave: () => {
      leave(client);
    }
  });
  page.update(client.state);
  body.replaceChildren(page.element);
  const look = keepInSight(page.element, '.lp-question > .lp-options + .lp-standing, .lp-send');
  const screenLock = new ScreenLock();
  client.subscribe(now => {
    page.update(now);
    look();
    screenLock.set(now.room.question !== null && isOpen(now.room.question));
  });
  wakeWith(client);
  agreeWithTabs(client, tabsIn(code));
  client.start();
}

function leave({ state: { link } }: RoomClient): void {
  if (link.state === 'stopped' && (link.why === 'room-ended' || link.why === 'unknown-room')) {
    location.assign(sibling(''));
  } else {
    location.reload();
  }
}

/** The socket and the class's part of the API lie beside the page on every server. */
function socketUrl(): string {
  const url = new URL('_ws', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  if (code !== '') {
    url.searchParams.set('room', code);
  }
  return url.href;
}

function participantsUrl(): string {
  return new URL(`api/rooms/${code}/participants`, location.href).href;
}

/** The address of another room's page: rooms' pages stand side by side under one path. */
function sibling(other: string): string {
  return new URL(other === '' ? '.' : other, location.href).href;
}
