"""Small networks and studies of generated images for the tests of the capture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from capturing import SmallNet
from sfvisuals.capture.records import CaptureStudy, ImageFiles
from sfvisuals.types import StudyKind

MakeStudy = Callable[..., CaptureStudy]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def net() -> SmallNet:
    """An untrained network with dropout and batch norm, the same in every test."""
    torch.manual_seed(0)
    return SmallNet()


@pytest.fixture
def make_study(tmp_path: Path) -> MakeStudy:
    """Makes a study of n images in files below `tmp_path/images`."""

    def make(
        name: str,
        kind: StudyKind,
        n: int,
        *,
        size: tuple[int, int] = (16, 20),
        labels: Sequence[int] = (0, 1, 2),
    ) -> CaptureStudy:
        folder = tmp_path / "images" / name
        folder.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(sum(name.encode()))
        paths = [folder / f"{i:03d}.png" for i in range(n)]
        for path in paths:
            Image.fromarray(random.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)
        samples = pd.DataFrame(
            {
                "label": [labels[i % len(labels)] for i in range(n)],
                "image": [path.relative_to(tmp_path / "images").as_posix() for path in paths],
                "patient": [f"{name} {i // 2}" for i in range(n)],
                "age": random.integers(20, 90, n),
            }
        )
        return CaptureStudy(name, kind, samples, ImageFiles(paths))

    return make


@pytest.fixture
def studies(make_study: MakeStudy) -> list[CaptureStudy]:
    """Training, validation, iid and acquisition studies."""
    return [
        make_study("train", StudyKind.TRAIN, 11),
        make_study("val", StudyKind.VALIDATION, 9),
        make_study("iid", StudyKind.IID, 13),
        make_study("clinic B", StudyKind.ACQUISITION, 10),
    ]
