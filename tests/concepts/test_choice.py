"""The silhouette against scikit-learn's, and the rule that chooses the number of clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_score

from sfvisuals.concepts.choice import chosen_k, silhouette


@pytest.mark.parametrize("clusters", [2, 5, 9])
def test_the_silhouette_is_that_of_scikit_learn(clusters: int) -> None:
    generator = np.random.default_rng(clusters)
    points, labels = generator.normal(size=(70, 3)), generator.integers(0, clusters, 70)
    labels[0] = 99  # alone in its cluster: counts as 0
    ours = silhouette(cdist(points, points), labels)
    assert ours == pytest.approx(silhouette_score(points, labels), rel=1e-12)


def test_the_silhouette_of_a_hand_calculation() -> None:
    # points 0, 1 | 5: for 0 a=1, b=5 gives .8; for 1 a=1, b=4 gives .75; 5 is alone and gives 0
    points = np.array([[0.0], [1.0], [5.0]])
    assert silhouette(cdist(points, points), np.array([0, 0, 1])) == pytest.approx((0.8 + 0.75) / 3)


def test_one_cluster_has_no_silhouette() -> None:
    assert silhouette(np.zeros((4, 4)), np.zeros(4, int)) == -1.0


def test_coincident_clusters_score_zero_without_a_warning() -> None:
    assert silhouette(np.zeros((4, 4)), np.array([0, 0, 1, 1])) == 0.0


def test_a_cloud_without_gaps_is_divided_more_finely_than_in_two() -> None:
    cloud = np.random.default_rng(0).normal(size=(500, 2))
    assert 3 <= chosen_k(cloud, max_k=12, distinct=500, seed=0)[0] <= 12


@pytest.mark.parametrize(("n", "distinct", "expected"), [(19, 19, 1), (100, 1, 1)])
def test_too_few_samples_are_not_divided(n: int, distinct: int, expected: int) -> None:
    points = np.random.default_rng(0).normal(size=(n, 2))
    assert chosen_k(points, max_k=12, distinct=distinct, seed=0)[0] == expected


def test_there_are_never_less_than_ten_samples_per_concept_on_average() -> None:
    assert chosen_k(np.arange(29.0)[:, None] ** 3, max_k=12, distinct=29, seed=0)[0] == 2
