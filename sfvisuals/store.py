"""A content-keyed cache on disk: memory-mapped arrays with a small record, written whole or not at all.

An entry is a folder `<root>/v<STORE_VERSION>/<kind>/<key>/` with `meta.json` and one npy file per array.
It is written under a temporary name and renamed into place, so a reader never sees half of one; and because
the key holds the content it was made from, an entry that is there is never replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePath
from typing import Any, Final, TypeAlias

import numpy as np

from sfvisuals.errors import SettingsError

STORE_VERSION: Final = 1
STALE_SECONDS: Final = 24 * 3600.0
ATTEMPTS: Final = 8

Arrays: TypeAlias = Mapping[str, "np.ndarray[Any, Any]"]
Meta: TypeAlias = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_META = "meta.json"
_TEMPORARY = ".tmp-"


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry of the store.

    Attributes:
        arrays: name -> read-only memory map.
        meta: the record that was put with them (plain JSON values).
    """

    arrays: dict[str, np.ndarray[Any, Any]]
    meta: dict[str, Any]


class Store:
    """A content-keyed cache below one folder; several processes may share it.

    Args:
        root: the cache folder; it is made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._base = self.root / f"v{STORE_VERSION}"
        self._guard = threading.Lock()
        self._making: dict[tuple[str, str], threading.Lock] = {}

    @staticmethod
    def key(*parts: object) -> str:
        """Stable key of these parts: 40 hex digits of blake2b over their canonical JSON and STORE_VERSION.

        Parts are None, bool, int, float, str, path, enum, numpy scalar or array, or lists, tuples and
        string-keyed mappings of them; anything else raises TypeError rather than being keyed by its address.
        """
        text = json.dumps([STORE_VERSION, _canonical(parts)], sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    def folder(self, kind: str, key: str) -> Path:
        """Where the entry lies or would lie. It belongs to the store: write nothing there."""
        return self._base / _checked(kind) / _checked(key)

    def get(self, kind: str, key: str) -> Entry | None:
        """The entry, or None where there is none; a damaged one is removed and counts as none."""
        folder = self.folder(kind, key)
        if not folder.is_dir():
            return None
        try:
            entry = _load(folder)
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            self.remove(kind, key)
            return None
        with contextlib.suppress(OSError):  # the time of last use orders `prune`; a read-only cache has none
            os.utime(folder / _META)
        return entry

    def put(self, kind: str, key: str, *, arrays: Arrays | None = None, meta: Meta | None = None) -> Entry:
        """Write an entry and return it as read back; where a sound one is there already, that one stays.

        Raises SettingsError where the cache folder cannot be written.
        """
        with self._writing():
            for _ in range(ATTEMPTS):
                refused = self._write(self.folder(kind, key), arrays or {}, meta or {})
                entry = self.get(kind, key)
                if entry is not None:
                    return entry
            # not there after all: the disk refuses, or another process removes it as fast as we write
            raise refused or OSError("the entry was removed as soon as it was written")

    def get_or_make(self, kind: str, key: str, make: Callable[[], tuple[Arrays, Meta]]) -> Entry:
        """The entry; `make` is called for arrays and meta if there is none, once per key in this process."""
        entry = self.get(kind, key)
        if entry is not None:
            return entry
        with self._guard:
            lock = self._making.setdefault((kind, key), threading.Lock())
        with lock:
            entry = self.get(kind, key)
            if entry is None:
                arrays, meta = make()
                entry = self.put(kind, key, arrays=arrays, meta=meta)
        with self._guard:
            self._making.pop((kind, key), None)
        return entry

    def remove(self, kind: str, key: str) -> None:
        """Drop the entry if it is there; maps of it that are open stay readable."""
        folder = self.folder(kind, key)
        aside = folder.with_name(f"{_TEMPORARY}{folder.name}-{os.getpid()}-{threading.get_ident()}")
        with contextlib.suppress(OSError):
            folder.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)

    def size(self) -> int:
        """Bytes that the entries take."""
        return sum(size for _, _, size in self._inventory())

    def prune(self, *, max_bytes: int, now: float | None = None) -> int:
        """Remove the least recently used entries until at most `max_bytes` remain; returns the bytes freed.

        Leftovers of interrupted writes that are older than a day go too. `now` is seconds since the epoch.
        """
        clock = time.time() if now is None else now
        for leftover in self._base.glob(f"*/{_TEMPORARY}*"):
            with contextlib.suppress(OSError):
                if clock - leftover.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(leftover, ignore_errors=True)
        inventory = sorted(self._inventory(), key=lambda found: (found[1], found[0].as_posix()))
        total, freed = sum(size for _, _, size in inventory), 0
        for folder, _, size in inventory:
            if total - freed <= max_bytes:
                break
            self.remove(folder.parent.name, folder.name)
            freed += size
        return freed

    def _inventory(self) -> list[tuple[Path, float, int]]:
        found = []
        for meta in self._base.glob(f"*/*/{_META}"):
            if meta.parent.name.startswith(_TEMPORARY):
                continue
            with contextlib.suppress(OSError):  # another process may remove it meanwhile
                size = sum(file.stat().st_size for file in meta.parent.iterdir())
                found.append((meta.parent, meta.stat().st_mtime, size))
        return found

    def _write(self, folder: Path, arrays: Arrays, meta: Meta) -> OSError | None:
        """Write an entry and rename it into place; the error if that is refused (most often: it exists)."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=folder.parent))
        try:
            _save(fresh, arrays, meta)
            try:
                fresh.rename(folder)
            except OSError as error:
                return error
            return None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SettingsError(
                "The cache folder cannot be written",
                detail=f"{self.root}: {error}",
                hint="Give a folder that can be written with --cache-dir, or make room on the disk.",
            ) from error


def _save(folder: Path, arrays: Arrays, meta: Meta) -> None:
    described = {}
    for name, array in arrays.items():
        file = folder / f"{_checked(name)}.npy"
        np.save(file, np.ascontiguousarray(array) if array.ndim else array, allow_pickle=False)
        described[name] = {"bytes": file.stat().st_size}
    record = {"version": STORE_VERSION, "arrays": described, "meta": dict(meta)}
    (folder / _META).write_text(json.dumps(record), encoding="utf-8")


def _load(folder: Path) -> Entry:
    record = json.loads((folder / _META).read_text(encoding="utf-8"))
    if record["version"] != STORE_VERSION:
        raise ValueError("written by another version")
    arrays = {}
    for name, facts in record["arrays"].items():
        file = folder / f"{_checked(name)}.npy"
        if file.stat().st_size != facts["bytes"]:
            raise ValueError(f"{file.name} is not as long as it was written")
        arrays[name] = np.load(file, mmap_mode="r", allow_pickle=False)
    return Entry(arrays, dict(record["meta"]))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name for a kind, a key or an array: {name!r}")
    return name


def _canonical(part: object) -> Any:
    match part:
        case Enum():
            return _canonical(part.value)
        case None | bool() | int() | float() | str():
            return part
        case PurePath():
            return part.as_posix()
        case np.generic():
            return _canonical(part.item())
        case np.ndarray():
            if part.dtype.hasobject:
                raise TypeError("an array of objects has no stable key")
            digest = hashlib.blake2b(np.ascontiguousarray(part).data, digest_size=20).hexdigest()
            return {"dtype": part.dtype.str, "shape": list(part.shape), "digest": digest}
        case list() | tuple():
            return [_canonical(item) for item in part]
        case Mapping():
            if not all(isinstance(name, str) for name in part):
                raise TypeError("a mapping in a key has strings as its keys")
            return {str(name): _canonical(value) for name, value in part.items()}
    raise TypeError(f"a {type(part).__name__} has no stable key")
