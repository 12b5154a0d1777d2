"""The order of silence, and percentiles."""

from __future__ import annotations

import numpy as np

from sfvisuals.failures import percentile_in, rank_by_silence

NAN = float("nan")


def test_the_most_confident_come_first_ties_by_row_and_samples_without_a_score_last() -> None:
    values = np.array([0.2, NAN, 0.9, 0.2, np.inf, NAN, -np.inf, 0.9])
    ranked = rank_by_silence(np.array([7, 6, 5, 4, 3, 2, 1, 0]), values)
    assert ranked.tolist() == [4, 2, 7, 0, 3, 6, 1, 5]


def test_only_the_rows_asked_for_are_ranked() -> None:
    assert rank_by_silence(np.array([2, 0]), np.array([0.1, 0.5, 0.3])).tolist() == [2, 0]
    assert rank_by_silence(np.array([], np.int64), np.array([0.1])).tolist() == []


def test_a_percentile_is_the_share_of_reference_scores_at_or_below() -> None:
    reference = np.array([0.1, 0.2, 0.2, 0.4, NAN])
    shares = percentile_in(reference, np.array([0.0, 0.1, 0.2, 0.3, 9.0, NAN]))
    np.testing.assert_array_equal(shares, [0.0, 0.25, 0.75, 0.75, 1.0, NAN])


def test_without_a_reference_there_is_no_percentile() -> None:
    assert np.isnan(percentile_in(np.array([NAN]), np.array([0.5]))).all()
