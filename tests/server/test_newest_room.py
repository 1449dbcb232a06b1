"""A socket that names no room: the newest one for programs and for our own pages, nothing for another site's page.

Any page in the instructor's browser reaches ``ws://127.0.0.1``, and would read the class's questions.
"""

from __future__ import annotations

import socket

import pytest
from hall import open_hall
from tornado.httpclient import HTTPClientError

from livepoll_jupyter.server.links import Links

ELSEWHERE = {
    "another site": {"Origin": "https://elsewhere.example"},
    "another port of this machine": {"Origin": "http://127.0.0.1:8888"},
    "another name of this machine": {"Origin": "http://localhost:{port}"},
    "a page without an origin": {"Origin": "null"},
    "a file": {"Origin": "file://"},
    "another site, as its browser says": {"Sec_Fetch_Site": "cross-site", "Origin": "http://127.0.0.1:{port}"},
    "another port, as its browser says": {"Sec_Fetch_Site": "same-site"},
    "a name that was pointed here afterwards": {
        "Host": "attacker.example:{port}", "Origin": "http://attacker.example:{port}",
    },
    "the same, as its browser says": {
        "Host": "attacker.example:{port}", "Origin": "http://attacker.example:{port}", "Sec_Fetch_Site": "same-origin",
    },
    "a host that is none": {"Host": "[::1", "Sec_Fetch_Site": "same-origin"},
    "the same, on the usual port": {"Host": "attacker.example", "Origin": "http://attacker.example"},
}  # fmt: skip

OURS = {
    "a program": {},
    "a program that names the machine": {"Host": "poll.example:{port}"},
    "this address": {"Origin": "http://127.0.0.1:{port}"},
    "localhost": {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"},
    "an address of version 6": {"Host": "[::1]:{port}", "Origin": "http://[::1]:{port}"},
    "this machine's name": {"Host": f"{socket.gethostname()}.local", "Origin": f"http://{socket.gethostname()}.local"},
    "a name without a domain": {"Host": "laptop:{port}", "Origin": "http://laptop:{port}"},
    "the public address": {"Origin": "https://poll.example.org"},
    "as its browser says": {"Sec_Fetch_Site": "same-origin", "Origin": "http://127.0.0.1:{port}"},
}


@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_a_page_of_another_site_must_name_the_room(headers: dict[str, str]) -> None:
    """With its code it may listen, as everybody."""
    async with open_hall() as hall:
        code = await hall.open_room()
        said = {name: value.format(port=hall.port) for name, value in headers.items()}
        with pytest.raises(HTTPClientError) as refused:
            await hall.connect(**said)
        assert refused.value.code == 403
        assert refused.value.response is not None
        assert b"?room=" in refused.value.response.body
        assert (await (await hall.connect(f"?room={code}", **said)).hello())["role"] == "listener"


@pytest.mark.parametrize("headers", OURS.values(), ids=OURS)
async def test_programs_and_our_own_pages_get_the_newest_room(headers: dict[str, str]) -> None:
    """As version 1 has it."""
    async with open_hall() as hall:
        await hall.open_room("Older")
        await hall.publish(await hall.open_room("Newest"))
        hall.service.links = Links("https://poll.example.org/")
        said = {name: value.format(port=hall.port) for name, value in headers.items()}
        assert (await (await hall.connect(**said)).receive())["event"] == "new-question"
