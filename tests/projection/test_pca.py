"""PCA of latents of any size, against numpy's singular values and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from sfvisuals.errors import SfvisualsError
from sfvisuals.projection import ProjectionKind, pca_projection
from sfvisuals.projection import latents as door

LEFT_TO_RIGHT = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])


def by_singular_values(latents: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    left, size, right = np.linalg.svd(latents - latents.mean(axis=0), full_matrices=False)
    sign = np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])
    found = (left * size * sign)[:, :2]
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def test_points_on_a_line_lie_at_their_distances_on_the_first_axis() -> None:
    projection = pca_projection(LEFT_TO_RIGHT)
    np.testing.assert_allclose(projection.coordinates, [[-5, 0], [0, 0], [5, 0]], atol=1e-6)
    assert projection.kind is ProjectionKind.PCA
    assert projection.note == "The two axes hold 100% of the variance of the latents."


@pytest.mark.parametrize("shape", [(3, 1), (3, 2), (4, 9), (40, 300), (300, 40), (2000, 3)])
def test_coordinates_are_those_of_the_singular_value_decomposition(shape: tuple[int, int]) -> None:
    latents = np.random.default_rng(7).normal(size=shape) * np.linspace(3, 1, shape[1]) + 20
    np.testing.assert_allclose(
        pca_projection(latents).coordinates, by_singular_values(latents), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("width", [5, 80])
def test_rows_and_columns_read_in_chunks_give_the_same(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    latents = np.random.default_rng(1).normal(size=(40, width)) * np.linspace(2, 1, width)
    whole = pca_projection(latents).coordinates
    monkeypatch.setattr(door, "CHUNK_VALUES", 130)
    np.testing.assert_allclose(pca_projection(latents).coordinates, whole, rtol=1e-5, atol=1e-6)


def test_a_shift_of_the_data_that_dwarfs_its_spread_does_not_matter() -> None:
    latents = np.random.default_rng(2).normal(size=(500, 6)) * [5, 4, 1, 1, 1, 1]
    moved = pca_projection(latents + 1e7).coordinates
    np.testing.assert_allclose(moved, by_singular_values(latents), atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32])
def test_every_type_of_number_is_taken(dtype: type[np.generic]) -> None:
    projection = pca_projection(LEFT_TO_RIGHT.astype(dtype))
    assert projection.coordinates.dtype == np.float32
    np.testing.assert_allclose(projection.coordinates[:, 0], [-5, 0, 5], atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_equal_latents_lie_on_one_point(value: float) -> None:
    projection = pca_projection(np.full((50, 7), value))
    np.testing.assert_array_equal(projection.coordinates, np.zeros((50, 2)))
    assert projection.note == "All latents are equal."


def test_duplicates_lie_on_one_another() -> None:
    latents = np.repeat(np.random.default_rng(3).normal(size=(4, 6)), 5, axis=0)
    assert len(np.unique(pca_projection(latents).coordinates, axis=0)) == 4


def test_coordinates_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        pca_projection(LEFT_TO_RIGHT).coordinates[0, 0] = 1


def test_latents_that_are_not_finite_are_refused_with_their_rows() -> None:
    latents = np.ones((20, 3), np.float32)
    latents[[2, 5, 7, 11, 13, 17], 1] = [np.nan, np.inf, -np.inf, np.nan, np.nan, np.nan]
    with pytest.raises(SfvisualsError) as refused:
        pca_projection(latents, name="latents.npy")
    assert refused.value.detail == "6 of 20 rows of latents.npy hold NaN or inf: rows 2, 5, 7, 11, 13, ...."


def test_latents_whose_squares_overflow_are_refused() -> None:
    with pytest.raises(SfvisualsError, match="so large"):
        pca_projection(LEFT_TO_RIGHT * 1e200)


@pytest.mark.parametrize("shape", [(0, 4), (2, 4)])
def test_fewer_than_three_samples_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(SfvisualsError, match="at least 3"):
        pca_projection(np.ones(shape))


@pytest.mark.parametrize("latents", [np.ones(5), np.ones((5, 0)), np.full((5, 2), "a")])
def test_what_is_not_a_row_of_numbers_per_sample_is_refused(latents: npt.NDArray[np.floating]) -> None:
    with pytest.raises(SfvisualsError, match="cannot be projected"):
        pca_projection(latents)


def test_axes_fitted_on_a_sample_show_and_check_every_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    latents = np.random.default_rng(6).normal(size=(3000, 4)) * [9, 3, 1, 1]
    exact = pca_projection(latents).coordinates
    monkeypatch.setattr(door, "FIT_PRODUCTS", 16 * 1000)
    monkeypatch.setattr(door, "FEWEST_TO_FIT", 10)
    fitted = door.rows_to_fit(3000, 4)
    assert fitted is not None
    assert len(np.unique(fitted)) == 1000
    np.testing.assert_allclose(pca_projection(latents).coordinates, exact, atol=2)
    left_out = np.setdiff1d(np.arange(3000), fitted)[0]
    latents[left_out, 3] = np.nan
    with pytest.raises(SfvisualsError, match=f"1 of 3000 rows of latents hold NaN or inf: rows {left_out}"):
        pca_projection(latents)


@pytest.mark.parametrize(("n", "width"), [(1_000_000, 64), (50_000, 1000), (5_000, 20_000)])
def test_axes_are_fitted_on_all_samples_where_that_is_quick(n: int, width: int) -> None:
    assert door.rows_to_fit(n, width) is None


def test_a_memory_map_is_not_read_into_memory_at_once(tmp_path: Path) -> None:
    import tracemalloc

    latents = np.lib.format.open_memmap(
        tmp_path / "latents.npy", mode="w+", dtype=np.float32, shape=(400_000, 64)
    )
    latents[::2] = 1
    tracemalloc.start()
    pca_projection(np.load(tmp_path / "latents.npy", mmap_mode="r"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert latents.nbytes > 100e6
    assert peak < 60e6
