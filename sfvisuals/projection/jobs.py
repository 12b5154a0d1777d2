"""Projections in background processes, shared by all servers and tabs: their state is on disk alone."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from sfvisuals.background import BackgroundJobs, JobState, JobStatus
from sfvisuals.background.status import file_stamp
from sfvisuals.projection.record import Projection, ProjectionKind, UmapSettings
from sfvisuals.store import Store
from sfvisuals.types import FloatArray

__all__ = ["JobState", "JobStatus", "ProjectionJobs"]

ENTRY: Final = "projection"
LATENTS: Final = "latents"
VERSION: Final = 1


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
        self._jobs = BackgroundJobs(
            store, entry=ENTRY, module="sfvisuals.projection.worker", what="projection"
        )

    def status(self, run_key: str, kind: ProjectionKind) -> JobStatus:
        """State of that projection, whichever process started it."""
        return self._jobs.status(self._key(run_key, kind))

    def start(
        self, run_key: str, kind: ProjectionKind, latents: FloatArray | Path, *, name: str = "latents"
    ) -> JobStatus:
        """Start that projection, join the process that computes it, or do nothing where it is ready.

        Latents (N, l) that are not the whole of an npy file are written to the store first, once.

        Raises UnavailableError on Windows, SettingsError where the store cannot be written.
        """

        def described() -> dict[str, Any]:
            source = self._latents_file(run_key, latents)
            return {
                "kind": kind,
                "settings": asdict(self._settings),
                "latents": str(source),
                "stamp": file_stamp(source),
                "name": name,
            }

        return self._jobs.start(self._key(run_key, kind), described)

    def cancel(self, run_key: str, kind: ProjectionKind) -> JobStatus:
        """End the process that computes that projection, whoever started it; nothing where none does."""
        return self._jobs.cancel(self._key(run_key, kind))

    def cancel_all(self) -> None:
        """End the processes that this instance started, as a server does that stops; they count as absent."""
        self._jobs.cancel_all()

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

    def _latents_file(self, run_key: str, latents: FloatArray | Path) -> Path:
        if isinstance(latents, Path):
            return latents.resolve()
        mapped = _mapped_file(latents)
        if mapped is not None:
            return mapped
        key = self._store.key(LATENTS, run_key)
        self._store.get_or_make(LATENTS, key, lambda: ({LATENTS: latents}, {}))
        return (self._store.folder(LATENTS, key) / f"{LATENTS}.npy").resolve()


def stored_form(projection: Projection) -> dict[str, dict[str, Any]]:
    """Arrays and record of a projection as the store keeps them; its trust must have been measured."""
    assert projection.trust is not None  # whoever computes one to be kept measures it
    return {
        "arrays": {"coordinates": projection.coordinates, "trust": projection.trust},
        "meta": {"trust_label": projection.trust_label, "seed": projection.seed, "note": projection.note},
    }


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
