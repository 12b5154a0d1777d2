"""The k nearest of a bank agree with a full sort and with scikit-learn, near duplicates included."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from sfvisuals.explain.bank import GROUP, Bank, smallest
from sfvisuals.explain.evidence import train_evidence


@pytest.mark.parametrize("m", [1, 4, 5, 6, GROUP * 10, GROUP * 11, GROUP * 11 + 7, 1_000])
@pytest.mark.parametrize("levels", [0, 3])
def test_the_smallest_are_those_of_a_full_sort_with_many_equal_values_too(m: int, levels: int) -> None:
    random = np.random.default_rng(m)
    values = random.integers(0, levels, (40, m)) if levels else random.normal(size=(40, m))
    found = smallest(values.astype(np.float32), 5)
    assert found.shape == (40, min(5, m))
    assert all(len(set(row)) == len(row) for row in found.tolist())
    chosen = np.sort(np.take_along_axis(values.astype(np.float32), found, axis=1), axis=1)
    np.testing.assert_array_equal(chosen, np.sort(values.astype(np.float32), axis=1)[:, :5])


def test_of_a_large_bank_neighbours_and_distances_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    train = random.normal(size=(3_000, 12)).astype(np.float32)
    latents = (0.7 * random.normal(size=(500, 12)) + 30).astype(np.float32)
    train += np.float32(30)
    classes, label = random.integers(0, 4, 3_000), random.integers(-1, 5, 500)
    found = train_evidence(latents, label, train, classes)
    brute = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(train.astype(np.float64))
    distances, near = brute.kneighbors(latents.astype(np.float64))
    np.testing.assert_array_equal(found.labels, classes[near])
    np.testing.assert_allclose(found.distance, distances.mean(axis=1), rtol=1e-9)
    for category in range(4):
        mine = label == category
        own = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(
            train[classes == category].astype(np.float64)
        )
        expected = own.kneighbors(latents[mine].astype(np.float64))[0].mean(axis=1)
        np.testing.assert_allclose(found.own[mine], expected, rtol=1e-9)
    # class 4 is not in training, -1 is unknown
    assert np.isnan(found.own[(label < 0) | (label > 3)]).all()


def test_near_duplicates_are_told_apart_where_single_precision_would_mix_them_up() -> None:
    """Five neighbours 1e-4 to 5e-4 away, 40 from the middle of the bank: 40^2 has no room for 1e-8."""
    sample = np.zeros((1, 8), np.float32)
    sample[0, 0] = 40
    close = np.repeat(sample, 5, axis=0)
    close[:, 1] = np.array([3, 1, 5, 2, 4], np.float32) * 1e-4
    far = np.random.default_rng(2).normal(size=(2_000, 8)).astype(np.float32)
    train = np.concatenate((far, close))
    classes = np.concatenate((np.zeros(2_000, np.int64), np.array([3, 1, 5, 2, 4])))
    found = train_evidence(sample, np.array([3]), train, classes, k=5)
    np.testing.assert_array_equal(found.labels, [[1, 2, 3, 4, 5]])
    np.testing.assert_allclose(found.distance, 3e-4, rtol=1e-4)
    np.testing.assert_allclose(found.own, 3e-4, rtol=1e-4)


def test_equally_near_samples_come_in_the_order_in_which_they_were_given() -> None:
    train = np.array([[1.0], [-1.0], [1.0], [5.0]], np.float32)
    bank = Bank.of(train, np.array([2, 1, 0, 9], np.int32))
    room = np.empty((1, 4), np.float32)
    sample = np.zeros((1, 1), np.float32)
    labels, distance = bank.nearest(sample, bank.closeness(sample, room), 3)
    np.testing.assert_array_equal(labels, [[2, 1, 0]])
    np.testing.assert_allclose(distance, [1.0])
