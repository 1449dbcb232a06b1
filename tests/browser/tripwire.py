"""Notices what a page was made to do by what it was shown: scripts, requests, frames, names taken, foreign markup."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from payloads import CLOBBERED, EVENTS, EVIL

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Frame, Page

ELEMENTS: Final = """
a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul
math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt
mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics
""".split()
"""All that may stand in what was HTML on the wire."""

ATTRIBUTES: Final = """
accent accentunder class columnalign columnlines columnspacing columnspan depth dir display displaystyle fence form height
href largeop linethickness lspace mathcolor mathsize mathvariant maxsize minsize movablelimits notation rel rowlines
rowspacing rowspan rspace scope scriptlevel separator start stretchy symmetric target title voffset width
""".split()

_SCRIPT: Final = """
((elements, attributes, names, events) => {
  if (window !== window.top) return;
  const found = new Set();
  const fix = (name, value) => Object.defineProperty(window, name, { value });
  const note = what => found.size < 300 && found.add(what);
  fix('ran', number => { note(`ran ${number}`); });
  for (const name of ['alert', 'confirm', 'prompt', 'print']) fix(name, () => { note(name); });
  // Chromium also reports the attributes that the sanitiser takes away, in a document where they mean nothing.
  const isTakenAway = ({ effectiveDirective }) => /^(script-src-attr|style-src-(attr|elem)|base-uri)$/.test(effectiveDirective);
  document.addEventListener('securitypolicyviolation', event => {
    if (!isTakenAway(event)) note(`policy ${event.effectiveDirective} ${event.sample}`);
  });
  const isWeb = link => /^(https?|mailto):$/.test(link.protocol);
  const isKnown = (element, name) => attributes.has(name) || element.localName === 'th' && name === 'scope';
  const inspect = element => {
    const where = element.outerHTML.slice(0, 120);
    if (!elements.has(element.localName)) note(`element ${where}`);
    for (const { name } of element.attributes) if (!isKnown(element, name)) note(`attribute ${name} ${where}`);
    if (element.classList.value && !/^(c|k|m|nb|nf|s|lp-left|lp-center|lp-right)$/.test(element.className)) {
      note(`class ${where}`);
    }
    if (element.localName === 'a' && element.hasAttribute('href')) {
      if (!isWeb(element) || element.rel !== 'noopener noreferrer' || element.target !== '_blank') note(`link ${where}`);
    }
  };
  // Nobody else listens inside foreign markup, so only what it brought along can be set off.
  const poke = element => {
    const own = [...element.attributes].map(({ name }) => name.replace(/^on/, '')).filter(name => events.has(name));
    if (element.localName === 'a' && element.hasAttribute('href') && !isWeb(element)) own.push('click');
    for (const name of own) element.dispatchEvent(new MouseEvent(name, { cancelable: true }));
  };
  const ours = face => {
    for (const element of face.querySelectorAll('*')) {
      for (const { name } of element.attributes) if (name.startsWith('on')) note(`handler ${element.outerHTML}`);
    }
    for (const link of [face, ...face.querySelectorAll('a[href]')]) {
      if (link.matches('a[href]') && !isWeb(link)) note(`link ${link.outerHTML}`);
    }
    for (const image of face.querySelectorAll('img[src]')) {
      if (!image.src.startsWith('data:image/svg+xml,')) note(`image ${image.outerHTML}`);
    }
    for (const part of face.querySelectorAll('script,iframe,object,embed,link,meta,base,style,template')) {
      note(`element ${part.outerHTML}`);
    }
  };
  const start = { url: location.href, functions: names.map(name => document[name]) };
  const isTaken = thing => thing instanceof HTMLCollection || thing instanceof Element;
  const pageStill = () => {
    names.forEach((name, place) => {
      if (isTaken(window[name])) note(`window.${name} taken`);
      const before = start.functions[place];
      if (typeof before === 'function' && document[name] !== before) note(`document.${name} taken`);
      if (before === undefined && isTaken(document[name])) note(`document.${name} taken`);
    });
    if (({}).polluted !== undefined || Object.keys(Object.prototype).length > 0) note('Object.prototype changed');
  };
  let looks = 0;
  const look = nodes => {
    for (const node of nodes) {
      if (!(node instanceof Element) || !node.closest('.lp-page, .lp-jupyter')) continue;
      const foreign = [...node.querySelectorAll('.lp-prose *')];
      if (node.closest('.lp-prose')) foreign.push(...(node.matches('.lp-prose') ? [] : [node]), ...node.querySelectorAll('*'));
      looks += foreign.length;
      foreign.forEach(inspect);
      foreign.slice(0, 30).forEach(poke);
      ours(node);
    }
    pageStill();
  };
  new MutationObserver(records => {
    look(records.flatMap(({ type, target, addedNodes }) => (type === 'attributes' ? [target] : [...addedNodes])));
  }).observe(document, { childList: true, subtree: true, attributeFilter: ['href', 'action', 'formaction', 'srcdoc'] });
  fix('tripwire', () => { look([document.body]); return { found: [...found], looks }; });
})(new Set(ELEMENTS), new Set(ATTRIBUTES), NAMES, new Set(EVENTS));
"""


class Tripwire:
    """Watches one page; set it before the page is opened. ``host`` is the only one that may be asked.

    ``is_own`` tells the frames and navigations of the page around our faces, by their address.
    """

    def __init__(
        self, context: BrowserContext, page: Page, host: str, *, is_own: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._page, self._host, self._is_own = page, host, is_own
        self._found: list[str] = []
        lists = {"ELEMENTS": ELEMENTS, "ATTRIBUTES": ATTRIBUTES, "NAMES": CLOBBERED, "EVENTS": EVENTS}
        script = _SCRIPT
        for name, words in lists.items():
            script = re.sub(rf"\b{name}\b", json.dumps(words).replace("\\", r"\\"), script)
        context.add_init_script(script)
        context.route(re.compile(re.escape(EVIL)), lambda route: route.abort())
        context.on("request", lambda request: self._ask(request.url))
        context.on("page", lambda popup: self._note(f"page {popup.url}"))
        page.on("websocket", lambda socket: self._ask(socket.url))
        page.on("dialog", self._dismiss)
        page.on("pageerror", lambda error: self._note(f"error {error.message} {(error.stack or '')[:300]}"))
        page.on("frameattached", self._attach)
        page.on("framenavigated", self._follow)
        self._address: str | None = None

    def found(self, *, is_shown: bool = True) -> list[str]:
        """All that was noticed, once the page has answered a request of its own, and with it what came before."""
        self._page.evaluate("fetch(location.href, { cache: 'no-store' }).then(answer => answer.text())")
        self._page.evaluate("new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)))")
        seen: dict[str, Any] = self._page.evaluate("tripwire()")
        assert (seen["looks"] > 0) == is_shown, "whether the page has shown something"
        return [*self._found, *seen["found"]]

    def _note(self, what: str) -> None:
        self._found.append(what)

    def _ask(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self._host:
            self._note(f"request {url}")

    def _dismiss(self, dialog: Any) -> None:
        self._note(f"dialog {dialog.message}")
        dialog.dismiss()

    def _attach(self, frame: Frame) -> None:
        if not self._is_own(frame.url):
            self._note(f"frame {frame.url}")

    def _stays(self, url: str) -> bool:
        return url.partition("?")[0] == self._address or self._is_own(url)

    def _follow(self, frame: Frame) -> None:
        if frame.parent_frame is None:
            if self._address is not None and not self._stays(frame.url):
                self._note(f"navigation {frame.url}")
            self._address = frame.url.partition("?")[0]
