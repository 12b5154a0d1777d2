"""The background process that measures: `python -m sfvisuals.image_attributes.worker JOB.json`."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Final

from sfvisuals.background import JobState, JobStatus, StatusReporter
from sfvisuals.background.status import STATUS_FILE, write_status
from sfvisuals.errors import SfvisualsError
from sfvisuals.image_attributes.measuring import ENTRY, VALUES, measured, without_parts
from sfvisuals.store import Store

NICENESS: Final = 10


def main(job_file: Path) -> int:
    """Measure what the job file asks for and put it into the store; 0 if it is there, 1 if it was refused.

    What a person can mend is told in the status; anything else ends in a traceback on stderr.
    """
    with contextlib.suppress(OSError):  # the page comes first, where the system lets us say so
        os.nice(NICENESS)
    job = json.loads(job_file.read_text(encoding="utf-8"))
    folder = job_file.parent
    try:
        values = measured(folder, count=job["count"], report=StatusReporter(folder))
        Store(Path(job["store"])).put(ENTRY, job["key"], arrays={VALUES: values})
    except SfvisualsError as error:
        write_status(folder, JobStatus(JobState.FAILED, error=str(error)))
        return 1
    without_parts(folder)
    (folder / STATUS_FILE).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
