"""Image paths and metadata out of attributions*.csv, with the ONE offset per run.

Reading rules:

- Output row r of the set with index i belongs to row r of its csv; a csv may be longer than its set.
- The offset is one number for the whole run. The config gives it: `compute_train_encodings: true` means that
  attributions0 is the training set and attributions{i+1} belongs to index i; false or absent means that
  attributions{i} does. The data must agree (see placing.py). Where they do not the run has no images and no
  metadata, and the problem says where: a wrong image is worse than none. The other offset is never tried in
  silence, and a match that nothing confirms is a warning.
- A lone `attributions.csv` belongs to the only set of a run, or to all rows if it has as many and the same
  labels.
- A set without a csv has no images. Leading index columns (`Unnamed: 0`, also repeated) are dropped. The
  columns are the union over all sets; a column becomes numeric only if every value in it reads as a number
  and none has a leading zero. Paths stay text as they are written, but for the
  backslashes of Windows, which become slashes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals.errors import RunFormatError
from sfvisuals.io import names
from sfvisuals.io.config import RunConfig
from sfvisuals.io.notes import Notes
from sfvisuals.io.placing import LABEL_COLUMNS, Sets, Tables, place, place_alone
from sfvisuals.io.studies import Studies
from sfvisuals.types import Rows, StudyKind

IMAGE_COLUMNS = ("filepath", "file_path", "image", "path")
STRUCTURE_COLUMNS = ("corruption", "level", "severity", "source")
UNNAMED = re.compile(r"Unnamed: \d+(\.\d+)*")
MISSING = ("", "nan", "NaN")


@dataclass(frozen=True, eq=False)
class Attributions:
    """What the csvs say, row by row of the run.

    Attributes:
        image: (N,) text, missing where a set has no csv; None without any.
        metadata: (N, ...) the other columns.
        structure: (N, ...) text: the columns corruption, level, severity, source as far as they are there.
    """

    image: pd.Series | None = None
    metadata: pd.DataFrame = field(default_factory=pd.DataFrame)
    structure: pd.DataFrame = field(default_factory=pd.DataFrame)


def read_attributions(
    folder: Path,
    *,
    label: Rows,
    studies: Studies,
    config: RunConfig,
    train_rows: int | None = None,
    notes: Notes,
) -> Attributions:
    """The csvs of the run in `folder`, matched to its rows; `train_rows` is the length of train_features."""
    n = label.shape[0]
    empty = Attributions(
        metadata=pd.DataFrame(index=pd.RangeIndex(n)), structure=pd.DataFrame(index=pd.RangeIndex(n))
    )
    files = names.attribution_files(folder)
    if not files:
        notes.absent["image"] = notes.absent["metadata"] = "needs attributions*.csv, which this run lacks"
        return empty
    try:
        tables = {number: read_csv(path) for number, path in files.items()}
    except RunFormatError as error:
        notes.refuse_for("image", error)
        notes.absent["metadata"] = notes.absent["image"]
        return empty
    sets = _sets(label, studies, train_rows)
    numbered = {number: table for number, table in tables.items() if number is not None}
    problem, placed = (
        place(numbered, sets, config, notes) if numbered else place_alone(tables[None], sets, notes)
    )
    if problem:
        notes.refuse("image", "Image paths cannot be matched to the outputs", problem[0], problem[1])
        notes.absent["metadata"] = notes.absent["image"]
        return empty
    return _joined(placed, sets.rows, n, notes)


def _sets(label: Rows, studies: Studies, train_rows: int | None) -> Sets:
    # A negative index is none that a csv could belong to.
    places = [(position, index) for position, index in enumerate(studies.index) if index >= 0]
    return Sets(
        rows={index: np.flatnonzero(studies.code == position) for position, index in places},
        label=label,
        count=studies.sets,
        foreign=frozenset(i for p, i in places if studies.studies[p].kind is StudyKind.NEW_CLASS),
        train_rows=train_rows,
    )


def read_csv(path: Path) -> pd.DataFrame:
    """A csv with every column as text, index columns dropped. Raises RunFormatError that names the file."""
    try:
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, na_values=list(MISSING), encoding="utf-8-sig"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, OSError) as error:
        raise RunFormatError(
            f"{path.name} is no readable csv",
            detail=f"{path}: {' '.join(str(error).split())}",
            hint="Copy the file again from where the run was written.",
        ) from error
    return table[[column for column in table.columns if not UNNAMED.fullmatch(str(column))]]


def _joined(placed: Tables, rows: dict[int, Rows], n: int, notes: Notes) -> Attributions:
    """The csvs of all sets as one table in the order of the run."""
    parts = [
        table.iloc[: rows[index].size].set_axis(rows[index], axis=0)
        for index, table in sorted(placed.items())
    ]
    table = pd.concat(parts).reindex(pd.RangeIndex(n))
    image_column = next((column for column in IMAGE_COLUMNS if column in table.columns), None)
    image = None
    if image_column is None:
        notes.absent["image"] = f"the attribution files have no column {', '.join(IMAGE_COLUMNS)}"
    else:
        image = _with_slashes(table[image_column].rename("image"))
    structure = [column for column in STRUCTURE_COLUMNS if column in table.columns]
    if "corruption" not in structure:
        structure = (
            [column for column in structure if column == "severity"] if "severity" in structure else []
        )
    used = {image_column, *structure, *(column for column in LABEL_COLUMNS if column in table.columns)}
    metadata = pd.DataFrame(
        {column: _typed(table[column]) for column in table.columns if column not in used}, index=table.index
    )
    return Attributions(image=image, metadata=metadata, structure=table[structure])


def _with_slashes(paths: pd.Series) -> pd.Series:
    """Paths of Windows with `/`; as they are where any of them holds one already."""
    text = paths.dropna().astype("str")
    windows = bool(text.str.contains("\\", regex=False).any() and not text.str.contains("/").any())
    return paths.str.replace("\\", "/", regex=False) if windows else paths


def _typed(column: pd.Series) -> pd.Series:
    """A column of text as numbers where every value is one, without leading zeros."""
    text = column.dropna()
    if text.empty or text.str.match(r"[+-]?0\d").any():
        return column
    numbers = pd.to_numeric(column, errors="coerce")
    return column if numbers.notna().sum() != text.size else numbers
