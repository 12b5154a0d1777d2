"""What is wrong with the numbers of a run of our own format, looked through in pieces.

Opening such a run reads none of its large arrays, so only the folder doctor looks. The reader of fd-shifts
folders has to unpack its arrays anyway and reports the same faults itself (checks.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from sfvisuals.corruptions import CATALOGUE, known
from sfvisuals.errors import RunFormatError
from sfvisuals.io.checks import LEAST_SHARE, LEAST_TIED, largest_tie
from sfvisuals.io.notes import listed
from sfvisuals.io.outputs import holds_probabilities
from sfvisuals.io.own_content import check_probabilities, check_sums, row_chunks
from sfvisuals.types import BoolArray, FloatArray, IntArray, Level, Problem, Run, RunFormat, Study, StudyKind


def findings(run: Run) -> Iterator[Problem]:
    """Every problem of the content of a run of our own format, check by check."""
    if run.format is not RunFormat.SFVISUALS:
        return
    for check in CHECKS:
        yield from check(run)


def not_finite(run: Run) -> Iterator[Problem]:
    """NaN and infinity in any array."""
    for name, array, level, consequence in _arrays(run):
        rows = np.concatenate(
            [start + np.flatnonzero(~_finite_rows(part)) for start, part in row_chunks(array)]
        ).astype(np.int64)
        if len(rows):
            yield Problem(
                level,
                f"{name} holds NaN or infinity",
                f"{len(rows):,} of {len(array):,} rows, the first is row {rows[0]}"
                f"{'' if array is run.train_latents else _study_of(run, int(rows[0]))}. {consequence}",
                "Compute these samples again (with a wider type if float16 overflowed), or leave them out.",
            )


def labels_without_class(run: Run) -> Iterator[Problem]:
    """Labels that are no class, outside new-class studies."""
    bad: BoolArray = ((run.label < 0) | (run.label >= run.n_classes)) & ~run.new_class
    if bad.any():
        row = int(bad.argmax())
        values = np.unique(run.label[bad])
        yield Problem(
            Level.ERROR,
            "Labels outside the classes",
            f"{int(bad.sum()):,} samples, the first is row {row}{_study_of(run, row)} with the label "
            f"{run.label[row]}. Found {_some(values)}; there are {run.n_classes} classes, from 0.",
            "Correct the labels, name all classes, or say that the study has the kind new_class.",
        )


def logits_that_are_probabilities(run: Run) -> Iterator[Problem]:
    """Probabilities in logits.npy: the file's name decides, but this hardly was meant."""
    for name, array in (("logits", run.logits), ("mc_logits", run.mc_logits)):
        if array is not None and holds_probabilities(array):
            yield Problem(
                Level.WARNING,
                f"{name}.npy looks like probabilities",
                "Every value lies between 0 and 1 and every row sums to at most 1. Softmax is applied again.",
                f"If it is softmax output, write it as {name.replace('logits', 'probabilities')}.npy.",
            )


def probabilities_that_are_none(run: Run) -> Iterator[Problem]:
    """Values outside [0, 1], and rows that do not sum to 1 (for Deep Gamblers: that sum to more)."""
    arrays = (("probabilities.npy", run.probabilities), ("mc_probabilities.npy", run.mc_probabilities))
    for file, array in arrays:
        if array is None:
            continue
        level = Level.ERROR
        try:
            check_probabilities(array, file=file)
            level = Level.WARNING
            check_sums(array, file=file, partial=run.external_name == "dg")
        except RunFormatError as error:
            yield Problem(level, error.title, error.detail, error.hint)


def saturated(run: Run) -> Iterator[Problem]:
    """Many samples with the same highest probability near 1, so that no score on it can rank them."""
    from sfvisuals.scores import class_probabilities

    outputs = run.logits if run.logits is not None else run.probabilities
    if outputs is None:
        return
    top = np.empty(run.n)
    for start, part in row_chunks(outputs):
        rows = np.arange(start, start + len(part), dtype=np.int64)
        top[rows] = class_probabilities(run, rows).max(axis=1)
    tied, value = largest_tie(top)
    # Logits that are exact still rank these samples by other scores; rounded ones or a softmax do not.
    exact = run.logits is not None and run.logits.dtype.itemsize >= 4
    if run.n_classes > 1 and tied >= max(LEAST_TIED, LEAST_SHARE * run.n):
        yield Problem(
            Level.INFO if exact else Level.WARNING,
            "Ties by saturation: many samples share one maximal softmax",
            f"{tied:,} of {run.n:,} samples have the same maximal softmax {value:.10g}. "
            "Scores on it cannot rank these samples; ties are accepted whole.",
            "MLS and Energy rank them still, by the logits."
            if exact
            else "Store logits as float32 or wider, and write the run again.",
        )


def without_samples(run: Run) -> Iterator[Problem]:
    """Studies that are described and have no samples."""
    empty = [study.name for study, n in _counted(run) if n == 0]
    if empty:
        yield Problem(
            Level.WARNING,
            "Studies without samples",
            f"{listed(empty)}: no row of the table names them.",
            "Add their samples, or take them out of run.json.",
        )


def without_validation(run: Run) -> Iterator[Problem]:
    """No samples for validation."""
    if not any(study.kind is StudyKind.VALIDATION and n for study, n in _counted(run)):
        yield Problem(
            Level.WARNING,
            "The validation set is missing",
            "No study of the kind validation has samples. Thresholds are set on the iid study instead,"
            " in-sample.",
            "Add the validation samples as a study of the kind validation.",
        )


def without_iid(run: Run) -> Iterator[Problem]:
    """No samples from the distribution of the training data."""
    if not any(study.kind is StudyKind.IID and n for study, n in _counted(run)):
        yield Problem(
            Level.WARNING,
            "There is no iid study",
            "No study of the kind iid has samples, so there is nothing to compare the shifts with.",
            "Give the test set that is distributed like the training data the kind iid in run.json.",
        )


def corrupted_when_shown(run: Run) -> Iterator[Problem]:
    """Samples whose image is made from the clean one, and those for which this version cannot do it."""
    named = np.flatnonzero(run.corruption_seed >= 0)
    names = [run.corruptions[code] for code in np.unique(run.corruption[named])]
    unknown = [name for name in names if not known(name)]
    if len(named):
        yield Problem(
            Level.INFO,
            "Images of corrupted samples are made when they are shown",
            f"{len(named):,} samples name their clean image and a seed ({listed(names)}).",
        )
    if unknown:
        codes = [code for code, name in enumerate(run.corruptions) if name in unknown]
        count = int(np.isin(run.corruption[named], codes).sum())
        yield Problem(
            Level.WARNING,
            "Corruptions that this version does not know",
            f"{listed(unknown)}: the images of {count:,} samples cannot be shown.",
            f"Open the run with a newer version. Known here: {listed([c.name for c in CATALOGUE])}.",
        )


CHECKS: Final[tuple[Callable[[Run], Iterator[Problem]], ...]] = (
    not_finite,
    labels_without_class,
    logits_that_are_probabilities,
    probabilities_that_are_none,
    saturated,
    without_samples,
    without_validation,
    without_iid,
    corrupted_when_shown,
)


def _counted(run: Run) -> list[tuple[Study, int]]:
    """Every study and how many samples it has."""
    counts = np.bincount(run.study, minlength=len(run.studies)).tolist()
    return list(zip(run.studies, counts, strict=True))


def _arrays(run: Run) -> Iterator[tuple[str, FloatArray, Level, str]]:
    """Every array of a run with its file, how bad NaN in it is, and what follows from it."""
    wrong = "Predictions and scores of these samples mean nothing."
    rejected = "Scores of these samples are undefined; they count as rejected."
    named: tuple[tuple[str, FloatArray | None, str], ...] = (
        ("logits.npy", run.logits, wrong),
        ("probabilities.npy", run.probabilities, wrong),
        ("mc_logits.npy", run.mc_logits, wrong),
        ("mc_probabilities.npy", run.mc_probabilities, wrong),
        ("latents.npy", run.latents, "There is no map and there are no concepts of them."),
        ("external.npy", run.external, rejected),
        ("external_mc.npy", run.external_mc, rejected),
        ("train_latents.npy", run.train_latents, "Scores on them mean nothing."),
    )
    yield from ((file, array, Level.ERROR, text) for file, array, text in named if array is not None)
    for score in run.given_scores:
        # NaN is how a score that comes with the run says that it is undefined.
        yield f"Score {score.name!r} of scores.parquet", score.values, Level.INFO, rejected


def _finite_rows(part: FloatArray) -> BoolArray:
    flat: BoolArray = np.isfinite(part).reshape(len(part), -1)
    return np.asarray(flat.all(axis=1), dtype=bool)


def _study_of(run: Run, row: int) -> str:
    return f" (study {run.studies[run.study[row]].name!r})"


def _some(values: IntArray) -> str:
    shown = ", ".join(str(value) for value in values[:6])
    return shown + (f" and {len(values) - 6} more" if len(values) > 6 else "")
