"""Motion blur: the camera, or the patient, moved along a straight line during the exposure."""

from __future__ import annotations

import math

import numpy as np

from sfvisuals.corruptions.chance import Chance
from sfvisuals.corruptions.recipe import Parameters, Pixels8
from sfvisuals.corruptions.rounding import eight_bit, shorter_side
from sfvisuals.types import FloatArray


def motion_blur(pixels: Pixels8, parameters: Parameters, seed: int) -> Pixels8:
    """The mean along a line of `length` times the shorter side, in a direction drawn from 0 to 180 degrees.

    All severities of one seed have the same direction.
    """
    angle = math.pi * float(Chance(seed).uniform(1)[0])
    return blurred(pixels, length=float(parameters["length"]) * shorter_side(pixels), angle=angle)


def blurred(pixels: Pixels8, *, length: float, angle: float) -> Pixels8:
    """The mean of 2^k copies, evenly spaced over `length` pixels, k = max(1, ceil(log2(length + 1))).

    So neighbouring copies are at most a pixel apart. `angle` is in radians, from right to down. Copies
    between pixels are bilinear; beyond an edge its pixels go on. The 2^k copies are made by k doublings:
    each takes the mean of what there is, moved by half the distance forwards and backwards.
    """
    doublings = max(1, math.ceil(math.log2(length + 1.0)))
    step = length / (2**doublings - 1)
    margin = math.ceil(length / 2) + 2 * doublings
    result = np.empty_like(pixels)
    planes = pixels.reshape(*pixels.shape[:2], -1)
    for channel in range(planes.shape[2]):
        mean: FloatArray = np.pad(planes[:, :, channel], margin, mode="edge").astype(np.float32)
        for doubling in range(doublings):
            reach = step * 2**doubling / 2
            down, right = reach * math.sin(angle), reach * math.cos(angle)
            mean = (moved(mean, down, right) + moved(mean, -down, -right)) * np.float32(0.5)
        inner = mean[margin : margin + pixels.shape[0], margin : margin + pixels.shape[1]]
        result.reshape(planes.shape)[:, :, channel] = eight_bit(inner)
    return result


def moved(plane: FloatArray, down: float, right: float) -> FloatArray:
    """(H, W) moved by fractions of pixels, bilinear; what enters is the edge."""
    return _along_rows(_along_rows(plane, down).T, right).T


def _along_rows(plane: FloatArray, distance: float) -> FloatArray:
    whole = math.floor(distance)
    share = np.float32(distance - whole)
    rows = np.arange(plane.shape[0]) - whole
    here = plane[np.clip(rows, 0, plane.shape[0] - 1)]
    before = plane[np.clip(rows - 1, 0, plane.shape[0] - 1)]
    mixed: FloatArray = here + share * (before - here)
    return mixed
