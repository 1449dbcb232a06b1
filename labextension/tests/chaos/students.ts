/**
 * Students under Node, for lectures in which their connections are cut: `tests/chaos/test_cut_lectures_in_javascript.py`
 * starts this program and talks with it by lines of JSON.
 *
 * It is told the seats, says "ready" when every student knows the room, is told the number of the last control event,
 * and says what each student has applied by then. Waits between tries are a hundredth of the real ones.
 */
import { createInterface } from 'node:readline';

import { RoomClient } from '../../src/client/client';
import { OPENING_MS } from '../../src/client/connection';
import { browserSurroundings } from '../../src/client/surroundings';
import type { Surroundings } from '../../src/client/surroundings';
import type { ServerEvent } from '../../src/protocol/messages';

const HASTE = 100;
const hasty: Surroundings = {
  ...browserSurroundings,
  after: (ms, run) => browserSurroundings.after(ms === OPENING_MS ? ms : ms / HASTE, run),
  now: () => browserSurroundings.now() * HASTE
};

interface Seat {
  readonly ws_url: string;
  readonly token: string;
}

/** A client, every control event that changed what it knows, and how often its whole state was replaced after the first. */
class Student {
  readonly applied: ServerEvent[] = [];
  snapshots = 0;
  private readonly client: RoomClient;
  private known;
  private toldAt = -1;

  constructor({ ws_url, token }: Seat) {
    const onEvent = (event: ServerEvent): void => {
      this.note(event);
    };
    this.client = new RoomClient({ url: ws_url, token, around: hasty, onEvent });
    this.known = this.client.state.room;
    this.client.subscribe(({ link }) => {
      if (link.state === 'gave-up') {
        this.client.connection.retry();
      }
    });
    this.client.start();
  }

  /** Resolves when the student is connected and has come to control event number `seq`. */
  until(seq: number): Promise<void> {
    const isThere = (): boolean => {
      const { link, room } = this.client.state;
      return link.state === 'open' && (room.place?.seq ?? -1) >= seq;
    };
    return new Promise(resolve => {
      const look = (): void => {
        if (isThere()) {
          end();
          resolve();
        }
      };
      const end = this.client.subscribe(look);
      look();
    });
  }

  private note(event: ServerEvent): void {
    const { room } = this.client.state;
    if (event.event === 'snapshot') {
      this.snapshots += this.toldAt < 0 ? 0 : 1;
    } else if ('seq' in event && room !== this.known) {
      this.applied.push(event);
    }
    this.toldAt = room.place?.seq ?? -1;
    this.known = room;
  }
}

const heard = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function hear<T>(): Promise<T> {
  const { value } = (await heard.next()) as { value: string };
  return JSON.parse(value) as T;
}

function say(line: unknown): Promise<void> {
  return new Promise(resolve => {
    process.stdout.write(`${JSON.stringify(line)}\n`, () => {
      resolve();
    });
  });
}

async function attend(): Promise<void> {
  const students = (await hear<Seat[]>()).map(seat => new Student(seat));
  await Promise.all(students.map(student => student.until(0)));
  await say('ready');
  const last = await hear<number>();
  await Promise.all(students.map(student => student.until(last)));
  await say(students.map(({ applied, snapshots }) => ({ applied, snapshots })));
  process.exit();
}

void attend();
