"""What a server's own process asks of the garbage collector."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from pathlib import Path
from weakref import ref

from hall import SECONDS, open_hall

SERVE = """
import gc, sys
from livepoll_jupyter.cli import main, serve

class Told(serve.Standalone):
    async def close(self):
        print(gc.get_freeze_count(), *gc.get_threshold(), flush=True)
        await super().close()

serve.Standalone = Told
main()
"""


async def test_a_room_that_has_ended_leaves_no_garbage() -> None:
    """Its answers are let go of when its peers have gone, without the collector, which runs seldom."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        token = await hall.join(code)
        socket = await hall.connect(f"?room={code}")
        await socket.hello(token)
        assert (await socket.vote(asked))["status"] == "accepted"
        live = ref(hall.service.hub.live(code))
        gc.collect()
        gc.disable()
        try:
            await hall.ask("DELETE", f"rooms/{code}")
            await socket.until_closed()
            await asyncio.wait_for(hall.service.attendance.gone(1.0), SECONDS)
            assert live() is None
        finally:
            gc.enable()


async def test_a_server_of_its_own_looks_seldom_for_garbage_and_never_in_what_it_loaded(tmp_path: Path) -> None:
    """A vote makes none, and thousands are on their way at once."""
    options = ("serve", "--json", "--ip=127.0.0.1", "--port=0", f"--db={tmp_path / 'rooms.db'}")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, *options, stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None
    assert json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["code"]
    process.terminate()
    frozen, youngest, *_ = map(int, (await asyncio.wait_for(process.stdout.readline(), 60)).split())
    await asyncio.wait_for(process.wait(), 60)
    assert frozen > 10_000
    assert youngest >= 10 * gc.get_threshold()[0]
