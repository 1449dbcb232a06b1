/** The golden messages in tests/wire: Python writes and reads the very same files. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, it } from 'vitest';

import { decode } from '../../src/protocol/decode';
import { SERVER_EVENTS } from '../../src/protocol/messages';

interface Golden {
  readonly description: string;
  readonly from: 'server' | 'client';
  readonly message: { readonly event: string };
}

const folder = resolve(__dirname, '../../../tests/wire');
const golden = readdirSync(folder)
  .filter(name => name.endsWith('.json'))
  .map(name => JSON.parse(readFileSync(resolve(folder, name), 'utf-8')) as Golden);
const fromServer = golden.filter(({ from }) => from === 'server');

it('has a golden message for every event', () => {
  const events = new Set(fromServer.map(({ message }) => message.event));
  expect([...events].sort()).toEqual([...SERVER_EVENTS].sort());
});

it.each(fromServer)('reads: $description', ({ message }) => {
  expect(decode(JSON.stringify(message))).toEqual(message);
});
