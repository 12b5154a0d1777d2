"""What a model's outputs and latents say about each sample: margin, spread, nearest training samples.

Distances are Euclidean in the latents as they are, like those of the neighbours on the page. Mean distance to
the k nearest training latents is the detector of Sun et al., ICML 2022 (without their normalising); shares of
the neighbours' classes are those of k-nearest-neighbour classification.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final

import numpy as np

from sfvisuals.explain.bank import Bank
from sfvisuals.scores.arrays import batches
from sfvisuals.threads import one_thread
from sfvisuals.types import BoolArray, FloatArray, IntArray, Run

Progress = Callable[[float, str], None]

K: Final = 10
MOST_TRAIN_ROWS: Final = 20_000
ELEMENTS_PER_CHUNK: Final = 8_000_000
ROWS_PER_CHUNK: Final = 8_192
ROWS_PER_BLOCK: Final = 128


@dataclass(frozen=True, eq=False)
class OutputEvidence:
    """What the outputs say.

    Attributes:
        margin: (N,) difference of the two largest probabilities, 0 to 1; NaN with one class.
        spread: (N,) standard deviation of the predicted class's probability over the dropout passes, or None.
    """

    margin: FloatArray
    spread: FloatArray | None


@dataclass(frozen=True, eq=False)
class TrainEvidence:
    """The nearest training samples in the latents.

    Attributes:
        distance: (N,) mean distance to the k nearest; NaN where latents are not finite.
        own: (N,) mean distance to the k nearest of the sample's true class; NaN where training has none, or
            labels are unknown.
        labels: (N, k) int32 true classes of the k nearest, nearest first; -1 where unknown.
        used: training samples among which was looked.
    """

    distance: FloatArray
    own: FloatArray
    labels: IntArray
    used: int

    def share(self, classes: IntArray) -> FloatArray:
        """(N,) share of the k nearest that have this class of each sample (N,); NaN where unknown."""
        found: FloatArray = (self.labels == classes[:, None]).mean(axis=1)
        return np.where((self.labels >= 0).all(axis=1), found, np.nan)


def output_evidence(run: Run, prediction: IntArray) -> OutputEvidence:
    """Margin and spread of every sample; `prediction` (N,) is the plain one."""
    margin = np.full(run.n, np.nan)
    spread = np.full(run.n, np.nan) if run.mc_passes else None
    for rows, batch in batches(run):
        if run.n_classes > 1:
            top = np.partition(batch.probabilities, run.n_classes - 2, axis=1)[:, -2:]
            margin[rows] = top[:, 1] - top[:, 0]
        if spread is not None:
            chosen = prediction[rows].astype(np.int64)[:, None, None]
            spread[rows] = np.take_along_axis(batch.mc_probabilities, chosen, axis=1)[:, 0].std(axis=1)
    return OutputEvidence(margin, spread)


def train_evidence(
    latents: FloatArray,
    label: IntArray,
    train: FloatArray,
    train_labels: IntArray | None,
    *,
    k: int = K,
    progress: Progress | None = None,
) -> TrainEvidence:
    """The k nearest training samples of every sample.

    Exact (see `bank.py`) among the training samples that are looked at: all up to MOST_TRAIN_ROWS, beyond
    that so many, evenly spaced in the order of their classes, so that each class keeps its share. Blocks of
    samples go to as many threads as there are cores, so what is found does not depend on how many there are.

    Args:
        latents: (N, l).
        label: (N,) true classes; -1 where the model has no such class.
        train: (T, l).
        train_labels: (T,), or None.
        k: how many; fewer where there are fewer.
        progress: called with a share done and words.
    """
    rows = _looked_at(train, train_labels)
    classes = (
        np.full(len(rows), -1, np.int32) if train_labels is None else train_labels[rows].astype(np.int32)
    )
    n = len(latents)
    distance, own = np.full(n, np.nan), np.full(n, np.nan)
    labels = np.full((n, max(1, min(k, len(rows)))), -1, np.int32)
    if not len(rows):
        return TrainEvidence(distance, own, labels, 0)
    bank = Bank.of(train[rows], classes)
    workers = os.cpu_count() or 1
    with one_thread(), ThreadPoolExecutor(workers) as pool:
        for start in range(0, n, ROWS_PER_CHUNK):
            if progress is not None:
                progress(start / n, f"nearest training samples of {n:,} samples")
            part = np.asarray(latents[start : start + ROWS_PER_CHUNK], np.float32)
            finite = np.flatnonzero(np.isfinite(part).all(axis=1))
            # by class, so that those of one class are compared with its part of the bank together
            ordered = finite[np.argsort(label[start + finite], kind="stable")]
            blocks = [ordered[at : at + ROWS_PER_BLOCK] for at in range(0, len(ordered), ROWS_PER_BLOCK)]
            shares = [blocks[worker::workers] for worker in range(workers)]
            look = partial(_nearest_of, bank, part, label[start : start + len(part)], k)
            for block, near, far, apart in chain.from_iterable(pool.map(look, shares)):
                labels[start + block], distance[start + block], own[start + block] = near, far, apart
    return TrainEvidence(distance, own, labels, len(rows))


def _nearest_of(
    bank: Bank, part: FloatArray, label: IntArray, k: int, blocks: Sequence[IntArray]
) -> list[tuple[IntArray, IntArray, FloatArray, FloatArray]]:
    """Each block of positions in `part` (n, l) with classes of the k nearest, mean distance, that of the own.

    One array of distances serves for all blocks: fresh memory of that size costs as much as filling it.
    """
    room = np.empty((ROWS_PER_BLOCK, len(bank)), np.float32)
    found = []
    for block in blocks:
        vectors = part[block]
        closeness = bank.closeness(vectors, room)
        near, distance = bank.nearest(vectors, closeness, k)
        found.append((block, near, distance, bank.own(vectors, closeness, label[block], k)))
    return found


def nearest_labels(latents: FloatArray, bank: FloatArray, labels: IntArray, *, k: int) -> IntArray:
    """(n, k) labels (m,) of the k of `bank` (m, l) that are nearest to each of `latents` (n, l)."""
    unknown = np.full(len(latents), -1, np.int64)
    return train_evidence(latents, unknown, bank, labels, k=k).labels


def percentile_among(values: FloatArray, reference: FloatArray) -> FloatArray:
    """(N,) per cent of the finite `reference` values at or below each value; NaN where either is missing."""
    known = np.sort(reference[np.isfinite(reference)])
    if not known.size:
        return np.full(len(values), np.nan)
    ranks = 100.0 * np.searchsorted(known, values, side="right") / known.size
    return np.where(np.isfinite(values), ranks, np.nan)


def _looked_at(train: FloatArray, train_labels: IntArray | None) -> IntArray:
    """Ascending rows of the finite training samples that neighbours are looked for among."""
    finite = _finite_rows(train)
    if len(finite) <= MOST_TRAIN_ROWS:
        return finite
    ordered = finite if train_labels is None else finite[np.argsort(train_labels[finite], kind="stable")]
    spaced = np.linspace(0, len(ordered) - 1, MOST_TRAIN_ROWS).round().astype(np.int64)
    return np.sort(ordered[spaced])


def _finite_rows(train: FloatArray) -> IntArray:
    step = max(1, ELEMENTS_PER_CHUNK // max(1, train.shape[1]))
    finite: BoolArray = np.empty(len(train), np.bool_)
    for start in range(0, len(train), step):
        finite[start : start + step] = np.isfinite(train[start : start + step]).all(axis=1)
    return np.flatnonzero(finite)
