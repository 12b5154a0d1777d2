"""What a data set may give for one position, and how it is told what it may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from sfvisuals.capture.parts import Part
from sfvisuals.capture.reading import Reader
from sfvisuals.capture.records import Preprocessing
from sfvisuals.errors import CaptureError


class Given:
    """Two items, made when they are asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __len__(self) -> int:
        return 2

    def __getitem__(self, position: int) -> Any:
        return self._make()


def read_one(make: Callable[[], Any]) -> Any:
    """What the reader gives for position 1."""
    part = Part("iid", 0, Given(make), np.arange(2), np.array([0, 0]))
    return Reader([part], Preprocessing())[1]


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_a_pil_image_of_more_than_8_bits_is_refused_and_never_clipped(mode: str) -> None:
    error = read_one(lambda: Image.new(mode, (4, 3), 40000))
    assert isinstance(error, CaptureError)
    assert error.title == "The image of row 1 of study 'iid' has more than 8 bits"
    assert f"mode {mode};" in error.detail


def test_channels_first_in_8_bits_are_refused() -> None:
    error = read_one(lambda: np.zeros((3, 6, 5), np.uint8))
    assert isinstance(error, CaptureError)
    assert error.title == "The array of row 1 of study 'iid' is no image"
    assert "uint8 of (3, 6, 5); expected (height, width)" in error.detail


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1), (6, 5, 3), (6, 5, 4)])
def test_pixels_in_8_bits_are_read_without_their_transparency(shape: tuple[int, ...]) -> None:
    pixels = np.full(shape, 51, np.uint8)
    if shape[-1] == 4:
        pixels[:, :, 3] = 0
    torch.testing.assert_close(read_one(lambda: pixels), torch.full((1, 3, 6, 5), 0.2))


@pytest.mark.parametrize(
    ("item", "found"),
    [({"image": 1}, "dict"), (None, "NoneType"), ("a.png", "str"), (np.array(["a"]), "array of <U1")],
)
def test_what_is_no_image_is_told_with_study_and_row(item: Any, found: str) -> None:
    error = read_one(lambda: item)
    assert isinstance(error, CaptureError)
    assert error.title == "The data set gives no image for row 1 of study 'iid'"
    assert error.detail.startswith(f"Found {found}; expected a tensor")


@pytest.mark.parametrize("kind", [KeyError, AttributeError, ValueError, RuntimeError, ZeroDivisionError])
def test_whatever_a_data_set_raises_is_told_with_study_and_row(kind: type[Exception]) -> None:
    def fail() -> Any:
        raise kind("column x")

    error = read_one(fail)
    assert isinstance(error, CaptureError)
    assert error.title == "The data set gives nothing for row 1 of study 'iid'"
    assert error.detail == f"Given raises {kind.__name__}: {kind('column x')}"
    assert isinstance(error.__cause__, kind)
