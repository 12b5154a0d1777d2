"""Gaussian noise whose grain is a share of the image, so that it survives a reduction of a large image."""

from __future__ import annotations

import numpy as np

from sfvisuals.corruptions.chance import Chance
from sfvisuals.corruptions.recipe import Parameters, Pixels8
from sfvisuals.corruptions.rounding import eight_bit, shorter_side


def gaussian_noise(pixels: Pixels8, parameters: Parameters, seed: int) -> Pixels8:
    """y = x + sigma z, z from N(0, 1) per grain and colour.

    A grain is a square of max(1, round(grain * shorter side)) pixels. `z` is drawn row by row, from left to
    right, colour by colour; all severities of one seed have the same `z`.
    """
    height, width = pixels.shape[:2]
    side = max(1, round(float(parameters["grain"]) * shorter_side(pixels)))
    shape = (-(-height // side), -(-width // side), *pixels.shape[2:])
    noise = Chance(seed).normal(int(np.prod(shape))).reshape(shape)
    noise *= np.float32(255.0 * float(parameters["sigma"]))
    noisy = np.empty_like(pixels)
    columns = np.arange(width) // side
    for row in range(shape[0]):
        rows = slice(row * side, (row + 1) * side)
        noisy[rows] = eight_bit(pixels[rows] + noise[row, columns][None])
    return noisy
