"""What can be wrong with the rows of a manifest: empty cells, images, repetitions, leaks."""

from __future__ import annotations

import codecs
import csv
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from sfvisuals.capture.records import CaptureStudy, ImageFiles
from sfvisuals.errors import CaptureError, ImageReadError
from sfvisuals.io.image_paths import ImagePaths
from sfvisuals.io.packed import ImageFile
from sfvisuals.io.pixels import TooLargeError, check_opens
from sfvisuals.types import StudyKind

HEADER_ROWS = 2
MOST_NAMED = 5
OWN_COLUMNS = ("source", "corruption_seed")
OTHER_MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def where(row: int) -> str:
    """A row as a spreadsheet counts it: the header is row 1."""
    return f"row {row + HEADER_ROWS}"


@dataclass(frozen=True, eq=False)
class ManifestFiles(ImageFiles):
    """Images of a study that know where the manifest names them.

    Attributes:
        csv: name of the manifest.
        rows: n rows of it, from 0.
    """

    csv: str = ""
    rows: Sequence[int] = ()

    def place(self, position: int) -> str:
        """Where the manifest names that image."""
        return f"{where(self.rows[position])} of {self.csv}"


def check_encoding(file: Path) -> None:
    """Raise CaptureError for UTF-16, in which spreadsheets write "Unicode text"."""
    with file.open("rb") as content:
        first = content.read(4)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in first:
        raise CaptureError(
            f"{file.name} is written in UTF-16",
            detail="It has two bytes for every letter; expected UTF-8.",
            hint="Save it again as CSV UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 OLD.csv > NEW.csv",
        )


def check_header(file: Path) -> None:
    """Raise CaptureError where the first line is not names between commas, each once."""
    check_encoding(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        names = next((row for row in csv.reader(lines) if row), [])
    other = next((mark for mark in OTHER_MARKS if len(names) == 1 and mark in names[0]), None)
    if other is not None:
        raise CaptureError(
            f"{file.name} has {OTHER_MARKS[other]} instead of commas",
            detail=f"Its first line is {names[0][:100]!r}.",
            hint="Save it again with commas between the columns: image,label,study.",
        )
    stripped = [name.strip() for name in names]
    repeated = sorted({name for name in stripped if name and stripped.count(name) > 1})
    if repeated:
        raise CaptureError(
            f"{file.name} has two columns of the same name",
            detail=f"Twice in its header: {', '.join(map(repr, repeated))}; spaces around it do not count.",
            hint="Rename or remove one of them.",
        )


def check_width(table: pd.DataFrame, file: Path) -> None:
    """Raise CaptureError where rows have more cells than the header: pandas makes the first ones an index."""
    if not isinstance(table.index, pd.RangeIndex):
        raise CaptureError(
            f"{file.name} has more cells in its rows than names in its header",
            detail=f"The header has {len(table.columns)} names, {where(0)} has"
            f" {len(table.columns) + table.index.nlevels} cells.",
            hint="Remove the commas at the ends of the rows, or give every column a name.",
        )


def check_filled(table: pd.DataFrame, name: str, file: Path) -> None:
    """Raise CaptureError where a cell of the column is empty."""
    empty = (table[name] == "").to_numpy()
    if empty.any():
        raise CaptureError(
            f"{file.name} has an empty {name} in {where(int(empty.argmax()))}",
            detail=f"{int(empty.sum()):,} rows have none.",
            hint="Fill it in, or leave the row out.",
        )


def paths(table: pd.DataFrame, file: Path, roots: Sequence[Path]) -> list[ImageFile]:
    """The file of every row. Raises CaptureError where some are missing, no images, or too large."""
    for root in roots:
        if not root.is_dir():
            raise CaptureError(
                f"The data root {root} is {'no folder' if root.exists() else 'not there'}",
                hint="Name the folder above the images with --data-root.",
            )
    lookup = ImagePaths(roots)
    found = [lookup.resolve(text) for text in table["image"]]
    missing = [row for row, path in enumerate(found) if path is None]
    if missing:
        texts = table["image"].iloc[missing]
        named = "; ".join(f"{where(row)} {table['image'].iloc[row]!r}" for row in missing[:MOST_NAMED])
        steps_up = any(".." in text.split("/") for text in texts)
        refused = " A path with '..' in it is refused, wherever it leads." if steps_up else ""
        slashes = (
            " Paths are written with / and not with \\."
            if texts.str.contains("\\", regex=False).any()
            else ""
        )
        raise CaptureError(
            f"{len(missing):,} images of {file.name} are not found",
            detail=f"{named}{' ...' if len(missing) > MOST_NAMED else ''}. Looked for below"
            f" {', '.join(map(str, roots))}.{refused}{slashes}",
            hint="Name the folder above the images with --data-root; paths may be relative to it.",
        )
    files = [path for path in found if path is not None]
    with warnings.catch_warnings():
        # Pillow warns of images that are refused here anyway.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        for row, path in enumerate(files):
            _check_header(row, path, file)
    return files


def _check_header(row: int, path: ImageFile, file: Path) -> None:
    """Raise CaptureError where the beginning of the file is that of no image, or of one that is too large."""
    try:
        check_opens(path)
    except TooLargeError as error:
        raise CaptureError(
            f"{file.name} names an image that is too large in {where(row)}",
            detail=f"{path}: {error.detail}.",
            hint="Make it smaller or leave the row out.",
        ) from error
    except ImageReadError as error:
        raise CaptureError(
            f"{file.name} names a file that is no image in {where(row)}",
            detail=f"{path}: {error.detail}.",
            hint="Mend the file or leave the row out.",
        ) from error


def check_repeated(table: pd.DataFrame, files: Sequence[ImageFile], file: Path) -> None:
    """An image twice in one study counts twice in every figure: an error, however its path is written."""
    keys = pd.DataFrame({"study": table["study"].to_numpy(), "file": [str(path) for path in files]})
    repeated = keys.duplicated().to_numpy()
    if repeated.any():
        row = int(repeated.argmax())
        same = (keys == keys.iloc[row]).all(axis=1)
        first = int(same.to_numpy().argmax())
        texts = table["image"].iloc[[first, row]]
        written = "" if texts.iloc[0] == texts.iloc[1] else f", as {texts.iloc[0]!r}"
        raise CaptureError(
            f"{file.name} repeats an image in {where(row)}",
            detail=f"{texts.iloc[1]!r} of study {table['study'].iloc[row]!r} is in"
            f" {where(first)} already{written}.",
            hint="Leave one of the two rows out; it would count twice.",
        )


def leaks(
    table: pd.DataFrame, files: Sequence[ImageFile], kinds: Mapping[str, StudyKind], group: str | None
) -> list[str]:
    """Warnings where the training set shares images or groups with a test study."""
    train = table["study"].isin([name for name, kind in kinds.items() if kind is StudyKind.TRAIN])
    found: list[str] = []
    real = pd.Series([str(path) for path in files], index=table.index)
    compared = [("image", real, "images")]
    if group:
        compared.append((group, table[group], f"values of {group!r}"))
    for column, values, word in compared:
        shared = ~train & values.isin(set(values[train])) & (table[column] != "")
        if shared.any():
            first = table[shared].iloc[0]
            found.append(
                f"{values[shared].nunique():,} {word} of the training study are in test studies too, first"
                f" {first[column]!r} of {first['study']!r} in {where(int(shared.to_numpy().argmax()))}:"
                " what is measured there looks better than it is."
            )
    return found


def check_columns(study: CaptureStudy) -> None:
    """Raise CaptureError where columns have names that mean something else in a run's table.

    `corruption` and `severity` mean what they say in a study of corrupted images; columns without any value
    are harmless, since a csv has the same columns for all its studies.
    """
    table = study.samples
    taken = [name for name in OWN_COLUMNS if name in table and table[name].notna().any()]
    if "study" in table and not (table["study"] == study.name).all():
        taken.append("study")
    corrupted = study.kind is StudyKind.CORRUPTION
    valid = {"corruption": _are_names, "severity": _are_severities}
    for name in (name for name in valid if name in table):
        found = table[name][table[name].notna()]
        if len(found) and not (corrupted and valid[name](found)):
            taken.append(name)
    if taken:
        raise CaptureError(
            f"The table of study {study.name!r} has columns whose names are taken: {', '.join(taken)}",
            detail="A run's table keeps its own facts under these names: study, source, corruption_seed,"
            " corruption (text) and severity (whole numbers from 1). The last two may be given for studies of"
            f" the kind corruption; this one is {study.kind}.",
            hint="Rename them, for example to " + ", ".join(f"my_{name}" for name in taken) + ".",
        )


def _are_names(column: pd.Series[Any]) -> bool:
    return all(isinstance(value, str) and value.strip() for value in column)


def _are_severities(column: pd.Series[Any]) -> bool:
    if pd.api.types.is_bool_dtype(column):
        return False
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    return bool((np.isfinite(numbers) & (np.floor(numbers) == numbers) & (numbers >= 1)).all())
