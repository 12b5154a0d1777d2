"""What holds for every corruption: exact, seeded, of any size, stronger by severity, safe from outside."""

from __future__ import annotations

import hashlib
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfvisuals.corruptions import (
    CATALOGUE,
    SEVERITIES,
    Corruption,
    CorruptionRecipe,
    Pixels8,
    corrupt,
    find,
    parameters_of,
    seed_of,
)
from sfvisuals.errors import ImageReadError, NotFoundError, RunFormatError

EACH = pytest.mark.parametrize("corruption", CATALOGUE, ids=lambda corruption: corruption.name)
RANDOM = ("gaussian_noise", "motion_blur", "elastic_deformation", "letter_marker")


def scene(height: int = 120, width: int = 160) -> Pixels8:
    """A dark, blurred disc on lighter, textured ground: what a lesion on skin is to a corruption.

    The texture is a sum of waves of every direction, the fine ones weaker, as in photographs.
    """
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / min(height, width)
    disc = 1 / (1 + np.exp(40 * (np.hypot(y - 0.5, x - 0.65) - 0.28)))
    spots = sum(
        0.2 / k * np.sin(6.3 * k * (x * np.cos(2.4 * k) + y * np.sin(2.4 * k)) + k * k) for k in range(3, 24)
    )
    ground = np.stack([0.72 + 0.1 * y, 0.52 + 0.05 * x, 0.45 + 0.05 * y], axis=2)
    return np.asarray(
        np.rint(255 * (ground - 0.35 * disc[..., None] + spots[..., None])).clip(0, 255), np.uint8
    )


def at(corruption: Corruption, severity: int, seed: int = 7) -> CorruptionRecipe:
    return CorruptionRecipe(corruption.name, parameters_of(corruption.name, severity), seed)


def change(before: Pixels8, after: Pixels8) -> float:
    return float(np.abs(after.astype(float) - before).mean())


def test_the_catalogue_has_the_six_corruptions_in_five_severities() -> None:
    assert [corruption.name for corruption in CATALOGUE] == [
        "brightness_down",
        "brightness_up",
        "gaussian_noise",
        "motion_blur",
        "elastic_deformation",
        "letter_marker",
    ]
    assert all(len(corruption.severities) == len(SEVERITIES) == 5 for corruption in CATALOGUE)


@EACH
@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_a_stronger_severity_changes_the_image_more(corruption: Corruption, seed: int) -> None:
    image = scene()
    changes = [change(image, corrupt(image, at(corruption, severity, seed))) for severity in SEVERITIES]
    assert changes[0] > 0
    assert all(low < high for low, high in pairwise(changes)), changes


@EACH
def test_the_same_recipe_gives_the_same_pixels_and_leaves_the_image_alone(corruption: Corruption) -> None:
    image = scene()
    kept = image.copy()
    image.flags.writeable = False
    first, second = (corrupt(image, at(corruption, 3)) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(image, kept)
    assert not np.shares_memory(first, image)


@EACH
def test_another_seed_gives_other_pixels_only_where_there_is_chance(corruption: Corruption) -> None:
    image = scene()
    first, second = (corrupt(image, at(corruption, 4, seed)) for seed in (1, 2))
    assert np.array_equal(first, second) == (corruption.name not in RANDOM)


@EACH
@given(height=st.integers(1, 40), width=st.integers(1, 40), colour=st.booleans(), seed=st.integers(0, 9))
def test_shape_and_type_stay_whatever_the_size(
    corruption: Corruption, height: int, width: int, colour: bool, seed: int
) -> None:
    shape = (height, width, 3) if colour else (height, width)
    image = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    for severity in (1, 5):
        result = corrupt(image, at(corruption, severity, seed))
        assert (result.shape, result.dtype) == (shape, np.uint8)


@EACH
@pytest.mark.parametrize("shape", [(1, 3000), (3000, 1), (1100, 1300, 3)])
def test_long_and_large_images_are_corrupted_too(corruption: Corruption, shape: tuple[int, ...]) -> None:
    image = np.full(shape, 90, np.uint8)
    assert corrupt(image, at(corruption, 5)).shape == shape


@EACH
def test_grey_as_three_equal_colours_stays_grey_unless_every_colour_has_its_own_noise(
    corruption: Corruption,
) -> None:
    grey = scene()[:, :, 0]
    colours = corrupt(np.repeat(grey[:, :, None], 3, axis=2), at(corruption, 3))
    if corruption.name == "gaussian_noise":
        assert not np.array_equal(colours[:, :, 0], colours[:, :, 1])
    else:
        assert np.array_equal(colours, np.repeat(corrupt(grey, at(corruption, 3))[:, :, None], 3, axis=2))


@EACH
def test_images_of_all_sizes_are_corrupted_alike(corruption: Corruption) -> None:
    # 4 times as large, corrupted and reduced by means over 4 x 4 pixels, against corrupted in its own size.
    small, large = scene(250, 300), scene(1000, 1200)
    reduced = corrupt(large, at(corruption, 4)).reshape(250, 4, 300, 4, 3).mean(axis=(1, 3))
    own = corrupt(small, at(corruption, 4))
    assert change(own, reduced) < 0.25 * change(small, own)


# Written down once from this code, so that no later change, of NumPy either, alters what a run recorded.
DIGESTS = {
    "brightness_down": "52d1ea0a169f02c0",
    "brightness_up": "30a7220c6973437f",
    "gaussian_noise": "635f86f3484e2568",
    "motion_blur": "8a1b7353e4a14e95",
    "elastic_deformation": "52d9f2af9c2be4c3",
    "letter_marker": "a71664952bdd88ba",
}


@EACH
def test_pixels_stay_what_they_were_in_earlier_versions(corruption: Corruption) -> None:
    image = (np.arange(40 * 56 * 3) * 37 % 251).astype(np.uint8).reshape(40, 56, 3)
    result = corrupt(image, CorruptionRecipe(corruption.name, EARLIER[corruption.name], 2024))
    assert hashlib.blake2b(result.tobytes(), digest_size=8).hexdigest() == DIGESTS[corruption.name]


EARLIER = {
    "brightness_down": {"factor": 0.37},
    "brightness_up": {"shift": 0.21},
    "gaussian_noise": {"sigma": 0.1, "grain": 0.05},
    "motion_blur": {"length": 0.21},
    "elastic_deformation": {"amplitude": 0.05, "smoothness": 0.2},
    "letter_marker": {"size": 0.4, "opacity": 0.9, "margin": 0.05},
}


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="no corruption 'fog'") as caught:
        find("fog")
    assert "gaussian_noise" in caught.value.detail
    with pytest.raises(NotFoundError):
        corrupt(scene(), CorruptionRecipe("fog", {}, 0))


@pytest.mark.parametrize("severity", [0, 6, -1])
def test_an_unknown_severity_lists_the_known_ones(severity: int) -> None:
    with pytest.raises(NotFoundError, match="1, 2, 3, 4, 5"):
        parameters_of("motion_blur", severity)


HOSTILE = (math.nan, math.inf, -math.inf, -1.0, 1e9, 10**400, True, None, "0.5", [0.5], {})


@EACH
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:12])
def test_a_hostile_parameter_is_refused_in_words(corruption: Corruption, value: object) -> None:
    for name in corruption.limits:
        parameters = {**parameters_of(corruption.name, 1), name: value}
        with pytest.raises(RunFormatError, match=f"{name} is .*expected a number from"):
            corrupt(scene(), CorruptionRecipe(corruption.name, parameters, 0))


@EACH
def test_missing_and_surplus_parameters_are_refused(corruption: Corruption) -> None:
    for parameters in ({}, {**parameters_of(corruption.name, 1), "more": 1.0}):
        with pytest.raises(RunFormatError, match="expected '"):
            corrupt(scene(), CorruptionRecipe(corruption.name, parameters, 0))


@EACH
def test_the_limits_themselves_are_fit_for_a_large_image(corruption: Corruption) -> None:
    image = np.full((700, 900), 60, np.uint8)
    for end in (0, 1):
        parameters = {name: limits[end] for name, limits in corruption.limits.items()}
        assert corrupt(image, CorruptionRecipe(corruption.name, parameters, 3)).shape == image.shape


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_beyond_31_bits_is_refused(seed: int) -> None:
    with pytest.raises(RunFormatError, match="from 0 to 2147483647"):
        corrupt(scene(), at(CATALOGUE[2], 1, seed))


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.float32), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4), np.uint8)],
    ids=["floats", "with alpha", "empty"],
)
def test_what_is_no_8_bit_image_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ImageReadError, match="expected uint8"):
        corrupt(pixels, at(CATALOGUE[0], 1))


def test_seeds_differ_by_plan_image_and_corruption_and_fit_into_31_bits() -> None:
    seeds = [
        seed_of(plan, position, c.name) for plan in range(3) for position in range(200) for c in CATALOGUE
    ]
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) >= 0
    assert 2**30 < max(seeds) < 2**31


def test_a_seed_is_the_top_of_blake2b() -> None:
    digest = hashlib.blake2b(b"5\x0012\x00motion_blur", digest_size=8).digest()
    assert seed_of(5, 12, "motion_blur") == int.from_bytes(digest[:4], "big") >> 1
    assert seed_of(np.int64(5), np.int64(12), "motion_blur") == seed_of(5, 12, "motion_blur")  # type: ignore[arg-type]
