from __future__ import annotations

import numpy as np
import pytest
import torch

from sfvisuals.capture.records import ImageArray, Preprocessing
from sfvisuals.errors import SettingsError
from sfvisuals.training.images import Inputs, LabelledImages, loader
from sfvisuals.training.options import FitOptions

PIXELS = np.arange(5 * 4 * 4, dtype=np.uint8).reshape(5, 4, 4)
LABELS = np.array([0, 1, 0, 1, 1])
GREY = Preprocessing(channels=1)


def labelled(labels: object = LABELS) -> LabelledImages:
    return LabelledImages(ImageArray(PIXELS), np.asarray(labels))


@pytest.mark.parametrize("memory_mb", [0, 1])
def test_a_batch_is_the_same_from_memory_and_on_demand(memory_mb: int) -> None:
    inputs = Inputs(labelled(), GREY, memory_mb=memory_mb)
    x, y = inputs.__getitems__([3, 1])
    assert x.shape == (2, 1, 4, 4)
    np.testing.assert_allclose(x[:, 0].numpy(), PIXELS[[3, 1]] / np.float32(255), rtol=1e-6)
    assert y.tolist() == [1, 1]


def test_a_last_training_batch_of_one_is_left_out_for_batch_norm() -> None:
    inputs = Inputs(labelled(), GREY, memory_mb=1)
    options = FitOptions(batch_size=2)
    assert [len(y) for _, y in loader(inputs, options, shuffle=True)] == [2, 2]
    assert [len(y) for _, y in loader(inputs, options, shuffle=False)] == [2, 2, 1]


def test_batches_are_shuffled_by_torchs_seed() -> None:
    inputs = Inputs(labelled(), GREY, memory_mb=1)
    orders = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        batches = loader(inputs, FitOptions(batch_size=5), shuffle=True)
        orders.append([round(float(value) * 255) for x, _ in batches for value in x[:, 0, 0, 0]])
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == [0, 16, 32, 48, 64]


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ([0, 1], "5 images and labels of shape (2,)"),
        ([0.0] * 5, "float64"),
        ([0, 1, 2, 0, 1], "Row 2: found 2"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: list[float], found: str) -> None:
    with pytest.raises(SettingsError) as error:
        labelled(labels).checked(classes=2, called="training")
    assert found in error.value.detail


def test_images_of_different_sizes_need_a_size() -> None:
    class Two:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, position: int, /) -> np.ndarray:
            return np.zeros((4 + position, 4), np.uint8)

    two = LabelledImages(Two(), np.array([0, 1]))
    with pytest.raises(SettingsError, match="different sizes") as error:
        Inputs(two, GREY, memory_mb=1)
    assert "Image 0 gives (1, 4, 4), image 1 gives (1, 5, 4)" in error.value.detail
    assert Inputs(two, Preprocessing(channels=1, size=(8, 8)), memory_mb=1).shape == (1, 8, 8)
