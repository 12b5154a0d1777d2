"""A csv of images, one row each, as studies: every fault is told with the row as a spreadsheet counts it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sfvisuals.capture.manifest_checks import (
    ManifestFiles,
    check_columns,
    check_filled,
    check_header,
    check_repeated,
    check_width,
    leaks,
    paths,
    where,
)
from sfvisuals.capture.records import CaptureStudy
from sfvisuals.errors import CaptureError
from sfvisuals.types import StudyKind

KNOWN_NAMES = {
    "train": StudyKind.TRAIN,
    "training": StudyKind.TRAIN,
    "val": StudyKind.VALIDATION,
    "valid": StudyKind.VALIDATION,
    "validation": StudyKind.VALIDATION,
    "iid": StudyKind.IID,
    "test": StudyKind.IID,
}
OWN = ("study", "kind")
MOST_CLASSES = 10_000


@dataclass(frozen=True)
class Manifest:
    """What a csv says.

    Attributes:
        studies: in the order in which the csv names them.
        classes: d names; those given, or the names found in the csv, sorted.
        warnings: what looks wrong but does not stop a capture.
    """

    studies: tuple[CaptureStudy, ...]
    classes: tuple[str, ...]
    warnings: tuple[str, ...]


def read_manifest(
    csv: str | PathLike[str],
    *,
    data_roots: Sequence[str | PathLike[str]] = (),
    classes: Sequence[str] | None = None,
    studies: Mapping[str, StudyKind | str] | None = None,
    group: str | None = None,
) -> list[CaptureStudy]:
    """Studies of a csv with the columns image, label, study and any others, which become metadata.

    Warnings (training images among the test images) go to stderr; `parse_manifest` returns them instead.

    Args:
        csv: the file. Labels are class names or numbers from 0. A column `kind` may give a study's kind.
        data_roots: folders below which images are looked for; the folder of the csv if there are none.
        classes: class names in the order of the model's outputs; those of the csv, sorted, if None.
        studies: study -> kind; it goes before the column and before well-known names (train, val, iid, test).
        group: column that names patient, lesion or nodule.

    Raises CaptureError, naming file and row, where anything does not fit.
    """
    found = parse_manifest(csv, data_roots=data_roots, classes=classes, studies=studies, group=group)
    for warning in found.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    return list(found.studies)


def parse_manifest(
    csv: str | PathLike[str],
    *,
    data_roots: Sequence[str | PathLike[str]] = (),
    classes: Sequence[str] | None = None,
    studies: Mapping[str, StudyKind | str] | None = None,
    group: str | None = None,
) -> Manifest:
    """Like `read_manifest`, with the classes and the warnings."""
    file = Path(csv)
    table = _table(file)
    for name in ("image", "label", "study"):
        if name not in table:
            raise CaptureError(
                f"{file.name} lacks the column {name!r}",
                detail=f"Columns found: {', '.join(table.columns)}.",
                hint="A manifest has the columns image, label and study; all others are metadata.",
            )
        check_filled(table, name, file)
    if group is not None and group not in table:
        raise CaptureError(
            f"{file.name} lacks the group column {group!r}",
            detail=f"Columns found: {', '.join(table.columns)}.",
            hint="Name the column that says which images belong to one patient.",
        )
    kinds = _kinds(table, file, studies or {})
    names = _classes(table, file, kinds, classes)
    labels = _labels(table, file, kinds, names)
    files = paths(table, file, [Path(root) for root in data_roots] or [file.absolute().parent])
    check_repeated(table, files, file)
    own = ("label", "image")
    rest = table.drop(columns=[n for n in (*OWN, *own) if n in table])
    whole = pd.concat([pd.DataFrame({"label": labels, "image": table["image"]}), _typed(rest)], axis=1)
    made = []
    for name, kind in kinds.items():
        rows = np.flatnonzero((table["study"] == name).to_numpy())
        samples = whole.iloc[rows].reset_index(drop=True)
        images = ManifestFiles([files[row] for row in rows], file.name, rows.tolist())
        made.append(CaptureStudy(name, kind, samples, images))
        check_columns(made[-1])
    return Manifest(tuple(made), names, tuple(leaks(table, files, kinds, group)))


def _table(file: Path) -> pd.DataFrame:
    """Every cell as text, empty ones as empty text."""
    try:
        check_header(file)
        table = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise CaptureError(f"There is no file {file}", hint="Name the csv of the images.") from error
    except (OSError, ValueError, csv.Error) as error:
        raise CaptureError(
            f"{file.name} cannot be read",
            detail=str(error).strip(),
            hint="It must be UTF-8 with commas and a header: image,label,study.",
        ) from error
    table.columns = table.columns.str.strip()
    if table.empty:
        raise CaptureError(f"{file.name} has no rows", hint="Write one row per image below the header.")
    check_width(table, file)
    table = table.fillna("")
    for name in table.columns.intersection([*OWN, "image", "label"]):
        table[name] = table[name].str.strip()
    return table


def _kinds(table: pd.DataFrame, file: Path, stated: Mapping[str, StudyKind | str]) -> dict[str, StudyKind]:
    """Study -> kind, in the order of the csv: as stated, as the column says, or by its name."""
    found: dict[str, StudyKind] = {}
    listed = ", ".join(StudyKind)
    for name in stated:
        if not (table["study"] == name).any():
            raise CaptureError(
                f"The study {name!r} is empty",
                detail=f"{file.name} has no row of it; its studies are"
                f" {', '.join(map(repr, table['study'].unique()))}.",
                hint="Correct the name, or leave it out.",
            )
    for name in table["study"].unique():
        rows = np.flatnonzero((table["study"] == name).to_numpy())
        row = int(rows[0])
        said = table["kind"].iloc[rows].unique().tolist() if "kind" in table and name not in stated else []
        text = str(stated.get(name) or (said[0] if said else "") or KNOWN_NAMES.get(name.lower(), ""))
        if len(said) > 1:
            raise CaptureError(
                f"{file.name} gives the study {name!r} several kinds",
                detail=f"From {where(row)} on: {', '.join(map(repr, said))}.",
                hint="Give all rows of a study the same kind.",
            )
        if text not in list(StudyKind):
            raise CaptureError(
                f"The kind of the study {name!r} is {'unknown' if not text else repr(text)}",
                detail=f"{file.name}, {where(row)}; the kinds are {listed}.",
                hint=f"Say it: --studies {name}=acquisition, or in a column kind.",
            )
        found[name] = StudyKind(text)
    return found


def _classes(
    table: pd.DataFrame, file: Path, kinds: Mapping[str, StudyKind], given: Sequence[str] | None
) -> tuple[str, ...]:
    """Class names: as given, or those of the csv in order."""
    if given is not None:
        return tuple(str(name) for name in given)
    foreign = [name for name, kind in kinds.items() if kind is StudyKind.NEW_CLASS]
    found = table.loc[~table["study"].isin(foreign), "label"].unique().tolist()
    if all(_is_number(text) for text in found):
        return tuple(str(number) for number in range(_count(table, file, found)))
    return tuple(sorted(found))


def _count(table: pd.DataFrame, file: Path, found: Sequence[str]) -> int:
    """Number of classes of labels that are numbers from 0."""
    largest = max(found, key=int, default="-1")
    if int(largest) >= MOST_CLASSES:
        row = int((table["label"] == largest).to_numpy().argmax())
        raise CaptureError(
            f"{file.name} has a label that is no number of a class in {where(row)}",
            detail=f"Found {largest}, which would make {int(largest) + 1:,} classes; at most {MOST_CLASSES:,}"
            " are told from numbers.",
            hint="Number the classes from 0, or write their names instead.",
        )
    return int(largest) + 1


def _labels(table: pd.DataFrame, file: Path, kinds: Mapping[str, StudyKind], classes: tuple[str, ...]) -> Any:
    """(n,) int64: position of the class, or in a new-class study any number."""
    text = table["label"]
    known = text.map({name: number for number, name in enumerate(classes)})
    digits = text.where(text.str.fullmatch(r"[0-9]{1,9}"))
    numbers = pd.to_numeric(digits).astype("Int64")
    foreign = table["study"].isin([name for name, kind in kinds.items() if kind is StudyKind.NEW_CLASS])
    labels = known.astype("Int64").fillna(numbers.where(foreign | (numbers < len(classes)).fillna(False)))
    unnamed = foreign & labels.isna()
    codes, _ = pd.factorize(text[unnamed])
    labels[unnamed] = codes + len(classes)
    unknown = labels.isna().to_numpy()
    if unknown.any():
        row = int(unknown.argmax())
        raise CaptureError(
            f"{file.name} has an unknown label in {where(row)}",
            detail=f"Found {text.iloc[row]!r}; the classes are {', '.join(map(repr, classes))}.",
            hint="Correct the label, add the class with --classes, or give the study the kind new_class.",
        )
    return labels.to_numpy(np.int64)


def _typed(metadata: pd.DataFrame) -> pd.DataFrame:
    """Columns of numbers as numbers; empty cells as missing."""
    typed = {}
    for name, column in metadata.items():
        filled = column[column != ""]
        numbers = pd.to_numeric(filled, errors="coerce")
        plain = len(filled) > 0 and not numbers.isna().any() and not _has_codes(filled)
        typed[name] = pd.to_numeric(column.where(column != "")) if plain else column.where(column != "")
    return pd.DataFrame(typed, index=metadata.index)


def _has_codes(column: pd.Series[Any]) -> bool:
    """True where a text like 007 would lose its zeros as a number."""
    return bool(column.str.match(r"0\d").any())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
