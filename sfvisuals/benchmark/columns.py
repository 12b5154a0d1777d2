"""Which samples make a column of the benchmark: the one place that says so."""

from __future__ import annotations

import numpy as np

from sfvisuals.benchmark.records import IID, StudyRows
from sfvisuals.types import Rows, Run, Study, StudyKind


def study_rows(run: Run) -> tuple[StudyRows, ...]:
    """Every column of the run, in the order of its studies; empty studies give columns without rows.

    The iid study (the source's, else the first) is called `iid`. A corruption study with several severities
    inside gives one column per level. A new-class study gives two: in the *original* mode all iid samples
    count as correct and the new ones as wrong; in the *proposed* mode only the rightly predicted iid samples
    are there, and the new ones are wrong. Training samples make no column.
    """
    iid = iid_study(run)
    columns: list[StudyRows] = []
    for study in run.studies:
        match study.kind:
            case StudyKind.TRAIN:
                continue
            case StudyKind.CORRUPTION:
                columns += _levels(run, study)
            case StudyKind.NEW_CLASS:
                columns += _modes(run, study, iid)
            case _:
                name = IID if study is iid else study.name
                columns.append(StudyRows(name, study.name, study.kind, None, None, run.rows_of(study.name)))
    return tuple(columns)


def iid_study(run: Run) -> Study | None:
    """The study that is called `iid`: the source where that is one, else the first of the kind."""
    found = [study for study in run.studies if study.kind is StudyKind.IID]
    return next((study for study in found if study.name == run.source), found[0] if found else None)


def _levels(run: Run, study: Study) -> list[StudyRows]:
    """The study itself, or one column per level where it is a stack of several."""
    rows = run.rows_of(study.name)
    severity = run.severity[rows] if len(run.severity) else np.zeros(len(rows), np.int16)
    levels = np.unique(severity)
    if study.severity is not None or len(levels) < 2:
        known = int(levels[0]) if len(levels) and levels[0] > 0 else None
        return [_corrupted(run, study, study.name, study.severity or known, rows)]
    return [
        _corrupted(run, study, f"{study.name}_{level}", int(level), rows[severity == level])
        for level in levels
    ]


def _corrupted(run: Run, study: Study, name: str, severity: int | None, rows: Rows) -> StudyRows:
    corruption = study.corruption
    if corruption is None and len(rows) and len(run.corruption):
        codes = np.unique(run.corruption[rows])
        corruption = run.corruptions[codes[0]] if len(codes) == 1 and codes[0] >= 0 else None
    return StudyRows(name, study.name, study.kind, severity, corruption, rows)


def _modes(run: Run, study: Study, iid: Study | None) -> list[StudyRows]:
    known = np.empty(0, np.int64) if iid is None else run.rows_of(iid.name)
    new = run.rows_of(study.name)
    rows = np.concatenate((known, new))
    unknown = np.arange(len(rows)) >= len(known)
    common = (study.name, study.kind, None, None, rows)
    return [
        StudyRows(f"{study.name}_original", *common, forced_correct=~unknown, unknown=unknown),
        StudyRows(f"{study.name}_proposed", *common, dropped_if_wrong=~unknown, unknown=unknown),
    ]
