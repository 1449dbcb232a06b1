"""The REST interface as a client sees it: the instructor's, and what anyone with the code may do.

A token goes into a header and nowhere else: not into an address, a repr or an error. No redirect is followed, so a
token goes to the server that was named and to no other. What a server answers is limited in size.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from ..core.errors import BadRequest
from ..core.foreign import foreign
from ..core.messages import InstructorQuestion
from ..core.rest import (
    AddedQuestion,
    AnswerRecord,
    Lock,
    NewQuestion,
    NewRoom,
    Participant,
    RoomState,
    RoundResults,
    WrittenQuestion,
)
from .address import API
from .errors import Unreachable, refusal_of
from .limits import refuse_excess, segment
from .tokens import clean_token
from .trouble import no_redirect, tls_trouble

DEADLINE = 10.0
"""Seconds that a request may take, from connecting to the last byte."""

SILENCE = 30.0
"""Seconds that a download may pause."""

LONGEST = 600.0
"""Seconds that a download may take."""

MAX_DOWNLOAD = 256 << 20
"""Bytes of a download: about a million answers. A server may be somebody else's, and hostile."""

MAX_ANSWER = 16 << 20
"""The same for any other answer: a room with hundreds of long questions."""

MAX_HEAD = 64 << 10
"""The same for the head of an answer."""

_BROKEN_OFF = ConnectionResetError, ConnectionAbortedError, BrokenPipeError
_UNKNOWN = {True: "Look whether it was done before you do it again.", False: "Try again in a moment."}
_NOT_DONE = {True: " Nothing was changed.", False: ""}

T = TypeVar("T")


class Api:
    """The REST interface of the server at ``base``. ``token`` is the instructor's, if there is one.

    ``under`` is where the interface lies under ``base``.
    ``headers`` go along with each request.

    Raises:
        BadSetting: no token looks like this; what stands around it, such as a line's end, is taken off.

    Every method raises the server's :exc:`Refusal`, or :exc:`Unreachable` if none answers in time.
    """

    def __init__(
        self, base: str, token: str | None = None, headers: Mapping[str, str] | None = None, *, under: str = API
    ) -> None:
        self._under = under
        self.base = base if base.endswith("/") else f"{base}/"
        authorization = {"Authorization": f"Bearer {clean_token(token)}"} if token else {}
        self._headers = {**(headers or {}), **authorization}

    def __repr__(self) -> str:
        return f"<Api {self.base}>"

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say who is speaking, for a socket of the same person."""
        return dict(self._headers)

    async def open_room(self, title: str) -> RoomState:
        """Open a room, or the open one of that title."""
        return await self._ask("POST", "rooms", RoomState, NewRoom(title=title, reopen=True))

    async def room(self, code: str) -> RoomState:
        """The room as it is now."""
        return await self._ask("GET", f"rooms/{segment(code)}", RoomState)

    async def end_room(self, code: str) -> None:
        """End the room for good; its answers stay readable."""
        await self._fetch("DELETE", f"rooms/{segment(code)}", None)

    async def add_question(self, code: str, question: NewQuestion) -> AddedQuestion:
        """Add a question to the end of the room's list, and publish it if it says so."""
        return await self._ask("POST", f"rooms/{segment(code)}/questions", AddedQuestion, question)

    async def edit_draft(self, code: str, question_id: str, question: WrittenQuestion) -> AddedQuestion:
        """Put ``question`` in the place of a draft."""
        body = WrittenQuestion(**{name: getattr(question, name) for name in WrittenQuestion.__struct_fields__})
        return await self._ask("PUT", _question(code, question_id), AddedQuestion, body)

    async def delete_draft(self, code: str, question_id: str) -> None:
        """Delete a question that was never asked."""
        await self._fetch("DELETE", _question(code, question_id), None)

    async def publish(self, code: str, question_id: str) -> InstructorQuestion:
        """Ask a draft, or a closed question for its next round."""
        return await self._ask("POST", f"{_question(code, question_id)}/publish", InstructorQuestion, {})

    async def reveal(self, code: str, question_id: str) -> InstructorQuestion:
        """Lock, and show the right answer."""
        return await self._ask("POST", f"{_question(code, question_id)}/reveal", InstructorQuestion, {})

    async def close(self, code: str, question_id: str) -> InstructorQuestion:
        """Lock, and end the question."""
        return await self._ask("POST", f"{_question(code, question_id)}/close", InstructorQuestion, {})

    async def set_lock(self, code: str, question_id: str, *, is_locked: bool) -> InstructorQuestion:
        """Stop taking answers, or take them again."""
        path = f"{_question(code, question_id)}/lock"
        return await self._ask("PUT", path, InstructorQuestion, Lock(is_locked))

    async def results(self, code: str, question_id: str) -> RoundResults:
        """The count of every answer that was acked before."""
        return await self._ask("GET", f"{_question(code, question_id)}/results", RoundResults)

    async def answers(self, code: str) -> list[AnswerRecord]:
        """Every participant's present answer in every round."""
        return self._decoded(await self._download(f"rooms/{segment(code)}/answers"), list[AnswerRecord])

    async def join(self, code: str) -> Participant:
        """A new participant of the room."""
        return await self._ask("POST", f"rooms/{segment(code)}/participants", Participant, {})

    async def _ask(self, method: str, path: str, answer: type[T], body: object = None) -> T:
        encoded = None if body is None else _encoded(body)
        return self._decoded(await self._fetch(method, path, encoded), answer)

    def _decoded(self, answered: bytes, answer: type[T]) -> T:
        try:
            read = msgspec.json.decode(answered, type=answer)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as wrong:
            raise Unreachable(
                f"What answers at {self.base} is not a livepoll server of this version: {foreign(wrong)}."
            ) from None
        refuse_excess(read.questions if isinstance(read, RoomState) else [])
        return read

    async def _download(self, path: str) -> bytes:
        """What may be large: it may take long, as long as more of it comes, and be of up to ``MAX_DOWNLOAD`` bytes."""
        body = bytearray()
        try:
            async with asyncio.timeout(SILENCE) as patience:

                def take(part: bytes) -> None:
                    body.extend(part)
                    patience.reschedule(asyncio.get_running_loop().time() + SILENCE)

                await self._fetch("GET", path, None, limit=MAX_DOWNLOAD, take=take)
        except TimeoutError as silent:
            raise Unreachable(f"The server at {self.base} has stopped sending. {_UNKNOWN[False]}") from silent
        return bytes(body)

    async def _fetch(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        limit: int = MAX_ANSWER,
        take: Callable[[bytes], None] | None = None,
    ) -> bytes:
        is_command = method != "GET" and bool(self._headers)
        request = HTTPRequest(
            f"{self.base}{self._under}{path}",
            method,
            headers={"Accept": "application/json", "Content-Type": "application/json", **self._headers},
            body=body,
            connect_timeout=DEADLINE,
            request_timeout=LONGEST if take else DEADLINE,
            streaming_callback=take,
            follow_redirects=False,
            decompress_response=False,
        )
        # An instance of its own, as the limits belong to it; Tornado's keeps no connections, so nothing is lost.
        client = AsyncHTTPClient(force_instance=True, max_body_size=limit, max_header_size=MAX_HEAD)
        try:
            return (await client.fetch(request)).body
        except (HTTPTimeoutError, HTTPStreamClosedError, *_BROKEN_OFF) as silent:
            raise Unreachable(f"The server at {self.base} has not answered. {_UNKNOWN[is_command]}") from silent
        except ssl.SSLError as untrusted:
            raise tls_trouble(self.base, untrusted) from untrusted
        except OSError as nobody:
            raise Unreachable(
                f"No livepoll server answers at {self.base}. Is it running?{_NOT_DONE[is_command]}"
            ) from nobody
        except HTTPClientError as refused:
            raise no_redirect(self.base, API, refused) or refusal_of(refused) from refused
        finally:
            client.close()


def _encoded(body: object) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError as half:
        raise BadRequest(
            "A text holds half of a character (a lone surrogate), which cannot be sent. Copy the text again from where "
            "it came from."
        ) from half


def _question(code: str, question_id: str) -> str:
    return f"rooms/{segment(code)}/questions/{segment(question_id)}"
