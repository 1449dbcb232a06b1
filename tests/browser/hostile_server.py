"""A livepoll server in the hands of an attacker: it speaks the protocol and puts payloads into every field.

It serves the real audience page with its real policy, the widgets' bundle in a bare page with a model that stands for a
kernel's, and the REST API that notebooks ask. ``patch`` may change a bundle on its way, to plant a bug.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Sequence
from threading import Event, Thread
from typing import Any, Self

import hostile_fields as fields
from payloads import PAYLOADS
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

from livepoll_jupyter.server.assets import DIRECTORY, find_asset
from livepoll_jupyter.server.html import content_security_policy, page

CODE = "K7WQ2M"
MANY = 190
"""Options of a question in a notebook, a few less than are shown at most, so that each has many payloads."""
FACES = ("panel", "question", "seat")

Patch = Callable[[str], str]

_BARE = """\
<!doctype html><meta charset="utf-8"><title>Widgets</title><body>
<script type="module">
import widget from './widget.js';
const models = new Map();
function modelOf(face) {
  const traits = {}, heard = new Map();
  const emit = (name, message) => (heard.get(name) ?? []).forEach(listener => listener(message));
  return {
    get: name => traits[name],
    on: (name, listener) => heard.set(name, [...(heard.get(name) ?? []), listener]),
    off: () => undefined,
    send: ({ id }) => emit('msg:custom', { reply: id, error: traits.title }),
    take: given => {
      Object.assign(traits, given);
      emit('change:title');
    }
  };
}
const feed = new WebSocket(`ws://${location.host}/_feed`);
feed.onmessage = ({ data }) => {
  const traits = JSON.parse(data);
  const known = models.get(traits._face);
  if (known !== undefined) {
    known.take(traits);
    return;
  }
  const model = modelOf();
  model.take(traits);
  models.set(traits._face, model);
  const el = document.createElement('main');
  document.body.append(el);
  widget.render({ model, el });
};
</script>
"""


def pass_through(bundle: str) -> str:
    """A bundle whose sanitiser lets everything through."""
    planted, times = re.subn(
        r"\bsanitizedFragment\((\w+)\)\s*\{",
        r"sanitizedFragment(\1){return document.createRange().createContextualFragment(\1);",
        bundle,
    )
    assert times == 1, "the sanitiser is in the bundle once"
    return planted


class HostileServer:
    """Runs in a thread of its own, for as long as the ``with``. ``numbers`` are those of the payloads that it sends."""

    def __init__(
        self,
        numbers: Iterable[int] = range(len(PAYLOADS)),
        *,
        patch: Patch = str,
        has_policy: bool = True,
        faces: Sequence[str] = FACES,
    ) -> None:
        self.numbers, self.patch, self.has_policy, self.faces = list(numbers), patch, has_policy, faces
        self.active = range(1)
        self.peers: set[Peer] = set()
        self._loop = asyncio.new_event_loop()
        self._sockets = bind_sockets(0, "127.0.0.1")
        self._is_up = Event()
        self._thread = Thread(target=self._run)

    @property
    def host(self) -> str:
        """Name and port."""
        return f"127.0.0.1:{self._sockets[0].getsockname()[1]}"

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://{self.host}/"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def show(self, numbers: range) -> None:
        """Let the room have a question for each number, and tell everybody."""
        self.active = numbers
        self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        for peer in tuple(self.peers):
            peer.say({"event": "room-changed", "data": {"questions": len(self.active)}})
            peer.say(fields.snapshot(self.active.start, title=f"Number {self.active.start}", options=MANY))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _serve(self) -> None:
        given = {"server": self}
        self._server = HTTPServer(
            Application([
                (r"/_ws", Peer, given),
                (r"/_feed", Feed, given),
                (r"/widgets/", Bare, given),
                (r"/(?:assets|widgets)/(.*)", File, given),
                (r"/(?:livepoll/)?api/(.*)", Rest, given),
                (r"/.*", StudentPage, given),
            ])
        )  # fmt: skip
        self._server.add_sockets(self._sockets)
        self._is_up.set()

    async def _end(self) -> None:
        self._server.stop()
        for peer in tuple(self.peers):
            peer.close()
        await self._server.close_all_connections()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Handler(RequestHandler):
    def initialize(self, server: HostileServer) -> None:
        self.server = server


class StudentPage(_Handler):
    """The page as the real server sends it."""

    def get(self) -> None:
        """Answer GET."""
        if self.server.has_policy:
            self.set_header("Content-Security-Policy", content_security_policy(self.request.host))
        self.finish(page("join", code=CODE, title="A lecture"))


class Bare(_Handler):
    """A page with the widgets and nothing else."""

    def get(self) -> None:
        """Answer GET."""
        self.finish(_BARE)


class File(_Handler):
    """A file of a bundle."""

    def get(self, name: str) -> None:
        """Answer GET."""
        asset = find_asset(name)
        if asset is not None and not name.endswith(".js"):
            self.set_header("Content-Type", asset.content_type)
            self.finish(asset.body)
            return
        body = asset.body.decode() if asset else (DIRECTORY.parent / "widget" / name).read_text()
        self.set_header("Content-Type", "text/javascript")
        self.finish(self.server.patch(body))


class Rest(_Handler):
    """What a notebook asks for."""

    def get(self, path: str) -> None:
        """Answer GET."""
        if path.endswith("/results"):
            shown = self.server.active.start
            self.finish(json.dumps(fields.results(shown, fields.question(shown))))
        else:
            self.finish(json.dumps(fields.room(self.server.active, CODE, f"Number {self.server.active.start}", MANY)))

    def post(self, path: str) -> None:
        """Answer POST."""
        if path.endswith("/participants"):
            self.finish({"participant": fields.payload(0), "token": "a-token"})
        elif path == "rooms":
            self.get("rooms/" + CODE)
        else:
            self.set_status(409)
            bad = fields.payload(self.server.active.start)
            self.finish({"code": bad, "message": f"{bad} refused"})


class Peer(WebSocketHandler):
    """A room's socket. A page gets every payload as fast as it reads, a notebook what is shown at the time."""

    def initialize(self, server: HostileServer) -> None:
        """Tornado's constructor."""
        self.server = server
        self._votes = 0

    def check_origin(self, _origin: str) -> bool:
        """Let everybody in."""
        return True

    def on_message(self, message: str | bytes) -> None:
        """Answer."""
        match json.loads(message):
            case {"event": "hello"}:
                self.say(fields.welcome())
                if "Origin" in self.request.headers:
                    self._say_everything()
                else:
                    self.server.peers.add(self)
                    self.say(
                        fields.snapshot(
                            self.server.active.start, title=f"Number {self.server.active.start}", options=26
                        )
                    )
            case {"event": "vote", "data": {"op": op}}:
                self.say(fields.refusal(op, self._votes))
                self._votes += 1

    def on_close(self) -> None:
        """Forget it."""
        self.server.peers.discard(self)

    def say(self, event: dict[str, Any]) -> None:
        """Send an event."""
        self.write_message(json.dumps(event))

    def _say_everything(self) -> None:
        for number in self.server.numbers:
            self.say(fields.snapshot(number))
            for aside in fields.asides(number):
                self.say(aside)
        last = fields.snapshot(0, title=fields.THE_END)
        last["data"]["question"] |= {"is_locked": False, "kind": "choice"}
        self.say(last)


class Feed(WebSocketHandler):
    """What a kernel would tell the widgets' models."""

    def initialize(self, server: HostileServer) -> None:
        """Tornado's constructor."""
        self.server = server

    def open(self, *_: str) -> None:
        """Tell everything at once."""
        for number in self.server.numbers:
            for face in self.server.faces:
                self.write_message(json.dumps(fields.widget_traits(face, number)))
        for face in self.server.faces:
            self.write_message(json.dumps(fields.widget_traits(face, 1, title=fields.THE_END)))
