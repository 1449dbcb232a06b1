"""Stores opened for a test and closed after it, and commands awaited there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from asking import CODE, NOW, question

from livepoll_jupyter.core.commands import AddQuestion, Command, Publish
from livepoll_jupyter.storage.base import Outcome, Store
from livepoll_jupyter.storage.memory import MemoryStore
from livepoll_jupyter.storage.sqlite import SqliteStore

Opener = Callable[[], Store]


def memory_store(_: Path) -> Store:
    """A store without a disk."""
    return MemoryStore()


def sqlite_store(folder: Path) -> SqliteStore:
    """A store in a file of that folder, always the same."""
    return SqliteStore(folder / "rooms.db")


class NeverRings:
    """A timer that nobody waits for."""

    def cancel(self) -> None:
        """Do not call."""


def never(_seconds: float, _callback: Callable[[], object]) -> NeverRings:
    """The timers of a store that does nothing of itself."""
    return NeverRings()


STORES: dict[str, Callable[[Path], Store]] = {"memory": memory_store, "sqlite": sqlite_store}
"""Every store there is, by a name for the test's report; the contract holds for each."""


@asynccontextmanager
async def opened(store: Store) -> AsyncIterator[Store]:
    """The store, open."""
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def asking(store: Store) -> AsyncIterator[Store]:
    """The store, open, with a room in which ``q1`` is asked."""
    async with opened(store):
        await ask(store)
        yield store


async def ask(store: Store) -> None:
    """Open a room in which ``q1`` is asked."""
    await store.open_room(CODE, "Statistics 101", "epoch-1", NOW)
    await carried_out(store, AddQuestion(question()), Publish("q1"))


def submitted(store: Store, command: Command, code: str = CODE) -> asyncio.Future[Outcome]:
    """What will become of a command that the store has taken by now."""
    done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    store.submit(code, command, NOW, done.set_result)
    return done


async def settled(store: Store, command: Command, code: str = CODE) -> Outcome:
    """What became of one command; a refusal is returned, not raised."""
    return await asyncio.wait_for(submitted(store, command, code), 10)


async def carried_out(store: Store, *commands: Command) -> None:
    """All of them done; raises the first refusal."""
    for command in commands:
        outcome = await settled(store, command)
        if outcome.refusal is not None:
            raise outcome.refusal


async def all_settled(store: Store, *commands: Command) -> list[Outcome]:
    """Commands submitted at once, and what became of them in the order they were settled."""
    outcomes: list[Outcome] = []
    last: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if len(outcomes) == len(commands):
            last.set_result(None)

    for command in commands:
        store.submit(CODE, command, NOW, done)
    await asyncio.wait_for(last, 10)
    return outcomes
