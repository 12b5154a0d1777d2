"""A content key of a run folder: equal content gives equal keys, a changed file gives another one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from sfvisuals.io import names

COMPLETE_BELOW = 64 * 2**20
BLOCK = 2**20
# Raised when a reading rule changes, so that nothing computed under the old rule is found again.
READING = b"sfvisuals reading 2"
BLOCKS = 64
SUFFIXES = frozenset({".npz", ".npy", ".csv", ".parquet", ".json", ".yaml", ".yml"})


def fingerprint(path: Path, *, extra: Sequence[Path] = ()) -> str:
    """Content key of the run folder `path`: 32 hexadecimal digits.

    blake2b over the relative names and the content of every file that a reader may open: the configs, what
    lies in `test_results`, what lies in the folder itself (our own format). Files up to 64 MiB count
    completely; of larger ones the size, the time of the last change and 64 blocks of 1 MiB, evenly spread
    with both ends. `extra` are files elsewhere that shape the reading (the sidecar); they count by name and
    content.
    """
    key = hashlib.blake2b(READING, digest_size=16)
    for name, file in sorted(_files(path)):
        _add(key, name, file)
    for number, file in enumerate(extra):
        _add(key, f"extra {number} {file.name}", file)
    return key.hexdigest()


def _files(path: Path) -> Iterable[tuple[str, Path]]:
    for folder in (path, path / "hydra", path / names.RESULTS, path / names.RESULTS / "hydra"):
        if folder.is_dir():
            for file in folder.iterdir():
                if file.suffix in SUFFIXES and not file.name.startswith(".") and file.is_file():
                    yield file.relative_to(path).as_posix(), file


def _add(key: hashlib.blake2b, name: str, file: Path) -> None:
    status = file.stat()
    complete = status.st_size <= COMPLETE_BELOW
    head = f"{name}\0{status.st_size}\0" + ("" if complete else f"{status.st_mtime_ns}\0")
    key.update(head.encode("utf-8", "surrogateescape"))
    with file.open("rb") as stream:
        if complete:
            while block := stream.read(BLOCK):
                key.update(block)
            return
        last = status.st_size - BLOCK
        for number in range(BLOCKS):
            stream.seek(number * last // (BLOCKS - 1))
            key.update(stream.read(BLOCK))
