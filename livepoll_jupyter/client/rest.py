"""The REST interface as a client sees it: the instructor's, and what anyone with the code may do.

A token goes into a header and nowhere else: not into an address, a repr or an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from ..core.messages import InstructorQuestion, Results, ShowResults
from .address import API
from .errors import Unreachable, refusal_of

DEADLINE = 10.0
"""Seconds that a request may take, from connecting to the last byte."""

T = TypeVar("T")


class RoomObject(Struct, frozen=True, kw_only=True):
    """A room, as ``GET rooms/CODE`` describes it; ``participants`` counts those connected now."""

    code: str
    title: str
    join_url: str
    ws_url: str
    participants: int
    questions: list[InstructorQuestion]
    qr_svg: str


class Tally(Results, frozen=True, kw_only=True):
    """Results and how fresh they are: of two of the same round the one with the higher ``rev`` counts."""

    rev: int = 0


class AnswerObject(Struct, frozen=True, kw_only=True):
    """One participant's present answer in one round; ``answer`` holds option ids, ``at`` is ISO 8601 in UTC."""

    participant: str
    questionId: str  # noqa: N815 - the wire's name
    round: int
    answer: Any
    correct: bool | None
    rev: int
    at: str


class Joined(Struct, frozen=True):
    """A participant that the server has made up; ``token`` is what speaks for them."""

    participant: str
    token: str

    def __repr__(self) -> str:
        return f"<Joined {self.participant}>"


class NewQuestion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent to make a question: labels throughout."""

    text: str
    options: Sequence[str]
    kind: str = "choice"
    correct: str | Sequence[str] | None = None
    show_results: ShowResults = "live"
    publish: bool = False


class Api:
    """The REST interface of the server at ``base``. ``token`` is the instructor's, if there is one.

    Every method raises the server's :exc:`Refusal`, or :exc:`Unreachable` if none answers in time.
    """

    def __init__(self, base: str, token: str | None = None) -> None:
        self.base = base if base.endswith("/") else f"{base}/"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __repr__(self) -> str:
        return f"<Api {self.base}>"

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say who is speaking, for a socket of the same person."""
        return dict(self._headers)

    async def open_room(self, title: str) -> RoomObject:
        """Open a room, or the open one of that title."""
        return await self._ask("POST", "rooms", RoomObject, {"title": title, "reopen": True})

    async def room(self, code: str) -> RoomObject:
        """The room as it is now."""
        return await self._ask("GET", f"rooms/{code}", RoomObject)

    async def end_room(self, code: str) -> None:
        """End the room for good; its answers stay readable."""
        await self._ask("DELETE", f"rooms/{code}", None)

    async def add_question(self, code: str, question: NewQuestion) -> InstructorQuestion:
        """Add a question to the end of the room's list, and publish it if it says so."""
        return await self._ask("POST", f"rooms/{code}/questions", InstructorQuestion, question)

    async def publish(self, code: str, question_id: str) -> InstructorQuestion:
        """Ask a draft, or a closed question for its next round."""
        return await self._ask("POST", f"rooms/{code}/questions/{question_id}/publish", InstructorQuestion, {})

    async def reveal(self, code: str, question_id: str) -> InstructorQuestion:
        """Lock, and show the right answer."""
        return await self._ask("POST", f"rooms/{code}/questions/{question_id}/reveal", InstructorQuestion, {})

    async def close(self, code: str, question_id: str) -> InstructorQuestion:
        """Lock, and end the question."""
        return await self._ask("POST", f"rooms/{code}/questions/{question_id}/close", InstructorQuestion, {})

    async def set_lock(self, code: str, question_id: str, *, is_locked: bool) -> InstructorQuestion:
        """Stop taking answers, or take them again."""
        path = f"rooms/{code}/questions/{question_id}/lock"
        return await self._ask("PUT", path, InstructorQuestion, {"is_locked": is_locked})

    async def results(self, code: str, question_id: str) -> Tally:
        """The count of every answer that was acked before."""
        return await self._ask("GET", f"rooms/{code}/questions/{question_id}/results", Tally)

    async def answers(self, code: str) -> list[AnswerObject]:
        """Every participant's present answer in every round."""
        return await self._ask("GET", f"rooms/{code}/answers", list[AnswerObject])

    async def join(self, code: str) -> Joined:
        """A new participant of the room."""
        return await self._ask("POST", f"rooms/{code}/participants", Joined, {})

    async def _ask(self, method: str, path: str, answer: type[T] | None, body: object = None) -> T:
        request = HTTPRequest(
            f"{self.base}{API}{path}", method,
            headers={"Accept": "application/json", "Content-Type": "application/json", **self._headers},
            body=None if body is None else msgspec.json.encode(body),
            connect_timeout=DEADLINE, request_timeout=DEADLINE,
        )  # fmt: skip
        try:
            response = await AsyncHTTPClient().fetch(request)
        except (HTTPTimeoutError, HTTPStreamClosedError, OSError) as nobody:
            raise Unreachable(f"No livepoll server answers at {self.base}. Is it running?") from nobody
        except HTTPClientError as refused:
            raise refusal_of(refused) from refused
        return msgspec.json.decode(response.body, type=answer)
