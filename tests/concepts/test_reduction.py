"""The reduced space: standardised with a floor, and with a coordinate for what its axes leave out."""

from __future__ import annotations

import numpy as np
import pytest

from sfvisuals.concepts.reduction import fitted_space, floored


def test_units_are_divided_by_their_deviation_but_not_by_less_than_half_their_root_mean_square() -> None:
    # (4^2 + 2^2 + 2^2 + 1^2 + 0 + 0 + ...) / 25 = 1, so the floor is .5
    deviation = np.array([4.0, 2.0, 2.0, 1.0, *[0.0] * 21])
    assert floored(deviation).tolist() == [4.0, 2.0, 2.0, 1.0, *[0.5] * 21]


def test_units_of_which_none_varies_are_left_as_they_are() -> None:
    assert floored(np.zeros(3)).tolist() == [1.0, 1.0, 1.0]


def test_latents_in_other_units_of_measurement_lie_the_same() -> None:
    latents = np.random.default_rng(0).normal(size=(300, 3))
    rescaled = 50 * latents + [0.0, 5.0, -2.0]
    places = [fitted_space(x, np.arange(300)).place(x, np.arange(300)) for x in (latents, rescaled)]
    apart = [np.linalg.norm(p[:, None] - p[None], axis=2) for p in places]
    assert np.allclose(apart[0], apart[1], atol=1e-4)


def test_distances_are_those_of_the_standardised_latents_where_every_axis_is_kept() -> None:
    latents = np.random.default_rng(0).normal(size=(200, 4)) * [2, 3, 3, 4]
    space = fitted_space(latents, np.arange(200))
    standard = (latents - latents.mean(axis=0)) / latents.std(axis=0)
    placed = space.place(latents, np.arange(200))
    assert not space.rest
    assert np.linalg.norm(placed[0] - placed[1]) == pytest.approx(np.linalg.norm(standard[0] - standard[1]))


def test_what_lies_off_the_axes_has_a_coordinate_of_its_own() -> None:
    # the fitted samples use one direction of three; a sample 2 to the side of it lies 2 off
    line = np.linspace(-1, 1, 101)[:, None] * [[1.0, 1.0, 0.0]]
    noise = np.random.default_rng(0).normal(0, 0.01, (101, 3)) * [0, 0, 1]
    latents = np.concatenate([line + noise, [[0.0, 0.0, 2.0]]])
    space = fitted_space(latents, np.arange(101))
    placed = space.place(latents, np.arange(102))
    assert space.rest
    assert placed[101, -1] == pytest.approx((2 - latents[:101, 2].mean()) / space.scale[2], rel=1e-4)
    assert placed[:101, -1].max() < 0.5


def test_rows_that_are_not_finite_do_not_spoil_the_space_of_the_others() -> None:
    latents = np.arange(20.0).reshape(10, 2)
    latents[3] = np.nan
    assert np.isfinite(fitted_space(latents, np.arange(10)).place(latents, np.array([0, 1]))).all()
