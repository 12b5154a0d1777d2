"""Image paths and metadata out of attributions*.csv, with the ONE offset per run.

Reading rules:

- Output row r of the set with index i belongs to row r of its csv; a csv may be longer than its set.
- The offset is one number for the whole run. The config gives it: `compute_train_encodings: true` means that
  attributions0 is the training set and attributions{i+1} belongs to index i; false or absent means that
  attributions{i} does. The data must agree for every set that has a csv: not fewer rows than the set, its
  label column (`target` or `label`) equal to the set's labels row by row, and no csv numbered beyond the last
  set. Where they do not agree the run has no images and no metadata, and the problem says where: a wrong
  image is worse than none. The other offset is never tried in silence.
- A lone `attributions.csv` belongs to the only set of a run, or to all rows if it has as many and the same
  labels.
- A set without a csv has no images. Leading index columns (`Unnamed: 0`, also repeated) are dropped. The
  columns are the union over all sets; a column becomes numeric only if every value in it reads as a number
  and none has a leading zero. Paths stay text as they are written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals.errors import RunFormatError
from sfvisuals.io import names
from sfvisuals.io.notes import Notes
from sfvisuals.io.studies import Studies
from sfvisuals.types import Rows

IMAGE_COLUMNS = ("filepath", "file_path", "image", "path")
LABEL_COLUMNS = ("target", "label")
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
    folder: Path, *, label: Rows, studies: Studies, train_encodings: bool, notes: Notes
) -> Attributions:
    """The csvs of the run in `folder`, matched to its rows."""
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
    rows = {index: np.flatnonzero(studies.code == position) for position, index in enumerate(studies.index)}
    problem, placed = _placed(
        tables, rows, label, offset=int(train_encodings), sets=studies.sets, notes=notes
    )
    if problem:
        notes.refuse("image", "Image paths cannot be matched to the outputs", problem[0], problem[1])
        notes.absent["metadata"] = notes.absent["image"]
        return empty
    return _joined(placed, rows, n, notes)


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


Tables = dict[int | None, pd.DataFrame]
RowsOf = dict[int, Rows]


def _placed(
    tables: Tables, rows: RowsOf, label: Rows, *, offset: int, sets: int, notes: Notes
) -> tuple[tuple[str, str] | None, dict[int, pd.DataFrame]]:
    """Dataset index -> its csv, or the (detail, hint) of why there is none."""
    numbered = {number: table for number, table in tables.items() if number is not None}
    if not numbered:
        return _placed_alone(tables[None], rows, label)
    found = _disagreements(numbered, rows, label, offset=offset, sets=sets)
    if not found:
        placed = {number - offset: table for number, table in numbered.items() if number - offset in rows}
        if not any(_label_column(table) for table in placed.values()):
            notes.info(
                "Images are matched by the numbers of their files alone",
                "The attribution files have no target column that could confirm the match.",
            )
        return None, placed
    says = (
        "true, so attributions1.csv belongs to index 0"
        if offset
        else "false, so attributions0.csv belongs to index 0"
    )
    other_fits = not _disagreements(numbered, rows, label, offset=1 - offset, sets=sets)
    detail = f"The config says compute_train_encodings: {says}, but the data disagree: {'; '.join(found[:3])}"
    detail += f" and {len(found) - 3} more." if len(found) > 3 else "."
    if other_fits:
        detail += " With the opposite setting all files would fit."
    return (
        detail,
        f"If the config is wrong, set test.compute_train_encodings: {'false' if offset else 'true'} in it."
        if other_fits
        else "Copy config, outputs and attributions from one and the same run.",
    ), {}


def _placed_alone(
    table: pd.DataFrame, rows: RowsOf, label: Rows
) -> tuple[tuple[str, str] | None, dict[int, pd.DataFrame]]:
    """Where a lone attributions.csv belongs."""
    if len(rows) == 1:
        index = next(iter(rows))
        found = _disagreement("attributions.csv", table, label)
        return (None, {index: table}) if found is None else ((found, "Copy the file from the same run."), {})
    if len(table) == label.shape[0] and _label_column(table) and _disagreement("", table, label) is None:
        return None, {index: table.iloc[members] for index, members in rows.items()}
    return (
        f"attributions.csv has {len(table)} rows and the run has {len(rows)} sets with {label.shape[0]}"
        " samples, so it does not say which set it belongs to.",
        "Name the csv of each set attributions0.csv, attributions1.csv, ...",
    ), {}


def _disagreements(
    numbered: dict[int, pd.DataFrame], rows: RowsOf, label: Rows, *, offset: int, sets: int
) -> list[str]:
    """Every contradiction between the csvs and the outputs under that offset."""
    found = []
    matched = 0
    for number, table in sorted(numbered.items()):
        index = number - offset
        name = f"attributions{number}.csv"
        if index >= sets:
            found.append(f"{name} would belong to index {index}, and the last one is {sets - 1}")
        elif index in rows:
            matched += 1
            contradiction = _disagreement(name, table, label[rows[index]])
            if contradiction:
                found.append(f"{contradiction} (index {index})")
    if not matched and not found:
        found.append("no csv belongs to any set")
    return found


def _disagreement(name: str, table: pd.DataFrame, label: Rows) -> str | None:
    """Why a csv cannot belong to the samples with these labels, or None."""
    if len(table) < label.shape[0]:
        return f"{name} has {len(table)} rows for {label.shape[0]} samples"
    column = _label_column(table)
    if column is None:
        return None
    given = pd.to_numeric(table[column].iloc[: label.shape[0]], errors="coerce").to_numpy(np.float64)
    if np.isnan(given).all():
        return None
    differs = np.flatnonzero(given != label)
    if differs.size == 0:
        return None
    row = int(differs[0])
    return (
        f"{name} says {column} {table[column].iloc[row]} in row {row} where the outputs say {label[row]}"
        f" ({differs.size} of {label.shape[0]} rows differ)"
    )


def _label_column(table: pd.DataFrame) -> str | None:
    return next((column for column in LABEL_COLUMNS if column in table.columns), None)


def _joined(placed: dict[int, pd.DataFrame], rows: RowsOf, n: int, notes: Notes) -> Attributions:
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
        image = table[image_column].rename("image")
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


def _typed(column: pd.Series) -> pd.Series:
    """A column of text as numbers where every value is one, without leading zeros."""
    text = column.dropna()
    if text.empty or text.str.match(r"[+-]?0\d").any():
        return column
    numbers = pd.to_numeric(column, errors="coerce")
    return column if numbers.notna().sum() != text.size else numbers
