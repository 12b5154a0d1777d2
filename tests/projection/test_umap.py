"""UMAP of small latents of every shape, and its graph against umap-learn's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from sfvisuals.errors import SfvisualsError
from sfvisuals.projection import ProjectionKind, UmapSettings, compute_projection
from sfvisuals.projection.compute import landmark_rows
from sfvisuals.projection.fuzzy import fuzzy_graph
from sfvisuals.projection.neighbours import Neighbours, nearest_sites
from sfvisuals.projection.umap import starting_layout

pytestmark = pytest.mark.filterwarnings(
    "ignore:Tensorflow not installed; ParametricUMAP will be unavailable:ImportWarning"
)
QUICK = UmapSettings(epochs=30)
RANDOM = np.random.default_rng(0)


def two_groups(n: int = 300, width: int = 12) -> npt.NDArray[np.float64]:
    latents = np.random.default_rng(3).normal(size=(n, width))
    latents[n // 2 :] += 12
    return latents


def test_strengths_of_one_sample_by_hand() -> None:
    # Three neighbours: the nearest has strength 1, all three sum to log2(4) = 2, here by 1 + 2 x 0.5.
    lonely = Neighbours(
        np.array([[1, 2, 3], [2, 3, 0], [3, 0, 1], [0, 1, 2]]), np.array([[1.0, 3.0, 3.0]] * 4)
    )
    graph = fuzzy_graph(lonely).toarray()
    # 0 -> 1 is 1 and 1 -> 0 is one half: 1 + 0.5 - 0.5; 0 -> 2 and 2 -> 0 are one half each: 0.75.
    assert graph[0, 1] == pytest.approx(1.0)
    assert graph[0, 2] == pytest.approx(0.75)
    np.testing.assert_array_equal(graph, graph.T)


@pytest.mark.slow
def test_the_graph_is_that_of_umap_learn() -> None:
    from umap.umap_ import fuzzy_simplicial_set

    points = np.random.default_rng(2).normal(size=(200, 5)).astype(np.float32)
    points[50:55] = points[50]
    found = nearest_sites(points, np.arange(200), k=14)
    itself = np.arange(200)[:, None]
    theirs, *_ = fuzzy_simplicial_set(
        points,
        15,
        np.random.RandomState(0),
        "euclidean",
        knn_indices=np.hstack([itself, found.rows]).astype(np.int32),
        knn_dists=np.hstack([np.zeros((200, 1)), found.distances]).astype(np.float32),
    )
    np.testing.assert_allclose(fuzzy_graph(found).toarray(), theirs.toarray(), atol=2e-4)


@pytest.mark.parametrize("kind", [ProjectionKind.UMAP, ProjectionKind.UMAP3])
@pytest.mark.parametrize(
    "latents",
    [
        pytest.param(RANDOM.normal(size=(3, 1)), id="three samples of one number"),
        pytest.param(RANDOM.normal(size=(4, 40)), id="four samples"),
        pytest.param(RANDOM.normal(size=(15, 3)), id="as many samples as neighbours"),
        pytest.param(RANDOM.normal(size=(60, 1)), id="one number per sample"),
        pytest.param(np.full((40, 5), 0.1), id="all equal"),
        pytest.param(np.repeat(RANDOM.normal(size=(3, 4)), 20, axis=0), id="duplicates"),
        pytest.param(RANDOM.normal(size=(40, 2)).astype(np.float16), id="half precision"),
        pytest.param(RANDOM.integers(0, 3, (50, 4)), id="whole numbers"),
    ],
)
def test_latents_of_any_shape_get_a_map(latents: npt.NDArray[np.floating], kind: ProjectionKind) -> None:
    projection = compute_projection(latents, kind, settings=QUICK)
    assert projection.coordinates.shape == (len(latents), kind.dimensions)
    assert projection.coordinates.dtype == np.float32
    assert np.isfinite(projection.coordinates).all()
    assert projection.trust is not None
    assert ((projection.trust >= 0) & (projection.trust <= 1)).all()


def test_equal_seeds_give_equal_maps_and_others_other_maps() -> None:
    latents = two_groups()
    maps = [
        compute_projection(
            latents, ProjectionKind.UMAP, settings=UmapSettings(epochs=30, seed=seed)
        ).coordinates
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])


def test_groups_apart_in_the_latents_lie_apart_on_the_map() -> None:
    coordinates = compute_projection(two_groups(), ProjectionKind.UMAP).coordinates
    centres = coordinates[:150].mean(axis=0), coordinates[150:].mean(axis=0)
    to_own = np.linalg.norm(coordinates - np.repeat(centres, 150, axis=0), axis=1)
    to_other = np.linalg.norm(coordinates - np.repeat(centres[::-1], 150, axis=0), axis=1)
    assert (to_own < to_other).all()


def test_umap_keeps_more_neighbours_than_pca_where_latents_are_curved() -> None:
    turn = np.random.default_rng(4).uniform(0, 2 * np.pi, size=(400, 3))
    latents = np.hstack([np.sin(turn), np.cos(turn), np.sin(2 * turn)])
    by_umap = compute_projection(latents, ProjectionKind.UMAP).trust
    by_pca = compute_projection(latents, ProjectionKind.PCA).trust
    assert by_umap is not None
    assert by_pca is not None
    assert by_umap.mean() > by_pca.mean() + 0.1


def test_progress_rises_to_the_end_and_counts_epochs() -> None:
    told: list[tuple[float, str]] = []
    compute_projection(
        two_groups(3000),
        ProjectionKind.UMAP,
        settings=UmapSettings(epochs=200),
        report=lambda *x: told.append(x),
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.05
    assert 0.95 < shares[-1] <= 1
    assert sum("of 200" in words for _, words in told) >= 3


def test_beyond_the_limit_landmarks_place_the_rest() -> None:
    latents = two_groups(600)
    latents[[10, 400]] = latents[[20, 410]]
    settings = UmapSettings(epochs=50, landmark_limit=300, landmarks=120)
    landmarks = landmark_rows(600, settings)
    projection = compute_projection(latents, ProjectionKind.UMAP, settings=settings)
    assert len(np.unique(landmarks)) == 120
    assert projection.note.startswith("UMAP of 120 landmarks drawn from 600 samples")
    low, high = projection.coordinates[landmarks].min(axis=0), projection.coordinates[landmarks].max(axis=0)
    assert ((projection.coordinates >= low - 1e-5) & (projection.coordinates <= high + 1e-5)).all()
    again = compute_projection(latents, ProjectionKind.UMAP, settings=settings)
    np.testing.assert_array_equal(again.coordinates, projection.coordinates)


def test_a_sample_with_the_latents_of_a_landmark_lies_on_it() -> None:
    settings = UmapSettings(epochs=20, landmark_limit=100, landmarks=50)
    landmarks = landmark_rows(200, settings)
    other = int(np.setdiff1d(np.arange(200), landmarks)[0])
    latents = np.random.default_rng(5).normal(size=(200, 4))
    latents[other] = latents[landmarks[7]]
    coordinates = compute_projection(latents, ProjectionKind.UMAP, settings=settings).coordinates
    np.testing.assert_allclose(coordinates[other], coordinates[landmarks[7]], atol=1e-4)


def test_a_line_starts_as_a_curve_that_does_not_cross_itself() -> None:
    line = np.linspace(-2, 2, 30)[:, None]
    start = starting_layout(line, dimensions=2, seed=0)
    np.testing.assert_allclose(start[:, 1], (line[:, 0] / 2) ** 2, atol=1e-3)


def test_equal_points_start_apart() -> None:
    assert len(np.unique(starting_layout(np.zeros((30, 2)), dimensions=2, seed=0), axis=0)) == 30


@pytest.mark.parametrize(
    ("n", "epochs"), [(3, 500), (4_000, 500), (5_000, 400), (10_000, 200), (1_000_000, 200)]
)
def test_few_samples_are_laid_out_in_more_passes(n: int, epochs: int) -> None:
    assert UmapSettings().epochs_for(n) == epochs
    assert UmapSettings(epochs=7).epochs_for(n) == 7


def test_not_a_number_is_refused_by_name_before_anything_is_computed() -> None:
    latents = two_groups()
    latents[7, 2] = np.nan
    with pytest.raises(SfvisualsError, match=r"1 of 300 rows of features\.npz hold NaN or inf: rows 7"):
        compute_projection(latents, ProjectionKind.UMAP, name="features.npz")
