"""Straight lines, and marks that repeat: rulers."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.image_attributes.picture import Picture
from sfvisuals.types import FloatArray

ANGLES: Final = 60
SMOOTHING: Final = 0.5
STEEPEST_OF_FLAT: Final = 0.02
NEIGHBOURHOOD: Final = 17

BAND: Final = 0.08
TREND: Final = 0.12
FEWEST_CYCLES: Final = 10
MOST_CYCLES: Final = 0.42
STRONG: Final = 0.05
SMALLEST: Final = 32


def straight_lines(picture: Picture) -> float:
    """Length of the longest straight edge beyond what lies around it, in shorter sides of the image.

    A Hough transform (Duda and Hart 1972) in which a pixel votes only for the line across its own signed
    gradient (Ballard 1981), for that direction of 60 and the two beside it, at offsets of 1 pixel. All pixels
    vote whose gradient, on the stretched grey values smoothed by sigma 0.5, is at least 0.02 a pixel. From
    each line the mean of the 17 parallel ones about it is taken, so that slopes and textures cancel. The two
    sides of a hair look opposite ways, and hair bends away.
    """
    grey = picture.stretched
    if grey is None or min(grey.shape) < 3:
        return 0.0
    from scipy.ndimage import gaussian_filter, uniform_filter1d

    smooth = gaussian_filter(grey, SMOOTHING, mode="nearest", truncate=3)
    across = (smooth[1:-1, 2:] - smooth[1:-1, :-2]) / 2
    down = (smooth[2:, 1:-1] - smooth[:-2, 1:-1]) / 2
    y, x = np.nonzero(across**2 + down**2 > STEEPEST_OF_FLAT**2)
    direction = np.arctan2(down[y, x], across[y, x])
    nearest = np.rint(direction * (ANGLES / (2 * np.pi))).astype(np.int64)
    reach = int(np.hypot(*grey.shape)) + 2
    offsets = 2 * reach + 1
    theta = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    cosine, sine = np.cos(theta), np.sin(theta)
    votes = np.zeros(ANGLES * offsets)
    for turn in (-1, 0, 1):
        angle = (nearest + turn) % ANGLES
        offset = np.rint(x * cosine[angle] + y * sine[angle]).astype(np.int64) + reach
        votes += np.bincount(angle * offsets + offset, minlength=votes.size)
    lines = votes.reshape(ANGLES, offsets)
    beyond = lines - uniform_filter1d(lines, NEIGHBOURHOOD, axis=1, mode="constant")
    return float(beyond.max() / min(grey.shape))


def periodicity(picture: Picture) -> float:
    """Share of what varies along the most periodic band that one frequency and its double explain.

    Bands of 0.08 of the shorter side, horizontal and vertical, are averaged across; their running mean over
    0.12 of their length is taken off. Of the power spectrum (Hann window) three neighbouring lines count as
    one frequency, from 10 cycles a side to 0.42 a pixel. Bands that vary by less than 0.05 (standard
    deviation of the stretched grey values) count in proportion. 0 for sides below 32 pixels.
    """
    grey = picture.stretched
    if grey is None or min(grey.shape) < SMALLEST:
        return 0.0
    return max(_most_periodic(grey), _most_periodic(np.ascontiguousarray(grey.T)))


def _most_periodic(grey: FloatArray) -> float:
    from scipy.ndimage import uniform_filter1d
    from scipy.signal.windows import hann

    height, width = grey.shape
    thick = max(2, round(BAND * min(height, width)))
    summed = np.vstack([np.zeros((1, width)), grey.cumsum(axis=0, dtype=np.float64)])
    starts = np.arange(0, height - thick + 1, max(1, thick // 3))
    bands = (summed[starts + thick] - summed[starts]) / thick
    detail = bands - uniform_filter1d(bands, round(width * TREND) | 1, axis=1, mode="nearest")
    power = np.abs(np.fft.rfft(detail * hann(width), axis=1)) ** 2
    whole = np.maximum(power[:, 1:].sum(axis=1), 1e-12)
    peak = power[:, :-2] + power[:, 1:-1] + power[:, 2:]  # column i is about i + 1 cycles
    double = np.arange(peak.shape[1]) * 2 + 1
    known = double < peak.shape[1]
    with_double = peak.copy()
    with_double[:, known] += peak[:, double[known]]
    share = with_double[:, FEWEST_CYCLES - 1 : int(MOST_CYCLES * width) - 1].max(axis=1) / whole
    return float((share * np.minimum(1, detail.std(axis=1) / STRONG)).max())
