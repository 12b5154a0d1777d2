"""Images out of a zip that stands in place of their folder, and only those that belong there."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfvisuals.errors import ImageReadError
from sfvisuals.io import packed as packing
from sfvisuals.io.corrupted import clean_pixels
from sfvisuals.io.image_paths import ImagePaths
from sfvisuals.io.images import ImageStore
from sfvisuals.io.packed import PackedFile
from sfvisuals.io.pixels import display


def png(value: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((4, 6), value, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def packed(file: Path, members: dict[str, bytes], *, method: int = zipfile.ZIP_STORED) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def damaged(file: Path, old: bytes, new: bytes) -> None:
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("place", ["images.zip", "images/deep.zip"])
def test_an_image_is_read_out_of_the_zip_in_place_of_its_folder(
    tmp_path: Path, method: int, place: str
) -> None:
    text = "images/deep/er/one.png"
    inside = text.removeprefix(place.removesuffix(".zip") + "/")
    packed(tmp_path / place, {inside: png(7)}, method=method)
    paths = ImagePaths([tmp_path])
    found = paths.resolve(text)
    assert isinstance(found, PackedFile)
    assert found.read_bytes() == png(7)
    assert str(found) == str(tmp_path.resolve() / text)
    assert np.array_equal(clean_pixels(found), np.full((4, 6), 7, np.uint8))
    assert display(found).untouched
    assert paths.resolve(f"/another/computer/{text}") == found
    texts = [text, "images/deep/er/two.png", "images/deep/one.png", *[text] * 40]
    assert paths.resolve_many(texts).tolist() == [True, False, False, *[True] * 40]


def test_the_store_serves_it_as_it_serves_a_file(tmp_path: Path) -> None:
    packed(tmp_path / "images.zip", {"one.png": png(7)})
    store = ImageStore([tmp_path], cache_dir=tmp_path / "cache")
    file = store.resolve("images/one.png")
    tag = store.etag(file, size=96)
    assert store.full(file).data == store.thumbnail(file, size=96).data == png(7)
    packed(tmp_path / "images.zip", {"one.png": png(9)})
    os.utime(tmp_path / "images.zip", ns=(1, 1))
    assert store.etag(file, size=96) != tag
    assert store.full(file).data == png(9)
    packed(tmp_path / "images.zip", {"two.png": png(9)})
    assert not store.full(file).found
    (tmp_path / "images.zip").unlink()
    assert store.etag(file, size=96) is None
    assert not store.full(file).found


def test_a_folder_goes_before_a_zip_of_its_name(tmp_path: Path) -> None:
    packed(tmp_path / "images.zip", {"one.png": png(7), "two.png": png(8)})
    (tmp_path / "images").mkdir()
    (tmp_path / "images/one.png").write_bytes(png(1))
    paths = ImagePaths([tmp_path])
    assert paths.resolve("images/one.png") == (tmp_path / "images/one.png").resolve()
    assert paths.resolve("images/two.png") is None


def test_names_that_lead_astray_are_nobodys(tmp_path: Path) -> None:
    hostile = ("../secret.png", "/etc/passwd", "..\\secret.png", "a/../one.png", "./one.png", "a//b.png")
    packed(tmp_path / "root/images.zip", {name: png(7) for name in hostile})
    (tmp_path / "secret.png").write_bytes(png(1))
    paths = ImagePaths([tmp_path / "root"])
    texts = [f"images/{name}" for name in (*hostile, "one.png", "secret.png", "b.png", "a/b.png")]
    assert [paths.resolve(text) for text in texts] == [None] * len(texts)
    assert not paths.resolve_many(texts).any()
    assert sorted(p.name for p in (tmp_path / "root").iterdir()) == ["images.zip"]


def test_a_zip_outside_the_roots_is_not_looked_into_however_it_is_reached(tmp_path: Path) -> None:
    outside = packed(tmp_path / "outside/images.zip", {"one.png": png(7)})
    root = tmp_path / "root"
    root.mkdir()
    (root / "images.zip").symlink_to(outside)
    (root / "loop.zip").symlink_to(root / "loop.zip")
    os.mkfifo(root / "pipe.zip")
    (root / "folder.zip").mkdir()
    paths = ImagePaths([root])
    for text in ("images", "loop", "pipe", "folder", str(tmp_path / "outside/images"), "images.zip"):
        assert paths.resolve(f"{text}/one.png") is None, text
    # The zip of the root's own name lies beside the root, not below it.
    packed(tmp_path / "gone.zip", {"one.png": png(7)})
    assert ImagePaths([tmp_path / "gone"]).resolve("one.png") is None


def test_a_file_that_is_no_zip_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "images.zip").write_bytes(b"PK\x05\x06" + bytes(5))
    assert ImagePaths([tmp_path]).resolve("images/one.png") is None


def test_damage_is_told_and_not_shown(tmp_path: Path) -> None:
    file = packed(tmp_path / "images.zip", {"one.png": png(7)})
    found = ImagePaths([tmp_path]).resolve("images/one.png")
    assert found is not None
    damaged(file, b"IDAT", b"JDAT")
    with pytest.raises(ImageReadError, match="cannot be read") as caught:
        found.read_bytes()
    assert "damaged" in caught.value.detail
    damaged(file, b"PK\x03\x04", b"PK\x03\x05")
    with pytest.raises(ImageReadError, match="cannot be read"):
        found.read_bytes()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_BYTES", 1_000)
    file = packed(tmp_path / "images.zip", {"one.png": bytes(5_000)}, method=zipfile.ZIP_DEFLATED)
    found = ImagePaths([tmp_path]).resolve("images/one.png")
    assert found is not None
    with pytest.raises(ImageReadError) as caught:
        found.read_bytes()
    assert caught.value.detail == "5,000 bytes in a zip are too many"
    # One that lies about its size is cut off one byte beyond it.
    place = file.read_bytes().rindex(struct.pack("<I", 5_000))
    content = bytearray(file.read_bytes())
    content[place : place + 4] = struct.pack("<I", 900)
    file.write_bytes(content)
    with pytest.raises(ImageReadError) as caught:
        found.read_bytes()
    assert caught.value.detail == "damaged in the zip that it lies in"


def test_what_cannot_be_unpacked_says_why(tmp_path: Path) -> None:
    file = packed(tmp_path / "images.zip", {"one.png": png(7)}, method=zipfile.ZIP_BZIP2)
    found = ImagePaths([tmp_path]).resolve("images/one.png")
    assert found is not None
    with pytest.raises(ImageReadError) as caught:
        found.read_bytes()
    assert "not stored and not deflated" in caught.value.detail
    packed(file, {"one.png": png(7)})
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)
    with pytest.raises(ImageReadError) as caught:
        found.read_bytes()
    assert caught.value.detail == "encrypted in the zip that it lies in"
