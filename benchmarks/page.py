"""What the page costs a phone: its first paint on slow networks, and how smoothly bars move on a slow processor.

A real server, the machine's own headless Chromium, a window of 390 by 844 pixels, and the processor slowed down to a
quarter (``Emulation.setCPUThrottlingRate``). Chromium draws without a graphics card, which a phone has.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from .machine import Cores
from .servers import Site
from .servers.ours import Standalone
from .work import Figures, Missed

WATCH: Final = Path(__file__).with_name("watch.js")
SLOWER: Final = 4
"""How many times slower the processor is."""

STUDENTS: Final = 40
CHANGING_MS: Final = 9_000
"""For so long results change, every two seconds, after a question was asked of a rehearsal's students."""

LEAST_MOVES: Final = 3
LATE_MS: Final = 1.5 * 1_000 / 60
"""A frame that took longer was late."""

BARE: Final = Path(__file__).with_name("bare_bars.html")
"""What our frames are compared with."""

OPTIONS: Final = {"choice": 4, "multiple_choice": 8}
"""How many options the two questions of a lecture have."""


NETWORKS: Final[dict[str, dict[str, float]]] = {
    "fast_3g": {"latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375},
    "slow_3g": {"latency": 2_000, "downloadThroughput": 50_000, "uploadThroughput": 50_000},
}
"""Those of Chrome's tools, as DevTools takes them: milliseconds before each answer, and bytes per second."""


def page(cores: Cores, _repetition: int) -> Figures:
    """One visit on each network, and one lecture; raises :exc:`Missed` where the page does not do as it should."""
    try:
        return _measured(cores)
    except (Error, AssertionError) as failed:
        raise Missed(f"Chromium or the page in it failed: {failed}") from failed


def _measured(cores: Cores) -> Figures:
    figures: Figures = {}
    with (
        _browser() as browser,
        TemporaryDirectory(prefix="livepoll-bench-") as name,
        Standalone(Site(cores, Path(name))) as server,
    ):
        for network in NETWORKS:
            figures |= _visit(browser, server, network)
        figures |= _bare_bars(browser)
        figures |= _lecture(browser, server)
    return figures | {"frames_ratio": figures["frames_per_s"] / figures["bare_frames_per_s"]}


def _visit(browser: Browser, server: Standalone, network: str) -> Figures:
    """A phone that has never been here opens the link; a question is being asked."""
    code = _room(server)
    _ask(server, code, "choice")
    phone = _phone(browser)
    received: dict[str, int] = {}
    devtools = phone.context.new_cdp_session(phone)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", {"offline": False, **NETWORKS[network]})
    devtools.on("Network.loadingFinished", lambda done: received.update({done["requestId"]: done["encodedDataLength"]}))
    phone.goto(_link(server, code))
    expect(phone.locator(".lp-option").first).to_be_visible(timeout=30_000)
    watched = phone.evaluate("() => new Promise(done => requestAnimationFrame(() => done(watch)))")
    phone.context.close()
    return {
        f"{network}_paint_s": watched["firstPaint"] / 1e3,
        f"{network}_question_s": watched["question"] / 1e3,
        f"{network}_shift": watched["shift"],
        "bytes": sum(received.values()),
        "requests": len(received),
    }


def _lecture(browser: Browser, server: Standalone) -> Figures:
    """Two questions, of four options and of eight, whose bars move every two seconds while nobody touches the phone."""
    code = _room(server)
    phone = _phone(browser)
    phone.goto(_link(server, code))
    with _class(server, code):
        expect(phone.locator(".lp-link")).to_contain_text(f"{STUDENTS + 1} here", timeout=30_000)
        tasks = [_question(browser, phone, server, code, kind) for kind in OPTIONS]
    watched = phone.evaluate("watch")
    phone.context.close()
    frames = watched["frames"]
    if watched["moves"] < LEAST_MOVES * len(OPTIONS):
        raise Missed(f"bars moved {watched['moves']} times only")
    return {
        "lecture_shift": watched["shift"],
        "frames_per_s": 1_000 / fmean(frames),
        "late_frames": sum(each > LATE_MS for each in frames) / len(frames),
        "longest_task_ms": watched["longest"],
        "longest_task_cpu_ms": max(tasks),
        "moves": watched["moves"],
    }


def _question(browser: Browser, phone: Page, server: Standalone, code: str, kind: str) -> float:
    """Ask, answer, look on, lock and reveal; milliseconds of CPU of the longest task while bars moved."""
    question = _ask(server, code, kind)
    standing = phone.locator(".lp-question .lp-standing")
    phone.locator(".lp-option").first.tap()
    if kind == "multiple_choice":
        phone.get_by_role("button", name="Send answer").tap()
    expect(standing).to_contain_text("counted")
    browser.start_tracing(page=phone, categories=["toplevel"])
    phone.wait_for_timeout(CHANGING_MS)
    tasks = longest_task_ms(browser.stop_tracing())
    path = f"rooms/{code}/questions/{question}"
    server.ask("PUT", f"{path}/lock", {"is_locked": True})
    expect(standing).to_contain_text("locked")
    server.ask("POST", f"{path}/reveal", {})
    expect(standing).to_contain_text("right")
    server.ask("POST", f"{path}/close", {})
    return tasks


def _bare_bars(browser: Browser) -> Figures:
    """Boxes that move and do nothing else: what this machine can do just now."""
    phone = _phone(browser)
    phone.goto(BARE.as_uri())
    phone.wait_for_timeout(CHANGING_MS)
    frames = phone.evaluate("watch.frames")
    phone.context.close()
    return {"bare_frames_per_s": 1_000 / fmean(frames)}


def longest_task_ms(trace: bytes) -> float:
    """The most CPU that a task of a page's main thread took, in milliseconds; what other programs took is not in it."""
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return max(
        float(event["tdur"]) / 1e3
        for event in events
        if event["name"].endswith("RunTask") and "tdur" in event and (event["pid"], event["tid"]) in threads
    )


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def _phone(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    context.add_init_script(path=WATCH)
    phone = context.new_page()
    context.new_cdp_session(phone).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return phone


@contextmanager
def _class(server: Standalone, code: str) -> Iterator[None]:
    """Simulated students, on the server's core."""
    program = Path(sys.executable).with_name("jupyter-livepoll")
    command: Sequence[str | Path] = [program, "rehearse", _link(server, code), f"--students={STUDENTS}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    os.sched_setaffinity(process.pid, {server.site.cores.server})
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _room(server: Standalone) -> str:
    code: str = server.ask("POST", "rooms", {"title": "Statistics I"})["code"]
    return code


def _ask(server: Standalone, code: str, kind: str) -> str:
    labels = [f"option number {number}" for number in range(1, OPTIONS[kind] + 1)]
    correct = labels[:1] if kind == "multiple_choice" else labels[0]
    body = {"text": "Which is larger for a *right-skewed* sample?", "options": labels, "kind": kind, "correct": correct}
    question: str = server.ask("POST", f"rooms/{code}/questions", {**body, "publish": True})["id"]
    return question


def _link(server: Standalone, code: str) -> str:
    return f"http://127.0.0.1:{server.port}/{code}"
