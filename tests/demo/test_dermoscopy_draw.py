"""The pictures of the synthetic dermoscopy: the same for the same row, other for another."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from sfvisuals.corruptions.recipe import Pixels8
from sfvisuals.demo.dermoscopy import draw, plan
from sfvisuals.demo.dermoscopy.cameras import photographed

ENDS = (slice(0, 8), slice(-8, None))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return plan(0, scale=0.05)


@pytest.fixture(scope="module")
def images(rows: pd.DataFrame) -> Pixels8:
    return draw(rows)


def test_every_row_gives_an_image_of_96_by_96_in_colour(rows: pd.DataFrame, images: Pixels8) -> None:
    assert images.shape == (len(rows), 96, 96, 3)
    assert images.dtype == np.uint8


def test_a_part_of_the_plan_in_any_order_gives_the_same_pixels(rows: pd.DataFrame, images: Pixels8) -> None:
    some = np.array([301, 5, 40, 222])
    np.testing.assert_array_equal(draw(rows.iloc[some]), images[some])


def test_no_rows_give_no_images(rows: pd.DataFrame) -> None:
    assert draw(rows.iloc[:0]).shape == (0, 96, 96, 3)


def test_no_two_images_are_alike(images: Pixels8) -> None:
    assert len({image.tobytes() for image in images}) == len(images)


def test_malignant_lesions_are_darker_in_the_middle(rows: pd.DataFrame, images: Pixels8) -> None:
    middle = images[:, 32:64, 32:64].mean(axis=(1, 2, 3))
    train = (rows["study"] == "train").to_numpy()
    benign, malignant = (middle[train & (rows["label"] == value)].mean() for value in (0, 1))
    assert benign - malignant > 20


def changed(rows: pd.DataFrame, **columns: object) -> Pixels8:
    """Images of the first 24 rows of training, plain but for the columns given."""
    plain = {"ruler": False, "ink": False, "gel_bubbles": False, "hair": "none", "dark_border": False}
    return draw(rows.head(24).assign(**(plain | {"device": "device 1"} | columns)))


def test_the_camera_of_clinic_b_is_bright_and_washes_out_contrast_and_detail(rows: pd.DataFrame) -> None:
    usual, shifted = changed(rows).astype(float), changed(rows, device="device 2").astype(float)
    assert shifted.mean() - usual.mean() > 8
    grey = [part.mean(axis=3).std(axis=(1, 2)) for part in (usual, shifted)]
    assert (grey[1] < 0.85 * grey[0]).all()
    detail = [np.abs(np.diff(part, axis=2)).mean() for part in (usual, shifted)]
    assert detail[1] < 0.6 * detail[0]


@pytest.mark.parametrize(("device", "warm"), [("device 2", True), ("device 4", False)])
def test_grey_light_becomes_warm_at_clinic_b_and_cool_at_clinic_c(device: str, *, warm: bool) -> None:
    grey = np.full((3, 192, 192), 0.5, np.float32)
    photo = photographed(grey, device, 0.0, np.random.default_rng(3)).astype(float)
    cast = photo[..., 0].mean() - photo[..., 2].mean()
    assert (cast if warm else -cast) > 10


def test_the_camera_of_clinic_c_is_darker_and_cooler(rows: pd.DataFrame) -> None:
    usual, cool = changed(rows).astype(float), changed(rows, device="device 4").astype(float)
    assert usual.mean() - cool.mean() > 5
    assert (usual[..., 0] - usual[..., 2]).mean() - (cool[..., 0] - cool[..., 2]).mean() > 5


def test_a_ruler_changes_one_edge_and_leaves_the_middle_alone(rows: pd.DataFrame) -> None:
    difference = np.abs(changed(rows).astype(int) - changed(rows, ruler=True)).max(axis=3)
    assert (difference[:, 24:72, 24:72] == 0).all()
    rows_of_pixels, columns_of_pixels = difference.mean(axis=2), difference.mean(axis=1)
    edges = [side[:, part].mean(axis=1) for side in (rows_of_pixels, columns_of_pixels) for part in ENDS]
    assert (np.max(edges, axis=0) > 15).all()


@pytest.mark.parametrize(
    "columns", [{"hair": "much"}, {"ink": True}, {"gel_bubbles": True}, {"dark_border": True}]
)
def test_each_artefact_is_visible_and_moves_nothing_else(
    rows: pd.DataFrame, columns: dict[str, object]
) -> None:
    difference = np.abs(changed(rows).astype(int) - changed(rows, **columns)).max(axis=3)
    assert ((difference > 20).sum(axis=(1, 2)) > 25).mean() > 0.8
    assert (difference == 0).mean() > 0.3


def test_stray_light_brightens_by_what_it_says(rows: pd.DataFrame) -> None:
    dark, light = (changed(rows, stray_light=value).astype(float) for value in (0.0, 0.1))
    unclipped = light < 250
    assert (light - dark)[unclipped].mean() == pytest.approx(25.5, abs=1.0)


def test_skin_of_type_five_is_darker_than_skin_of_type_one(rows: pd.DataFrame) -> None:
    corner = np.s_[:, 4:16, 40:56]
    pale, dark = (changed(rows, skin_type=value)[corner].mean() for value in ("I", "V"))
    assert pale - dark > 40


def test_images_of_one_lesion_look_alike_but_not_the_same(rows: pd.DataFrame) -> None:
    lesions = rows.drop_duplicates("lesion").head(30)
    plain = lesions.assign(ruler=False, ink=False, gel_bubbles=False, hair="none", dark_border=False)
    first, again = (
        image.astype(float)[:, 16:80, 16:80].mean(axis=(1, 2))
        for image in (draw(plain), draw(plain.assign(seed=plain["seed"] + 1)))
    )
    same = np.abs(first - again).max(axis=1)
    other = np.abs(first - np.roll(again, 1, axis=0)).max(axis=1)
    assert (same > 0).all()
    assert same.mean() < 0.5 * other.mean()


def test_an_image_is_small_as_webp(images: Pixels8) -> None:
    sizes = []
    for image in images[:40]:
        packed = BytesIO()
        Image.fromarray(image).save(packed, "WEBP", quality=82, method=6)
        sizes.append(packed.tell())
    assert np.mean(sizes) < 2600


def test_a_plan_without_a_column_or_with_an_unknown_camera_is_refused(rows: pd.DataFrame) -> None:
    with pytest.raises(KeyError, match="hair"):
        draw(rows.head(1).drop(columns="hair"))
    with pytest.raises(KeyError, match="device 9"):
        draw(rows.head(1).assign(device="device 9"))
