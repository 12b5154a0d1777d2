"""`sfvisuals attributes`: measure the images of runs ahead of time."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfvisuals.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfvisuals.benchmark.progress import ProgressBar
    from sfvisuals.types import Run
    from sfvisuals.workspace import Workspace

LOOK_SECONDS: Final = 0.2


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command, but for those of reading."""
    parser.add_argument("root", type=Path, help="folder of experiments at any depth, or one experiment")
    parser.add_argument(
        "--run", action="append", metavar="NAME", help="only this run; may be given several times"
    )
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="where the results are kept")


def run(workspace: Workspace, *, names: Sequence[str]) -> int:
    """Measure these runs (all where none is named) and print a line for each; 1 where one could not be.

    Interrupted, it ends its background process; what is measured stays, and the next call goes on there.

    Raises NotFoundError where there is no run.
    """
    from sfvisuals.benchmark.progress import ProgressBar

    asked = tuple(names) or workspace.run_names()
    if not asked:
        raise NotFoundError(
            f"There is no run below {workspace.root}",
            hint="A run is a folder with test_results/ or run.json; `sfvisuals check` says what is there.",
        )
    bar = ProgressBar(sys.stderr)
    try:
        done = [_measured(workspace, workspace.run(name), bar) for name in asked]
    finally:
        bar.close()
        workspace.measuring.cancel_all()
    return 0 if all(done) else 1


def _measured(workspace: Workspace, measured: Run, bar: ProgressBar) -> bool:
    from sfvisuals.image_attributes.jobs import start, status_of

    try:
        status = start(workspace, measured)
    except UnavailableError as error:
        bar.close()
        sys.stdout.write(f"{measured.name}: {error.title}. {error.detail}\n")
        return False
    while status["state"] == "running":
        bar(status["progress"], f"{measured.name}: {status['message']}")
        time.sleep(LOOK_SECONDS)
        status = status_of(workspace, measured)
    bar.close()
    words = status["message"] or f"the images of {measured.n:,} samples"
    sys.stdout.write(f"{measured.name}: {status['state']}: {words}\n")
    return bool(status["state"] == "ready")
