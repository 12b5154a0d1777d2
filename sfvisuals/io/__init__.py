"""Discover run folders and read each format into one `Run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sfvisuals.errors import RunFormatError
from sfvisuals.io.discover import RunRef, discover
from sfvisuals.types import Run, RunFormat

__all__ = ["RunRef", "discover", "read_run"]


def read_run(ref: RunRef, *, root: Path | None = None, describe: Path | None = None) -> Run:
    """The run at `ref`, whatever its format.

    Args:
        ref: where it lies, as `discover` found it.
        root: sidecars `sfvisuals.yaml` are looked for up to this folder.
        describe: a sidecar that goes before those in the folders.

    Raises RunFormatError if the run cannot be read, SettingsError if `describe` cannot be.
    """
    asked: Any = ref
    if not isinstance(asked, RunRef):
        line = f"for ref in sfvisuals.discover({str(asked)!r}): run = sfvisuals.read_run(ref)"
        raise RunFormatError(
            "read_run was given no run", detail=f"Found {asked!r}; expected what `discover` found.", hint=line
        )
    root, describe = (None if path is None else Path(path) for path in (root, describe))
    match ref.format:
        case RunFormat.SFVISUALS:
            from sfvisuals.io.own_read import read_own

            return read_own(ref, root=root, describe=describe)
        case RunFormat.FD_SHIFTS_CURRENT | RunFormat.FD_SHIFTS_V0_1_1 | RunFormat.FD_SHIFTS_2022:
            from sfvisuals.io.fdshifts import read_fd_shifts

            return read_fd_shifts(ref, root=root, describe=describe)
