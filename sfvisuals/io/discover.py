"""Find experiment folders below a root.

Rules:

- A folder is a run if it has a child folder `test_results` (fd-shifts) or a file `run.json` (our own format).
  Where both are there, outputs of fd-shifts in `test_results` win.
- A folder that has a config but no `test_results` is not a run.
- The root may be a run itself; it may even be the `test_results` folder of one.
- A folder whose `test_results` holds no outputs is a run only if no complete one lies below it: a stray empty
  `test_results` hides nothing.
- Below a run nothing is looked for; hidden folders are skipped; symbolic links are followed, each real folder
  once, so a loop ends; a folder that may not be read is passed over.
- The format is told by names and by one line of the config, without opening an array (see
  `fd_shifts_format`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
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
    paths = _runs(top)
    if not paths and top.name == names.RESULTS and format_of(top.parent) is not None:
        top = top.parent
        paths = {top: format_of(top)}
    found = [
        RunRef(name=path.relative_to(top).as_posix() if path != top else top.name, path=path, format=layout)
        for path, layout in paths.items()
        if layout is not None
    ]
    return tuple(sorted(found, key=lambda ref: ref.name))


def _runs(top: Path) -> Mapping[Path, RunFormat | None]:
    """Every run below `top`: the complete ones, and those without outputs that hide none of these."""
    met = list(_walk(top))
    complete = {path: layout for path, layout in met if _is_complete(path)}
    hiding = {parent for path in complete for parent in path.parents}
    empty: dict[Path, RunFormat | None] = {}
    for path, layout in sorted(met, key=lambda entry: len(entry[0].parts)):
        if path not in complete and path not in hiding and empty.keys().isdisjoint(path.parents):
            empty[path] = layout
    return complete | empty


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
    """Folders below `top` that look like a run, each real folder visited once; also below incomplete ones."""
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
                if _is_complete(folder):
                    continue
            with os.scandir(folder) as entries:
                children = sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")
        except OSError:
            continue
        # Reversed, since the last one pushed is visited first: a folder linked twice is named by its first
        # name.
        waiting.extend(folder / child for child in reversed(children))


def _is_complete(run: Path) -> bool:
    """Whether a folder that looks like a run holds its outputs; one with run.json is never looked into."""
    return _is_file(run / OWN_FILE) or _has_outputs(run / names.RESULTS)


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
