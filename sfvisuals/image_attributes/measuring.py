"""Measure the pictures of a plan in chunks; what is done stays on the disk, so a killed job goes on there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from sfvisuals.errors import SfvisualsError
from sfvisuals.image_attributes.catalogue import NAMES, measure
from sfvisuals.image_attributes.plan import Shown, stamp_of
from sfvisuals.io.corrupted import pixels_of
from sfvisuals.types import FloatArray

ENTRY: Final = "image_attributes"
VALUES: Final = "values"
PICTURES_FILE: Final = "pictures.jsonl"
CHUNK: Final = 256

Report = Callable[[float, str], None]


def measured(folder: Path, *, count: int, report: Report) -> FloatArray:
    """(P, A) float32 attributes of the pictures listed in the folder, in that order.

    Finished chunks lie in the folder as `part-<number>.npy`; those that are there are not measured again. A
    picture that cannot be read or corrupted is a row of NaN.

    Raises SfvisualsError where a file is no longer what was listed.
    """
    values = np.full((count, len(NAMES)), np.nan, np.float32)
    with (folder / PICTURES_FILE).open(encoding="utf-8") as lines:
        for number, chunk in enumerate(_chunks(lines)):
            start = number * CHUNK
            part = _part(folder, number)
            kept = _kept(part, len(chunk))
            if kept is None:
                kept = np.full((len(chunk), len(NAMES)), np.nan, np.float32)
                for at, line in enumerate(chunk):
                    kept[at] = _one(Shown.from_line(line))
                    done = start + at + 1
                    report(done / count, f"{done:,} of {count:,} images measured")
                _keep(part, kept)
            values[start : start + len(chunk)] = kept
    return values


def without_parts(folder: Path) -> None:
    """Remove what only an unfinished job needs."""
    for file in [*folder.glob("part-*.npy"), folder / PICTURES_FILE]:
        file.unlink(missing_ok=True)


def unreadable(values: FloatArray) -> int:
    """How many of the rows (P, A) hold nothing: pictures that could not be read."""
    return int(np.isnan(values).all(axis=1).sum())


def _one(shown: Shown) -> FloatArray:
    try:
        if stamp_of(shown.file) != shown.stamp:
            raise SfvisualsError(
                "The images changed while they were measured",
                detail=f"{shown.file} was written anew.",
                hint="Start the measuring again.",
            )
        pixels = _pixels(shown)
    except FileNotFoundError:
        pixels = None
    return np.full(len(NAMES), np.nan) if pixels is None else measure(pixels)


def _pixels(shown: Shown) -> Any:
    try:
        return pixels_of(shown.file, shown.recipe)
    except SfvisualsError:  # a damaged file, an unknown corruption: told by count, the rest goes on
        return None


def _chunks(lines: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _part(folder: Path, number: int) -> Path:
    return folder / f"part-{number:06d}.npy"


def _kept(part: Path, count: int) -> FloatArray | None:
    """The finished chunk, or None where there is none that is whole."""
    try:
        found: FloatArray = np.load(part, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.shape == (count, len(NAMES)) else None


def _keep(part: Path, values: FloatArray) -> None:
    fresh = part.with_name(f".{part.name}-{os.getpid()}")
    with fresh.open("wb") as file:
        np.save(file, values, allow_pickle=False)
    fresh.replace(part)
