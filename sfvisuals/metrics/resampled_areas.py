"""Areas under many curves at once: rows are resamples, columns levels of one score."""

from __future__ import annotations

import numpy as np

from sfvisuals.types import FloatArray, IntArray


def area(steps: FloatArray, risk: FloatArray, total: FloatArray) -> FloatArray:
    """(b,) area of a risk over coverage by trapezoids, constant before the first group that was drawn.

    Args:
        steps: (b, G) weight of each group, 0 where it was not drawn.
        risk: (b, G) risk at each level.
        total: (b,) weight of all.
    """
    rows = np.arange(len(steps))
    first = np.argmax(steps > 0, axis=1)
    start = steps[rows, first] * risk[rows, first]
    # each group with its own risk and, half, that of the group before
    twice = products(steps, risk) + products(steps[:, 1:], risk[:, :-1]) + start
    found: FloatArray = twice / (2 * total)
    return found


def generalized_area(steps: FloatArray, failed: FloatArray, total: FloatArray) -> FloatArray:
    """(b,) area of failures / all over coverage by trapezoids, from 0."""
    twice = products(steps, failed) + products(steps[:, 1:], failed[:, :-1])
    found: FloatArray = twice / (2 * total * total)
    return found


def products(left: FloatArray, right: FloatArray) -> FloatArray:
    """(b,) scalar product of each pair of rows."""
    found: FloatArray = np.einsum("ij,ij->i", left, right)
    return found


def steps_of(running: FloatArray) -> FloatArray:
    """(b, G) what was added at each level of (b, G) running sums."""
    return np.diff(running, axis=1, prepend=0.0)


def value_at(array: FloatArray, columns: IntArray) -> FloatArray:
    """(b,) one column of each row."""
    found: FloatArray = array[np.arange(len(array)), columns]
    return found
