"""The background process that measures: `python -m sfvisuals.image_attributes.worker JOB.json`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sfvisuals.background import StatusReporter
from sfvisuals.background.work import carried_out
from sfvisuals.image_attributes.measuring import ENTRY, VALUES, measured, without_parts
from sfvisuals.store import Store


def measure_job(job: dict[str, Any], folder: Path) -> None:
    """Measure what the job asks for and put it into the store."""
    values = measured(folder, count=job["count"], report=StatusReporter(folder))
    Store(Path(job["store"])).put(ENTRY, job["key"], arrays={VALUES: values})
    without_parts(folder)


def main(job_file: Path) -> int:
    """Do that job; 0 if its result is in the store, 1 if it was refused (see `carried_out`)."""
    return carried_out(job_file, measure_job)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
