"""Scores on latents and fitted logits, by hand on a run with two latent dimensions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sfvisuals.errors import UnavailableError
from sfvisuals.scores import compute_score, score_list
from sfvisuals.scores.features_fit import (
    activation_quantile,
    fit_mahalanobis,
    fit_vim,
    neighbour_bank,
    neighbour_distance,
    react_logits,
)
from sfvisuals.types import Judge, Run, Study, StudyKind

from .conftest import MakeRun

ON_FEATURES = {
    "temp_mls",
    "maha",
    "vim",
    "dknn",
    "react_det_mcp",
    "react_det_mls",
    "react_energy_mls",
    "react_temp_mls",
}
# means (1, 0) and (-1, 0); variance 4/3 along the first axis, 1/3 along the second
TRAIN = np.array([[1.0, 0.5], [1.0, -0.5], [-1.0, 0.5], [-1.0, -0.5]])
TRAIN_LABELS = np.array([0, 0, 1, 1])
W, B = np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros(2)
VALIDATION = Study("validation", StudyKind.VALIDATION, "validation")
HOME = Study("home", StudyKind.IID, "home")


@pytest.fixture
def with_features(make_run: MakeRun) -> Callable[..., Run]:
    """Samples at (1, 0) and (0, 1); their logits are w z = (1, -1) and (0, 0)."""

    def made(**fields: object) -> Run:
        latents = np.array([[1.0, 0.0], [0.0, 1.0]])
        given = {
            "logits": latents @ W.T,
            "mc_probabilities": None,
            "latents": latents,
            "train_latents": TRAIN,
            "train_labels": TRAIN_LABELS,
            "last_layer": (W, B),
            "studies": (VALIDATION, HOME),
        }
        return make_run(**(given | fields))

    return made


def test_the_mahalanobis_distance_is_to_the_mean_of_the_predicted_class(
    with_features: Callable[..., Run],
) -> None:
    # at the mean of class 0, and (-1, 1) away from it: 1 / (4/3) + 1 / (1/3)
    values = compute_score(with_features(), "maha").values
    np.testing.assert_allclose(values, [0.0, -(3 / 4 + 3)], atol=1e-12)


def test_a_class_without_training_samples_has_no_mahalanobis_distance() -> None:
    fit = fit_mahalanobis(TRAIN[:2], TRAIN_LABELS[:2], 2)
    assert np.isnan(fit(TRAIN[:1], np.array([1]))).all()
    assert np.isfinite(fit(TRAIN[:1], np.array([0]))).all()


def test_a_direction_that_training_never_takes_does_not_count_for_the_mahalanobis_distance() -> None:
    dead = np.column_stack((TRAIN, np.zeros(4)))
    fit = fit_mahalanobis(dead, TRAIN_LABELS, 2)
    np.testing.assert_allclose(fit(np.array([[0.0, 1.0, 9.0]]), np.array([0])), [-(3 / 4 + 3)])


def test_vim_takes_what_lies_off_the_main_direction_from_the_energy(
    with_features: Callable[..., Run],
) -> None:
    # one main direction, the first axis; training has a mean largest logit of 1 and a mean residual of 1/2
    values = compute_score(with_features(), "vim").values
    np.testing.assert_allclose(values, [np.log(np.e + 1 / np.e), np.log(2) - 2 * 1], rtol=1e-11)


def test_vim_without_a_residual_in_training_is_the_energy() -> None:
    flat = TRAIN * [1.0, 0.0]
    np.testing.assert_allclose(fit_vim(flat, W, B)(np.array([[0.0, 3.0]]), np.array([0.7])), [0.7])


def test_deep_knn_is_the_squared_distance_to_the_50th_neighbour() -> None:
    # training at 0, 1, 2, ... on a line: the 50th nearest of a sample at -1 is at 49
    bank = neighbour_bank(np.arange(200.0)[:, None])
    np.testing.assert_allclose(neighbour_distance(np.array([[-1.0]]), bank), [50.0**2])


def test_deep_knn_of_few_training_samples_takes_the_farthest(with_features: Callable[..., Run]) -> None:
    # from (1, 0): 2^2 + (1/2)^2; from (0, 1): 1 + (3/2)^2
    np.testing.assert_allclose(compute_score(with_features(), "dknn").values, [-4.25, -3.25])


def test_the_neighbour_bank_is_spread_over_all_training_samples() -> None:
    bank = neighbour_bank(np.arange(5000.0)[:, None])
    assert bank.shape == (1000, 1)
    assert (bank[0, 0], bank[-1, 0]) == (0.0, 4999.0)
    assert np.diff(bank[:, 0]).min() >= 5 - 1e-9


def test_react_cuts_activations_at_the_99_percent_quantile_of_training(
    with_features: Callable[..., Run],
) -> None:
    # eight values, the two largest 1: the quantile at .99 * 7 = 6.93 lies between them, so the cut is at 1
    assert activation_quantile(TRAIN) == pytest.approx(1.0)
    run = with_features(latents=np.array([[5.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(compute_score(run, "react_det_mls").values, [1.0, 0.0])
    np.testing.assert_allclose(compute_score(run, "react_det_mcp").values, [1 / (1 + np.exp(-2)), 0.5])
    np.testing.assert_allclose(
        compute_score(run, "react_energy_mls").values, [np.log(np.e + 1 / np.e), np.log(2)]
    )
    np.testing.assert_allclose(react_logits(np.array([[5.0, 0.0]]), 2.0, W, B), [[2.0, -2.0]])


def test_the_reservation_of_deep_gamblers_is_no_class_of_the_last_layer(
    with_features: Callable[..., Run],
) -> None:
    plain = with_features()
    three = with_features(last_layer=(np.vstack((W, [[9.0, 9.0]])), np.append(B, 9.0)))
    for name in ("vim", "react_det_mls", "react_det_mcp"):
        np.testing.assert_array_equal(compute_score(three, name).values, compute_score(plain, name).values)


def test_the_temperature_makes_the_softmax_as_right_as_validation_was(
    with_features: Callable[..., Run],
) -> None:
    # validation: four samples with logits (1, 0), of which three are of class 0: p = 3/4 at T = 1 / ln 3
    run = with_features(
        logits=np.array([[1.0, 0.0]] * 4 + [[2.0, 0.0]]),
        label=np.array([0, 0, 0, 1, 0]),
        study=np.array([0, 0, 0, 0, 1]),
        latents=None,
        external=None,
        external_mc=None,
    )
    np.testing.assert_allclose(compute_score(run, "temp_mls").values[[0, 4]], [3 / 4, 9 / 10], rtol=1e-7)


def test_scores_on_features_are_judged_by_the_plain_prediction_and_are_high_where_confident(
    with_features: Callable[..., Run],
) -> None:
    run = with_features()
    for name in sorted(ON_FEATURES):
        vector = compute_score(run, name)
        assert vector.judge is Judge.PLAIN
        # the first sample lies at its class's mean, the second between the classes
        assert vector.values[0] > vector.values[1] or name == "dknn"


@pytest.mark.parametrize(
    ("field", "names", "why"),
    [
        ("latents", ON_FEATURES - {"temp_mls"}, "needs latents"),
        ("train_latents", ON_FEATURES - {"temp_mls"}, "latents of training samples"),
        ("last_layer", ON_FEATURES - {"temp_mls", "maha", "dknn"}, "weights of the last layer"),
    ],
)
def test_a_missing_part_makes_the_scores_that_need_it_unavailable_and_says_why(
    with_features: Callable[..., Run], field: str, names: set[str], why: str
) -> None:
    run = with_features(**{field: None})
    listed = {info.name: info for info in score_list(run)}
    assert {name for name in ON_FEATURES if not listed[name].available} == names
    for name in names:
        assert why in listed[name].why


def test_temperature_needs_a_validation_study(with_features: Callable[..., Run]) -> None:
    run = with_features(studies=(HOME, HOME))
    with pytest.raises(UnavailableError, match="validation study"):
        compute_score(run, "temp_mls")
    listed = {info.name: info for info in score_list(run)}
    assert not listed["react_temp_mls"].available
    assert listed["maha"].available


def test_training_rows_that_are_not_finite_are_left_out(with_features: Callable[..., Run]) -> None:
    holed = np.vstack((TRAIN, [[np.nan, 0.0], [np.inf, 1.0]]))
    run = with_features(train_latents=holed, train_labels=np.append(TRAIN_LABELS, [0, 1]))
    for name in ("maha", "vim", "dknn", "react_det_mls"):
        expected = compute_score(with_features(), name).values
        np.testing.assert_allclose(compute_score(run, name).values, expected, rtol=1e-11)


def test_equal_latents_have_equal_scores_wherever_they_lie_among_others() -> None:
    chance = np.random.default_rng(0)
    train, w, b = chance.normal(size=(1500, 64)), chance.normal(size=(5, 64)), chance.normal(size=5)
    labels, equal = chance.integers(0, 5, 1500), np.repeat(chance.normal(size=(1, 64)), 1501, axis=0)
    maha, vim, bank = fit_mahalanobis(train, labels, 5), fit_vim(train, w, b), neighbour_bank(train)
    for rows in (slice(1), slice(7), slice(1501)):
        part, zeros = equal[rows], np.zeros(len(equal[rows]))
        found = (maha(part, zeros.astype(int)), vim(part, zeros), neighbour_distance(part, bank))
        logits = react_logits(part, 1.0, w, b)
        if rows.stop == 1:
            first = [*(values[0] for values in found), logits[0]]
        for values, expected in zip((*found, logits), first, strict=True):
            assert (values == expected).all()


def test_a_sample_with_nan_latents_has_no_score_on_them(with_features: Callable[..., Run]) -> None:
    run = with_features(latents=np.array([[np.nan, 0.0], [0.0, 1.0]]))
    for name in sorted(ON_FEATURES - {"temp_mls", "react_temp_mls"}):
        np.testing.assert_array_equal(np.isnan(compute_score(run, name).values), [True, False])
