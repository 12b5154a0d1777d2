"""Whether a run's files changed since they were read: a cheap look at names, sizes and times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def folder_stamp(path: Path, *, root: Path, describe: Path | None) -> int:
    """A number that changes when a file of the run, or a sidecar above it, changes; not a content key."""
    facts = []
    for file in _files(path, root, describe):
        with suppress(FileNotFoundError):  # deleted since it was listed: so it counts no more
            stat = file.stat()
            facts.append((str(file), stat.st_size, stat.st_mtime_ns))
    return hash(tuple(facts))


def _files(path: Path, root: Path, describe: Path | None) -> Iterator[Path]:
    for folder in (path, path / "test_results", path / "hydra"):
        yield from sorted(file for file in folder.glob("*.*") if file.is_file())
    below = [parent for parent in path.parents if parent == root or parent.is_relative_to(root)]
    sidecars = [parent / "sfvisuals.yaml" for parent in below]
    yield from (file for file in [*sidecars, *([describe] if describe else [])] if file.is_file())
