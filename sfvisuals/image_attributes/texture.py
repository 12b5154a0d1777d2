"""Sharpness, noise, and how much there is to see."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sfvisuals.image_attributes.picture import Picture

SMALLEST: Final = 8
BLUR_WINDOW: Final = 11
NORM_OF_MASK: Final = 6.0
MEDIAN_OF_NORMAL: Final = 0.67449
CLIPPED: Final = 1.5 / 255


def sharpness(picture: Picture) -> float:
    """1 less the blur of Crete et al. 2007: what a second blur takes away of the differences of neighbours.

    0 where blurring once more changes nothing, near 1 where it takes nearly all; without a scale, so it does
    not follow brightness or contrast. NaN for a flat image and for sides below 8 pixels.
    """
    if picture.stretched is None or min(picture.grey.shape) < SMALLEST:
        return math.nan
    from skimage.measure import blur_effect

    with np.errstate(invalid="ignore", divide="ignore"):
        blur = float(blur_effect(picture.stretched, h_size=BLUR_WINDOW))
    return 1 - blur


def noise(picture: Picture) -> float:
    """Standard deviation of the noise of single pixels.

    The image is filtered with the difference of two Laplacians, which removes planes and straight edges
    (Immerkaer 1996); the median of the absolute values, over 6 and over that of a normal distribution, is not
    moved by the few pixels on structures as his mean is. Pixels at black or white are clipped and left out.
    """
    grey = picture.grey
    if min(grey.shape) < 3:
        return math.nan
    rows = grey[:-2] - 2 * grey[1:-1] + grey[2:]
    filtered = rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]
    inner = grey[1:-1, 1:-1]
    free = (inner > CLIPPED) & (inner < 1 - CLIPPED)
    if not free.any():
        return 0.0
    return float(np.median(np.abs(filtered[free]))) / (NORM_OF_MASK * MEDIAN_OF_NORMAL)


def edge_density(picture: Picture) -> float:
    """Share of the pixels that lie on an edge of Canny (1986), after the grey values were stretched."""
    edges = picture.edges
    return 0.0 if edges is None else float(edges.mean())


def dark_area(picture: Picture) -> float:
    """Share of the inscribed ellipse that is darker than the threshold of Otsu (1979) in it.

    On a picture of one lesion it stands for the lesion's size; the ellipse leaves out corners and frames.
    """
    from skimage.filters import threshold_otsu

    inside = picture.grey[picture.radius <= 1]
    if inside.size == 0 or float(inside.max() - inside.min()) < CLIPPED:
        return 0.0
    return float((inside <= threshold_otsu(inside)).mean())
