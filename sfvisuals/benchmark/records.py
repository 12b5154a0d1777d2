"""What the benchmark hands around: its columns, its rows, and the table that people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from sfvisuals.metrics import Interval
from sfvisuals.scores import ScoreInfo
from sfvisuals.types import BoolArray, IntArray, Rows, StudyKind

Report: TypeAlias = Callable[[float, str], None]

IID: Final = "iid"
# aggregate -> the kind of studies that it is the mean over
AGGREGATES: Final[Mapping[str, StudyKind]] = {
    "cor": StudyKind.CORRUPTION,
    "acq": StudyKind.ACQUISITION,
    "man": StudyKind.MANIFESTATION,
}
POSTER: Final = (IID, *AGGREGATES)
# the poster's scores; `ext` is the run's own confidence under its real name
POSTER_SCORES: Final = ("det_mcp", "det_pe", "mcd_mcp", "mcd_pe", "mcd_ee", "ext")
# what a row of an aggregate has as its kind
AGGREGATE: Final = "aggregate"


def silent(share: float, words: str) -> None:
    """Report nothing."""


@dataclass(frozen=True, eq=False)
class StudyRows:
    """The samples that make one column of the benchmark.

    Attributes:
        name: as a row has it: `iid`, the data set's name, `<name>_<level>`, `<name>_original`,
            `<name>_proposed`.
        study: the study of the run that it is made from (its name there).
        kind: what kind of shift it is.
        severity: 1 is the weakest; None where there is none, 0 for those samples of a stacked set that have
            no level (they are in no aggregate).
        corruption: its name where the whole column is one corruption.
        rows: (n,) int64 rows of the run; in new-class modes those of the iid study come first.
        forced_correct: (n,) True where the sample counts as correct whatever was predicted (iid samples in
            the original mode).
        dropped_if_wrong: (n,) True where the sample is left out if its prediction is wrong (iid samples in
            the proposed mode).
        unknown: (n,) True for samples of a class that the model does not know.
    """

    name: str
    study: str
    kind: StudyKind
    severity: int | None
    corruption: str | None
    rows: Rows
    forced_correct: BoolArray | None = None
    dropped_if_wrong: BoolArray | None = None
    unknown: BoolArray | None = None

    def judged(self, failure: BoolArray) -> tuple[Rows, BoolArray]:
        """The rows that count for a score that fails on `failure` (N,), and which of them are failures.

        Returns:
            (m,) int64 rows, m <= n, and (m,) True where wrong.
        """
        rows, wrong = self.rows, failure[self.rows]
        if self.forced_correct is not None:
            wrong = wrong & ~self.forced_correct
        if self.dropped_if_wrong is not None:
            kept = ~(self.dropped_if_wrong & wrong)
            rows, wrong = rows[kept], wrong[kept]
        return rows, wrong

    def labels(self, label: IntArray, rows: Rows) -> IntArray:
        """(m,) true classes of what `judged` returned; -99 for classes that the model does not know."""
        found = label[rows].astype(np.int64)
        if self.unknown is not None:
            found[np.isin(rows, self.rows[self.unknown])] = UNKNOWN_CLASS
        return found


# a label that is no class of any model; fd-shifts has the same
UNKNOWN_CLASS: Final = -99


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one score of one run on one column of the benchmark.

    Attributes:
        run: name of the run, as `sfvisuals check` has it.
        study: name of the column, or `cor`, `acq`, `man`.
        kind: kind of the study, or "aggregate".
        severity: of the corruption where the column has one.
        score: fd-shifts' name.
        metric: its key.
        value: in 0..1 for risks, rates and areas; None where it is undefined.
        low: lower end of the interval, None where there is none.
        high: upper end.
        n: samples (an aggregate: of all its studies).
        failures: how many of them are failures.
        why: why there is no value, or where one was asked for, no interval; else "".
    """

    run: str
    study: str
    kind: str
    severity: int | None
    score: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    failures: int
    why: str


@dataclass(frozen=True)
class Weights:
    """Cost and prevalence of classes (see sfvisuals.metrics.class_weights).

    Attributes:
        cost: class -> cost of a mistake on it; 1 for a class not named.
        prevalence: class -> share of it where the model is used; None: as in the samples.
    """

    cost: Mapping[int, float] = field(default_factory=dict)
    prevalence: Mapping[int, float] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table for one data set: which runs and which score give it.

    Attributes:
        label: what a person reads.
        dataset: the data set whose columns it fills.
        runs: names of the runs: the seeds of one method.
        score: name of the score.
        why: why there is none of these, else "".
        stated: True where a sidecar says so.
    """

    label: str
    dataset: str
    runs: tuple[str, ...]
    score: str
    why: str = ""
    stated: bool = False


@dataclass(frozen=True)
class Experiment:
    """One method on one data set, as the folders tell it: its runs differ in the seed only.

    Attributes:
        dataset: what its columns are headed with.
        name: of the method, without the seed.
        runs: names of the runs, sorted.
        head: external_name of the first run.
        scores: what the first run lists.
        path: folder of the first run.
    """

    dataset: str
    name: str
    runs: tuple[str, ...]
    head: str | None
    scores: tuple[ScoreInfo, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: a data set and a study of it, or an aggregate."""

    dataset: str
    study: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the table.

    Attributes:
        value: mean over the runs, None where it is undefined in one of them.
        spread: standard deviation over the runs (n - 1), None where there are fewer than two.
        low: lower end of the interval where there is one run; high: its upper end.
        runs: the runs it is made from; score: the score.
        n: samples of one run (the most of any).
        failures: of the same run.
        why: why there is no value, else "".
        rank: 1 for the best of the column, equal for equal values; None without a value.
        against: difference to the row MSR of the data set in the same resamples, or why there is none; None
            where none was asked for, and of that row itself.
        no_interval: why a value of one run has no interval where one was asked for, else "".
    """

    value: float | None
    spread: float | None
    low: float | None
    high: float | None
    runs: tuple[str, ...]
    score: str
    n: int
    failures: int
    why: str
    rank: int | None = None
    against: Interval | None = None
    no_interval: str = ""

    @property
    def best(self) -> bool:
        """True for the best value of its column."""
        return self.rank == 1


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table: (C,) cells, None where the method is not there for that data set."""

    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The poster's layout of one metric: rows are scores, columns iid, cor, acq, man per data set.

    Attributes:
        metric: its key.
        columns: those with a number of any row.
        rows: one per score.
        left_out: why there is no column at all, each reason once; empty where there is one.
    """

    metric: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    left_out: tuple[str, ...] = ()
