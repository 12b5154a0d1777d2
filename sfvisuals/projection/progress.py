"""Progress of a long computation: a function that is told how far it is and what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Report: TypeAlias = Callable[[float, str], None]


def silent(share: float, words: str) -> None:
    """Report to nobody."""


def part(report: Report, start: float, stop: float) -> Report:
    """The report of a part of the work: its 0..1 is start..stop of the whole."""

    def told(share: float, words: str) -> None:
        report(start + (stop - start) * min(max(share, 0.0), 1.0), words)

    return told
