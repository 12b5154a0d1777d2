"""The pieces of a capture: samples that are read from one source in one way, and the table of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sfvisuals.capture.records import Source
from sfvisuals.corruptions.recipe import Parameters
from sfvisuals.types import IntArray, Rows, Study


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
