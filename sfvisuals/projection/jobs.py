"""Projections in background processes, shared by all servers and tabs: their state is on disk alone."""

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

import numpy as np

from sfvisuals.projection import processes
from sfvisuals.projection.record import Projection, ProjectionKind, UmapSettings
from sfvisuals.store import Store
from sfvisuals.types import FloatArray

ENTRY: Final = "projection"
LATENTS: Final = "latents"
VERSION: Final = 1
LAST_LINES: Final = 5
KILL_SECONDS: Final = 5.0

STATUS_FILE: Final = "status.json"
_RUNNING_FILE: Final = "running.json"
_JOB_FILE: Final = "job.json"
_ERRORS_FILE: Final = "stderr.txt"
_GUARD_FILE: Final = "guard"


class JobState(StrEnum):
    """Where a projection is."""

    ABSENT = "absent"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """State of one projection.

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


class ProjectionJobs:
    """Starts, watches and ends the background process of each projection, and loads its result.

    A projection is known by `run_key` (the run's fingerprint: equal content, equal key), its kind, settings
    and a version, so nothing is computed twice. Several instances, in several processes, may share a store.

    Args:
        store: where results are kept; the files of running jobs lie in the folder `jobs` beside its entries.
        settings: parameters of UMAP and of trust.
    """

    def __init__(self, store: Store, *, settings: UmapSettings | None = None) -> None:
        self._store = store
        self._settings = settings or UmapSettings()
        self._started: set[str] = set()

    def status(self, run_key: str, kind: ProjectionKind) -> JobStatus:
        """State of that projection, whichever process started it."""
        processes.wait_for_ended()
        key = self._key(run_key, kind)
        status = self._look(key)
        if status.state is JobState.RUNNING and not self._is_alive(key):
            # Just starting, just ended, or dead: look again while nobody starts or ends it.
            with processes.one_at_a_time(self._folder(key) / _GUARD_FILE):
                alive = self._is_alive(key)
                status = self._look(key)
            if status.state is JobState.RUNNING and not alive:
                return JobStatus(JobState.FAILED, error=_unexpected_end(self._folder(key)))
        return status

    def start(
        self, run_key: str, kind: ProjectionKind, latents: FloatArray | Path, *, name: str = "latents"
    ) -> JobStatus:
        """Start that projection, join the process that computes it, or do nothing where it is ready.

        Latents (N, l) that are not the whole of an npy file are written to the store first, once.

        Raises UnavailableError on Windows, SettingsError where the store cannot be written.
        """
        key = self._key(run_key, kind)
        folder = self._folder(key)
        if not self._made(key):
            source = self._latents_file(run_key, latents)
            folder.mkdir(parents=True, exist_ok=True)
            with processes.one_at_a_time(folder / _GUARD_FILE):
                if not (self._made(key) or self._is_alive(key)):
                    self._launch(key, kind, source=source, name=name)
        return self.status(run_key, kind)

    def cancel(self, run_key: str, kind: ProjectionKind) -> JobStatus:
        """End the process that computes that projection, whoever started it; nothing where none does."""
        key = self._key(run_key, kind)
        folder = self._folder(key)
        if folder.is_dir():
            with processes.one_at_a_time(folder / _GUARD_FILE):
                if self._end(key):
                    write_status(folder, JobStatus(JobState.CANCELLED))
        return self.status(run_key, kind)

    def cancel_all(self) -> None:
        """End the processes that this instance started, as a server does that stops; they count as absent."""
        for key in sorted(self._started):
            folder = self._folder(key)
            with processes.one_at_a_time(folder / _GUARD_FILE):
                if self._end(key):
                    (folder / STATUS_FILE).unlink(missing_ok=True)
        self._started.clear()

    def load(self, run_key: str, kind: ProjectionKind) -> Projection | None:
        """The finished projection, its arrays read-only maps of the store; None where it is not ready."""
        entry = self._store.get(ENTRY, self._key(run_key, kind))
        if entry is None:
            return None
        return Projection(
            kind=kind,
            coordinates=entry.arrays["coordinates"],
            trust=entry.arrays["trust"],
            trust_label=entry.meta["trust_label"],
            seed=entry.meta["seed"],
            note=entry.meta["note"],
        )

    def adopt(self, run_key: str, projection: Projection, settings: UmapSettings) -> bool:
        """Keep a projection that was computed elsewhere; False, and nothing kept, under other settings.

        Raises SettingsError where the store cannot be written.
        """
        if settings != self._settings or projection.trust is None:
            return False
        self._store.put(ENTRY, self._key(run_key, projection.kind), **stored_form(projection))
        return True

    def _key(self, run_key: str, kind: ProjectionKind) -> str:
        return self._store.key(ENTRY, VERSION, run_key, kind, asdict(self._settings))

    def _folder(self, key: str) -> Path:
        return self._store.root / "jobs" / key

    def _look(self, key: str) -> JobStatus:
        """What the files say; a process that is gone may still be called running."""
        told = _read_status(self._folder(key))
        return JobStatus(JobState.READY, 1.0) if self._made(key) else told

    def _made(self, key: str) -> bool:
        return self._store.get(ENTRY, key) is not None

    def _latents_file(self, run_key: str, latents: FloatArray | Path) -> Path:
        if isinstance(latents, Path):
            return latents.resolve()
        mapped = _mapped_file(latents)
        if mapped is not None:
            return mapped
        key = self._store.key(LATENTS, run_key)
        self._store.get_or_make(LATENTS, key, lambda: ({LATENTS: latents}, {}))
        return (self._store.folder(LATENTS, key) / f"{LATENTS}.npy").resolve()

    def _launch(self, key: str, kind: ProjectionKind, *, source: Path, name: str) -> None:
        folder = self._folder(key)
        write_json(
            folder / _JOB_FILE,
            {
                "store": str(self._store.root.resolve()),
                "key": key,
                "kind": kind,
                "settings": asdict(self._settings),
                "latents": str(source),
                "stamp": file_stamp(source),
                "name": name,
            },
        )
        write_status(folder, JobStatus(JobState.RUNNING, message="Starting"))
        pid = processes.start_module(
            "sfvisuals.projection.worker", folder / _JOB_FILE, folder=folder, errors=folder / _ERRORS_FILE
        )
        self._started.add(key)
        write_json(folder / _RUNNING_FILE, {"pid": pid, "started": processes.identity(pid) or "ended"})

    def _is_alive(self, key: str) -> bool:
        """True while the process that was started for it runs, whoever started it."""
        running = _read_json(self._folder(key) / _RUNNING_FILE)
        return bool(running) and processes.identity(int(running["pid"])) == running["started"]

    def _end(self, key: str) -> bool:
        """Kill the process if it runs and see it gone; True if it ran and left no result."""
        if not self._is_alive(key):
            return False
        processes.kill_session(int(_read_json(self._folder(key) / _RUNNING_FILE)["pid"]))
        patience = time.monotonic() + KILL_SECONDS
        while self._is_alive(key) and time.monotonic() < patience:
            time.sleep(0.01)
        return not self._made(key)


def stored_form(projection: Projection) -> dict[str, dict[str, Any]]:
    """Arrays and record of a projection as the store keeps them; its trust must have been measured."""
    assert projection.trust is not None  # whoever computes one to be kept measures it
    return {
        "arrays": {"coordinates": projection.coordinates, "trust": projection.trust},
        "meta": {"trust_label": projection.trust_label, "seed": projection.seed, "note": projection.note},
    }


def write_status(folder: Path, status: JobStatus) -> None:
    """Put the status where every process sees it, whole or not at all."""
    write_json(folder / STATUS_FILE, asdict(status))


def write_json(file: Path, record: Mapping[str, Any]) -> None:
    """Write a small record under a temporary name and rename it into place."""
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    fresh.write_text(json.dumps(record), encoding="utf-8")
    fresh.replace(file)


def file_stamp(file: Path) -> list[int]:
    """Size and time of change of a file: what differs if it was written anew."""
    facts = file.stat()
    return [facts.st_size, facts.st_mtime_ns]


def _read_json(file: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        record = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(record, dict):
            return record
    return {}


def _read_status(folder: Path) -> JobStatus:
    record = _read_json(folder / STATUS_FILE)
    if not record:
        return JobStatus(JobState.ABSENT)
    return JobStatus(
        JobState(record["state"]), float(record["progress"]), str(record["message"]), str(record["error"])
    )


def _unexpected_end(folder: Path) -> str:
    lines: list[str] = []
    with contextlib.suppress(OSError):
        lines = (folder / _ERRORS_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    last = "\n".join(lines[-LAST_LINES:]) or "It left no message; it may have been ended for lack of memory."
    return f"The projection process ended unexpectedly.\n{last}"


def _mapped_file(latents: FloatArray) -> Path | None:
    """The npy file of which these latents are a map of the whole, else None."""
    for array in (latents, latents.base):
        if not isinstance(array, np.memmap) or array.filename is None:
            continue
        file = Path(array.filename)
        if file.suffix != ".npy" or not file.is_file():
            continue
        whole = np.load(file, mmap_mode="r", allow_pickle=False)
        same = (whole.shape, whole.dtype, whole.strides, whole.offset)
        if same == (latents.shape, latents.dtype, latents.strides, array.offset):
            return file.resolve()
    return None
