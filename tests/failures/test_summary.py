"""Counts per study by hand."""

from __future__ import annotations

import numpy as np

from sfvisuals.failures import summarise


def test_counts_per_study_are_those_of_a_hand_count() -> None:
    # study 0: right and accepted, wrong and accepted (silent), wrong and rejected
    # study 2: right and rejected, right without a score, wrong without a score; study 1 has no sample
    failure = np.array([False, True, True, False, False, True])
    values = np.array([0.9, 0.8, 0.1, 0.2, np.nan, np.nan])
    counts = summarise(failure, values, 0.8, np.array([0, 0, 0, 2, 2, 2], np.int16), 3)
    assert counts.shown.tolist() == [3, 0, 3]
    assert counts.correct.tolist() == [1, 0, 2]
    assert counts.accepted.tolist() == [2, 0, 0]
    assert counts.failures.tolist() == [2, 0, 1]
    assert counts.silent.tolist() == [1, 0, 0]
    assert counts.nan.tolist() == [0, 0, 2]
    assert counts.wrongly_rejected.tolist() == [0, 0, 2]


def test_an_infinite_threshold_accepts_nothing() -> None:
    counts = summarise(np.array([True]), np.array([1.0]), np.inf, np.array([0]), 1)
    assert (counts.accepted.tolist(), counts.silent.tolist()) == ([0], [0])
