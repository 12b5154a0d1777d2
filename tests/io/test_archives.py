"""What the folder doctor and the page say about a zip of images that cannot be read, or only in part."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from own_runs import opened, parts
from sfvisuals import write_run
from sfvisuals.io.doctor import check
from sfvisuals.types import Level, Problem
from sfvisuals.workspace import Workspace

SIDE = 4


def png(value: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((SIDE, SIDE), value, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def vast() -> bytes:
    """A PNG whose header promises 60,000 x 60,000 pixels."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(head))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\x00\x00\x00\x00IEND\xaeB`\x82"
    )


def packed_run(root: Path, **members: bytes) -> Path:
    """A run of twelve samples with its images in images.zip; `members` replaces some or adds others."""
    write_run(root / "run", **parts())
    archive = root / "images.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in ({f"{row}.png": png(20 * row) for row in range(12)} | members).items():
            file.writestr(name, content)
    return archive


def problems(root: Path) -> list[Problem]:
    (run,) = check(root).runs
    return list(run.problems)


def shown(root: Path, row: int) -> str:
    """The words of the placeholder of a sample, "" where its image is shown."""
    workspace = Workspace(root, cache_dir=root.parent / "cache")
    picture = workspace.image(opened(root), row, size=64)
    return (
        "" if picture.found else " ".join(t.text or "" for t in ElementTree.fromstring(picture.data).iter())
    )


def test_a_whole_archive_is_no_finding(tmp_path: Path) -> None:
    packed_run(tmp_path / "root")
    assert problems(tmp_path / "root") == []
    assert shown(tmp_path / "root", 3) == ""


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: content[: len(content) // 2], "cut off or damaged"),
        (lambda content: b"", "the file is empty"),
        (lambda content: b"not a zip at all" + content[:40], "it is no zip (its first bytes are b'not ')"),
    ],
    ids=["truncated", "empty", "no zip"],
)
def test_an_archive_that_cannot_be_read_is_named_with_what_was_found(
    tmp_path: Path, spoil: Any, words: str
) -> None:
    archive = packed_run(tmp_path / "root")
    archive.write_bytes(spoil(archive.read_bytes()))
    first, second = problems(tmp_path / "root")
    assert first.level is Level.WARNING
    assert first.title == "images.zip cannot be read, so none of its images is shown"
    assert str(archive) in first.detail
    assert words in first.detail
    assert "12 different image paths" in first.detail
    assert "zip -0 -r" in first.hint
    assert second.title == "Images are missing"
    assert "images.zip unreadable" in shown(tmp_path / "root", 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [(vast(), "pixels"), (b"no image", "not one of PNG"), (b"", "not one of PNG")],
    ids=["too many pixels", "no image", "empty"],
)
def test_a_member_that_is_no_image_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    packed_run(tmp_path / "root", **{"3.png": content})
    (problem,) = problems(tmp_path / "root")
    assert problem.title == "Images in images.zip cannot be read"
    assert problem.detail.startswith("1 of 12 that were tried, for example 3.png: ")
    assert words in problem.detail
    assert "cannot be read" in shown(tmp_path / "root", 3)
    assert shown(tmp_path / "root", 4) == ""


def test_a_member_whose_bytes_are_not_those_that_were_packed_is_named(tmp_path: Path) -> None:
    archive = packed_run(tmp_path / "root")
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"IDAT", b"JDAT", 1))
    (problem,) = problems(tmp_path / "root")
    assert problem.detail == (
        "1 of 12 that were tried, for example 0.png: damaged in the zip that it lies in."
    )
    assert "damaged in the" in shown(tmp_path / "root", 0)


@pytest.mark.parametrize("name", ["../3.png", "/3.png", "a/../../3.png"])
def test_a_member_that_leads_out_is_named_and_never_read(tmp_path: Path, name: str) -> None:
    packed_run(tmp_path / "root", **{name: b"secret"})
    (problem,) = problems(tmp_path / "root")
    assert problem.title == "images.zip holds files with paths that lead out of it"
    assert f"1, for example {name!r}. They are never read." in problem.detail
    assert shown(tmp_path / "root", 3) == ""
