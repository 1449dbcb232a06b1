"""A lecture whose students are cut off, for clients in any language: a program to be started by a test.

    python tests/chaos/cutting_server.py --seed 7 --clients 10 --cuts 100

1. Its first line is ``{"events": 30, "seats": [{"ws_url", "token"}, …]}``: where each client connects, and the token
   for its hello. Nothing is cut yet.
2. When all clients are connected (each has had its first snapshot, with ``seq`` 0), write a line, such as ``go``, to
   its standard input. The lecture begins: ``events`` control events, and in between ``cuts`` cuts of connections, by
   RST and FIN, in the middle of frames, of greetings and of upgrades, with slices of 7 bytes. Clients must come back
   within fractions of a second (inject the wait between tries), or the lecture gives up after 30 seconds.
3. When all is announced and every cut has struck, its second line is ``{"epoch", "cuts", "faults": {name: number},
   "log": [control event, …]}``: the frames of ``seq`` 1 to ``events`` as the server keeps them. It goes on serving, so
   that clients who were just cut off can catch up.
4. Each client must have applied exactly ``log``, every event once and in order, and no snapshot after the first.
5. Close its standard input; it ends with status 0.

Several lectures are several runs with other seeds. The same seed gives the same commands and cuts the same clients.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

import msgspec
from lecture import EVENTS, Lecture, lecture_hall


def say(line: object) -> None:
    """One line of JSON."""
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


async def heard() -> str:
    """The next line of the standard input; empty at its end."""
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def attend(lecture: Lecture) -> None:
    """Say where the seats are, give the lecture, say what it was, and wait until nobody needs the server any more."""
    say({"events": EVENTS, "seats": lecture.seats})
    if await heard():
        say(await lecture.give())
        while await heard():
            pass


async def main() -> None:
    """One lecture."""
    parser = argparse.ArgumentParser(description="A lecture whose students are cut off.")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--cuts", type=int, default=100)
    asked = parser.parse_args()
    async with lecture_hall(seed=asked.seed, clients=asked.clients, cuts=asked.cuts) as lecture:
        await attend(lecture)


if __name__ == "__main__":
    asyncio.run(main())
