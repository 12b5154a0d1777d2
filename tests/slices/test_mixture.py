"""The error-aware mixture against the equations of its paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from sfvisuals.slices.mixture import Mixture, fit_mixture

TWO = Mixture(
    weight=np.array([0.25, 0.75]),
    mean=np.array([[0.0, 0.0], [2.0, 1.0]]),
    variance=np.array([[1.0, 4.0], [1.0, 1.0]]),
    label=np.array([[0.9, 0.1], [0.5, 0.5]]),
    prediction=np.array([[0.2, 0.8], [0.5, 0.5]]),
    gamma=2.0,
)


def test_the_posterior_is_that_of_the_equation() -> None:
    """p(s) N(z) P(y|s)^2 P(yhat|s)^2 for z = (1, 0), y = 0, yhat = 1, normalised."""
    z = np.array([[1.0, 0.0]])
    first = 0.25 * norm.pdf(1) * norm.pdf(0, scale=2) * 0.9**2 * 0.8**2
    second = 0.75 * norm.pdf(1, 2) * norm.pdf(0, 1) * 0.5**2 * 0.5**2
    found = TWO.posterior(z, np.array([0]), np.array([1]))
    assert found[0] == pytest.approx([first / (first + second), second / (first + second)])
    soft = TWO.posterior(z, np.array([0]), np.array([[0.0, 1.0]]))
    assert soft == pytest.approx(found)


def test_class_and_prediction_are_summed_out_where_they_are_not_given() -> None:
    z = np.array([[1.0, 0.0]])
    first = 0.25 * norm.pdf(1) * norm.pdf(0, scale=2)
    second = 0.75 * norm.pdf(1, 2) * norm.pdf(0, 1)
    assert TWO.posterior(z)[0, 0] == pytest.approx(first / (first + second))
    assert TWO.posterior(z, np.array([-1]))[0, 0] == pytest.approx(first / (first + second))


def test_slices_are_chosen_by_the_difference_of_class_and_prediction() -> None:
    assert TWO.disagreement == pytest.approx([1.4, 0.0])


def setting(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """300 samples of two classes; the failures of class 0 lie apart."""
    label = np.repeat([0, 1, 0], [140, 140, 20])
    prediction = np.repeat([0, 1, 1], [140, 140, 20])
    z = rng.normal(size=(300, 3)) + np.repeat([[0, 0, 0], [6, 0, 0], [0, 6, 0]], [140, 140, 20], axis=0)
    return z, label, prediction


def test_failures_that_lie_apart_become_a_slice_of_their_own() -> None:
    z, label, prediction = setting(np.random.default_rng(0))
    fitted = fit_mixture(z, label, prediction, classes=2, k=5, gamma=10, seed=0)
    chosen = int(fitted.disagreement.argmax())
    top = np.argsort(-fitted.posterior(z)[:, chosen])[:10]
    assert (label[top] != prediction[top]).all()


def test_the_fit_is_the_same_for_the_same_seed_and_holds_more_slices_than_samples() -> None:
    z, label, prediction = setting(np.random.default_rng(1))
    first, second = (fit_mixture(z, label, prediction, classes=2, k=4, seed=7) for _ in range(2))
    assert (first.mean == second.mean).all()
    few = fit_mixture(z[:3], label[:3], prediction[:3], classes=2, k=25)
    assert few.weight.size == 3
    assert np.isfinite(few.posterior(z)).all()


def test_a_thousand_classes_and_labels_that_the_model_lacks_are_fitted_too() -> None:
    rng = np.random.default_rng(2)
    label, prediction = rng.integers(-1, 1139, 500), rng.integers(0, 1139, 500)
    fitted = fit_mixture(rng.normal(size=(500, 4)), label, prediction, classes=1139, k=8)
    assert fitted.label.shape == (8, 1139)
    assert np.isfinite(fitted.disagreement).all()
