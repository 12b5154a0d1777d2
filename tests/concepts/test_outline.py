"""Outlines of concepts on a map: tight, convex, deaf to strays, and never at a loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import ConvexHull

from sfvisuals.concepts.outline import MOST_CORNERS, outline_of
from sfvisuals.types import FloatArray


def area(hull: FloatArray) -> float:
    x, y = hull.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def test_a_disc_is_outlined_near_its_edge() -> None:
    generator = np.random.default_rng(0)
    turn, far = generator.uniform(0, 2 * np.pi, 4000), np.sqrt(generator.uniform(0, 1, 4000))
    disc = np.stack([5 + far * np.cos(turn), 7 + far * np.sin(turn)], axis=1)
    outline = outline_of(disc)
    assert outline is not None
    assert outline.centre == pytest.approx([5, 7], abs=0.05)
    assert 0.8 * np.pi < area(outline.hull) <= np.pi
    assert 3 < len(outline.hull) <= MOST_CORNERS


def test_strays_do_not_stretch_the_outline() -> None:
    generator = np.random.default_rng(0)
    blob = generator.normal(size=(400, 2))
    strays = generator.uniform(30, 60, size=(6, 2))
    outline = outline_of(np.concatenate([blob, strays]))
    assert outline is not None
    assert np.abs(outline.hull).max() < 6


def test_of_a_concept_torn_apart_the_larger_part_is_outlined() -> None:
    generator = np.random.default_rng(0)
    parts = [generator.normal(size=(300, 2)), generator.normal(size=(120, 2)) + np.array([40, 0])]
    outline = outline_of(np.concatenate(parts))
    assert outline is not None
    assert outline.hull[:, 0].max() < 6
    assert 0.6 < outline.share < 0.75


def test_few_points_are_outlined_by_their_convex_hull() -> None:
    square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2], [1, 1]])
    outline = outline_of(square)
    assert outline is not None
    assert area(outline.hull) == pytest.approx(ConvexHull(square).volume)
    assert outline.centre.tolist() == [1, 1]


@pytest.mark.parametrize(("points", "corners"), [([[3.0, 4.0]] * 20, 1), ([[0.0, 0.0], [4.0, 4.0]], 2)])
def test_points_on_a_spot_or_a_line_have_an_outline_too(points: list[list[float]], corners: int) -> None:
    outline = outline_of(np.array(points))
    assert outline is not None
    assert len(outline.hull) == corners


def test_points_without_a_place_are_left_out() -> None:
    assert outline_of(np.full((3, 2), np.nan)) is None
    assert outline_of(np.empty((0, 2))) is None
    outline = outline_of(np.array([[np.nan, 1.0], [2.0, 3.0]]))
    assert outline is not None
    assert outline.centre.tolist() == [2, 3]


@settings(max_examples=100, deadline=None)
@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 60), st.just(2)),
        elements=st.floats(-1e6, 1e6, width=32),
    )
)
def test_an_outline_is_convex_of_few_corners_and_made_of_points(points: FloatArray) -> None:
    outline = outline_of(points)
    assert outline is not None
    assert 1 <= len(outline.hull) <= MOST_CORNERS
    listed = {tuple(row) for row in points.astype(np.float64).tolist()}
    assert all(tuple(corner) in listed for corner in outline.hull.tolist())
    assert area(outline.hull) >= -1e-3
