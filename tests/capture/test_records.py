"""From 8-bit pixels to a model's input."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sfvisuals.capture import ImageArray, Preprocessing


def test_pixels_are_divided_by_255_less_mean_by_std_channels_first() -> None:
    pixels = np.array([[[0, 51, 255], [102, 153, 204]]], np.uint8)
    ready = Preprocessing(mean=(0.5, 0.2, 0.0), std=(0.5, 1.0, 2.0))(pixels)
    expected = [[[-1.0, -0.2]], [[0.0, 0.4]], [[0.5, 0.4]]]
    np.testing.assert_allclose(ready.numpy(), np.array(expected), atol=1e-6)
    assert ready.dtype is torch.float32


def test_grey_becomes_three_equal_channels_and_colours_become_luma() -> None:
    grey = Preprocessing()(np.array([[0, 255]], np.uint8))
    assert grey.tolist() == [[[0.0, 1.0]]] * 3
    red = Preprocessing(channels=1)(np.array([[[255, 0, 0]]], np.uint8))
    assert float(red) == pytest.approx(76 / 255)  # 0.299 x 255 = 76.2, in whole grey values


def test_a_size_is_height_by_width() -> None:
    assert Preprocessing(size=(4, 6))(np.zeros((8, 8), np.uint8)).shape == (3, 4, 6)


def test_images_in_memory_are_looked_up_by_position() -> None:
    images = ImageArray(np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
    assert len(images) == 3
    assert images[1].tolist() == [[4, 5], [6, 7]]
