"""Each formula on pixels that can be computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage, stats

from sfvisuals.corruptions import CorruptionRecipe, Pixels8, corrupt
from sfvisuals.corruptions.chance import Chance
from sfvisuals.corruptions.elastic import elastic_deformation, nodes_along, sampled, spline
from sfvisuals.corruptions.marker import drawn, inside
from sfvisuals.corruptions.motion import blurred
from sfvisuals.corruptions.rounding import eight_bit

ROW = np.array([[0, 1, 99, 100, 101, 200, 254, 255]], np.uint8)


def made(name: str, pixels: Pixels8, seed: int = 0, **parameters: float) -> list[list[int]]:
    result: list[list[int]] = corrupt(pixels, CorruptionRecipe(name, parameters, seed)).tolist()
    return result


def test_half_the_light_with_halves_rounded_to_the_even_number() -> None:
    # 0, .5, 49.5, 50, 50.5, 100, 127, 127.5
    assert made("brightness_down", ROW, factor=0.5) == [[0, 0, 50, 50, 50, 100, 127, 128]]
    assert made("brightness_down", ROW, factor=0.0) == [[0] * 8]
    assert made("brightness_down", ROW, factor=1.0) == ROW.tolist()


def test_a_veil_of_light_adds_up_to_white() -> None:
    # .2 of 255 is 51, .1 is 25.5: a half goes to the even number
    assert made("brightness_up", ROW, shift=0.2) == [[51, 52, 150, 151, 152, 251, 255, 255]]
    assert made("brightness_up", ROW, shift=0.1) == [[26, 26, 124, 126, 126, 226, 255, 255]]
    assert made("brightness_up", ROW, shift=1.0) == [[255] * 8]


def test_the_strongest_light_washes_out_a_dark_lesion() -> None:
    # Skin at 200 and a lesion at 110: a difference of 90 becomes 255 - 237.5 (238).
    assert made("brightness_up", np.array([[200, 110]], np.uint8), shift=0.5) == [[255, 238]]


def test_rounding_clips_first_and_takes_halves_to_even() -> None:
    values = np.array([-3.0, 0.5, 1.5, 2.5, 254.5, 255.4, 300.0])
    assert eight_bit(values).tolist() == [0, 0, 2, 2, 254, 255, 255]


def test_noise_is_normal_with_the_stated_spread_in_every_colour() -> None:
    image = np.full((220, 220, 3), 128, np.uint8)
    noisy = corrupt(image, CorruptionRecipe("gaussian_noise", {"sigma": 0.1, "grain": 0.004}, 5))
    off = (noisy.astype(float) - 128) / 25.5
    assert off.mean() == pytest.approx(0, abs=0.01)  # three standard errors: 3 / sqrt(145,200) = .008
    assert off.std() == pytest.approx(1, abs=0.01)
    assert np.corrcoef(off.reshape(-1, 3).T)[0, 1] == pytest.approx(0, abs=0.02)


def test_a_grain_is_a_square_of_equal_noise() -> None:
    # 0.02 of the shorter side of 100 pixels is 2 pixels
    image = np.full((100, 104), 128, np.uint8)
    noisy = corrupt(image, CorruptionRecipe("gaussian_noise", {"sigma": 0.1, "grain": 0.02}, 5))
    corners = noisy[::2, ::2]
    assert np.array_equal(noisy, np.repeat(np.repeat(corners, 2, axis=0), 2, axis=1))
    assert len(np.unique(corners)) > 50


def test_the_noise_of_all_severities_is_one_noise_scaled() -> None:
    image = np.full((50, 50), 128, np.uint8)
    weak, strong = (
        corrupt(image, CorruptionRecipe("gaussian_noise", {"sigma": sigma, "grain": 0.004}, 5)).astype(float)
        for sigma in (0.05, 0.1)
    )
    assert np.abs((strong - 128) - 2 * (weak - 128)).max() <= 1.5  # rounding alone


def test_the_random_numbers_follow_from_the_bits_alone() -> None:
    # PCG64(0).random_raw(4), as NumPy guarantees them for good
    raw = [11749869230777074271, 4976686463289251617, 755828109848996024, 304881062738325533]
    expected = [((value >> 11) + 1) / 2**53 for value in raw]
    assert Chance(0).uniform(4).tolist() == expected
    first, second = expected[:2]
    normal = math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)
    assert Chance(0).normal(1)[0] == pytest.approx(normal, rel=1e-6)


def test_the_random_numbers_are_normal() -> None:
    assert stats.kstest(Chance(3).normal(20_000).astype(float), "norm").pvalue > 0.01


def test_a_stream_drawn_in_parts_is_the_stream_drawn_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Chance(9).normal(100)
    monkeypatch.setattr("sfvisuals.corruptions.chance.CHUNK", 7)
    assert np.array_equal(Chance(9).normal(100), whole)


def test_choices_are_even() -> None:
    counts = np.bincount([Chance(seed).choice(4) for seed in range(4000)], minlength=4)
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_point_moved_along_a_row_becomes_a_line() -> None:
    # length 3: four copies, one pixel apart, at -1.5, -.5, .5 and 1.5; between pixels each gives half to
    # either side: 64 becomes 8, 16, 16, 16, 8.
    image = np.zeros((5, 11), np.uint8)
    image[2, 5] = 64
    expected = np.zeros((5, 11), int)
    expected[2, 3:8] = [8, 16, 16, 16, 8]
    assert blurred(image, length=3.0, angle=0.0).tolist() == expected.tolist()
    assert blurred(image.T, length=3.0, angle=math.pi / 2).tolist() == expected.T.tolist()


def test_an_even_ground_and_the_pixels_along_an_edge_stay_as_they_are() -> None:
    edge = np.repeat(np.array([[10], [200]], np.uint8), 9, axis=1)
    assert np.array_equal(blurred(edge, length=4.0, angle=0.0), edge)
    assert np.all(blurred(np.full((30, 40, 3), 77, np.uint8), length=11.0, angle=0.7) == 77)


def test_a_slanted_blur_is_a_line_of_its_length_in_its_direction() -> None:
    image = np.zeros((81, 81), np.uint8)
    image[38:43, 38:43] = 255
    mass = blurred(image, length=24.0, angle=math.radians(30)).astype(float)
    y, x = np.mgrid[-40:41, -40:41]
    spread = np.cov(np.stack([x.ravel(), y.ravel()]), aweights=mass.ravel())
    values, vectors = np.linalg.eigh(spread)
    angle = math.degrees(math.atan2(vectors[1, 1], vectors[0, 1])) % 180
    assert angle == pytest.approx(30, abs=1)
    # A line of 32 points over a length of 24 has variance 24^2/12 * 33/31, the square of 5 pixels adds 2.
    assert values[1] == pytest.approx(24**2 / 12 * 33 / 31 + 2, rel=0.03)
    assert mass.sum() == pytest.approx(25 * 255, rel=0.02)


def test_tiles_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(0).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    parameters = {"amplitude": 0.06, "smoothness": 0.2}
    whole = blurred(image, length=5.0, angle=1.0), elastic_deformation(image, parameters, 4)
    monkeypatch.setattr("sfvisuals.corruptions.motion.TILE", 16)
    monkeypatch.setattr("sfvisuals.corruptions.elastic.TILE", 16)
    parts = blurred(image, length=5.0, angle=1.0), elastic_deformation(image, parameters, 4)
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))


def test_pixels_between_pixels_are_bilinear_and_edges_go_on() -> None:
    image = np.array([[0, 100], [200, 40]], np.uint8)
    rows = np.array([0.0, 0.5, 0.5, -3.0, 9.0])
    columns = np.array([0.25, 0.0, 0.5, 1.0, 9.0])
    # 25; 100; (0 + 100 + 200 + 40) / 4; the corner above; the corner below
    assert sampled(image, rows, columns).tolist() == [25, 100, 85, 100, 40]


def test_the_spline_is_that_of_scipy() -> None:
    nodes = np.random.default_rng(0).normal(size=(9, 8))
    rows, columns = np.arange(25), np.arange(20)
    y, x = np.meshgrid(rows / 4.0 + 1, columns / 4.0 + 1, indexing="ij")
    expected = ndimage.map_coordinates(nodes, [y, x], order=3, prefilter=False)
    assert nodes_along(25, 4.0) == 10
    inner = slice(0, 20)
    found = spline(np.pad(nodes, (0, 1)), rows, columns, spacing=4.0)
    np.testing.assert_allclose(found[inner], expected[inner], atol=1e-12)


def test_equal_nodes_move_the_whole_image() -> None:
    # The weights of a cubic B-spline sum to 1.
    moved = spline(np.full((8, 8), 2.0), np.arange(12), np.arange(12), spacing=3.0)
    np.testing.assert_allclose(moved, 2.0, rtol=1e-14)


def test_no_deformation_without_amplitude() -> None:
    image = np.random.default_rng(0).integers(0, 256, (31, 47), dtype=np.uint8)
    parameters = {"amplitude": 0.0, "smoothness": 0.16}
    assert np.array_equal(elastic_deformation(image, parameters, 1), image)


def test_the_catalogue_never_folds_an_image() -> None:
    # Choi and Lee 2000: a cubic B-spline deformation is one-to-one while no node moves by more than about
    # 0.48 of the distance between nodes.
    from sfvisuals.corruptions import find

    assert all(p["amplitude"] < 0.48 * p["smoothness"] for p in find("elastic_deformation").severities)


def test_an_l_is_a_stem_and_a_foot() -> None:
    # 50 pixels high, 35 wide, strokes of 9 pixels
    image = np.zeros((60, 60), np.uint8)
    expected = np.zeros((60, 60), int)
    expected[5:55, 3:12] = 255
    expected[46:55, 3:38] = 255
    assert drawn(image, "L", top=5.0, left=3.0, size=50.0, opacity=1.0).tolist() == expected.tolist()


def test_half_opacity_goes_half_the_way_to_white() -> None:
    image = np.full((60, 60, 3), 55, np.uint8)
    marked = drawn(image, "L", top=5.0, left=3.0, size=50.0, opacity=0.5)
    assert marked[30, 5].tolist() == [155, 155, 155]
    assert marked[30, 30].tolist() == [55, 55, 55]


def test_half_a_pixel_of_the_letter_is_half_as_white() -> None:
    marked = drawn(np.zeros((60, 60), np.uint8), "L", top=5.5, left=3.0, size=50.0, opacity=1.0)
    assert marked[5, 5] == 128  # 127.5


def test_an_r_has_a_stem_a_bowl_with_a_hole_and_a_leg() -> None:
    points = {
        "stem": (0.05, 0.9, True),
        "top of the bowl": (0.3, 0.05, True),
        "right of the bowl": (0.65, 0.29, True),
        "hole": (0.35, 0.29, False),
        "leg": (0.58, 0.95, True),
        "between stem and leg": (0.3, 0.9, False),
        "outside": (0.69, 0.6, False),
    }
    for name, (x, y, expected) in points.items():
        assert inside("R", np.array([x]), np.array([y])).tolist() == [expected], name


def test_the_marker_lies_in_one_corner_inside_its_margin() -> None:
    # size .2 and margin .05 of 100: a box of 20 x 14 pixels, 5 from both edges of a corner
    corners, letters = set(), set()
    for seed in range(40):
        recipe = CorruptionRecipe("letter_marker", {"size": 0.2, "opacity": 1.0, "margin": 0.05}, seed)
        marked = corrupt(np.zeros((100, 140), np.uint8), recipe)
        rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
        assert (rows[0], rows[-1]) in ((5, 24), (75, 94))
        assert (columns[0], columns[-1]) in ((5, 18), (121, 134))
        corners.add((int(rows[0]), int(columns[0])))
        letters.add(int((marked == 255).sum()))
    assert len(corners) == 4
    assert len(letters) == 2
