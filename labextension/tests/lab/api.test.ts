import { PageConfig } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { beforeEach, expect, it, vi } from 'vitest';

import { RoomsApi } from '../../src/lab/api';

const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.spyOn(ServerConnection, 'makeRequest').mockImplementation(url => {
    asked.push(url);
    return Promise.resolve(new Response('{}', { headers: { 'Content-Type': 'application/json' } }));
  });
});

const api = new RoomsApi(
  ServerConnection.makeSettings({ baseUrl: 'http://host/user/ada/', wsUrl: 'ws://host/user/ada/' })
);

it.each([
  ['../../../api/contents', '..%2F..%2F..%2Fapi%2Fcontents'],
  ['q?x#y', 'q%3Fx%23y'],
  ['a b', 'a%20b']
])('asks about a question %j of the room and of nothing else', async (id, segment) => {
  await api.publish('K7WQ2M', id);
  expect(asked).toEqual([
    `http://host/user/ada/livepoll/api/rooms/K7WQ2M/questions/${segment}/publish`
  ]);
});

it.each(['.', '..'])('asks nothing about a question %j', id => {
  expect(() => api.publish('K7WQ2M', id)).toThrow('There is no such room or question.');
  expect(asked).toEqual([]);
});

it.each([
  ['JupyterLite', /JupyterLite has no Jupyter server.* open its link in a tab of the browser/],
  ['JupyterLab', /^The LivePoll server extension does not answer.*restart JupyterLab\.$/]
])('says what to do where no server has the extension (%s)', async (appName, words) => {
  PageConfig.setOption('appName', appName);
  vi.spyOn(ServerConnection, 'makeRequest').mockResolvedValue(
    new Response('<h1>Not found</h1>', { status: 404, headers: { 'Content-Type': 'text/html' } })
  );
  await expect(api.rooms()).rejects.toThrow(words);
});
