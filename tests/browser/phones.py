"""A student's phone in Chromium, as a test speaks of it: what is tapped, what is seen, what is said aloud."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    NewPhone = Callable[..., "Phone"]

LAUNCH: dict[str, Any] = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
"""How the machine's own Chromium is started."""

BACK = 30_000
"""Milliseconds in which a lost connection must be back: the tries come after 3 s, then 3 to 6 s, then 6 to 12 s."""


class Phone:
    """One page of one student."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def option(self, label: str) -> Locator:
        """The radio button or checkbox of an option."""
        return self.page.get_by_label(label, exact=True)

    def card(self, label: str) -> Locator:
        """The card of an option."""
        return self.page.locator(".lp-option", has=self.option(label))

    def tap(self, label: str) -> None:
        """Tap an option, where a thumb would: anywhere on its card."""
        self.card(label).click()

    def take_back(self) -> None:
        """Tap the button that takes the answer back."""
        self.button("Take my answer back").click()

    def button(self, name: str) -> Locator:
        """The button with that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def heading(self, name: str) -> Locator:
        """The heading with that text."""
        return self.page.get_by_role("heading", name=name, exact=True)

    @property
    def standing(self) -> Locator:
        """The line that says how the answer stands."""
        return self.page.locator(".lp-question .lp-standing")

    @property
    def link(self) -> Locator:
        """The strip that says how the connection stands."""
        return self.page.locator(".lp-link")

    @property
    def speech(self) -> Locator:
        """What a screen reader is told."""
        return self.page.get_by_role("status")

    def is_in(self) -> None:
        """Wait until the connection stands."""
        expect(self.link).to_contain_text("Connected", timeout=BACK)

    def is_counted(self) -> None:
        """Wait until the server has acknowledged the answer."""
        expect(self.standing).to_contain_text(re.compile("counted"))
