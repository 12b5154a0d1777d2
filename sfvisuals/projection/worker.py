"""The background process of one projection: `python -m sfvisuals.projection.worker JOB.json`."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from sfvisuals.background import JobState, JobStatus, StatusReporter
from sfvisuals.background.status import STATUS_FILE, file_stamp, write_status
from sfvisuals.errors import SfvisualsError
from sfvisuals.projection.compute import compute_projection
from sfvisuals.projection.jobs import ENTRY, stored_form
from sfvisuals.projection.record import ProjectionKind, UmapSettings
from sfvisuals.store import Store

NICENESS: Final = 10


def main(job_file: Path) -> int:
    """Compute what the job file asks for and put it into the store; 0 if it is there, 1 if it was refused.

    What a person can mend is told in the status; anything else ends in a traceback on stderr.
    """
    with contextlib.suppress(OSError):  # the page comes first, where the system lets us say so
        os.nice(NICENESS)
    job = json.loads(job_file.read_text(encoding="utf-8"))
    folder = job_file.parent
    try:
        _compute(job, folder)
    except SfvisualsError as error:
        write_status(folder, JobStatus(JobState.FAILED, error=str(error)))
        return 1
    (folder / STATUS_FILE).unlink(missing_ok=True)
    return 0


def give_numba_a_cache(store: Path) -> None:
    """Keep compiled code in the store where it cannot lie beside umap-learn, as in an image without root.

    Without a folder to write to, importing umap-learn fails.
    """
    found = importlib.util.find_spec("umap")
    if found is not None and found.origin is not None and not os.access(Path(found.origin).parent, os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(store / "numba"))


def _compute(job: dict[str, Any], folder: Path) -> None:
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


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
