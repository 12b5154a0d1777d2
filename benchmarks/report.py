"""Measured figures and the table that shows them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity, measured several times.

    Attributes:
        name: what was measured.
        values: one number per repetition.
        unit: their unit.
        target: the number to reach, None where there is none.
        at_least: whether the target is a lower bound; else it is an upper bound.
    """

    name: str
    values: tuple[float, ...]
    unit: str
    target: float | None = None
    at_least: bool = False

    @property
    def median(self) -> float:
        """The middle value."""
        return float(median(self.values))

    @property
    def verdict(self) -> str:
        """Whether the median reaches the target."""
        if self.target is None:
            return ""
        good = self.median >= self.target if self.at_least else self.median <= self.target
        return "yes" if good else "NO"


def table(title: str, figures: Sequence[Figure]) -> str:
    """A Markdown table of medians and ranges against the targets."""
    lines = [
        f"### {title}",
        "",
        "| figure | median | range (repetitions) | target | reached |",
        "|---|---:|---:|---:|---|",
    ]
    for figure in figures:
        sign = "≥" if figure.at_least else "≤"
        target = "" if figure.target is None else f"{sign} {_number(figure.target)} {figure.unit}"
        span = f"{_number(min(figure.values))} – {_number(max(figure.values))} ({len(figure.values)})"
        middle = f"{_number(figure.median)} {figure.unit}"
        lines.append(f"| {figure.name} | {middle} | {span} | {target} | {figure.verdict} |")
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Cores and how busy they are: numbers measured on a busy machine are upper bounds."""
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} cores; load average {one:.1f} (1 min), {five:.1f} (5 min)"


def _number(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    return f"{value:,.{digits}f}"
