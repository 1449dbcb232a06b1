import { describe, expect, it } from 'vitest';

import { linkOf, problemOf } from '../../src/widget/countdown';
import { OPEN, WAITING } from './fake_model';

describe('the kernel’s connection', () => {
  it('counts the seconds to the next try down', () => {
    expect(linkOf(WAITING, 0)).toEqual({ state: 'waiting', attempt: 2, secondsLeft: 6 });
    expect(linkOf(WAITING, 3.5)).toEqual({ state: 'waiting', attempt: 2, secondsLeft: 3 });
  });

  it('is trying once the wait is over', () => {
    expect(linkOf(WAITING, 6)).toEqual({ state: 'connecting', attempt: 2 });
  });

  it('leaves the next try to a person after the last', () => {
    expect(linkOf({ ...OPEN, state: 'failed' }, 0)).toEqual({ state: 'gave-up' });
  });

  it('stops with the room', () => {
    expect(linkOf({ ...OPEN, state: 'ended' }, 0)).toEqual({
      state: 'stopped',
      why: 'room-ended'
    });
  });

  it('says why only where it does not come back by itself', () => {
    expect(problemOf(OPEN)).toBeNull();
    expect(problemOf(WAITING)).toBeNull();
    expect(problemOf({ ...WAITING, state: 'failed' })).toBe(WAITING.reason);
  });
});
