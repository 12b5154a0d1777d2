"""Corruptions of small grey images in severities 1 (weakest) to 5, as formulas.

Images are (n, height, width) with values from 0 (background) to 1 (full ink); the results are new arrays of
the same shape and range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.random import Generator

from sfvisuals.types import FloatArray

Corruption: TypeAlias = Callable[[FloatArray, int, Generator], FloatArray]

SEVERITIES: Final = (1, 2, 3, 4, 5)


def faint(images: FloatArray, severity: int, chance: Generator) -> FloatArray:
    """Less ink: x (1 - 0.17 s), so .83, .66, .49, .32 and .15 of it is left."""
    return images * (1 - 0.17 * severity)


def noise(images: FloatArray, severity: int, chance: Generator) -> FloatArray:
    """Gaussian noise: x + e, e from N(0, (0.1 s)^2) in every pixel, clipped to 0 to 1."""
    return np.clip(images + chance.normal(0.0, 0.1 * severity, images.shape), 0.0, 1.0)


def motion(images: FloatArray, severity: int, chance: Generator) -> FloatArray:
    """Horizontal motion: the mean of s + 1 copies, shifted right by -floor(s/2) to s - floor(s/2) pixels.

    What enters from the side is background.
    """
    width = images.shape[2]
    padded = np.pad(images, ((0, 0), (0, 0), (severity, severity)))
    starts = [severity + severity // 2 - step for step in range(severity + 1)]
    shifted: FloatArray = np.stack([padded[:, :, start : start + width] for start in starts])
    mean: FloatArray = shifted.mean(axis=0)
    return mean


def thick(images: FloatArray) -> FloatArray:
    """A thicker pen: every pixel takes the most ink of itself and its neighbours to the right and below."""
    padded = np.pad(images, ((0, 0), (0, 1), (0, 1)))
    corners = (padded[:, :-1, :-1], padded[:, :-1, 1:], padded[:, 1:, :-1], padded[:, 1:, 1:])
    most: FloatArray = np.max(np.stack(corners), axis=0)
    return most


CORRUPTIONS: Final[tuple[tuple[str, str, Corruption], ...]] = (
    ("faint", "Faint ink", faint),
    ("noise", "Gaussian noise", noise),
    ("motion", "Motion blur", motion),
)
