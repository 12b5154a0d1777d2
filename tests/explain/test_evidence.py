"""Nearest training samples agree with scikit-learn; margins and spreads with hand calculations."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from sfvisuals.explain.evidence import _looked_at, output_evidence, percentile_among, train_evidence


@pytest.fixture
def cloud() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    latents, train = random.normal(size=(50, 7)), random.normal(size=(300, 7))
    return latents + 100, random.integers(0, 3, 50), train + 100, random.integers(0, 3, 300)


def test_distances_and_classes_are_those_of_scikit_learn(
    cloud: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    latents, label, train, classes = cloud
    found = train_evidence(latents, label, train, classes, k=5)
    distances, near = NearestNeighbors(n_neighbors=5).fit(train).kneighbors(latents)
    np.testing.assert_allclose(found.distance, distances.mean(axis=1), rtol=1e-4)
    np.testing.assert_array_equal(found.labels, classes[near])
    np.testing.assert_allclose(found.share(label), (classes[near] == label[:, None]).mean(axis=1))
    for category in range(3):
        own = NearestNeighbors(n_neighbors=5).fit(train[classes == category])
        mine = label == category
        np.testing.assert_allclose(found.own[mine], own.kneighbors(latents[mine])[0].mean(axis=1), rtol=1e-4)


def test_chunks_change_nothing(
    cloud: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train_evidence(*cloud)
    monkeypatch.setattr("sfvisuals.explain.evidence.ROWS_PER_CHUNK", 17)
    monkeypatch.setattr("sfvisuals.explain.evidence.ROWS_PER_BLOCK", 5)
    parts = train_evidence(*cloud)
    np.testing.assert_array_equal(whole.labels, parts.labels)
    np.testing.assert_allclose(whole.own, parts.own)


def test_of_too_many_training_samples_each_class_keeps_its_share(
    cloud: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfvisuals.explain.evidence.MOST_TRAIN_ROWS", 60)
    latents, label, train, _ = cloud
    rare = (np.arange(300) % 10 == 0).astype(np.int64)
    rows = _looked_at(train, rare)
    assert (len(rows), int(rare[rows].sum())) == (60, 6)
    assert train_evidence(latents, label, train, rare).used == 60


def test_broken_latents_have_no_neighbours(
    cloud: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    latents, label, train, classes = cloud
    latents[3], train[5] = np.nan, np.inf
    found = train_evidence(latents, label, train, classes)
    assert np.isnan(found.distance[3])
    assert np.isnan(found.share(label)[3])
    assert found.used == 299
    assert np.isfinite(np.delete(found.distance, 3)).all()


def test_without_labels_only_the_distance_is_known(
    cloud: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    latents, label, train, _ = cloud
    found = train_evidence(latents, label, train, None)
    assert np.isfinite(found.distance).all()
    assert np.isnan(found.own).all()
    assert np.isnan(found.share(label)).all()


def test_no_training_sample_and_few_of_a_class_are_no_error() -> None:
    latents = np.zeros((2, 3))
    assert np.isnan(train_evidence(latents, np.zeros(2, int), np.empty((0, 3)), None).distance).all()
    few = train_evidence(latents, np.array([0, 1]), np.ones((3, 3)), np.array([0, 0, 1]), k=10)
    np.testing.assert_allclose(few.own, np.sqrt(3), rtol=1e-6)
    assert few.labels.shape == (2, 3)


def test_percentiles_count_what_is_at_or_below() -> None:
    found = percentile_among(np.array([0.0, 2.0, 9.0, np.nan]), np.array([1.0, 2.0, 3.0, 4.0, np.nan]))
    np.testing.assert_array_equal(found, [0, 50, 100, np.nan])
    assert np.isnan(percentile_among(np.ones(2), np.empty(0))).all()


def test_margin_and_spread_by_hand() -> None:
    """Margins 0.7 - 0.2 and 0.5 - 0.4; spread of the predicted class over passes 0.6 and 0.8: 0.1."""
    passes = np.array([[[0.6, 0.8], [0.2, 0.1], [0.2, 0.1]], [[0.5, 0.5], [0.4, 0.4], [0.1, 0.1]]])
    run = SimpleNamespace(
        n=2,
        n_classes=3,
        mc_passes=2,
        latent_dim=0,
        logits=None,
        mc_logits=None,
        probabilities=np.array([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1]]),
        mc_probabilities=passes,
    )
    found = output_evidence(run, np.array([0, 0]))  # type: ignore[arg-type]
    np.testing.assert_allclose(found.margin, [0.5, 0.1])
    assert found.spread is not None
    np.testing.assert_allclose(found.spread, [0.1, 0.0], atol=1e-12)
