"""A run that is being captured: arrays that are filled row by row on disk, and how far they are.

It lies in a hidden folder `.NAME.capture` beside the run. What was recorded up to the last note of progress
is on disk for certain; whatever came after it is recorded again.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from sfvisuals.errors import CaptureError
from sfvisuals.io.own_folder import Array

SECONDS = 5.0
PROGRESS = "progress.json"
LOCK = "lock"
RUN_FOLDER = "run"
SCORE_FOLDER = "scores"


@dataclass(frozen=True, eq=False)
class RowFile:
    """A .npy file whose rows are written and read by position, never as a whole.

    It offers what the checks of the format ask of an array: dtype, shape and slices of rows.
    """

    path: Path
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> Array:
        start, stop, _ = rows.indices(self.shape[0])
        width = int(np.prod(self.shape[1:]))
        count = max(0, stop - start) * width
        with self.path.open("rb") as stream:
            stream.seek(self.offset + start * width * self.dtype.itemsize)
            return np.fromfile(stream, self.dtype, count).reshape(-1, *self.shape[1:])

    def as_array(self) -> Array:
        """The same for functions that only ask for dtype, shape and slices."""
        return cast(Array, self)


def row_file(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> RowFile:
    """A .npy file of that shape, made where it is not there; its rows are zero until they are written.

    Raises CaptureError where a file is there that is damaged or of another shape or type.
    """
    kind = np.dtype(dtype)
    if not path.exists():
        with path.open("wb") as stream:
            header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(stream, header)
            stream.truncate(stream.tell() + int(np.prod(shape)) * kind.itemsize)
    try:
        with path.open("rb") as stream:
            np.lib.format.read_magic(stream)
            found, _, stored = np.lib.format.read_array_header_1_0(stream)
            offset = stream.tell()
    except (ValueError, OSError) as error:
        raise _unfit(path, f"It is no whole .npy file: {error}") from error
    complete = path.stat().st_size == offset + int(np.prod(shape)) * kind.itemsize
    if found != shape or stored != kind or not complete:
        cut = "" if complete else f", {path.stat().st_size} bytes"
        raise _unfit(path, f"Found {found} {stored}{cut}, expected {shape} {kind}, in {path.parent}.")
    return RowFile(path, kind, shape, offset)


def _unfit(path: Path, detail: str) -> CaptureError:
    return CaptureError(
        f"The draft of the capture does not fit: {path.name}",
        detail=detail,
        hint=f"Remove {path.parent.parent} and call the capture again.",
    )


class Writer:
    """Writes rows into row files at their positions."""

    def __init__(self, files: Mapping[str, RowFile]) -> None:
        self._files = files
        self._handles = {name: file.path.open("r+b", buffering=0) for name, file in files.items()}

    def write(self, name: str, start: int, rows: Array) -> None:
        """Put rows at `start`; raises ValueError where they do not fit the file."""
        file, handle = self._files[name], self._handles[name]
        block = np.ascontiguousarray(rows, dtype=file.dtype)
        if block.shape[1:] != file.shape[1:] or start + len(block) > file.shape[0]:
            raise ValueError(f"{name}: rows of {block.shape} at {start} do not fit {file.shape}")
        width = int(np.prod(file.shape[1:])) * file.dtype.itemsize
        handle.seek(file.offset + start * width)
        view = memoryview(block.data).cast("B")
        while len(view):
            view = view[handle.write(view) :]

    def to_disk(self) -> None:
        """Wait until everything that was written is on the disk."""
        for handle in self._handles.values():
            os.fsync(handle.fileno())

    def close(self) -> None:
        """Close the files."""
        for handle in self._handles.values():
            handle.close()


class Draft:
    """The hidden folder of one capture; nobody else may use it meanwhile.

    Args:
        place: the hidden folder, which is locked by the caller.
        key: of everything that must agree so that a capture may go on.
    """

    def __init__(self, place: Path, *, key: str) -> None:
        self.place = place
        self.run = place / RUN_FOLDER
        self._key = key
        self._noted = time.monotonic()
        found = self._found()
        self.began_anew = found is not None and found.get("key") != key
        self.done = int(found["done"]) if found is not None and not self.began_anew else 0
        self.damaged = ""
        if self.done == 0:
            self._clear()
        (place / SCORE_FOLDER).mkdir(exist_ok=True)

    def files(self, shapes: Mapping[str, tuple[npt.DTypeLike, tuple[int, ...]]]) -> dict[str, RowFile]:
        """Name -> row file; a name below `scores/` is no file of the format.

        Where one that was begun is gone or damaged, all begin anew: `done` is 0 and `damaged` names the file.
        """
        paths = {name: (self.place if "/" in name else self.run) / name for name in shapes}
        if self.done:
            self.damaged = next((name for name in shapes if not _whole(paths[name], *shapes[name])), "")
        if self.damaged:
            self.done = 0
            self._clear()
        return {name: row_file(paths[name], dtype, shape) for name, (dtype, shape) in shapes.items()}

    def _clear(self) -> None:
        """Take away what was recorded, the note of it first."""
        (self.place / PROGRESS).unlink(missing_ok=True)
        for name in (RUN_FOLDER, SCORE_FOLDER):
            shutil.rmtree(self.place / name, ignore_errors=True)
            (self.place / name).mkdir(exist_ok=True)

    def note(self, done: int, writer: Writer, *, now: bool = False) -> None:
        """Note that all rows before `done` are recorded, a few seconds after the last note or `now`."""
        if not now and time.monotonic() - self._noted < SECONDS:
            return
        writer.to_disk()
        temporary = self.place / f"{PROGRESS}.new"
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump({"key": self._key, "done": done}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self.place / PROGRESS)
        self._noted = time.monotonic()

    def _found(self) -> dict[str, Any] | None:
        """The latest note of progress, None where there is none that can be read or its arrays are gone."""
        try:
            found = json.loads((self.place / PROGRESS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        whole = isinstance(found, dict) and isinstance(found.get("done"), int) and self.run.is_dir()
        return found if whole and found["done"] >= 0 else None


def _whole(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> bool:
    """Whether a file that was begun is still there as it was made."""
    try:
        return path.exists() and row_file(path, dtype, shape).shape == shape
    except CaptureError:
        return False


def draft_place(out: Path) -> Path:
    """The hidden folder in which the run at `out` is made."""
    return out.parent / f".{out.name}.capture"


@contextmanager
def locked(place: Path, *, out: Path) -> Iterator[None]:
    """Hold the draft folder for this process; raises CaptureError where another one has it.

    The lock ends with the process, however that ends.
    """
    with _opened(place) as handle:
        if not _lock(handle):
            raise CaptureError(
                f"Another capture into {out.name} is running",
                detail=f"It holds {place / LOCK}.",
                hint="Wait until it is done, or choose another folder.",
            )
        yield


@contextmanager
def _opened(place: Path) -> Iterator[int]:
    """The lock file, which may have been removed with its folder by one that ended just now."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CaptureError(
            f"{out_name(place)} cannot be written",
            detail=str(error),
            hint="Name a folder in which you may write.",
        ) from error
    try:
        yield handle
    finally:
        os.close(handle)


def out_name(place: Path) -> str:
    """Name of the run whose draft it is."""
    return place.name.removeprefix(".").removesuffix(".capture")


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return os.fstat(handle).st_nlink > 0
