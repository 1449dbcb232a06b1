"""Another site than the server's, with pages that lead to a room in every way that a browser knows."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = {
    "link": '<a id="go" href="{}">the poll</a>',
    "link without a referrer": '<a id="go" rel="noreferrer" href="{}">the poll</a>',
    "link to a new tab": '<a id="go" target="_blank" href="{}">the poll</a>',
    "form": '<form action="{}"><button id="go">the poll</button></form>',
    "script": '<button id="go" onclick="location.assign(\'{}\')">the poll</button>',
    "window": '<button id="go" onclick="window.open(\'{}\')">the poll</button>',
    "window alone": "<button id=\"go\" onclick=\"window.open('{}', '_blank', 'noopener')\">the poll</button>",
    "posted form": '<form method="post" action="{}"><button id="go">the poll</button></form>',
    "frame": '<iframe src="{}"></iframe>',
    "picture": '<img src="{}">',
    "script of ours": '<script src="{}"></script>',
    "style": '<link rel="stylesheet" href="{}">',
    "prefetch": '<link rel="prefetch" href="{}">',
    "object": '<object data="{}"></object>',
    "request": "<script>fetch('{}', {{mode: 'no-cors', credentials: 'include'}})</script>",
    "request with CORS": "<script>fetch('{}', {{credentials: 'include'}}).catch(() => 0)</script>",
    "empty": "<p>nothing",
}
"""What stands on a page of the other site, with the room's address; what has ``id="go"`` is pressed."""


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        where = urlsplit(self.path)
        target = parse_qs(where.query).get("to", [""])[0]
        kind = where.path.strip("/").replace("-", " ")
        if kind == "redirect":
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        self.send_response(200 if kind in PAGES else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGES.get(kind, "").format(escape(target)).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def other_site() -> Iterator[int]:
    """The port of the site on this machine; ``/KIND?to=ADDRESS`` is the page of :data:`PAGES`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield server.server_address[1]
    server.shutdown()
    serving.join()
    server.server_close()
