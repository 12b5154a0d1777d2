"""Start, watch and end the background process of each job, whichever server or tab asks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from sfvisuals.background import processes
from sfvisuals.background.status import (
    STATUS_FILE,
    JobState,
    JobStatus,
    read_json,
    read_status,
    write_json,
    write_status,
)
from sfvisuals.store import Store

LAST_LINES: Final = 5
KILL_SECONDS: Final = 5.0

_RUNNING_FILE: Final = "running.json"
_JOB_FILE: Final = "job.json"
_ERRORS_FILE: Final = "stderr.txt"
_GUARD_FILE: Final = "guard"


class BackgroundJobs:
    """The jobs of one kind: each is known by a key of the store and makes the entry of that key.

    Several instances, in several processes, may share a store.

    Args:
        store: where results are kept; the files of running jobs lie in the folder `jobs` beside its entries.
        entry: the kind of entry that a job makes.
        module: run as `python -m MODULE job.json`; it puts the entry and removes its status in the end.
        what: what the process does, for messages, as in "projection".
    """

    def __init__(self, store: Store, *, entry: str, module: str, what: str) -> None:
        self._store = store
        self._entry = entry
        self._module = module
        self._what = what
        self._started: set[str] = set()

    def folder(self, key: str) -> Path:
        """Where the files of that job lie."""
        return self._store.root / "jobs" / key

    def status(self, key: str) -> JobStatus:
        """State of that job, whichever process started it."""
        processes.wait_for_ended()
        status = self._look(key)
        if status.state is JobState.RUNNING and not self._is_alive(key):
            # Just starting, just ended, or dead: look again while nobody starts or ends it.
            with processes.one_at_a_time(self.folder(key) / _GUARD_FILE):
                alive = self._is_alive(key)
                status = self._look(key)
            if status.state is JobState.RUNNING and not alive:
                return JobStatus(JobState.FAILED, error=self._unexpected_end(key))
        return status

    def start(self, key: str, described: Callable[[], Mapping[str, Any]]) -> JobStatus:
        """Start that job, join the process that does it, or do nothing where it is made.

        `described` gives what the process needs beside store and key, plain JSON values; it is asked only
        where something is to be done.

        Raises UnavailableError on Windows, SettingsError where the store cannot be written.
        """
        folder = self.folder(key)
        if not self._made(key):
            job = described()
            folder.mkdir(parents=True, exist_ok=True)
            with processes.one_at_a_time(folder / _GUARD_FILE):
                if not (self._made(key) or self._is_alive(key)):
                    self._launch(key, job)
        return self.status(key)

    def cancel(self, key: str) -> JobStatus:
        """End the process of that job, whoever started it; nothing where none runs."""
        folder = self.folder(key)
        if folder.is_dir():
            with processes.one_at_a_time(folder / _GUARD_FILE):
                if self._end(key):
                    write_status(folder, JobStatus(JobState.CANCELLED))
        return self.status(key)

    def cancel_all(self) -> None:
        """End the processes that this instance started, as a server does that stops; they count as absent."""
        for key in sorted(self._started):
            folder = self.folder(key)
            with processes.one_at_a_time(folder / _GUARD_FILE):
                if self._end(key):
                    (folder / STATUS_FILE).unlink(missing_ok=True)
        self._started.clear()

    def _look(self, key: str) -> JobStatus:
        """What the files say; a process that is gone may still be called running."""
        told = read_status(self.folder(key))
        return JobStatus(JobState.READY, 1.0) if self._made(key) else told

    def _made(self, key: str) -> bool:
        return self._store.get(self._entry, key) is not None

    def _launch(self, key: str, job: Mapping[str, Any]) -> None:
        folder = self.folder(key)
        write_json(folder / _JOB_FILE, {"store": str(self._store.root.resolve()), "key": key, **job})
        write_status(folder, JobStatus(JobState.RUNNING, message="Starting"))
        pid = processes.start_module(
            self._module, folder / _JOB_FILE, folder=folder, errors=folder / _ERRORS_FILE
        )
        self._started.add(key)
        write_json(folder / _RUNNING_FILE, {"pid": pid, "started": processes.identity(pid) or "ended"})

    def _is_alive(self, key: str) -> bool:
        """True while the process that was started for it runs, whoever started it."""
        running = read_json(self.folder(key) / _RUNNING_FILE)
        return bool(running) and processes.identity(int(running["pid"])) == running["started"]

    def _end(self, key: str) -> bool:
        """Kill the process if it runs and see it gone; True if it ran and left no result."""
        if not self._is_alive(key):
            return False
        processes.kill_session(int(read_json(self.folder(key) / _RUNNING_FILE)["pid"]))
        patience = time.monotonic() + KILL_SECONDS
        while self._is_alive(key) and time.monotonic() < patience:
            time.sleep(0.01)
        return not self._made(key)

    def _unexpected_end(self, key: str) -> str:
        lines: list[str] = []
        with contextlib.suppress(OSError):
            text = (self.folder(key) / _ERRORS_FILE).read_text(encoding="utf-8", errors="replace")
            lines = text.splitlines()
        last = (
            "\n".join(lines[-LAST_LINES:]) or "It left no message; it may have been ended for lack of memory."
        )
        return f"The {self._what} process ended unexpectedly.\n{last}"
