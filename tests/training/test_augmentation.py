from __future__ import annotations

import pytest
import torch

from sfvisuals.capture.records import Preprocessing
from sfvisuals.training.augmentation import Augmentation, shifted
from sfvisuals.training.options import AugmentationOptions

RAMP = torch.arange(16.0).reshape(1, 1, 4, 4)


def test_without_options_nothing_changes() -> None:
    assert torch.equal(Augmentation(AugmentationOptions(), Preprocessing())(RAMP), RAMP)


def test_a_shift_repeats_the_edge_and_moves_each_image_on_its_own() -> None:
    two = torch.cat([RAMP, RAMP])
    moved = shifted(two, torch.tensor([[0.25, 0.0], [0.0, -0.5]]))
    assert moved[0, 0].tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert moved[1, 0, 0].tolist() == [2, 3, 3, 3]
    assert torch.equal(shifted(torch.cat([two, two], dim=1), torch.zeros(2, 2)), torch.cat([two, two], dim=1))


def test_flips_mirror_about_half_of_the_images() -> None:
    torch.manual_seed(0)
    many = RAMP.expand(200, 1, 4, 4)
    flipped = Augmentation(AugmentationOptions(flip_horizontal=True), Preprocessing())(many)
    mirrored = sum(torch.equal(image, RAMP[0].flip(2)) for image in flipped)
    same = sum(torch.equal(image, RAMP[0]) for image in flipped)
    assert mirrored + same == 200
    assert 70 < mirrored < 130


def test_brightness_is_meant_in_pixels_whatever_the_normalisation() -> None:
    torch.manual_seed(0)
    grey = torch.full((50, 1, 4, 4), (0.5 - 0.4) / 0.2)
    bright = Augmentation(AugmentationOptions(brightness=0.1), Preprocessing(mean=(0.4,), std=(0.2,)))(grey)
    pixels = bright * 0.2 + 0.4
    assert float(pixels.min()) >= 0.4 - 1e-6
    assert float(pixels.max()) <= 0.6 + 1e-6
    assert float(pixels.std()) > 0.03


def test_contrast_keeps_the_mean_and_pixels_stay_in_range() -> None:
    torch.manual_seed(0)
    image = torch.tensor([0.4, 0.6]).repeat(50, 1, 2, 1)
    changed = Augmentation(AugmentationOptions(contrast=0.5), Preprocessing())(image)
    assert changed.mean(dim=(1, 2, 3)).tolist() == pytest.approx([0.5] * 50, abs=1e-6)
    assert bool(((changed >= 0) & (changed <= 1)).all())
