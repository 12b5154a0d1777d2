"""What can be wrong with the rows of a manifest: empty cells, images, repetitions, leaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError

from sfvisuals.errors import CaptureError
from sfvisuals.io.image_paths import ImagePaths
from sfvisuals.io.pixels import FORMATS
from sfvisuals.io.tiff import is_tiff
from sfvisuals.types import StudyKind

HEADER_ROWS = 2
MOST_NAMED = 5


def where(row: int) -> str:
    """A row as a spreadsheet counts it: the header is row 1."""
    return f"row {row + HEADER_ROWS}"


def check_filled(table: pd.DataFrame, name: str, file: Path) -> None:
    """Raise CaptureError where a cell of the column is empty."""
    empty = (table[name] == "").to_numpy()
    if empty.any():
        raise CaptureError(
            f"{file.name} has an empty {name} in {where(int(empty.argmax()))}",
            detail=f"{int(empty.sum()):,} rows have none.",
            hint="Fill it in, or leave the row out.",
        )


def paths(table: pd.DataFrame, file: Path, roots: Sequence[Path]) -> list[Path]:
    """The file of every row. Raises CaptureError where some are missing or are no images."""
    lookup = ImagePaths(roots)
    found = [lookup.resolve(text) for text in table["image"]]
    missing = [row for row, path in enumerate(found) if path is None]
    if missing:
        named = "; ".join(f"{where(row)} {table['image'].iloc[row]!r}" for row in missing[:MOST_NAMED])
        raise CaptureError(
            f"{len(missing):,} images of {file.name} are not found",
            detail=f"{named}{' ...' if len(missing) > MOST_NAMED else ''}. Looked for below"
            f" {', '.join(map(str, roots))}.",
            hint="Name the folder above the images with --data-root; paths may be relative to it.",
        )
    files = [path for path in found if path is not None]
    for row, path in enumerate(files):
        try:
            with Image.open(path, formats=FORMATS):
                pass
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
            if is_tiff(path):  # of a kind that Pillow does not know and the dashboard's own reader may
                continue
            raise CaptureError(
                f"{file.name} names a file that is no image in {where(row)}",
                detail=f"{path}: {error}.",
                hint="Mend the file or leave the row out.",
            ) from error
    return files


def check_repeated(table: pd.DataFrame, file: Path) -> None:
    """An image twice in one study counts twice in every figure: an error."""
    repeated = table.duplicated(["study", "image"]).to_numpy()
    if repeated.any():
        row = int(repeated.argmax())
        same = (table["study"] == table["study"].iloc[row]) & (table["image"] == table["image"].iloc[row])
        raise CaptureError(
            f"{file.name} repeats an image in {where(row)}",
            detail=f"{table['image'].iloc[row]!r} of study {table['study'].iloc[row]!r} is in"
            f" {where(int(same.to_numpy().argmax()))} already.",
            hint="Leave one of the two rows out; it would count twice.",
        )


def leaks(table: pd.DataFrame, kinds: Mapping[str, StudyKind], group: str | None) -> list[str]:
    """Warnings where the training set shares images or groups with a test study."""
    train = table["study"].isin([name for name, kind in kinds.items() if kind is StudyKind.TRAIN])
    warnings = []
    for column, word in (("image", "images"), *(((group, f"values of {group!r}"),) if group else ())):
        known = set(table.loc[train, column])
        shared = table.loc[~train & table[column].isin(known) & (table[column] != "")]
        if len(shared):
            row = int(shared.index[0])
            warnings.append(
                f"{shared[column].nunique():,} {word} of the training study are in test studies too, first"
                f" {shared[column].iloc[0]!r} of {shared['study'].iloc[0]!r} in {where(row)}:"
                " what is measured there looks better than it is."
            )
    return warnings
