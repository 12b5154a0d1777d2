"""A run folder that is replaced keeps what does not belong to the format, whatever fails on the way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from own_runs import opened, parts
from sfvisuals import write_run
from sfvisuals.errors import RunFormatError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run folder with images, a sidecar, a link and an old table beside the files of the format."""
    out = write_run(tmp_path / "run", **parts(seed=1))
    (out / "images" / "deep").mkdir(parents=True)
    (out / "images" / "0.png").write_bytes(b"zero")
    (out / "images" / "deep" / "1.png").write_bytes(b"one")
    (out / "sfvisuals.yaml").write_text("classes: [A, B, C]\n", encoding="utf-8")
    (out / "latest").symlink_to("images/0.png")
    (out / "samples.csv").write_text("stale", encoding="utf-8")
    return out


def foreign(folder: Path) -> dict[str, bytes]:
    names = ("images/0.png", "images/deep/1.png", "sfvisuals.yaml", "latest")
    return {name: (folder / name).read_bytes() for name in names}


def test_overwriting_a_run_keeps_the_images_and_the_sidecar_in_its_folder(folder: Path) -> None:
    before = foreign(folder)
    without = parts(seed=2)
    del without["latents"], without["train_latents"], without["train_labels"], without["last_layer"]
    write_run(folder, **without, overwrite=True)
    assert foreign(folder) == before
    assert (folder / "latest").is_symlink()
    assert list(folder.parent.iterdir()) == [folder]
    assert not (folder / "latents.npy").exists()
    assert not (folder / "samples.csv").exists()
    run = opened(folder)
    assert run.classes == ("A", "B", "C")
    np.testing.assert_array_equal(run.logits, parts(seed=2)["logits"])


def test_files_are_copied_where_the_disk_knows_no_second_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = foreign(folder)

    def refused(*_: object, **__: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refused)
    write_run(folder, **parts(seed=2), overwrite=True)
    assert foreign(folder) == before


def test_a_file_that_cannot_be_kept_stops_the_replacement_and_nothing_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = foreign(folder)

    def refused(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(shutil, "copy2", refused)
    with pytest.raises(RunFormatError, match="No space left"):
        write_run(folder, **parts(seed=2), overwrite=True)
    assert foreign(folder) == before
    assert list(folder.parent.iterdir()) == [folder]
    np.testing.assert_array_equal(np.load(folder / "logits.npy"), parts(seed=1)["logits"])


def test_a_swap_that_fails_leaves_the_old_folder_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = foreign(folder)
    rename = Path.rename

    def failing(self: Path, target: Any) -> Path:
        if Path(target) == folder and self.name.endswith(".draft"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(RunFormatError, match="Input/output error"):
        write_run(folder, **parts(seed=2), overwrite=True)
    assert foreign(folder) == before
    assert list(folder.parent.iterdir()) == [folder]
