"""What is read in which order: every study, then the corruptions of the iid study, then the training set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sfvisuals.capture.corrupting import corrupted_parts
from sfvisuals.capture.parts import Layout, Part
from sfvisuals.capture.records import CaptureStudy, CorruptionPlan
from sfvisuals.corruptions.recipe import Parameters
from sfvisuals.errors import CaptureError
from sfvisuals.types import IntArray, Study, StudyKind


def lay_out(
    studies: Sequence[CaptureStudy], plan: CorruptionPlan | None, *, run_folder: Path, draft: Path
) -> Layout:
    """The order of reading and the table.

    Args:
        studies: with checked tables.
        plan: which corruptions of the first iid study are added.
        run_folder: where the run will lie: corrupted images below it are written into the draft.
        draft: where it is made.
    """
    parts: list[Part] = []
    tables: list[pd.DataFrame] = []
    records: list[Study] = []
    first_rows: dict[str, int] = {}
    start = 0
    for study in (s for s in studies if s.kind is not StudyKind.TRAIN):
        part = _whole(study, start)
        parts.append(part)
        first_rows[study.name] = start
        tables.append(_table(study))
        records.append(Study(study.name, study.kind, study.label or study.name))
        start = part.stop
    parameters: Mapping[str, Sequence[Parameters]] = {}
    if plan is not None:
        source = next((s for s in studies if s.kind is StudyKind.IID), None)
        if source is None:
            raise CaptureError(
                "There is no iid study to be corrupted",
                detail=f"The studies are {', '.join(repr(s.name) for s in studies)}.",
                hint="Give the test set that is distributed like the training data the kind iid.",
            )
        made = corrupted_parts(
            source, plan, first_row=first_rows[source.name], start=start, run_folder=run_folder, draft=draft
        )
        parts += made.parts
        tables += made.tables
        records += made.studies
        parameters = made.parameters
        start = made.parts[-1].stop if made.parts else start
    n = start
    for study in (s for s in studies if s.kind is StudyKind.TRAIN):
        parts.append(_whole(study, start))
        start = parts[-1].stop
    return Layout(
        parts=tuple(parts),
        n=n,
        train=start - n,
        train_labels=_joined([p.labels for p in parts if p.start >= n]),
        samples=pd.concat(tables, ignore_index=True),
        studies=tuple(records),
        parameters=parameters,
    )


def _whole(study: CaptureStudy, start: int) -> Part:
    labels = study.samples["label"].to_numpy(np.int64)
    return Part(study.name, start, study.images, np.arange(len(labels), dtype=np.int64), labels)


def _table(study: CaptureStudy) -> pd.DataFrame:
    table = study.samples.reset_index(drop=True)
    return table.assign(study=study.name, label=table["label"].astype(np.int64))


def _joined(arrays: Sequence[Any]) -> IntArray:
    return np.concatenate(arrays).astype(np.int64) if arrays else np.empty(0, np.int64)
