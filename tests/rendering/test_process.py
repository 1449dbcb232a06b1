"""The rendering process: what it may cost the server, and what an instructor hears when it goes wrong."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hall import SECONDS, FakeClock, open_hall

from livepoll_jupyter.core.errors import BadQuestion, Unavailable
from livepoll_jupyter.server.rendering import process as rendering
from livepoll_jupyter.server.rendering.process import COMMAND, LIMIT, RenderingProcess
from livepoll_jupyter.server.rendering.shapes import Task
from livepoll_jupyter.server.rendering.worker import carry_out

PLANTED = Path(__file__).parent / "broken_worker.py"
TASK = Task("Is $x^2$ even?", ("`yes`", "no"))


def planted(how: str) -> Sequence[str]:
    """The command of a process that goes wrong."""
    return [sys.executable, str(PLANTED), how]


@asynccontextmanager
async def opened(command: Sequence[str] = COMMAND) -> AsyncIterator[tuple[RenderingProcess, FakeClock]]:
    """A renderer that is closed at the end, and the clock that says when its time is up."""
    clock = FakeClock()
    renderer = RenderingProcess(clock, logging.getLogger("rendering"), command=command)
    try:
        yield renderer, clock
    finally:
        await renderer.close()


async def until_it_waits(clock: FakeClock, doing: asyncio.Future[Any]) -> None:
    """Let ``doing`` go on until the time limit of its task is all that it waits for."""
    async with asyncio.timeout(SECONDS):
        while not any(when < clock.now + 2 * LIMIT for when, _, timer in clock._timers if not timer.is_cancelled):
            assert not doing.done()
            await asyncio.sleep(0)


async def test_a_question_is_rendered_in_another_process() -> None:
    """Text and labels, in one go."""
    async with opened() as (renderer, _):
        done = await renderer.render(TASK)
        assert "<msup>" in done.html
        assert done.labels == ('<code dir="ltr">yes</code>', "no")


async def test_a_text_that_takes_too_long_is_refused_and_the_next_one_rendered() -> None:
    """The process is killed and another one started."""
    async with opened(planted("hang")) as (renderer, clock):
        doing = asyncio.ensure_future(renderer.render(TASK))
        await until_it_waits(clock, doing)
        renderer._command = COMMAND
        clock.advance(LIMIT)
        with pytest.raises(BadQuestion, match="takes too long to render"):
            await doing
        assert "<msup>" in (await renderer.render(TASK)).html


async def test_votes_go_on_while_a_text_hangs() -> None:
    """The loop serves everybody else; nothing of rendering runs on it."""
    clock = FakeClock()
    renderer = RenderingProcess(clock, logging.getLogger("rendering"), command=planted("second"))
    async with open_hall(clock=clock, renderer=renderer) as hall:
        room = await hall.open_room()
        question = await hall.publish(room)
        phone = await hall.connect(f"?room={room}")
        await phone.hello(await hall.join(room))
        body = {"text": "Is $x$ even?", "options": ["yes", "no"]}
        asking = asyncio.ensure_future(hall.ask("POST", f"rooms/{room}/questions", body))
        for rev in range(1, 21):
            ack = await phone.vote(question, "ab"[rev % 2], op=f"op-{rev}", rev=rev)
            assert ack["status"] == "accepted"
        await until_it_waits(clock, asking)
        clock.advance(LIMIT)
        refused = await asyncio.wait_for(asking, SECONDS)
        assert refused.code == HTTPStatus.BAD_REQUEST
        assert b"Make its code or its formulas shorter" in refused.body


async def test_a_text_that_ends_the_process_is_refused() -> None:
    """With what to do."""
    async with opened(planted("die")) as (renderer, _):
        with pytest.raises(BadQuestion, match="shorter or simpler"):
            await renderer.render(TASK)


@pytest.mark.parametrize("command", [["/no/such/program"], planted("silent")])
async def test_a_process_that_cannot_be_started_is_said(command: Sequence[str]) -> None:
    """Nothing is rendered on the loop instead."""
    async with opened(command) as (renderer, _):
        with pytest.raises(Unavailable, match="cannot start the process that renders questions"):
            await renderer.render(TASK)


async def test_a_mistake_of_ours_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    """The instructor hears where to look."""
    script = "import sys; print('{}', flush=True); input(); print('{\"failure\": \"Traceback: boom\"}', flush=True)"
    async with opened([sys.executable, "-c", script]) as (renderer, _):
        with pytest.raises(BadQuestion, match="server's log says more"):
            await renderer.render(TASK)
    assert "boom" in caplog.text


async def test_the_process_is_there_before_the_first_question() -> None:
    """It starts with the first room, and ends with the service."""
    clock = FakeClock()
    renderer = RenderingProcess(clock, logging.getLogger("rendering"))
    async with open_hall(clock=clock, renderer=renderer) as hall:
        assert renderer._process is None
        await hall.open_room()
        process = renderer._process
        assert process is not None
        await asyncio.wait_for(asyncio.shield(process.ready), SECONDS)
    assert process._running is not None
    assert process._running.returncode is not None
    with pytest.raises(Unavailable, match="restarting"):
        await renderer.render(TASK)


def test_the_process_ignores_what_lies_in_the_directory_that_it_starts_in() -> None:
    """A file beside a notebook, called like a package of ours, is never run."""
    assert "-P" in COMMAND
    paths = rendering._environment()["PYTHONPATH"].split(":")
    assert all(Path(path).is_absolute() for path in paths)


def test_html_that_is_too_large_stays_in_the_process() -> None:
    """A short text may name a long address a thousand times; the server would have to read all of that."""
    done = carry_out(Task(f"[a]: https://e.org/{'x' * 900}\n\n{'[a] ' * 900}", ("yes", "no")))
    assert (done.html, done.labels) == ("", ())
    assert [problem.partition(" the question has ")[0] for problem in done.problems] == ["Rendered,"]
