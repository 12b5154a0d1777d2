"""Which corruption a sample shows, how strongly, and of which image.

So that one image can be followed through all its corrupted versions. Rules, per study, the first that
applies:

1. The sidecar names a corruption: all samples show it.
2. The csv has a column `corruption` with anything in it for this study: it decides, row by row, with `level`
   (or `severity`); missing, empty, 0, none, no, false, clean and original mean not corrupted. Without a
   level the name's suffix gives it.
3. The study's name ends in a known suffix (see naming.py): all samples show that corruption.
4. A CIFAR-C set whose size is a multiple of 75: 15 corruptions x 5 intensities x n samples, by position.

The source image of a corrupted sample is a row of the iid study: the csv's column `source` names it by its
path; else, by file names `<stem>_<suffix>`; else row r of the set belongs to row r of the iid study if both
have the same size and the file names agree or, where they are no evidence, all labels are equal. CIFAR-C
blocks belong to the iid rows in order (every k-th of them where corruptions were subsampled) if all labels
agree. Whatever cannot be verified stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sfvisuals.io.attributions import Attributions
from sfvisuals.io.naming import CIFAR_CORRUPTIONS, is_cifar_c, set_corruption, suffix_corruption
from sfvisuals.io.notes import Notes, listed
from sfvisuals.io.sidecar import Sidecar
from sfvisuals.io.sources import Sources
from sfvisuals.io.studies import Studies
from sfvisuals.types import IntArray, Rows, Study, StudyKind

NOT_CORRUPTED = frozenset({"", "0", "0.0", "none", "nan", "no", "false", "clean", "original"})
CIFAR_LEVELS = 5
MAX_SEVERITY = np.iinfo(np.int16).max


@dataclass(frozen=True, eq=False)
class Corruptions:
    """Per-sample corruption as in `Run`, and the studies with what all their samples share."""

    names: tuple[str, ...]
    code: IntArray
    severity: IntArray
    source_row: Rows
    studies: tuple[Study, ...]


@dataclass(frozen=True, eq=False)
class _Shown:
    """What the samples of one study show: names (n,) object with None, severities (n,), source rows (n,)."""

    names: np.ndarray
    severity: IntArray
    source: Rows


def read_corruptions(
    studies: Studies, attributions: Attributions, *, label: Rows, sidecar: Sidecar, notes: Notes
) -> Corruptions:
    """The corruption structure of a run."""
    n = label.shape[0]
    name = np.full(n, None, dtype=object)
    severity = np.zeros(n, np.int16)
    source_row = np.full(n, -1, np.int64)
    sources = Sources(attributions.image, label, _rows_of_iid(studies))
    described, unknown = [], []
    for position, study in enumerate(studies.studies):
        rows = np.flatnonzero(studies.code == position).astype(np.int64)
        shown = _shown(study, rows, studies.iid, attributions.structure, sources, label, sidecar)
        if shown is None:
            unknown += [study.name] if study.kind is StudyKind.CORRUPTION else []
            described.append(study)
            continue
        name[rows], severity[rows], source_row[rows] = shown.names, shown.severity, shown.source
        described.append(_summed(study, shown, study.name in sidecar.studies))
    if unknown:
        notes.info(
            "The structure of a corruption study is unknown",
            f"{listed(unknown)}: neither a csv column, nor the name, nor the order of the samples says which"
            " sample shows which corruption.",
            "Add columns corruption, level and source to its attributions csv, or describe it in an"
            " sfvisuals.yaml.",
        )
    names, code = _coded(name)
    if not names:
        notes.absent["corruption"] = "no study of this run is known to be corrupted"
    return Corruptions(
        names=names, code=code, severity=severity, source_row=source_row, studies=tuple(described)
    )


def _shown(
    study: Study,
    rows: Rows,
    iid: str | None,
    structure: pd.DataFrame,
    sources: Sources,
    label: Rows,
    sidecar: Sidecar,
) -> _Shown | None:
    """What the samples of a study show, or None if nothing says that they are corrupted."""
    note = sidecar.studies.get(study.name)
    by_csv = _by_csv(structure.iloc[rows], sources, rows) if "corruption" in structure else None
    if note is not None and note.corruption:
        source = by_csv.source if by_csv is not None else sources.aligned(rows, _suffixes(study, iid))
        return _whole(rows, study.corruption, study.severity, source)
    if by_csv is not None:
        return by_csv
    if study.kind is not StudyKind.CORRUPTION:
        return None
    if study.corruption is not None:
        return _whole(rows, study.corruption, study.severity, sources.aligned(rows, _suffixes(study, iid)))
    block = len(CIFAR_CORRUPTIONS) * CIFAR_LEVELS
    if is_cifar_c(study.name) and rows.size % block == 0 and rows.size:
        return _by_blocks(rows, rows.size // block, sources)
    return None


def _by_csv(table: pd.DataFrame, sources: Sources, rows: Rows) -> _Shown | None:
    """By the csv's own columns; None where they are empty for all samples of the study."""
    text = table["corruption"].astype(object).where(table["corruption"].notna(), "")
    text = text.astype(str).str.strip()
    corrupted = ~text.str.lower().isin(NOT_CORRUPTED).to_numpy(bool)
    if not corrupted.any():
        return None
    level_column = next((column for column in ("level", "severity") if column in table), None)
    given = np.zeros(len(table))
    if level_column is not None:
        given = np.nan_to_num(pd.to_numeric(table[level_column], errors="coerce").to_numpy(np.float64))
    level = np.where((given > 0) & (given <= MAX_SEVERITY) & corrupted, given, 0).astype(np.int16)
    names = text.to_numpy(object, copy=True)
    for raw in sorted(set(names[corrupted & (level == 0)])):
        found = suffix_corruption(raw)
        if found is not None:
            members = corrupted & (level == 0) & (names == raw)
            level[members] = found.severity or 0
            names[members] = found.name
    names[~corrupted] = None
    return _Shown(names=names, severity=level, source=_sources_by_csv(table, text, corrupted, sources, rows))


def _sources_by_csv(
    table: pd.DataFrame, text: pd.Series, corrupted: np.ndarray, sources: Sources, rows: Rows
) -> Rows:
    given = table.get("source")
    if given is not None and bool(given[corrupted].notna().any()):
        source = sources.by_path(given)
    elif corrupted.all() and text.nunique() == 1:
        source = sources.aligned(rows, (text.iloc[0],))
    else:
        source = np.full(len(table), -1, np.int64)
    return np.where(corrupted, source, -1)


def _by_blocks(rows: Rows, per_block: int, sources: Sources) -> _Shown:
    """By position: corruption slowest, then intensity, then sample."""
    names = np.repeat(np.array(CIFAR_CORRUPTIONS, dtype=object), CIFAR_LEVELS * per_block)
    level = np.tile(
        np.repeat(np.arange(1, CIFAR_LEVELS + 1, dtype=np.int16), per_block), len(CIFAR_CORRUPTIONS)
    )
    return _Shown(names=names, severity=level, source=sources.tiled(rows, per_block))


def _whole(rows: Rows, corruption: str | None, severity: int | None, source: Rows) -> _Shown:
    return _Shown(
        names=np.full(rows.size, corruption, dtype=object),
        severity=np.full(rows.size, severity or 0, np.int16),
        source=source,
    )


def _suffixes(study: Study, iid: str | None) -> tuple[str, ...]:
    """What the file names of the study may end in."""
    found = set_corruption(study.name, iid=iid)
    return tuple(text for text in (found.suffix if found else None, study.corruption) if text)


def _summed(study: Study, shown: _Shown, in_sidecar: bool) -> Study:
    """The study with the corruption and the severity that all its samples share."""
    if in_sidecar and study.corruption is not None:
        return study
    names = set(shown.names.tolist())
    levels = set(shown.severity.tolist())
    one_name = names.pop() if len(names) == 1 else None
    one_level = int(levels.pop()) if len(levels) == 1 else 0
    return replace(study, corruption=one_name, severity=one_level or None if one_name else None)


def _rows_of_iid(studies: Studies) -> Rows:
    position = next((p for p, study in enumerate(studies.studies) if study.kind is StudyKind.IID), None)
    if position is None:
        return np.empty(0, np.int64)
    return np.flatnonzero(studies.code == position).astype(np.int64)


def _coded(name: np.ndarray) -> tuple[tuple[str, ...], IntArray]:
    """Names in alphabetical order and (N,) int16 codes, -1 for none."""
    codes, found = pd.factorize(pd.Series(name, dtype=object), sort=True)
    return tuple(str(value) for value in found), codes.astype(np.int16)
