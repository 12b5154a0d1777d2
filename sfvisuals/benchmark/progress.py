"""A progress bar on stderr that stays away from what is quick."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TextIO

from sfvisuals.benchmark.records import Report

QUIET_SECONDS: Final = 2.0
EVERY_SECONDS: Final = 0.1
LINES_EVERY_SECONDS: Final = 10.0
WIDTH: Final = 24


def part(report: Report, start: float, stop: float) -> Report:
    """The report of a part of the work: its 0..1 is start..stop of the whole."""

    def told(share: float, words: str) -> None:
        report(start + (stop - start) * min(max(share, 0.0), 1.0), words)

    return told


class ProgressBar:
    """Shows how far the work is, from two seconds on.

    In a terminal it is one line that is drawn over and wiped in the end; elsewhere it is a line now and then.

    Args:
        stream: stderr.
        clock: seconds, for tests.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._start = clock()
        self._last: float | None = None
        self._drawn = 0

    def __call__(self, share: float, words: str) -> None:
        """Show that this share (0..1) is done, and what is next."""
        now = self._clock()
        if now - self._start < QUIET_SECONDS:
            return
        terminal = self._stream.isatty()
        if self._last is not None and now - self._last < (EVERY_SECONDS if terminal else LINES_EVERY_SECONDS):
            return
        self._last = now
        filled = round(WIDTH * min(max(share, 0.0), 1.0))
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {words}"[:100]
        if terminal:
            self._stream.write(f"\r{line:<{self._drawn}}")
            self._drawn = len(line)
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def close(self) -> None:
        """Wipe what was drawn."""
        if self._drawn:
            self._stream.write(f"\r{' ' * self._drawn}\r")
            self._stream.flush()
            self._drawn = 0
