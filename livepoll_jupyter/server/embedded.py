"""A server inside a kernel: on a free port, in a thread of its own, for a notebook that no Jupyter server started."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from ..logs import get_logger
from ..storage.sqlite import SqliteStore
from ..threads import daemon_thread
from .standalone import Settings, Standalone

T = TypeVar("T")


class EmbeddedServer:
    """A server in a background thread, with a temporary store. ``url`` and ``instructor_token`` hold once made.

    Raises:
        BadSetting: no port, or no temporary directory that can be written.
    """

    def __init__(self, ip: str = "0.0.0.0") -> None:  # noqa: S104 - the class comes from the network
        self._directory = TemporaryDirectory(prefix="livepoll-")
        self._loop = asyncio.new_event_loop()
        self._thread = daemon_thread(self._loop.run_forever, "livepoll-server")
        self._thread.start()
        try:
            # What the log says in a kernel stands below the cell, where the refusal stands already.
            self._server = self._run(self._open(Settings(ip=ip, logs_requests=False)))
        except BaseException:
            self._end()
            raise
        self.url = self._server.url
        self.instructor_token = self._server.instructor_token

    def close(self) -> None:
        """Close every socket and forget the rooms; waits until that is done."""
        self._run(self._server.close())
        self._end()

    async def _open(self, settings: Settings) -> Standalone:
        store = SqliteStore(Path(self._directory.name) / "livepoll.sqlite")
        server = Standalone(store, settings, get_logger(__name__))
        await server.open()
        return server

    def _run(self, coroutine: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._directory.cleanup()
