"""Find experiment folders below a root.

Rules:

- A folder is a run if it has a child folder `test_results` (fd-shifts) or a file `run.json` (our own format).
  Where both are there, outputs of fd-shifts in `test_results` win.
- A folder that has a config but no `test_results` is not a run.
- The root may be a run itself; it may even be the `test_results` folder of one.
- Below a run nothing is looked for; hidden folders are skipped; symbolic links are followed, each real folder
  once, so a loop ends; a folder that may not be read is passed over.
- The format is told by names and by one line of the config, without opening an array (see
  `fd_shifts_format`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sfvisuals.io import names
from sfvisuals.types import RunFormat

NESTED = re.compile(rb"^config[ \t]*:", re.MULTILINE)
OWN_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class RunRef:
    """Where a run lies.

    Attributes:
        name: posix path below the root; the folder's own name if the root is the run.
        path: the run's folder.
        format: which layout it has.
    """

    name: str
    path: Path
    format: RunFormat


def discover(root: Path) -> tuple[RunRef, ...]:
    """All runs at any depth below `root`, sorted by name; empty where there is none."""
    top = Path(root).absolute()
    if top.name == names.RESULTS and format_of(top) is None and format_of(top.parent) is not None:
        top = top.parent
    found = [
        RunRef(name=path.relative_to(top).as_posix() if path != top else top.name, path=path, format=layout)
        for path, layout in _walk(top)
    ]
    return tuple(sorted(found, key=lambda ref: ref.name))


def format_of(folder: Path) -> RunFormat | None:
    """The layout of a folder, or None if it is no run."""
    results = folder / names.RESULTS
    if _is_dir(results):
        if (folder / OWN_FILE).is_file() and not _has_outputs(results):
            return RunFormat.SFVISUALS
        return fd_shifts_format(folder)
    return RunFormat.SFVISUALS if _is_file(folder / OWN_FILE) else None


def fd_shifts_format(folder: Path) -> RunFormat:
    """Which fd-shifts wrote the folder.

    The names of the output files come first, since they decide what the numbers mean: softmax under
    `raw_output*` is the 2022 layout. Under `raw_logits` the config tells current (everything below a
    top-level `config:` key) from v0.1.1 (flat). The dtype is no evidence (both have a precision option), so
    without a config a folder with `raw_logits` counts as current.
    """
    results = folder / names.RESULTS
    if names.first_file(results, names.LOGITS) is None and names.first_file(results, names.PROBABILITIES):
        return RunFormat.FD_SHIFTS_2022
    config = names.config_file(folder)
    if config is None or NESTED.search(_bytes(config)):
        return RunFormat.FD_SHIFTS_CURRENT
    return RunFormat.FD_SHIFTS_V0_1_1


def _walk(top: Path) -> Iterator[tuple[Path, RunFormat]]:
    """Runs below `top`, each real folder visited once."""
    seen: set[tuple[int, int]] = set()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            identity = (status.st_dev, status.st_ino)
            if identity in seen:
                continue
            seen.add(identity)
            layout = format_of(folder)
            if layout is not None:
                yield folder, layout
                continue
            with os.scandir(folder) as entries:
                children = sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")
        except OSError:
            continue
        # Reversed, since the last one pushed is visited first: a folder linked twice is named by its first
        # name.
        waiting.extend(folder / child for child in reversed(children))


def _has_outputs(results: Path) -> bool:
    return names.first_file(results, names.LOGITS + names.PROBABILITIES) is not None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
