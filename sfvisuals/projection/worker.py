"""The background process of one projection: `python -m sfvisuals.projection.worker JOB.json`."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from sfvisuals.background import StatusReporter
from sfvisuals.background.status import file_stamp
from sfvisuals.background.work import carried_out
from sfvisuals.errors import SfvisualsError
from sfvisuals.projection.compute import compute_projection
from sfvisuals.projection.jobs import ENTRY, stored_form
from sfvisuals.projection.record import ProjectionKind, UmapSettings
from sfvisuals.store import Store


def give_numba_a_cache(store: Path) -> None:
    """Keep compiled code in the store where it cannot lie beside umap-learn, as in an image without root.

    Without a folder to write to, importing umap-learn fails.
    """
    found = importlib.util.find_spec("umap")
    if found is not None and found.origin is not None and not os.access(Path(found.origin).parent, os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(store / "numba"))


def project_job(job: dict[str, Any], folder: Path) -> None:
    """Compute the projection that the job asks for and put it into the store."""
    give_numba_a_cache(Path(job["store"]))
    file = Path(job["latents"])
    projection = compute_projection(
        np.load(file, mmap_mode="r", allow_pickle=False),
        ProjectionKind(job["kind"]),
        settings=UmapSettings(**job["settings"]),
        name=job["name"],
        report=StatusReporter(folder),
    )
    if file_stamp(file) != job["stamp"]:
        raise SfvisualsError(
            "The latents changed while they were projected",
            detail=f"{file.name} was written anew.",
            hint="Start the projection again.",
        )
    Store(Path(job["store"])).put(ENTRY, job["key"], **stored_form(projection))


def main(job_file: Path) -> int:
    """Do that job; 0 if its result is in the store, 1 if it was refused (see `carried_out`)."""
    return carried_out(job_file, project_job)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
