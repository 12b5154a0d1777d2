"""Neighbours against sorting all distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sfvisuals.errors import UnavailableError
from sfvisuals.failures import nearest, nearest_to, neighbours
from sfvisuals.types import FloatArray

# a coarse grid, so that distances tie
GRID = st.integers(1, 30).flatmap(
    lambda n: arrays(np.float32, (n, 2), elements=st.sampled_from([0.0, 1.0, 2.0]))
)


@given(latents=GRID, k=st.integers(1, 7), step=st.sampled_from([2, 6, 1000]))
def test_neighbours_are_those_of_sorting_every_distance(latents: FloatArray, k: int, step: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "ELEMENTS_PER_CHUNK", step)
        rows, distances = nearest(latents, len(latents) - 1, k=k)
    query = latents[-1].astype(float)
    everyone = sorted((float(np.hypot(*(p - query))), row) for row, p in enumerate(latents[:-1]))[:k]
    assert rows.tolist() == [row for _, row in everyone]
    np.testing.assert_allclose(distances, [d for d, _ in everyone], rtol=1e-15)


def test_only_the_rows_given_are_looked_among() -> None:
    latents = np.arange(10.0)[:, None]
    rows, distances = nearest(latents, 5, k=2, among=np.array([9, 0, 5, 7]))
    assert rows.tolist() == [7, 9]
    assert distances.tolist() == [2.0, 4.0]


def test_fewer_come_back_where_there_are_fewer() -> None:
    assert nearest(np.zeros((3, 1)), 1, k=5)[0].tolist() == [0, 2]
    assert nearest(np.zeros((1, 1)), 0, k=5)[0].tolist() == []


def test_any_point_has_neighbours_among_the_training_latents() -> None:
    rows, distances = nearest_to(np.array([0.0, 0.0]), np.array([[3.0, 4.0], [0.0, 1.0]]), k=1)
    assert (rows.tolist(), distances.tolist()) == ([1], [1.0])


def test_near_duplicates_far_from_the_origin_are_told_apart() -> None:
    latents = np.array([[1e8], [1e8 + 2], [1e8 + 1]])
    rows, distances = nearest(latents, 0, k=2)
    assert (rows.tolist(), distances.tolist()) == ([2, 1], [1.0, 2.0])


def test_float16_latents_do_not_overflow() -> None:
    latents = np.array([[60_000.0], [-60_000.0]], np.float16)
    assert nearest(latents, 0, k=1)[1].tolist() == [120_000.0]


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_latents_that_are_not_finite_are_refused_by_name(broken: float) -> None:
    latents = np.array([[0.0], [1.0], [broken]])
    with pytest.raises(UnavailableError, match="row 2"):
        nearest(latents, 0, k=1)
    with pytest.raises(UnavailableError, match="not finite"):
        nearest(latents, 2, k=1)


def test_a_memory_map_is_read_in_chunks(tmp_path: Path) -> None:
    written = np.lib.format.open_memmap(tmp_path / "latents.npy", "w+", np.float32, (3000, 4))
    written[:] = np.arange(3000.0)[:, None]
    rows, _ = nearest(np.load(tmp_path / "latents.npy", mmap_mode="r"), 1500, k=4)
    assert rows.tolist() == [1499, 1501, 1498, 1502]
