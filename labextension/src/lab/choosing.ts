/** Which of the open rooms is shown and commanded. Pure but for what it remembers. */
import type { RoomSummary } from '../protocol/rest';
import type { Front } from './front';

/** The room that the notebook in front has opened last, or null. */
export function roomOf(front: Front | null, rooms: readonly RoomSummary[]): RoomSummary | null {
  if (front === null) {
    return null;
  }
  const theirs = rooms.filter(({ kernels }) => kernels?.includes(front.kernel));
  return theirs[theirs.length - 1] ?? null;
}

/**
 * The room of the notebook in front. A room picked by hand stays until another notebook with a room comes to the front;
 * while nothing in front has a room, the room shown stays. Before there was either: the room opened last.
 */
export class Choosing {
  private kept: string | null = null;
  private lastInFront: string | null = null;

  /** The person has picked a room. */
  pick(code: string, front: Front | null, rooms: readonly RoomSummary[]): void {
    this.kept = code;
    this.lastInFront = roomOf(front, rooms)?.code ?? this.lastInFront;
  }

  /** The code of the room to show, undefined if none is open. */
  choose(front: Front | null, rooms: readonly RoomSummary[]): string | undefined {
    const inFront = roomOf(front, rooms)?.code ?? null;
    if (inFront !== null && inFront !== this.lastInFront) {
      this.kept = inFront;
      this.lastInFront = inFront;
    }
    const kept = rooms.find(({ code }) => code === this.kept)?.code;
    return kept ?? inFront ?? rooms[rooms.length - 1]?.code;
  }
}

/** What the panel says where the room shown is not that of the notebook in front; null where it is. */
export function elsewhere(
  shown: Pick<RoomSummary, 'code' | 'title'> | null,
  front: Front | null,
  rooms: readonly RoomSummary[]
): string | null {
  if (shown === null || front === null) {
    return null;
  }
  const theirs = roomOf(front, rooms);
  if (theirs === null) {
    return `${front.name} has no room. This is the room “${shown.title}”.`;
  }
  return theirs.code === shown.code
    ? null
    : `${front.name} has the room “${theirs.title}”. This is the room “${shown.title}”.`;
}
