"""Work in the background that stands still while a test looks at it, however quick the machine is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


@contextmanager
def held(module: str, below: Path) -> Iterator[None]:
    """The first process `python -m module PATH` with a path in the folder `below` is stopped when it starts.

    It may be killed meanwhile; where it was not, it goes on when the block ends.
    """
    done = threading.Event()
    stopped: list[psutil.Process] = []

    def look() -> None:
        while not stopped and not done.wait(0.2):
            for process in psutil.process_iter():
                with suppress(psutil.Error):
                    command = process.cmdline()
                    if module in command and command[-1].startswith(str(below)):
                        process.suspend()
                        stopped.append(process)
                        return

    watch = threading.Thread(target=look)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()
