"""A dashboard in a fresh process, as a person starts it, and the memory that it takes."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ADDRESS = re.compile(r"http://\S+:(\d+)/")
SAMPLING = 0.1


@dataclass
class Dashboard:
    """A running server.

    Attributes:
        started: time.perf_counter() just before the command was run.
        url: its address.
        process: the process; its children count for memory too.
        peak: the largest memory seen so far, bytes (see `memory`).
    """

    started: float
    url: str
    process: psutil.Process
    peak: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def memory(self) -> int:
        """Resident bytes of the server and its children, mapped files included."""
        total = 0
        for process in (self.process, *self.process.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def watch(self) -> None:
        """Follow the peak until the server ends."""
        while not self.ended.wait(SAMPLING):
            try:
                self.peak = max(self.peak, self.memory())
            except psutil.NoSuchProcess:
                return


@contextmanager
def dashboard(root: Path, *, cache: Path, data_roots: Sequence[Path] = ()) -> Iterator[Dashboard]:
    """`sfvisuals serve ROOT` on a free port until the block ends."""
    options = [part for folder in data_roots for part in ("--data-root", str(folder))]
    with running(["serve", str(root), *options], cache=cache) as served:
        yield served


@contextmanager
def running(words: Sequence[str], *, cache: Path) -> Iterator[Dashboard]:
    """`sfvisuals WORDS` on a free port until the block ends."""
    command = [str(Path(sys.executable).with_name("sfvisuals")), *words, "--port", "0"]
    command += ["--no-browser", "--cache-dir", str(cache)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = ADDRESS.search(line)
        if found is None:
            process.kill()
            raise RuntimeError(f"the server said: {line}{process.stdout.read()}")
        served = Dashboard(started, f"http://127.0.0.1:{found[1]}/", psutil.Process(process.pid))
        watcher = threading.Thread(target=served.watch, daemon=True)
        watcher.start()
        try:
            yield served
        finally:
            served.ended.set()
            watcher.join()
            process.terminate()
