/** Rooms to show in tests. */
import type { InstructorQuestion } from '../../../src/protocol/messages';
import type { InstructorRoom } from '../../../src/views/instructor/room';
import { aQuestion } from '../../fakes';

/** A draft with two options, the first of them right. */
export function question(changes: Partial<InstructorQuestion> = {}): InstructorQuestion {
  return {
    ...aQuestion({ round: 0, is_active: false }),
    correct: ['a'],
    show_results: 'live',
    is_revealed: false,
    ...changes
  };
}

/** A question that is being asked. */
export function asked(changes: Partial<InstructorQuestion> = {}): InstructorQuestion {
  return question({ round: 1, is_active: true, ...changes });
}

/** A connected room without questions. */
export function room(changes: Partial<InstructorRoom> = {}): InstructorRoom {
  return {
    title: 'Statistics 101',
    code: 'K7WQ3M',
    joinUrl: 'http://192.168.1.20:3000/K7WQ3M',
    qrSvg: '<svg xmlns="http://www.w3.org/2000/svg"/>',
    link: { state: 'open' },
    participants: 3,
    questions: [],
    results: null,
    trouble: null,
    ...changes
  };
}
