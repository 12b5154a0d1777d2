"""Images for the screen: every kind of file a lab has, and every way in which one can be broken."""

from __future__ import annotations

import hashlib
import io
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from sfvisuals.errors import ImageReadError
from sfvisuals.io.images import ImageStore, Picture, placeholder
from sfvisuals.io.pixels import MAX_PIXELS, display, open_pixels


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore([tmp_path], cache_dir=tmp_path / "cache")


def decoded(picture: Picture) -> np.ndarray:
    with Image.open(io.BytesIO(picture.data)) as image:
        return np.asarray(image)


def saved(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]
    return path


RAMP = np.arange(28 * 28, dtype=np.uint16).reshape(28, 28)


def test_a_small_png_is_served_as_the_file_itself_in_both_sizes(store: ImageStore, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", (RAMP % 256).astype(np.uint8))
    for picture in (store.full(path), store.thumbnail(path, size=96)):
        assert picture.data == path.read_bytes()
        assert (picture.mime, picture.found, picture.note) == ("image/png", True, "")
    assert not (tmp_path / "cache").exists(), "no second copy of what the file gives"


def test_a_thumbnail_keeps_the_proportions_and_is_never_enlarged(store: ImageStore, tmp_path: Path) -> None:
    wide = saved(tmp_path / "wide.png", np.full((100, 400), 77, np.uint8))
    assert decoded(store.thumbnail(wide, size=64)).shape == (16, 64)
    assert np.all(decoded(store.thumbnail(wide, size=64)) == 77)
    assert decoded(store.thumbnail(wide, size=1000)).shape == (100, 400)


def test_a_16_bit_image_is_shown_through_a_window_and_says_so(store: ImageStore, tmp_path: Path) -> None:
    # 1000 values 0..999 in equal numbers: the .5th percentile is 4.995, the 99.5th is 994.005
    values = np.arange(1000, dtype=np.uint16).reshape(25, 40)
    path = saved(tmp_path / "sixteen.png", values)
    picture = store.full(path)
    assert picture.note == "window 4.995 to 994.005 of 16-bit values"
    shown = decoded(picture)
    assert (shown.dtype, shown.min(), shown.max()) == (np.uint8, 0, 255)
    assert shown[12, 20] == round((500 - 4.995) * 255 / 989.01)
    assert np.all(np.diff(shown.ravel().astype(int)) >= 0)
    assert np.array_equal(open_pixels(path), values)


def test_one_hot_pixel_does_not_blacken_a_16_bit_image(tmp_path: Path) -> None:
    values = np.tile(np.arange(100, dtype=np.uint16), (100, 1))
    values[0, 0] = 65535
    shown = np.asarray(display(saved(tmp_path / "hot.png", values)).image)
    assert shown[50].max() > 250


def test_a_constant_16_bit_image_is_shown_at_all(tmp_path: Path) -> None:
    shown = np.asarray(display(saved(tmp_path / "flat.png", np.full((5, 5), 3000, np.uint16))).image)
    assert np.all(shown == shown[0, 0])


def test_a_float_tiff_with_nan_is_shown_through_its_finite_values(tmp_path: Path) -> None:
    values = np.linspace(-1, 1, 10_000, dtype=np.float32).reshape(100, 100)
    values[0, 0], values[0, 1] = np.nan, np.inf
    path = saved(tmp_path / "f.tif", values)
    result = display(path)
    # 9998 finite values from -1 + 4/9999 to 1 in steps of 2/9999; the .5th percentile is the 49.985th of them
    assert result.note == "window -0.989602 to 0.990002 of 32-bit values"
    assert np.asarray(result.image)[0, :2].tolist() == [0, 255]
    assert np.array_equal(open_pixels(path), values, equal_nan=True)


def test_a_float_tiff_of_nan_alone_cannot_be_read(store: ImageStore, tmp_path: Path) -> None:
    picture = store.full(saved(tmp_path / "nan.tif", np.full((4, 4), np.nan, np.float32)))
    assert (picture.found, picture.note) == (False, "cannot be read: it holds no finite value")


def test_of_a_stack_the_middle_page_is_shown_and_named(store: ImageStore, tmp_path: Path) -> None:
    pages = [Image.fromarray(np.full((6, 6), 10 * n, np.uint8)) for n in range(5)]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    picture = store.full(tmp_path / "stack.tif")
    assert picture.note == "page 3 of 5"
    assert np.all(decoded(picture) == 20)
    assert np.all(open_pixels(tmp_path / "stack.tif") == 20)


def test_of_pages_of_different_sizes_the_first_is_shown(tmp_path: Path) -> None:
    pages = [Image.fromarray(np.full((n, n), n, np.uint8)) for n in (32, 16, 8)]
    pages[0].save(tmp_path / "pyramid.tif", save_all=True, append_images=pages[1:])
    result = display(tmp_path / "pyramid.tif")
    assert (result.image.size, result.note) == ((32, 32), "page 1 of 3")


def test_palette_one_bit_grey_alpha_and_cmyk_keep_their_colours(store: ImageStore, tmp_path: Path) -> None:
    red = Image.new("RGB", (8, 8), (200, 30, 40))
    red.quantize(4).save(tmp_path / "p.png")
    red.convert("CMYK").save(tmp_path / "cmyk.tif")
    Image.new("LA", (8, 8), (90, 128)).save(tmp_path / "la.png")
    Image.new("1", (8, 8), 1).save(tmp_path / "one.tif")
    assert open_pixels(tmp_path / "p.png")[0, 0].tolist() == [200, 30, 40]
    cmyk = store.full(tmp_path / "cmyk.tif")
    assert (decoded(cmyk)[0, 0].tolist(), cmyk.note) == ([200, 30, 40], "converted from CMYK")
    assert np.asarray(display(tmp_path / "la.png").image)[0, 0].tolist() == [90, 90, 90, 128]
    assert np.all(decoded(store.full(tmp_path / "one.tif")) == 255)


def test_transparency_survives_in_a_thumbnail(store: ImageStore, tmp_path: Path) -> None:
    Image.new("RGBA", (200, 200), (10, 20, 30, 255)).save(tmp_path / "rgba.png")
    picture = store.thumbnail(tmp_path / "rgba.png", size=64)
    assert (picture.mime, decoded(picture)[5, 5].tolist()) == ("image/png", [10, 20, 30, 255])


@pytest.mark.parametrize("extension", ["jpg", "tif", "png"])
def test_an_image_stored_lying_is_shown_upright(store: ImageStore, tmp_path: Path, extension: str) -> None:
    pixels = np.zeros((200, 300), np.uint8)
    pixels[:80, :80] = 255  # top left as stored
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90 degrees to the right": the left column becomes the top row
    path = saved(tmp_path / f"x.{extension}", pixels, exif=exif)
    thumbnail = decoded(store.thumbnail(path, size=96))
    assert thumbnail.shape == (96, 64)
    assert thumbnail[5, -5] > 250  # top right
    assert thumbnail[5, 5] < 5
    assert open_pixels(path).shape == (300, 200)
    assert open_pixels(path)[5, -5] > 250


def test_a_missing_image_is_a_placeholder_that_says_so(store: ImageStore, tmp_path: Path) -> None:
    for picture in (
        store.thumbnail(None, size=96),
        store.full(None),
        store.thumbnail(tmp_path / "gone.png", size=96),
        store.full(tmp_path / "gone.png"),
    ):
        assert (picture.found, picture.mime, picture.note) == (False, "image/svg+xml", "image not found")
        assert "image not found" in ElementTree.fromstring(picture.data)[1].text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not one of"),
        (b"hello", "not one of"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not one of"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not one of"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "not one of"),
    ],
)
def test_what_is_no_image_is_a_placeholder_and_never_the_file(
    store: ImageStore, tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "x.png").write_bytes(content)
    for picture in (store.full(tmp_path / "x.png"), store.thumbnail(tmp_path / "x.png", size=64)):
        assert not picture.found
        assert picture.note.startswith(f"cannot be read: {reason}")
        assert str(tmp_path) not in picture.data.decode()


def test_a_truncated_file_is_a_placeholder(store: ImageStore, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    for name in ("t.png", "t.jpg", "t.tif"):
        path = saved(tmp_path / name, pixels)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(ImageReadError):
            open_pixels(path)
        assert store.full(path).note.startswith("cannot be read: ")


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_no_damage_to_a_file_breaks_the_server(store: ImageStore, tmp_path: Path) -> None:
    chance = random.Random(0)
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    for kind in ("png", "jpg", "tif", "gif", "bmp", "webp", "ppm", "jp2"):
        whole = saved(tmp_path / f"x.{kind}", pixels).read_bytes()
        for _ in range(150):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 8)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            path = tmp_path / f"damaged.{kind}"
            path.write_bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
            assert store.full(path).data
            assert store.thumbnail(path, size=8).data


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(
    store: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "big.png", np.zeros((50, 60), np.uint8))
    monkeypatch.setattr("sfvisuals.io.pixels.MAX_PIXELS", 2_000)
    assert store.full(path).note == "cannot be read: 60 x 50 pixels exceeds the limit of 0 million pixels"
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 100)
    assert "exceeds the limit" in store.full(path).note
    assert MAX_PIXELS == 64_000_000


def test_a_second_look_reads_the_kept_thumbnail_and_a_changed_file_a_new_one(
    store: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "x.png", np.full((200, 200), 10, np.uint8))
    first = store.thumbnail(path, size=64)
    with monkeypatch.context() as patched:
        patched.setattr("sfvisuals.io.images.display", lambda *_, **__: pytest.fail("decoded again"))
        assert store.thumbnail(path, size=64) == first
    saved(path, np.full((200, 200), 90, np.uint8))
    os.utime(path, ns=(1, 1))
    second = store.thumbnail(path, size=64)
    assert np.all(decoded(second) == 90)
    assert second.etag != first.etag
    assert second.etag == hashlib.blake2b(second.data, digest_size=16).hexdigest()


def test_a_half_written_thumbnail_is_made_anew(store: ImageStore, tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", np.full((200, 200), 10, np.uint8))
    first = store.thumbnail(path, size=64)
    (kept,) = (p for p in (tmp_path / "cache").rglob("*") if p.is_file())
    for content in (kept.read_bytes()[:-5], b"", b"null\n", b"{}\n"):
        kept.write_bytes(content)
        assert store.thumbnail(path, size=64) == first


def test_the_entity_tag_is_had_without_reading_the_file(
    store: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "x.png", np.full((200, 200), 10, np.uint8))
    monkeypatch.setattr("sfvisuals.io.images.display", lambda *_, **__: pytest.fail("decoded"))
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("read"))
    tags = [store.etag(path, size=64), store.etag(path, size=96), store.etag(path, size=None)]
    assert None not in tags
    assert len(set(tags)) == 3
    assert tags == [store.etag(path, size=64), store.etag(path, size=96), store.etag(path, size=None)]
    assert store.etag(None, size=64) is None
    assert store.etag(tmp_path / "gone.png", size=64) is None


def test_a_file_put_in_the_place_of_another_of_its_size_and_time_has_another_tag(
    store: ImageStore, tmp_path: Path
) -> None:
    here, other = (saved(tmp_path / f"{n}.tif", np.full((200, 200), n, np.uint8)) for n in (10, 90))
    for path in (here, other):
        os.utime(path, ns=(5, 5))
    before, first = store.etag(here, size=64), store.thumbnail(here, size=64)
    assert here.stat().st_size == other.stat().st_size
    time.sleep(0.02)  # the clock of a file system may be coarse
    other.replace(here)
    assert store.etag(here, size=64) != before
    assert np.all(decoded(first) == 10)
    assert np.all(decoded(store.thumbnail(here, size=64)) == 90)


def test_many_who_ask_at_once_get_the_same_and_leave_one_file(store: ImageStore, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
    path = saved(tmp_path / "x.png", pixels)
    together = threading.Barrier(8)

    def ask(_: int) -> Picture:
        together.wait()
        return store.thumbnail(path, size=64)

    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(ask, range(8)))
    assert set(pictures) == {store.thumbnail(path, size=64)}
    assert len([p for p in (tmp_path / "cache").rglob("*") if p.is_file()]) == 1


def test_asking_again_and_again_keeps_one_thumbnail_a_size(store: ImageStore, tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", np.full((200, 200), 10, np.uint8))
    for _ in range(3):
        for size in (64, 96, 160):
            store.thumbnail(path, size=size)
    assert len([p for p in (tmp_path / "cache").rglob("*") if p.is_file()]) == 3


def test_without_a_place_to_keep_thumbnails_they_are_made_every_time(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder is needed")
    store = ImageStore([tmp_path], cache_dir=tmp_path / "blocked")
    path = saved(tmp_path / "x.png", np.full((200, 200), 10, np.uint8))
    assert store.thumbnail(path, size=64).found


def test_the_words_of_a_placeholder_cannot_become_markup() -> None:
    picture = placeholder("<script>alert(1)</script>", "a & b")
    assert b"<script>" not in picture.data
    assert ElementTree.fromstring(picture.data)[1].text == "<script>alert(1)</script>"


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\ud800.png", "\ufffe", "x" * 5000, "ä/ö.png"])
def test_a_placeholder_is_well_formed_whatever_the_path_was(text: str) -> None:
    assert len(ElementTree.fromstring(placeholder("image not found", text).data)) <= 7


@pytest.mark.shared
def test_every_reference_image_can_be_shown(shared: Path, tmp_path: Path) -> None:
    images = shared / "experiments/images"
    store = ImageStore([images], cache_dir=tmp_path)
    for path in sorted(p for p in images.rglob("*") if p.is_file())[::50]:
        with Image.open(path) as independent:
            expected = np.asarray(independent.convert("RGB"))
        assert store.full(path).data == path.read_bytes()
        assert np.array_equal(np.asarray(display(path).image.convert("RGB")), expected)
        assert max(decoded(store.thumbnail(path, size=64)).shape[:2]) <= 64
