"""What every background process does around its own work: read the job, be nice, tell how it ended."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sfvisuals.background.status import STATUS_FILE, JobState, JobStatus, write_status
from sfvisuals.errors import SfvisualsError

NICENESS: Final = 10


def carried_out(job_file: Path, work: Callable[[dict[str, Any], Path], None]) -> int:
    """Do `work(job, folder)`, which puts its result into the store; 0 if it is there, 1 if it was refused.

    What a person can mend is told in the status; anything else ends in a traceback on stderr.
    """
    with contextlib.suppress(OSError):  # the page comes first, where the system lets us say so
        os.nice(NICENESS)
    job = json.loads(job_file.read_text(encoding="utf-8"))
    folder = job_file.parent
    try:
        work(job, folder)
    except SfvisualsError as error:
        write_status(folder, JobStatus(JobState.FAILED, error=str(error)))
        return 1
    (folder / STATUS_FILE).unlink(missing_ok=True)
    return 0
