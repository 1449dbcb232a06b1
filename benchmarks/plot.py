"""The plot for the docs: when the last peer has an event, by the number of peers, as an SVG. It measures nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log10
from typing import Final
from xml.sax.saxutils import escape

from .machine import CannotMeasure
from .ratios import of_one
from .report import Results, number, sizes_of
from .servers import ALL

WIDTH, HEIGHT = 740, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 250, 48, 48
COLOURS: Final = ("#0072b2", "#56b4e9", "#cc79a7", "#000000", "#999999", "#d55e00", "#e69f00", "#009e73")
"""Okabe and Ito's, which most colour-blind people tell apart; one for each server."""

FIGURE: Final = "fanout_last_ms"


class Scale:
    """A logarithmic scale from values to pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.least, self.most = min(values), max(values)
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        """The place of ``value``, in pixels."""
        share = log10(value / self.least) / (log10(self.most / self.least) or 1)
        return round(self._start + share * (self._end - self._start), 1)

    def decades(self) -> list[float]:
        """The powers of ten, their doubles and fives, within the scale."""
        steps = [base * 10.0**power for power in range(-1, 6) for base in (1, 2, 5)]
        return [step for step in steps if self.least <= step <= self.most]


def svg(results: Results) -> str:
    """The plot; raises :exc:`CannotMeasure` where no fan-out was measured."""
    sizes = sizes_of(results)
    lines = {
        index: points
        for index, kind in enumerate(ALL)
        if (points := _points(results, kind.name, sizes))
    }  # fmt: skip
    values = [value for points in lines.values() for _, value in points]
    if not values:
        raise CannotMeasure("There is no fan-out among these results, so there is nothing to draw.")
    across, up = Scale(sizes, LEFT, WIDTH - RIGHT), Scale(values, HEIGHT - BOTTOM, TOP)
    parts = [*_frame(across, up, sizes), *_lines(across, up, lines)]
    title = "Milliseconds until the last peer has an event of 1 KB"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12">\n<title>{title}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
        f'<text x="{LEFT}" y="24" font-size="15">{title}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _points(results: Results, server: str, sizes: Sequence[int]) -> list[tuple[int, float]]:
    found = ((size, of_one(results.samples, server, size, FIGURE)) for size in sizes)
    return [(size, summary.median) for size, summary in found if summary is not None]


def _frame(across: Scale, up: Scale, sizes: Sequence[int]) -> Iterator[str]:
    for size in sizes:
        yield f'<text x="{across(size)}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">peers</text>'
    for value in up.decades():
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(value)}" y2="{up(value)}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{up(value) + 4}" text-anchor="end">{number(value)}</text>'


def _lines(across: Scale, up: Scale, lines: dict[int, list[tuple[int, float]]]) -> Iterator[str]:
    labels = _apart({index: up(points[-1][1]) for index, points in lines.items()})
    for index, points in lines.items():
        colour = COLOURS[index]
        path = " ".join(f"{across(size)},{up(value)}" for size, value in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for size, value in points:
            yield f'<circle cx="{across(size)}" cy="{up(value)}" r="3" fill="{colour}"/>'
        label = escape(ALL[index].title.replace("`", ""))
        yield f'<circle cx="{WIDTH - RIGHT + 14}" cy="{labels[index]}" r="4" fill="{colour}"/>'
        yield f'<text x="{WIDTH - RIGHT + 24}" y="{labels[index] + 4}">{label}</text>'


def _apart(wanted: dict[int, float]) -> dict[int, float]:
    """Heights at least a line apart, from the top down."""
    placed: dict[int, float] = {}
    last = 0.0
    for index, height in sorted(wanted.items(), key=lambda item: item[1]):
        last = max(height, last + 15)
        placed[index] = last
    return placed
