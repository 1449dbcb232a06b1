import { beforeEach, expect, it } from 'vitest';

import { RoomPicker } from '../../src/lab/room_picker';
import { ServerInMemory } from './fakes';

let server: ServerInMemory;
let chosen: string[];
let picker: RoomPicker;

beforeEach(() => {
  server = new ServerInMemory();
  chosen = [];
  picker = new RoomPicker(
    code => chosen.push(code),
    () => undefined
  );
});

function shown(): (string | null)[] {
  return [...picker.element.querySelectorAll('option')].map(option => option.textContent);
}

it('tells rooms of the same title apart by their codes', () => {
  server.open('AAA222', 'Statistics');
  server.open('BBB222', 'Statistics');
  server.open('CCC222', 'Algebra');
  picker.update({ rooms: server.rooms, code: 'BBB222' });
  expect(shown()).toEqual(['Statistics (AAA222)', 'Statistics (BBB222)', 'Algebra']);
  expect(picker.element.querySelector('select')?.value).toBe('BBB222');
});

it('leaves an open list alone while the rooms are the same', () => {
  server.open('AAA222', 'Statistics');
  picker.update({ rooms: server.rooms, code: 'AAA222' });
  const option = picker.element.querySelector('option');
  picker.update({ rooms: [...server.rooms], code: 'AAA222' });
  expect(picker.element.querySelector('option')).toBe(option);
});

it('hands on what the person chooses', () => {
  server.open('AAA222', 'Statistics');
  server.open('BBB222', 'Algebra');
  picker.update({ rooms: server.rooms, code: 'BBB222' });
  for (const select of picker.element.querySelectorAll('select')) {
    select.value = 'AAA222';
    select.dispatchEvent(new Event('change'));
  }
  expect(chosen).toEqual(['AAA222']);
});
