"""The REST API over HTTP: who may, what the body says, which status the answer has.

What is done stands in ``operations``, under which address in ``routes``.

The instructor's handlers know one thing of Jupyter: combined with its handler class (see ``app``), its own login counts
as well. The audience's one handler reads no cookie at all.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from ..core.errors import BadRequest, BadSetting, NotFound, Refusal, Unauthorized, Unavailable
from ..core.foreign import foreign
from ..core.rest import Participant
from . import operations as op
from .auth import Role, bearer
from .bodies import SMALL_BODY
from .codes import normal_code
from .heads import ClientStream
from .links import PAGES
from .lists import PATIENCE, attachment, csv_lines, file_pieces, json_list
from .routes import API, ROUTES, Route
from .service import Service
from .web import Rule, ServiceHandler


class ApiHandler(ServiceHandler):
    """The routes of one path."""

    routes: dict[str, Route]
    _writing: asyncio.Task[None] | None = None
    _is_gone = False

    def initialize(self, service: Service, routes: dict[str, Route]) -> None:  # type: ignore[override]
        """Tornado's constructor for the arguments of a route."""
        super().initialize(service)
        self.routes = routes

    async def prepare(self) -> None:
        """Find out who asks, and then how much they may send."""
        await self.be_ready()
        await self.admit()
        route = self.routes.get(self.request.method or "")
        self.max_body = SMALL_BODY if route is None else route.max_body
        await super().prepare()

    async def be_ready(self) -> None:
        """Open the service; raises :exc:`Unavailable`."""
        await self.service.ready()

    async def admit(self) -> None:
        """Refuse who may not ask this; the body has not come yet."""

    async def answer(self, path: dict[str, str]) -> None:
        """Run the route's operation and write what it returns."""
        route = self.routes.get(self.request.method or "")
        if route is None:
            raise web.HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)
        body = self.body(route, self.received())
        asked = op.Asked(**path | {"code": normal_code(path.get("code", ""))})
        result = await route.operation(self.service, asked, body)
        if isinstance(result, op.Lists):
            await self.write_lists(route, result)
        elif isinstance(result, op.Download):
            await self.write_file(result)
        else:
            self.write_result(route, result)

    def body(self, route: Route, received: bytes) -> Any:
        """The request's body in the shape that the route asks for."""
        if route.request is None:
            return None
        try:
            return msgspec.json.decode(received, type=route.request)
        except msgspec.ValidationError as wrong:
            raise BadRequest(f"The body is not as the API describes it: {foreign(wrong)}.") from wrong
        except (msgspec.DecodeError, UnicodeError, RecursionError) as wrong:
            raise BadRequest("The body is not JSON, or nested too deeply.") from wrong

    def write_result(self, route: Route, result: Any) -> None:
        """Write the answer with its status."""
        is_created = isinstance(result, op.Created)
        self.set_status(route.status if is_created or not route.statuses else HTTPStatus.OK)
        if route.status == HTTPStatus.NO_CONTENT:
            self.finish()
        else:
            self.finish_json(result.body if is_created else result)

    async def write_lists(self, route: Route, result: op.Lists) -> None:
        """Write many records as they are made, in JSON or CSV."""
        async with aclosing(result.lists):
            if route.is_csv_too and "text/csv" in self.request.headers.get("Accept", ""):
                self.set_header("Content-Type", "text/csv; charset=utf-8")
                self.set_header("Content-Disposition", attachment(result.name, result.fallback))
                names = (*result.record.__struct_fields__, *result.more_names)
                await self.write_pieces(csv_lines(names, result.lists, result.more))
            else:
                self.set_header("Content-Type", "application/json; charset=utf-8")
                await self.write_pieces(json_list(result.lists))

    async def write_file(self, download: op.Download) -> None:
        """Write a file, a little at a time, and let go of it."""
        try:
            self.set_header("Content-Type", "application/vnd.sqlite3")
            self.set_header("Content-Disposition", f'attachment; filename="{download.name}"')
            self.set_header("Content-Length", str(os.fstat(download.file.fileno()).st_size))
            await self.write_pieces(file_pieces(download.file))
        finally:
            download.done()

    async def write_pieces(self, pieces: AsyncGenerator[bytes, None]) -> None:
        """Write each piece once the reader has taken the one before; break off if they do not, or if one cannot be had.

        What fails before the first piece is answered by its status; later the connection is closed, so that nobody
        takes a part for the whole.
        """
        has_begun = False
        self._writing = asyncio.current_task()
        async with aclosing(self.service.pace.paced(pieces)) as paced:
            try:
                async for piece in paced:
                    self.write(piece)
                    has_begun = True
                    async with asyncio.timeout(PATIENCE):
                        await self.flush()
            except StreamClosedError:
                return
            except asyncio.CancelledError:
                if not self._is_gone:
                    raise
                return
            except (Refusal, TimeoutError) as broken:
                if not has_begun:
                    raise
                why = broken.message if isinstance(broken, Refusal) else "its reader takes nothing."
                self.service.log.warning("An answer was broken off: %s", foreign(why))
                self.break_off()
                return
            finally:
                self._writing = None
        self.finish()

    def on_connection_close(self) -> None:
        """Stop making an answer that nobody waits for any more; called by Tornado."""
        super().on_connection_close()
        if self._writing is not None:
            self._is_gone = True
            self._writing.cancel()

    def break_off(self) -> None:
        """Close the connection in the middle of an answer."""
        connection = self.request.connection
        if isinstance(connection, HTTP1Connection):
            connection.close()

    def methods(self) -> Iterable[str]:
        """The methods of the routes."""
        return self.routes


class InstructorHandler(ApiHandler):
    """The instructor's routes: our token in a header, or the login of the server that this is mounted on."""

    async def admit(self) -> None:
        """Let nobody in but the instructor."""
        token = bearer(self.request.headers.get("Authorization"))
        if token is not None and self.service.tokens.is_instructor(token):
            self.current_user = Role.INSTRUCTOR
        else:
            await self.ask_host()
        stream = getattr(self.request.connection, "stream", None)
        if isinstance(stream, ClientStream):
            stream.take_time()

    async def be_ready(self) -> None:
        """Open the service; whom the host knows is told why it cannot be opened."""
        try:
            await super().be_ready()
        except Unavailable as refusal:
            await self.tell_host(refusal)
            raise

    async def tell_host(self, refusal: Unavailable) -> None:
        """Tell whom the host knows why the rooms cannot be opened, and what to do; a stranger is not told of files."""
        if not isinstance(refusal.__cause__, BadSetting):
            return
        try:
            await self.ask_host()
        except (Refusal, web.HTTPError):
            return
        raise Unavailable(refusal.__cause__.message) from refusal

    async def ask_host(self) -> None:
        """Ask the server that this is mounted on whether it knows the caller; alone, nobody is known."""
        raise Unauthorized("That takes the token of this server's instructor, as Authorization: Bearer <token>.")

    @web.authenticated
    async def get(self, **path: str) -> None:
        """Answer GET."""
        await self.answer(path)

    @web.authenticated
    async def post(self, **path: str) -> None:
        """Answer POST."""
        await self.answer(path)

    @web.authenticated
    async def put(self, **path: str) -> None:
        """Answer PUT."""
        await self.answer(path)

    @web.authenticated
    async def delete(self, **path: str) -> None:
        """Answer DELETE."""
        await self.answer(path)


class ParticipantsHandler(ApiHandler):
    """Makes a participant of any program that has the code; a phone gets its cookie with its page.

    A page of ours asks only if its socket was nobody's: the browser keeps no cookies, or a proxy changes the host. If
    there is a cookie after all, its participant is the answer, so that one browser stays one participant.
    """

    @allow_unauthenticated
    async def post(self, code: str) -> None:
        """Answer POST."""
        room = self.caller.find_room(code)
        held = self._held(room.code)
        if held is None:
            self.service.gate.join(self.address, self.service.clock.monotonic())
            await self.answer({"code": room.code})
        else:
            self.write_result(self.routes["POST"], held)

    def _held(self, code: str) -> Participant | None:
        try:
            held = self.caller.cookie_participant(code) if self.caller.is_our_page() else None
        except Unauthorized:
            return None
        return Participant(held[0].participant or "", held[1]) if held else None


class NoSuchPath(ServiceHandler):
    """Everything else under the API."""

    async def prepare(self) -> None:
        """Say so in JSON, whatever the method."""
        await self.service.requests.turn()
        raise NotFound("There is nothing at this address of the API.")


def instructor_rules(service: Service, handler: type[InstructorHandler] = InstructorHandler) -> list[Rule]:
    """The instructor's routes, one rule for each path."""
    paths: dict[str, dict[str, Route]] = defaultdict(dict)
    for route in ROUTES:
        if route.role is Role.INSTRUCTOR:
            paths[route.pattern][route.method] = route
    return [(pattern, handler, {"service": service, "routes": routes}) for pattern, routes in paths.items()]


def audience_rules(service: Service) -> list[Rule]:
    """The one route that is everybody's, and the answer to every other path of the API."""
    return [_join_rule(service, ""), (f"{API}.*", NoSuchPath, {"service": service})]


def join_rule(service: Service) -> Rule:
    """The same route beside the pages that lie at the root: whoever has a join link finds it without a guess."""
    return _join_rule(service, PAGES)


def _join_rule(service: Service, prefix: str) -> Rule:
    open_to_all = next(route for route in ROUTES if route.role is Role.LISTENER)
    arguments = {"service": service, "routes": {open_to_all.method: open_to_all}}
    return (open_to_all.pattern.removeprefix(prefix), ParticipantsHandler, arguments)
