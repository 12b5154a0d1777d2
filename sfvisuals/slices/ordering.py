"""In which order slices are shown: confirmed ones first, each next one for what is left to explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sfvisuals.slices.records import Tier
from sfvisuals.types import BoolArray, FloatArray

LEAST_GAIN: Final = 3.0


def greedy_order(
    members: Sequence[BoolArray], target: BoolArray, expected: FloatArray, *, tiers: Sequence[int]
) -> list[int]:
    """Positions of the slices, each next one with the highest gain over those before it; ties by position.

    The gain of a slice is (k' - e n') (k' / n')^2, where n' are its members that no slice before has, k'
    the target samples among them and e the rate of the rest: how many more target samples it has than
    expected, times the squared share of what it names that are target samples. A slice counts only members
    that no slice of a lower tier has, wherever that comes. Slices of the last tier, which say where
    failures lie but not why, come after all others with a gain of at least 3.

    Args:
        members: of each slice, (n,) True where a sample of the confirmation half is in it.
        target: (n,) target samples.
        expected: rate of the rest of each slice.
        tiers: see Tier.
    """
    below = {tier: np.zeros(target.size, np.bool_) for tier in tiers}
    for mask, tier in zip(members, tiers, strict=True):
        for other in below:
            if tier < other:
                below[other] |= mask
    open_ = np.ones(target.size, np.bool_)
    left = list(range(len(members)))
    order: list[int] = []
    while left:
        gains = [_gain(members[one] & open_ & ~below[tiers[one]], target, expected[one]) for one in left]
        first = [
            tiers[one] != Tier.PLACE and gain >= LEAST_GAIN for one, gain in zip(left, gains, strict=True)
        ]
        best = left[max(range(len(left)), key=lambda i: (first[i], gains[i], -i))]
        order.append(best)
        left.remove(best)
        open_ &= ~members[best]
    return order


def _gain(fresh: BoolArray, target: BoolArray, expected: float) -> float:
    n = int(fresh.sum())
    k = int((fresh & target).sum())
    return (k - expected * n) * (k / n) ** 2 if n else 0.0
