"""Measuring as a background job of a workspace: its state, its start and end, and the finished table."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sfvisuals.background import BackgroundJobs, JobState
from sfvisuals.errors import UnavailableError
from sfvisuals.image_attributes.catalogue import NAMES
from sfvisuals.image_attributes.measuring import ENTRY, PICTURES_FILE, VALUES, unreadable
from sfvisuals.image_attributes.plan import MeasuringPlan, plan_of
from sfvisuals.image_attributes.shipping import adopt_table
from sfvisuals.memory import LeastRecentlyUsed
from sfvisuals.store import Store
from sfvisuals.types import FloatArray, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

LOOK_SECONDS: Final = 60.0
WAIT_SECONDS: Final = 0.5
PLANS_IN_MEMORY: Final = 4


class MeasuringJobs:
    """The measuring jobs of one workspace; what is shared with other servers lies in the store alone."""

    def __init__(self, store: Store) -> None:
        self.background = BackgroundJobs(
            store, entry=ENTRY, module="sfvisuals.image_attributes.worker", what="measuring"
        )
        self._plans = LeastRecentlyUsed(PLANS_IN_MEMORY)
        self._round = 0

    def plan(self, workspace: Workspace, run: Run, *, fresh: bool = False) -> MeasuringPlan | None:
        """The pictures of the run, looked up at most once a minute or `fresh`; None where no file is found.

        The table beside the runs, where one lies there and fits, is taken into the store at once.
        """
        if run.image is None:
            return None
        self._round += fresh
        minute = int(time.monotonic() / LOOK_SECONDS)

        def look() -> MeasuringPlan:
            made = plan_of(workspace, run)
            if made.pictures and workspace.store.get(ENTRY, made.key) is None:
                adopt_table(workspace.root, workspace.store, made)
            return made

        key = (run.fingerprint, run.path, self._round, minute)
        plan: MeasuringPlan = self._plans.get(key, look)
        return plan if plan.pictures else None

    def cancel_all(self) -> None:
        """End the processes that this workspace started, as a server does that stops."""
        self.background.cancel_all()


def table_of(workspace: Workspace, run: Run) -> FloatArray | None:
    """(N, A) float32 of the run in the order of IMAGE_ATTRIBUTES, read-only; None until it is measured.

    Rows whose image is missing or cannot be read are NaN.
    """
    found = keyed_table_of(workspace, run)
    return None if found is None else found[1]


def keyed_table_of(workspace: Workspace, run: Run) -> tuple[str, FloatArray] | None:
    """The key of the pictures, another once an image has changed, and the table as `table_of` gives it."""
    plan = workspace.measuring.plan(workspace, run)
    entry = None if plan is None else workspace.store.get(ENTRY, plan.key)
    if plan is None or entry is None:
        return None
    values = entry.arrays[VALUES]

    def spread() -> FloatArray:
        table = np.full((run.n, len(NAMES)), np.nan, np.float32)
        present = plan.of_row >= 0
        table[present] = values[plan.of_row[present]]
        table.flags.writeable = False
        return table

    made: FloatArray = workspace.remember((run.fingerprint, ENTRY, plan.key), spread)
    return plan.key, made


def status_of(workspace: Workspace, run: Run) -> dict[str, Any]:
    """State (unavailable, absent, running, ready, failed or cancelled), progress and words."""
    plan = workspace.measuring.plan(workspace, run)
    if plan is None:
        return {"state": "unavailable", "progress": 0.0, "message": _why_none(run)}
    status = workspace.measuring.background.status(plan.key)
    message = status.error or status.message
    if status.state is JobState.READY:
        table = table_of(workspace, run)
        message = "" if table is None else _gaps(plan, unreadable(table), run.n)
    return {"state": str(status.state), "progress": status.progress, "message": message}


def start(workspace: Workspace, run: Run) -> dict[str, Any]:
    """Start the background job that measures the run's images, or join the one that runs; its status.

    Runs over the same images share one. Raises UnavailableError where there is no image or no background.
    """
    plan = workspace.measuring.plan(workspace, run, fresh=True)
    if plan is None:
        raise UnavailableError("There is no image to measure", detail=_why_none(run))
    folder = workspace.measuring.background.folder(plan.key)

    def described() -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{PICTURES_FILE}-{os.getpid()}"
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(f"{picture.as_line()}\n" for picture in plan.pictures)
        fresh.replace(folder / PICTURES_FILE)
        return {"count": len(plan.pictures)}

    workspace.measuring.background.start(plan.key, described)
    return status_of(workspace, run)


def measured_table(workspace: Workspace, run: Run) -> FloatArray:
    """The finished table, waited for as long as it takes.

    Raises UnavailableError where there is no image or the job fails.
    """
    status = start(workspace, run)
    while status["state"] == "running":
        time.sleep(WAIT_SECONDS)
        status = status_of(workspace, run)
    table = table_of(workspace, run)
    if table is None:
        raise UnavailableError(f"The images were not measured: {status['state']}", detail=status["message"])
    return table


def cancel(workspace: Workspace, run: Run) -> dict[str, Any]:
    """End the job, whoever started it; what it measured stays for the next start. Its status."""
    plan = workspace.measuring.plan(workspace, run)
    if plan is not None:
        workspace.measuring.background.cancel(plan.key)
    return status_of(workspace, run)


def _why_none(run: Run) -> str:
    if run.image is None:
        return run.absent.get("image", "This run names no images.")
    return f"None of the {run.n:,} images was found; --data-root names the folder that they lie in."


def _gaps(plan: MeasuringPlan, empty: int, n: int) -> str:
    """What the table lacks, in words."""
    broken = empty - plan.missing
    parts = [f"{plan.missing:,} of {n:,} images were not found"] if plan.missing else []
    return "; ".join([*parts, *([f"{broken:,} of {n:,} images could not be read"] if broken else [])])
