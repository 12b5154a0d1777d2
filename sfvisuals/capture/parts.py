"""What is read in which order: every study, then the corruptions of the iid study, then the training set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sfvisuals.capture.records import CaptureStudy, CorruptionPlan, Source
from sfvisuals.corruptions.recipe import Parameters
from sfvisuals.errors import CaptureError
from sfvisuals.types import IntArray, Rows, Study, StudyKind


@dataclass(frozen=True, eq=False)
class Applied:
    """One corruption in one severity, applied to the images of a part.

    Attributes:
        name: of the corruption.
        severity: 1 to 5.
        parameters: the numbers of its formula.
        seeds: (n,) one per image.
        files: (n,) where the corrupted images are written, or None.
    """

    name: str
    severity: int
    parameters: Parameters
    seeds: IntArray
    files: tuple[Path, ...] | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """Samples that are read from one source in one way.

    Attributes:
        study: name of the study that they belong to.
        start: position of the first one in the order of reading.
        images: where they come from.
        positions: (n,) which of these images.
        labels: (n,) their classes by the table, -1 where nothing is to be compared.
        corruption: what is done to them, or None.
    """

    study: str
    start: int
    images: Source
    positions: Rows
    labels: IntArray
    corruption: Applied | None = None

    @property
    def stop(self) -> int:
        """Position after the last one."""
        return self.start + len(self.positions)


@dataclass(frozen=True, eq=False)
class Layout:
    """All that a capture reads and the table that it writes.

    Attributes:
        parts: in the order of reading; those of the training set come last.
        n: number of rows of the run; what is read after them are training samples.
        train: number of training samples.
        train_labels: (train,) int64.
        samples: n rows with the columns of the format and metadata.
        studies: what run.json says about them.
        parameters: corruption -> its parameters in five severities.
    """

    parts: tuple[Part, ...]
    n: int
    train: int
    train_labels: IntArray
    samples: pd.DataFrame
    studies: tuple[Study, ...]
    parameters: Mapping[str, Sequence[Parameters]]


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
        from sfvisuals.capture.corrupting import corrupted_parts

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
