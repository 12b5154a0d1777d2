"""How far a part of the page "Benchmark" is while it is computed: a note on the disk that any worker reads.

The page asks for the same address with `progress=1` while it waits. A note lives as long as its computation.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

EVERY_SECONDS = 0.2
STALE_SECONDS = 120.0


class Note:
    """The note of one computation.

    Args:
        folder: where notes lie.
        name: what is computed: run, part and query.
    """

    def __init__(self, folder: Path, *name: str) -> None:
        digest = hashlib.blake2b("\0".join(name).encode(errors="replace"), digest_size=16).hexdigest()
        self._path = folder / f"{digest}.json"
        self._last = 0.0

    def write(self, share: float, words: str) -> None:
        """That this share (0..1) is done and what is next; at most a few times per second."""
        now = time.monotonic()
        if now - self._last < EVERY_SECONDS:
            return
        self._last = now
        fresh = self._path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):  # a note that cannot be written is no reason to stop computing
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(
                json.dumps({"share": min(max(share, 0.0), 1.0), "words": words}), encoding="utf-8"
            )
            fresh.replace(self._path)

    def read(self) -> dict[str, Any]:
        """Share and words; share None where nothing is known."""
        try:
            written = self._path.stat().st_mtime
            found: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"share": None, "words": ""}
        # its writer died: what it was at is not what is done now
        return found if time.time() - written < STALE_SECONDS else {"share": None, "words": ""}

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """For as long as the computation runs."""
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                self._path.unlink()


def note_of(folder: Path, run: str, part: str, query: Mapping[str, str]) -> Note:
    """The note below `folder` of that part of that run: equal questions, equal note."""
    asked = sorted((key, value) for key, value in query.items() if key != "progress")
    return Note(folder, run, part, json.dumps(asked))
