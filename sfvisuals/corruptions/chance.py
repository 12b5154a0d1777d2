"""Random numbers that are the same in every version of NumPy, on every machine.

NumPy keeps the bits of PCG64 for good, but not what its distributions make of them; so these are made here.
"""

from __future__ import annotations

import numpy as np
from numpy.random import PCG64

from sfvisuals.types import FloatArray

CHUNK = 2**20
ULP = 2.0**-53


class Chance:
    """The stream of one seed (at least 0); each call goes on where the one before ended."""

    def __init__(self, seed: int) -> None:
        self._bits = PCG64(seed)

    def uniform(self, count: int) -> FloatArray:
        """(count,) float64, evenly spread over (0, 1]: the upper 53 bits plus one, times 2^-53."""
        raw = np.asarray(self._bits.random_raw(count))
        spread: FloatArray = ((raw >> np.uint64(11)).astype(np.float64) + 1.0) * ULP
        return spread

    def choice(self, options: int) -> int:
        """A whole number from 0 to options - 1."""
        return min(int(self.uniform(1)[0] * options), options - 1)

    def normal(self, count: int) -> FloatArray:
        """(count,) float32 from N(0, 1), each of two uniform numbers (Box and Muller 1958)."""
        drawn = np.empty(count, np.float32)
        for start in range(0, count, CHUNK):
            part = drawn[start : start + CHUNK]
            pairs = self.uniform(2 * len(part)).reshape(-1, 2)
            part[:] = np.sqrt(-2.0 * np.log(pairs[:, 0])) * np.cos(2.0 * np.pi * pairs[:, 1])
        return drawn
