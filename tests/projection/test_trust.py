"""Trust by hand, and against a plain count over all pairs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from sfvisuals.projection import ProjectionKind, UmapSettings, compute_projection
from sfvisuals.projection import neighbours as search
from sfvisuals.projection.neighbours import nearest_sites
from sfvisuals.projection.trust import kept_share

Array = npt.NDArray[np.float64]


def on_a_line(*places: float) -> Array:
    return np.array(places, dtype=np.float64)[:, None]


def on_a_map(*places: float) -> Array:
    return np.array([(place, 0.0) for place in places])


def trust(latents: Array, coordinates: Array, *, k: int, sites: npt.NDArray[np.int64] | None = None) -> Array:
    among = np.arange(len(latents)) if sites is None else sites
    radius = nearest_sites(latents, among, k=k).distances[:, -1]
    return kept_share(latents, coordinates, radius, sites=among, k=k)


def counted(latents: Array, coordinates: Array, *, k: int, sites: npt.NDArray[np.int64]) -> Array:
    """The share by its definition, over all pairs."""
    shares = []
    for row in range(len(latents)):
        others = [site for site in sites if site != row]
        by_latents = sorted(others, key=lambda site: (np.linalg.norm(latents[site] - latents[row]), site))
        by_map = sorted(others, key=lambda site: (np.linalg.norm(coordinates[site] - coordinates[row]), site))
        shares.append(len(set(by_latents[:k]) & set(by_map[:k])) / k)
    return np.array(shares)


def test_one_neighbour_kept_or_lost_by_hand() -> None:
    # nearest in the latents: 1, 0, 1, 2, 3; on the map: 1, 0, 3, 2, 3
    latents = on_a_line(0, 1, 3, 7, 12)
    coordinates = on_a_map(0, 1, 10, 11, 12.5)
    np.testing.assert_array_equal(trust(latents, coordinates, k=1), [1, 1, 0, 1, 1])


def test_two_neighbours_half_of_them_kept_by_hand() -> None:
    # in the latents: 12, 02, 01, 24, 23; on the map: 14, 04, 34, 24, 01
    latents = on_a_line(0, 1, 3, 7, 12)
    coordinates = on_a_map(0, 1, 10, 11, 2.5)
    np.testing.assert_array_equal(trust(latents, coordinates, k=2), [0.5, 0.5, 0, 1, 0])


@pytest.mark.parametrize("k", [1, 4, 15])
def test_trust_is_the_count_over_all_pairs(k: int) -> None:
    random = np.random.default_rng(5)
    latents, coordinates = random.normal(size=(80, 6)), random.normal(size=(80, 2))
    coordinates += latents[:, :2]
    expected = counted(latents, coordinates, k=k, sites=np.arange(80))
    np.testing.assert_allclose(trust(latents, coordinates, k=k), expected, atol=1e-7)


def test_trust_against_landmarks_is_the_count_over_them_alone() -> None:
    random = np.random.default_rng(6)
    latents, coordinates = random.normal(size=(90, 4)), random.normal(size=(90, 3))
    coordinates += latents[:, :3]
    sites = np.sort(random.choice(90, 30, replace=False))
    expected = counted(latents, coordinates, k=5, sites=sites)
    np.testing.assert_allclose(trust(latents, coordinates, k=5, sites=sites), expected, atol=1e-7)


def test_equal_latents_cost_no_trust_wherever_they_lie_on_the_map() -> None:
    coordinates = np.random.default_rng(0).normal(size=(40, 2))
    np.testing.assert_array_equal(trust(np.ones((40, 3)), coordinates, k=15), np.ones(40))


def test_samples_on_one_spot_of_the_map_count_by_row() -> None:
    # On one spot the two nearest are 12, 02, 01, 01, ...; in the latents 12, 02, 13, 24, ...
    latents = on_a_line(*(row + 0.001 * row**2 for row in range(20)))
    kept = trust(latents, np.zeros((20, 2)), k=2)
    np.testing.assert_array_equal(kept, [1, 1, 0.5, *np.zeros(17)])


def test_duplicates_far_from_zero_find_one_another() -> None:
    latents = np.repeat(np.random.default_rng(1).normal(size=(10, 50)), 4, axis=0) + 1000
    found = nearest_sites(latents.astype(np.float32), np.arange(40), k=3)
    np.testing.assert_array_equal(found.distances, np.zeros((40, 3)))
    np.testing.assert_array_equal(found.rows // 4, np.repeat(np.arange(40)[:, None] // 4, 3, axis=1))


def test_neighbours_found_in_chunks_are_those_over_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "QUERIES_AT_ONCE", 13)
    monkeypatch.setattr(search, "PAIR_VALUES", 100)
    latents = np.random.default_rng(4).normal(size=(60, 7)).astype(np.float32)
    apart = np.linalg.norm(latents[:, None].astype(float) - latents[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    found = nearest_sites(latents, np.arange(60), k=6)
    np.testing.assert_array_equal(found.rows, apart.argsort(axis=1)[:, :6])
    np.testing.assert_allclose(found.distances, np.sort(apart, axis=1)[:, :6], rtol=1e-12)


def test_a_pca_that_loses_nothing_is_trusted_wholly() -> None:
    latents = np.random.default_rng(8).normal(size=(100, 2))
    projection = compute_projection(latents, ProjectionKind.PCA)
    assert projection.trust is not None
    np.testing.assert_array_equal(projection.trust, np.ones(100))
    assert projection.trust_label == (
        "Share of the 15 nearest neighbours in the latents that are among the 15 nearest on the map."
    )


def test_fewer_samples_than_neighbours_are_compared_with_all_others() -> None:
    projection = compute_projection(np.random.default_rng(9).normal(size=(6, 9)), ProjectionKind.PCA)
    assert projection.trust_label.startswith("Share of the 5 nearest")


def test_above_the_limit_trust_says_that_landmarks_are_counted() -> None:
    latents = np.random.default_rng(10).normal(size=(200, 6))
    settings = UmapSettings(landmark_limit=100, landmarks=40, principal_axes=4)
    projection = compute_projection(latents, ProjectionKind.PCA, settings=settings)
    assert projection.trust_label.endswith("counted among 40 landmarks and in 4 principal axes.")
    assert projection.coordinates.shape == (200, 2)
