"""A session: one server, started for it, with one number of peers, and all work in turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from . import work
from .build import FLEET, compiled
from .fleet import Fleet
from .machine import Cores
from .servers import Server, Site
from .work import Bench, Effort, Figures

ALL_WORK = ("storm", "fan-out", "votes", "lecture", "lock", "stalled", "panel")
"""What can be asked for by name; ``storm`` brings the memory of idle peers as well."""

OF_LIMITS = ("storm", "fan-out", "votes")
"""What a bare send loop does too."""


def measure(kind: type[Server], peers: int, cores: Cores, wanted: Sequence[str], effort: Effort) -> Figures:
    """The figures of one session; raises :exc:`work.Missed` or :exc:`CannotMeasure`."""
    parts = [part for part in ALL_WORK if part in wanted and (part in OF_LIMITS or not kind.is_limit)]
    with TemporaryDirectory(prefix="livepoll-bench-") as name:
        site = Site(cores, Path(name))
        with kind(site) as server:
            figures, round_ = _with_readers(server, peers, parts, effort)
            if "stalled" in parts:
                figures |= _with_stalled_readers(server, peers, effort, round_)
            if "panel" in parts and server.has_rooms:
                figures |= _with_panel(server, peers, effort, round_)
    return figures


def _with_readers(server: Server, peers: int, parts: Sequence[str], effort: Effort) -> tuple[Figures, int]:
    figures: Figures = {}
    with _fleet(server) as fleet:
        bench = Bench(server, fleet, effort)
        work.connects(bench, range(1))
        alone = work.one_peer(bench)
        work.connects(bench, range(1, work.WARM))
        figures |= work.storm(bench, peers)
        if "fan-out" in parts:
            figures |= work.fan_out(bench, peers, alone)
        if "votes" in parts:
            figures |= work.vote_burst(bench, peers)
        if "lecture" in parts:
            figures |= work.lecture(bench, peers)
        if "lock" in parts:
            figures |= work.lock_in_burst(bench, peers)
        return figures, bench.round


def _with_stalled_readers(server: Server, peers: int, effort: Effort, round_: int) -> Figures:
    with _fleet(server) as fleet:
        bench = Bench(server, fleet, effort, round_)
        work.connects(bench, range(peers), has_small_buffers=True)
        return work.stalled(bench)


def _with_panel(server: Server, peers: int, effort: Effort, round_: int) -> Figures:
    with server.panel() as panel, _fleet(server) as fleet:
        return work.watched(Bench(server, fleet, effort, round_), panel, peers)


def _fleet(server: Server) -> Fleet:
    return Fleet(compiled("fleet", FLEET), server.site.directory, server.pid, server.port)
