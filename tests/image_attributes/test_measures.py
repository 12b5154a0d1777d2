"""Each attribute on pictures whose answer is known, and what it must not depend on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from sfvisuals.corruptions.marker import drawn
from sfvisuals.image_attributes import IMAGE_ATTRIBUTES, NAMES, measure
from sfvisuals.image_attributes.hair import long_parts
from sfvisuals.image_attributes.picture import prepared

SIDE = 96
Pixels = npt.NDArray[Any]


def of(name: str, pixels: Pixels) -> float:
    """One attribute of the pixels."""
    return float(measure(pixels)[NAMES.index(name)])


def skin(*, seed: int = 0) -> npt.NDArray[np.float32]:
    """(96, 96) smooth grey with a dark blob and a little noise, 0..1."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    noise = np.random.default_rng(seed).normal(0, 0.01, (SIDE, SIDE))
    return (0.7 - 0.4 * np.exp(-(x**2 + y**2) / 0.02) + noise).clip(0, 1).astype(np.float32)


def test_names_differ_and_every_attribute_is_told_in_words() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(IMAGE_ATTRIBUTES)
    for attribute in IMAGE_ATTRIBUTES:
        assert all([attribute.label, attribute.higher, attribute.lower, attribute.definition])
        assert attribute.name.isidentifier()


def test_brightness_and_contrast_of_half_black_half_white_are_a_half() -> None:
    half = np.zeros((10, 10), np.uint8)
    half[:, 5:] = 255
    assert of("brightness", half) == pytest.approx(0.5)
    assert of("contrast", half) == pytest.approx(0.5)


def test_brightness_of_colours_is_their_luminance() -> None:
    green = np.zeros((4, 4, 3), np.uint8)
    green[..., 1] = 255
    assert of("brightness", green) == pytest.approx(0.7152, abs=1e-6)


@pytest.mark.parametrize(
    ("colour", "hue", "saturation", "warmth"),
    [
        ((255, 0, 0), 0, 1, 1),
        ((255, 255, 0), 60, 1, 1),
        ((0, 255, 0), 120, 1, 0),
        ((0, 0, 255), -120, 1, -1),
        ((200, 100, 100), 0, 0.5, 100 / 255),
    ],
)
def test_hue_saturation_and_warmth_of_one_colour(
    colour: tuple[int, int, int], hue: float, saturation: float, warmth: float
) -> None:
    pixels = np.full((5, 7, 3), colour, np.uint8)
    assert of("hue", pixels) == pytest.approx(hue, abs=1e-3)
    assert of("saturation", pixels) == pytest.approx(saturation, abs=1e-6)
    assert of("warmth", pixels) == pytest.approx(warmth, abs=1e-6)


def test_hue_is_a_circular_mean_and_greys_do_not_count() -> None:
    pixels = np.full((4, 4, 3), 128, np.uint8)
    pixels[:2, :, :] = (255, 0, 40)
    pixels[2:3, :, :] = (255, 40, 0)
    pixels[3:, :, :] = (255, 40, 0)
    assert of("hue", pixels) == pytest.approx(0, abs=1e-3)


def test_the_cast_of_pure_red_is_its_chroma_in_cielab() -> None:
    pixels = np.zeros((3, 3, 3), np.uint8)
    pixels[..., 0] = 255
    assert of("colour_cast", pixels) == pytest.approx(104.55, abs=0.05)  # a* 80.09, b* 67.20


def test_grey_pictures_have_no_colour_whichever_way_they_are_stored() -> None:
    grey = (skin() * 255).astype(np.uint8)
    for pixels in (grey, np.dstack([grey] * 3), grey[:, :, None], np.dstack([grey] * 6)):
        values = dict(zip(NAMES, measure(pixels), strict=True))
        for name in ("saturation", "hue", "warmth", "colour_cast"):
            assert math.isnan(values[name])
        assert values["brightness"] == pytest.approx(of("brightness", grey), abs=1e-6)


@pytest.mark.parametrize("sigma", [0.02, 0.05, 0.1])
def test_the_noise_level_is_the_standard_deviation_that_was_added(sigma: float) -> None:
    noise = np.random.default_rng(0).normal(0, sigma, (SIDE, SIDE))
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    assert of("noise", 0.4 + 0.15 * x + 0.05 * y + noise) == pytest.approx(sigma, rel=0.06)


def test_a_blurred_picture_is_less_sharp_whatever_its_brightness_and_contrast() -> None:
    from scipy.ndimage import gaussian_filter

    sharp = skin()
    values = [of("sharpness", gaussian_filter(sharp, s)) for s in (0, 0.7, 1.5, 3)]
    assert values == sorted(values, reverse=True)
    assert of("sharpness", sharp * 0.5 + 0.1) == pytest.approx(values[0], abs=1e-3)


def test_the_edges_of_a_square_are_its_outline() -> None:
    pixels = np.zeros((SIDE, SIDE), np.float32)
    pixels[20:60, 20:60] = 1
    outline = 4 * 40 / SIDE**2
    assert outline <= of("edge_density", pixels) <= 2 * outline  # a staircase where it falls between pixels


def test_black_corners_are_one_and_an_even_picture_is_zero() -> None:
    y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE * 2 - 1
    framed = np.where(np.hypot(x, y) < 1, 0.6, 0.0)
    assert of("dark_corners", framed) == pytest.approx(1)
    assert of("dark_corners", np.full((SIDE, SIDE), 0.6)) == pytest.approx(0)
    assert of("dark_corners", 0.8 - 0.3 * np.hypot(x, y)) > 0.2


def test_the_border_is_what_is_black_or_white_up_to_a_side() -> None:
    pixels = np.full((20, 20), 128, np.uint8)
    pixels[:, :3] = 0
    pixels[15:, 5:] = 255
    pixels[8:10, 8:10] = 0
    assert of("border", pixels) == pytest.approx((20 * 3 + 5 * 15) / 400)


def with_ruler(pixels: npt.NDArray[np.float32], *, gap: int = 6) -> npt.NDArray[np.float32]:
    """A bright strip with a dark edge and ticks along the lower side."""
    ruled = pixels.copy()
    ruled[-14:] = 0.9
    ruled[-14] = 0.1
    ruled[-14:-7, ::gap] = 0.1
    ruled[-14:-7, 1::gap] = 0.1
    return ruled


def test_a_ruler_has_a_long_straight_line_and_periodic_marks() -> None:
    plain, ruled = skin(), with_ruler(skin())
    assert of("straight_lines", plain) < 0.3
    assert of("straight_lines", ruled) > 0.5
    assert of("periodicity", plain) < 0.6
    assert of("periodicity", ruled) > 0.9


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_ruler_counts_alike_at_every_side(turns: int) -> None:
    ruled = with_ruler(skin())
    turned = np.rot90(ruled, turns)
    for name in ("straight_lines", "periodicity", "brightness", "contrast", "border", "dark_area"):
        assert of(name, turned) == pytest.approx(of(name, ruled), rel=0.15, abs=1e-6), name


def test_a_straight_edge_counts_over_its_length_in_any_direction() -> None:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    for angle in np.deg2rad([0, 30, 45, 72]):
        edge = (x * np.cos(angle) + y * np.sin(angle) - 2.5).clip(0, 1).astype(np.float32)
        assert of("straight_lines", edge) > 0.4, angle
    assert of("straight_lines", (np.hypot(x, y) > 30).astype(np.float32)) < 0.35


@pytest.mark.parametrize("letter", ["L", "R"])
@pytest.mark.parametrize("corner", range(4))
def test_a_letter_is_found_in_each_corner_and_not_in_the_middle(letter: str, corner: int) -> None:
    plain = (skin() * 255).astype(np.uint8)
    top, left = (78 if corner >= 2 else 4), (80 if corner % 2 else 4)
    marked = drawn(plain, letter, top=top, left=left, size=15, opacity=0.8)
    centred = drawn(plain, letter, top=40, left=43, size=15, opacity=0.8)
    assert of("corner_marker", plain) < 0.5
    assert of("corner_marker", marked) > 0.75
    assert of("corner_marker", centred) == pytest.approx(of("corner_marker", plain), abs=0.05)


def test_hairs_are_the_pixels_on_long_thin_dark_lines() -> None:
    ramp = np.tile(np.linspace(0.6, 0.9, SIDE, dtype=np.float32), (SIDE, 1))
    pixels = ramp.copy()
    pixels[30, 10:80] = 0.2
    assert of("hair", pixels) == pytest.approx(70 / SIDE**2, rel=0.01)
    dots = ramp.copy()
    dots[::8, ::8] = 0.2
    assert of("hair", dots) == 0


def test_long_parts_are_those_that_a_line_fits_into() -> None:
    mask = np.zeros((12, 12), bool)
    mask[2, 1:8] = True  # seven pixels in a row
    mask[6, 1:4] = True  # three
    mask[np.arange(5, 12), np.arange(5, 12)] = True  # seven on a diagonal
    kept = long_parts(mask, reach=3)
    assert kept[2, 1:8].all()
    assert not kept[6, 1:4].any()
    assert not (kept & ~mask).any()


def test_the_dark_area_is_the_share_of_the_ellipse_that_a_disc_fills() -> None:
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5 - SIDE / 2
    disc = np.where(np.hypot(x, y) < SIDE / 4, 0.2, 0.8)
    assert of("dark_area", disc) == pytest.approx(1 / 4, rel=0.02)


def test_a_brighter_a_noisier_a_more_contrasted_picture_measures_so() -> None:
    base = skin()
    assert of("brightness", base * 0.8) < of("brightness", base) < of("brightness", base * 0.8 + 0.2)
    assert of("contrast", base * 0.5) == pytest.approx(of("contrast", base) / 2, rel=1e-4)
    rough = base + np.random.default_rng(3).normal(0, 0.05, base.shape)
    assert of("noise", rough) > of("noise", base)


@pytest.mark.parametrize("name", ["sharpness", "edge_density", "straight_lines", "periodicity", "hair"])
def test_structure_does_not_follow_light(name: str) -> None:
    base = with_ruler(skin())
    assert of(name, base * 0.4 + 0.3) == pytest.approx(of(name, base), rel=0.05, abs=0.005)


def test_eight_and_sixteen_bits_and_fractions_agree() -> None:
    eight = (with_ruler(skin()) * 255).astype(np.uint8)
    sixteen, fractions = eight.astype(np.uint16) * 257, eight / 255
    np.testing.assert_allclose(measure(sixteen), measure(eight), atol=1e-3)
    np.testing.assert_allclose(measure(fractions), measure(eight), atol=1e-3)


def test_large_pictures_are_reduced_by_area_means() -> None:
    large = np.kron(np.arange(64, dtype=np.uint8).reshape(8, 8), np.ones((128, 64), np.uint8))
    picture = prepared(large)
    assert picture is not None
    assert picture.grey.shape == (256, 128)
    assert float(picture.grey.mean()) == pytest.approx(31.5 / 255, abs=1e-6)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 9), (2, 2), (3, 3, 3), (9, 7), (28, 28), (40, 40, 6), (30, 30, 2), (20, 300, 4)]
)
@pytest.mark.parametrize("kind", ["black", "even", "random", "noughts", "signed", "normal"])
def test_any_picture_is_measured_without_a_warning(shape: tuple[int, ...], kind: str) -> None:
    random = np.random.default_rng(0)
    pixels: Pixels = {
        "black": np.zeros(shape, np.uint8),
        "even": np.full(shape, 0.5, np.float32),
        "random": random.integers(0, 65535, shape).astype(np.uint16),
        "noughts": np.zeros(shape, bool),
        "signed": random.integers(-9, 9, shape),
        "normal": random.normal(size=shape),
    }[kind]
    values = measure(pixels)
    assert values.shape == (len(NAMES),)
    assert not np.isinf(values).any()
    assert np.isfinite(values[NAMES.index("brightness")])


def test_a_picture_without_a_finite_value_has_no_attributes_and_one_without_pixels_is_refused() -> None:
    assert np.isnan(measure(np.full((5, 5), np.nan))).all()
    with pytest.raises(ValueError, match="expected pixels"):
        measure(np.zeros((0, 5)))
    with pytest.raises(ValueError, match="expected pixels"):
        measure(np.zeros(5))
