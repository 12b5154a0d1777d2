"""Elastic deformation: a free-form deformation by cubic B-splines over a grid of random nodes.

Rueckert et al. 1999, Nonrigid registration using free-form deformations, equation 3. The nodes are a share of
the image apart, so that an image is deformed alike at every resolution.
"""

from __future__ import annotations

import numpy as np

from sfvisuals.corruptions.chance import Chance
from sfvisuals.corruptions.recipe import Parameters, Pixels8
from sfvisuals.corruptions.rounding import eight_bit, shorter_side
from sfvisuals.types import FloatArray, IntArray

MOST_NODES = 256
TILE = 1024


def elastic_deformation(pixels: Pixels8, parameters: Parameters, seed: int) -> Pixels8:
    """y(p) = x(p + u(p)), bilinear; beyond an edge its pixels go on.

    u is a spline over nodes `smoothness` times the shorter side apart (but at most 256 along a side), whose
    values are spread evenly over plus and minus `amplitude` times the shorter side. All severities of one
    seed have the same nodes, scaled.
    """
    height, width = pixels.shape[:2]
    side = shorter_side(pixels)
    spacing = max(float(parameters["smoothness"]) * side, max(height, width) / MOST_NODES)
    shape = (2, nodes_along(height, spacing), nodes_along(width, spacing))
    nodes = (2.0 * Chance(seed).uniform(int(np.prod(shape))) - 1.0).reshape(shape)
    nodes *= float(parameters["amplitude"]) * side
    deformed = np.empty_like(pixels)
    for top in range(0, height, TILE):
        rows = np.arange(top, min(top + TILE, height))
        for left in range(0, width, TILE):
            columns = np.arange(left, min(left + TILE, width))
            down = spline(nodes[0], rows, columns, spacing=spacing)
            right = spline(nodes[1], rows, columns, spacing=spacing)
            places = rows[:, None] + down, columns[None, :] + right
            deformed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = sampled(pixels, *places)
    return deformed


def nodes_along(length: int, spacing: float) -> int:
    """How many nodes are needed so that every pixel has two on either side."""
    return int((length - 1) / spacing) + 4


def spline(nodes: FloatArray, rows: IntArray, columns: IntArray, *, spacing: float) -> FloatArray:
    """(rows, columns) values of the cubic B-spline surface; pixel 0 lies on node 1."""
    first, weights = _basis(rows, spacing)
    along: FloatArray = sum(weights[k][:, None] * nodes[first + k] for k in range(4))  # type: ignore[assignment]
    first, weights = _basis(columns, spacing)
    surface: FloatArray = sum(weights[k] * along[:, first + k] for k in range(4))  # type: ignore[assignment]
    return surface


def _basis(places: IntArray, spacing: float) -> tuple[IntArray, tuple[FloatArray, ...]]:
    """First of the four nodes that count at each place, and their weights, which sum to 1."""
    position = places / spacing
    first = np.floor(position).astype(np.int64)
    t = position - first
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    return first, weights


def sampled(pixels: Pixels8, row: FloatArray, column: FloatArray) -> Pixels8:
    """The image at places between its pixels, bilinear."""
    row = np.clip(row, 0, pixels.shape[0] - 1)
    column = np.clip(column, 0, pixels.shape[1] - 1)
    top, left = row.astype(np.int64), column.astype(np.int64)
    bottom, right = np.minimum(top + 1, pixels.shape[0] - 1), np.minimum(left + 1, pixels.shape[1] - 1)
    colours = (..., None) if pixels.ndim == 3 else ...
    down, across = (row - top)[colours], (column - left)[colours]
    upper = _mixed(pixels[top, left], pixels[top, right], across)
    lower = _mixed(pixels[bottom, left], pixels[bottom, right], across)
    return eight_bit(_mixed(upper, lower, down))


def _mixed(first: FloatArray | Pixels8, second: FloatArray | Pixels8, share: FloatArray) -> FloatArray:
    real = first.astype(np.float64)
    mixed: FloatArray = real + share * (second - real)
    return mixed
