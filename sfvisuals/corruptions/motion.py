"""Motion blur: the camera, or the patient, moved along a straight line during the exposure."""

from __future__ import annotations

import math

import numpy as np

from sfvisuals.corruptions.chance import Chance
from sfvisuals.corruptions.recipe import Parameters, Pixels8
from sfvisuals.corruptions.rounding import eight_bit, shorter_side
from sfvisuals.types import FloatArray

TILE = 512


def motion_blur(pixels: Pixels8, parameters: Parameters, seed: int) -> Pixels8:
    """The mean along a line of `length` times the shorter side, in a direction drawn from 0 to 180 degrees.

    All severities of one seed have the same direction.
    """
    angle = math.pi * float(Chance(seed).uniform(1)[0])
    return blurred(pixels, length=float(parameters["length"]) * shorter_side(pixels), angle=angle)


def blurred(pixels: Pixels8, *, length: float, angle: float) -> Pixels8:
    """The mean of 2^k copies, evenly spaced over `length` pixels, k = max(1, ceil(log2(length + 1))).

    So neighbouring copies are at most a pixel apart. `angle` is in radians, from right to down. Beyond an
    edge its pixels go on. The copies are made by k doublings: each takes the mean of what there is, moved by
    half the distance forwards and backwards, bilinear between pixels.
    """
    doublings = max(1, math.ceil(math.log2(length + 1.0)))
    step = length / (2**doublings - 1)
    reaches = [step * 2**doubling / 2 for doubling in range(doublings)]
    margin = sum(_margin(reach) for reach in reaches)
    tile = max(TILE, 4 * margin)
    height, width = pixels.shape[:2]
    result = np.empty_like(pixels)
    for top in range(0, height, tile):
        rows = np.clip(np.arange(top - margin, min(top + tile, height) + margin), 0, height - 1)
        for left in range(0, width, tile):
            columns = np.clip(np.arange(left - margin, min(left + tile, width) + margin), 0, width - 1)
            block = pixels[rows[:, None], columns]
            inner = result[top : top + tile, left : left + tile]
            if pixels.ndim == 2:
                inner[:] = eight_bit(_doubled(block, reaches, angle))
                continue
            for colour in range(pixels.shape[2]):  # one after the other: a third of the memory
                inner[:, :, colour] = eight_bit(_doubled(block[:, :, colour], reaches, angle))
    return result


def _margin(reach: float) -> int:
    return math.ceil(reach) + 1


def _doubled(pixels: Pixels8, reaches: list[float], angle: float) -> FloatArray:
    """The mean of the copies, smaller than `pixels` by the margin on all sides."""
    mean: FloatArray = pixels.astype(np.float32)
    for reach in reaches:
        down, right = reach * math.sin(angle), reach * math.cos(angle)
        mean = moved(mean, down, right, margin=_margin(reach))
    return mean


def moved(image: FloatArray, down: float, right: float, *, margin: int) -> FloatArray:
    """The mean of the image moved forwards and backwards, bilinear, without its margin."""
    forwards = _along(_along(image, down, margin, axis=0), right, margin, axis=1)
    backwards = _along(_along(image, -down, margin, axis=0), -right, margin, axis=1)
    forwards += backwards
    forwards *= np.float32(0.5)
    return forwards


def _along(image: FloatArray, distance: float, margin: int, *, axis: int) -> FloatArray:
    whole = math.floor(distance)
    share = np.float32(distance - whole)
    first, length = margin - whole, image.shape[axis] - 2 * margin
    lead = (slice(None),) * axis
    here = image[(*lead, slice(first, first + length))]
    before = image[(*lead, slice(first - 1, first - 1 + length))]
    mixed: FloatArray = before - here
    mixed *= share
    mixed += here
    return mixed
