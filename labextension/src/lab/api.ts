/**
 * The instructor's REST API as the JupyterLab page may use it: with JupyterLab's own login and XSRF token, which
 * `ServerConnection` adds. It only asks and tells; what a room looks like meanwhile comes over the observer's socket.
 */
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { InstructorQuestion, Results } from '../protocol/messages';
import type { Observer, Problem, RoomState as Room, RoomSummary } from '../protocol/rest';

const NOT_THERE =
  'The LivePoll server extension does not answer. Run `jupyter server extension enable livepoll_jupyter` ' +
  'and restart JupyterLab.';

const IN_JUPYTERLITE =
  'JupyterLite has no Jupyter server, so neither this sidebar nor a notebook here can open, show or join a room. ' +
  'Open the room in JupyterLab or with `jupyter livepoll serve`; to answer, open its link in a tab of the browser.';

/** What the server refused, in its own words to the person. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message);
  }
}

export class RoomsApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** All open rooms, the one opened last at the end. */
  rooms(): Promise<RoomSummary[]> {
    return this.ask('GET', 'rooms');
  }

  room(code: string): Promise<Room> {
    return this.ask('GET', `rooms/${segment(code)}`);
  }

  /** A new room, or the open one of that title. */
  openRoom(title: string): Promise<Room> {
    return this.ask('POST', 'rooms', { title, reopen: true });
  }

  publish(code: string, id: string): Promise<InstructorQuestion> {
    return this.ask('POST', `rooms/${segment(code)}/questions/${segment(id)}/publish`);
  }

  setLock(code: string, id: string, isLocked: boolean): Promise<InstructorQuestion> {
    return this.ask('PUT', `rooms/${segment(code)}/questions/${segment(id)}/lock`, {
      is_locked: isLocked
    });
  }

  reveal(code: string, id: string): Promise<InstructorQuestion> {
    return this.ask('POST', `rooms/${segment(code)}/questions/${segment(id)}/reveal`);
  }

  close(code: string, id: string): Promise<InstructorQuestion> {
    return this.ask('POST', `rooms/${segment(code)}/questions/${segment(id)}/close`);
  }

  /** Delete a question that was never asked. */
  async deleteDraft(code: string, id: string): Promise<void> {
    await this.fetch('DELETE', `rooms/${segment(code)}/questions/${segment(id)}`);
  }

  results(code: string, id: string): Promise<Results> {
    return this.ask('GET', `rooms/${segment(code)}/questions/${segment(id)}/results`);
  }

  /** A token that lets a socket watch the room, results included, and nothing else. */
  async observerToken(code: string): Promise<string> {
    const { token } = await this.ask<Observer>('POST', `rooms/${segment(code)}/observers`);
    return token;
  }

  socketUrl(code: string): string {
    return `${URLExt.join(this.settings.wsUrl, '_ws')}?room=${encodeURIComponent(code)}`;
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    return (await (await this.fetch(method, path, body)).json()) as T;
  }

  private async fetch(method: string, path: string, body?: object): Promise<Response> {
    const url = URLExt.join(this.settings.baseUrl, 'livepoll/api', path);
    const init: RequestInit = { method };
    if (body) {
      init.body = JSON.stringify(body);
    }
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    if (!response.ok) {
      throw new RefusedError(response.status, await whatWasRefused(response));
    }
    return response;
  }
}

/** An id as one part of a path: whatever it holds, it leads to no other address. */
function segment(id: string): string {
  // Browsers read `..` as a step upwards, escaped or not.
  if (id === '.' || id === '..') {
    throw new RefusedError(404, 'There is no such room or question.');
  }
  return encodeURIComponent(id);
}

/** The server's own sentence; a server without the extension answers with a page of HTML instead. */
async function whatWasRefused(response: Response): Promise<string> {
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) {
    return PageConfig.getOption('appName') === 'JupyterLite' ? IN_JUPYTERLITE : NOT_THERE;
  }
  const { message } = (await response.json()) as Problem;
  return message;
}
