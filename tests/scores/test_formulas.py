"""Each score by hand on the small run of conftest.py, high = confident."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from sfvisuals.scores import SCORES, compute_score, compute_scores

from .conftest import MakeRun
from .test_features import ON_FEATURES


def entropy(p: float) -> float:
    """Of a coin."""
    return -sum(q * log(q) for q in (p, 1 - p) if q > 0)


# passes of row 0: class 0 has .9 and .5 (mean .7, std .2); of row 1: 1 and .2 (mean .6, std .4)
BY_HAND = {
    "det_mcp": (3 / 4, 1 / 2),
    "det_pe": (-entropy(1 / 4), -log(2)),
    "mcd_mcp": (0.7, 0.6),
    "mcd_pe": (-entropy(0.7), -entropy(0.6)),
    "mcd_ee": (-(entropy(0.9) + log(2)) / 2, -(0 + entropy(0.2)) / 2),
    "mcd_mi": ((entropy(0.9) + log(2)) / 2 - entropy(0.7), entropy(0.2) / 2 - entropy(0.6)),
    "mcd_sv": (-0.2, -0.4),
    "det_mls": (log(3), 2.0),
    "energy_mls": (log(4), 2 + log(2)),
    "ext": (0.8, float("nan")),
    "ext_mcd": (0.8, 0.3),
    "ext_waic": (0.8 - 0.1, 0.3 - 0.2),
    "mcd_waic": (0.7 - 0.2, 0.6 - 0.4),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_score_has_the_values_of_the_hand_calculation(make_run: MakeRun, name: str) -> None:
    np.testing.assert_allclose(compute_score(make_run(), name).values, BY_HAND[name], rtol=1e-14)


def test_the_mc_max_logit_is_the_largest_mean_logit_not_the_mean_of_the_largest(make_run: MakeRun) -> None:
    # class 0 has logits 4 and 0 (mean 2), class 1 has 1 and 5 (mean 3); the mean of the largest would be 4.5
    run = make_run(mc_probabilities=None, mc_logits=np.array([[[4.0, 0.0], [1.0, 5.0]]] * 2))
    np.testing.assert_array_equal(compute_score(run, "mcd_mls").values, [3.0, 3.0])


def test_waic_takes_each_row_at_its_own_class(make_run: MakeRun) -> None:
    # row 1 prefers class 1: passes .6 and .8, mean .7, std .1
    passes = np.array([[[0.9, 0.5], [0.1, 0.5]], [[0.4, 0.2], [0.6, 0.8]]])
    values = compute_score(make_run(mc_probabilities=passes), "mcd_waic").values
    np.testing.assert_allclose(values, [0.5, 0.6], rtol=1e-14)


def test_every_score_of_the_catalogue_is_calculated_by_hand_here() -> None:
    # those on features have a file of their own
    assert {score.name for score in SCORES} == {*BY_HAND, "mcd_mls", *ON_FEATURES}


def test_certain_outputs_have_no_entropy_instead_of_nan(make_run: MakeRun) -> None:
    run = make_run(logits=None, probabilities=np.array([[1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_array_equal(compute_score(run, "det_pe").values, [0.0, 0.0])


def test_given_probabilities_are_never_softmaxed_again(make_run: MakeRun) -> None:
    # Deep Gamblers: the reservation is missing from the class part, so a row may sum to less than 1
    run = make_run(logits=None, probabilities=np.array([[0.5, 0.2], [0.3, 0.1]]))
    np.testing.assert_array_equal(compute_score(run, "det_mcp").values, [0.5, 0.3])


def test_huge_logits_do_not_overflow(make_run: MakeRun) -> None:
    run = make_run(logits=np.array([[1000.0, 1000.0 - log(3)], [-5000.0, -9000.0]]))
    np.testing.assert_allclose(compute_score(run, "det_mcp").values, [3 / 4, 1.0], rtol=1e-12)
    np.testing.assert_allclose(compute_score(run, "energy_mls").values, [1000 + log(4 / 3), -5000.0])


def test_float16_logits_are_widened_before_the_softmax(make_run: MakeRun) -> None:
    # in float16 both would be exactly 1; in float64 they are 1 - e^-12 and 1 - e^-13
    run = make_run(logits=np.array([[12.0, 0.0], [13.0, 0.0]], np.float16))
    low, high = compute_score(run, "det_mcp").values
    assert low == pytest.approx(1 / (1 + np.exp(-12.0)), rel=1e-15)
    assert low < high < 1


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_broken_logits_give_no_score_and_no_warning(make_run: MakeRun, broken: float) -> None:
    run = make_run(logits=np.array([[broken, 0.0], [2.0, 2.0]]))
    assert np.isnan(compute_score(run, "det_mcp").values[0])
    assert not np.isnan(compute_score(run, "det_mcp").values[1])


def test_identical_rows_get_identical_scores_wherever_a_chunk_ends(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    outputs, passes = generator.normal(size=(1, 7)), generator.normal(size=(1, 7, 5))
    run = make_run(
        classes=tuple("abcdefg"),
        label=np.zeros(11, np.int64),
        study=np.zeros(11, np.int16),
        logits=np.repeat(outputs, 11, axis=0),
        mc_probabilities=None,
        mc_logits=np.repeat(passes, 11, axis=0),
        external=None,
        external_mc=None,
    )
    monkeypatch.setattr("sfvisuals.scores.arrays.ELEMENTS_PER_CHUNK", 4 * 7 * 5)  # chunks of 4, 4 and 3 rows
    for vector in compute_scores(
        run, [s.name for s in SCORES if s.name not in ON_FEATURES and "ext" not in s.name]
    ):
        assert np.unique(vector.values).size == 1, vector.name
