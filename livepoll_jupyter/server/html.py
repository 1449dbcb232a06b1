"""The one frame of HTML in which every page of the class comes: with its style, and with what is seen first.

A phone on a slow network shows something after its first request: the style stands in the frame, and so does the screen
of a room that is being joined, just as the script then draws it. No script stands in it, and no text of a question.

A script that runs takes the place of all that. Where it does not run (blocked, or too new for the browser), nobody but
the style can notice: it shows a sentence after some seconds.
"""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from html import escape
from string import Template
from typing import Final

from .assets import Asset, asset_url, find_asset

_POLICY: Final = Template(
    "default-src 'none'; script-src 'self'; style-src 'sha256-$style'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'$sockets; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types dompurify"
)
_HOST: Final = re.compile(r"[\w.\-:\[\]]+")

_FRAME: Final = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<link rel="icon" href="data:,">
<script src="$script" defer></script>
<style>$style</style>
</head>
<body data-state="$state" data-code="$code" data-title="$title">
<noscript><p class="lp-no-script">This page needs JavaScript to show the questions. Switch it on for this page, or use \
another browser.</p></noscript>
<p class="lp-late">This page has not started. Reload it. If that does not help, this browser is too old for the \
page or blocks its script: open the link in another browser, or on another device.</p>
$screen</body>
</html>
""")

_JOINING: Final = Template("""\
<div class="lp-page">
<header class="lp-header">
<h1 class="lp-title">$title</h1>
<div class="lp-link" data-link="connecting">
<span class="lp-dot" aria-hidden="true"></span><span class="lp-link-text">Connecting…</span>
</div>
</header>
<main class="lp-main">
<div class="lp-place"><section class="lp-notice">
<div class="lp-art" aria-hidden="true" data-art="joining"><i></i><i></i><i></i></div>
<h2 class="lp-notice-title">Joining…</h2>
<p class="lp-notice-text">This takes a moment.</p>
</section></div>
</main>
</div>
""")


def page(state: str, *, code: str, title: str) -> str:
    """A page in one of its states: join, enter, unknown, ended."""
    return _page(state, code, title, find_asset("audience.css"), asset_url("audience.js"))


@lru_cache(maxsize=64)
def _page(state: str, code: str, title: str, style: Asset | None, script: str) -> str:
    shown = {"title": escape(title), "state": state, "code": escape(code)}
    screen = _JOINING.substitute(shown) if state == "join" else ""
    return _FRAME.substitute(shown, screen=screen, style=_text(style), script=escape(script))


@lru_cache(maxsize=64)
def compressed(text: str) -> bytes:
    """The page as it is sent; a class opens the same one within a minute, so it is made once."""
    return gzip.compress(text.encode(), mtime=0)


def content_security_policy(host: str) -> str:
    """The page's policy. It names the socket's own origin: Safari before 15.4 does not count it as ``'self'``.

    ``trusted-types`` lets nothing but the sanitiser of the page (``labextension/src/views/sanitize.ts``) parse HTML.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return _POLICY.substitute(sockets=sockets, style=_hash(find_asset("audience.css")))


@lru_cache(maxsize=2)
def _hash(style: Asset | None) -> str:
    return b64encode(sha256(_text(style).encode()).digest()).decode()


def _text(style: Asset | None) -> str:
    return "" if style is None else style.body.decode()
