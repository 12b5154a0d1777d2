"""Where a background job is, written to and read from its folder."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

STATUS_FILE: Final = "status.json"
REPORT_SECONDS: Final = 0.2


class JobState(StrEnum):
    """Where a job is."""

    ABSENT = "absent"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """State of one job.

    Attributes:
        state: absent, running, ready, failed or cancelled.
        progress: 0 to 1.
        message: what it does, in words.
        error: why it failed, in words for a person; empty otherwise.
    """

    state: JobState
    progress: float = 0.0
    message: str = ""
    error: str = ""


class StatusReporter:
    """Writes the status now and then; often enough to watch, seldom enough not to matter."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last = -REPORT_SECONDS

    def __call__(self, share: float, words: str) -> None:
        """Tell that this share (0..1) is done, and what is done now."""
        now = time.monotonic()
        if now - self._last >= REPORT_SECONDS:
            self._last = now
            write_status(self._folder, JobStatus(JobState.RUNNING, min(max(share, 0.0), 1.0), words))


def write_status(folder: Path, status: JobStatus) -> None:
    """Put the status where every process sees it, whole or not at all."""
    write_json(folder / STATUS_FILE, asdict(status))


def read_status(folder: Path) -> JobStatus:
    """What the folder says; absent where it says nothing."""
    record = read_json(folder / STATUS_FILE)
    if not record:
        return JobStatus(JobState.ABSENT)
    return JobStatus(
        JobState(record["state"]), float(record["progress"]), str(record["message"]), str(record["error"])
    )


def write_json(file: Path, record: Mapping[str, Any]) -> None:
    """Write a small record under a temporary name and rename it into place."""
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    fresh.write_text(json.dumps(record), encoding="utf-8")
    fresh.replace(file)


def read_json(file: Path) -> dict[str, Any]:
    """The record in the file; empty where there is none or it is damaged."""
    with contextlib.suppress(OSError, ValueError):
        record = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(record, dict):
            return record
    return {}


def file_stamp(file: Path) -> list[int]:
    """Size and time of change of a file: what differs if it was written anew."""
    facts = file.stat()
    return [facts.st_size, facts.st_mtime_ns]
