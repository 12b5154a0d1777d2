"""A quick version of benchmarks/planted.py: a few settings, to see a change that breaks discovery."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.planted import best_of_ours, domino, k_means, ours, precision_at_ten, reduced
from benchmarks.planted_settings import KINDS, PLANTED, setting

STRONG = (6, 22, 44)


def test_settings_are_of_three_kinds_and_the_same_for_the_same_seed() -> None:
    assert [setting(seed).kind for seed in range(3)] == list(KINDS)
    first, second = setting(12), setting(12)
    assert (first.latents == second.latents).all()
    assert (first.failure == second.failure).all()


@pytest.mark.parametrize("seed", STRONG)
def test_a_setting_has_one_planted_feature_and_more_failures_in_its_slice(seed: int) -> None:
    one = setting(seed)
    assert [feature.name for feature in one.features].count(PLANTED) == 1
    assert one.failure[one.planted].mean() > 3 * one.failure[~one.planted].mean()
    assert (one.failure == (one.prediction != one.label)).all()
    assert one.probabilities.sum(axis=1) == pytest.approx(np.ones(one.label.size))
    empty = setting(seed, empty=True)
    assert not empty.planted.any()
    assert (empty.latents == one.latents).all()


@pytest.mark.parametrize("seed", STRONG)
def test_a_planted_slice_is_among_the_first_five(seed: int) -> None:
    one = setting(seed)
    assert max(best_of_ours(ours(one), one)) >= 0.8


@pytest.mark.parametrize("seed", STRONG)
def test_nothing_is_confirmed_where_nothing_is_planted(seed: int) -> None:
    assert ours(setting(seed, empty=True)).confirmed == ()


def test_the_others_answer_with_five_slices() -> None:
    one = setting(6)
    half = np.arange(one.label.size) % 2 == 0
    z = reduced(one, half)
    assert len(domino(one, half, z, weight=1.0)) == 5
    assert len(k_means(one, half, z)) == 5


def test_precision_at_ten_counts_the_ten_highest_scores() -> None:
    planted = np.arange(40) < 7
    assert precision_at_ten(-np.arange(40.0), planted) == 0.7
