"""What a slice is called, and its numbers in a sentence."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.explain.words import percentage
from sfvisuals.slices.evidence import Evidence
from sfvisuals.slices.records import Candidate, Material, Method
from sfvisuals.types import BoolArray

MOST_TELLING: Final = 5
LEAST_DIFFERENCE: Final = 0.2
FEWEST: Final = 5


def telling(
    candidate: Candidate, material: Material, among: BoolArray
) -> tuple[tuple[str, float, float], ...]:
    """Conditions that tell the slice's target samples from samples of the same classes that are none.

    Each with its share in either; by the difference of shares (Youden's J), at least 0.2, one condition per
    feature, ties by the conditions' order. The others are those of the classes that the target samples have.

    Args:
        candidate: the slice.
        material: with conditions; without them nothing tells.
        among: (n,) samples that are counted: the confirmation half.
    """
    conditions = material.conditions
    mine = candidate.member & material.target & among
    others = (
        ~candidate.member
        & ~material.target
        & among
        & np.isin(material.label, np.unique(material.label[mine]))
    )
    if conditions is None or mine.sum() < FEWEST or others.sum() < FEWEST:
        return ()
    inside, outside = conditions.shares(mine), conditions.shares(others)
    usable = (conditions.category < 0) & ~conditions.uses_label
    gap = np.where(usable, inside - outside, -1.0)
    chosen: dict[int, int] = {}
    for place in np.lexsort((np.arange(gap.size), -gap)):
        if gap[place] < LEAST_DIFFERENCE or len(chosen) == MOST_TELLING:
            break
        chosen.setdefault(int(conditions.feature[place]), int(place))
    return tuple((conditions.words[p], float(inside[p]), float(outside[p])) for p in chosen.values())


def title(candidate: Candidate, material: Material, tells: tuple[tuple[str, float, float], ...]) -> str:
    """A few words: a rule's conditions; of a region its class and the most telling condition."""
    conditions = material.conditions
    if candidate.method is Method.RULES and conditions is not None:
        # the class last: what is special comes first
        ordered = sorted(candidate.conditions, key=lambda c: (conditions.category[c] >= 0, c))
        return ", ".join(conditions.words[c] for c in ordered)
    name = "" if candidate.category is None else material.classes[candidate.category]
    kind = "group in the latents"
    if tells:
        return f"{name + ': ' if name else ''}mostly {tells[0][0]}"
    return f"{name}: {kind}" if name else kind


def rest_words(candidate: Candidate, classes: tuple[str, ...]) -> str:
    """What the slice is compared with."""
    if candidate.category is None:
        return "all other samples of the chosen studies"
    return f"the other {classes[candidate.category]} samples of the chosen studies"


def sentence(seen: Evidence, rest: str, noun: str, *, q: float, confirmed: bool, uses_label: bool) -> str:
    """One or two sentences with every number, all of the confirmation half."""
    if not seen.n:
        return "Not confirmed: no sample of the other half belongs to it."
    low, high = seen.interval
    against = (
        f"there are no {rest.removeprefix('all ').removeprefix('the ')} to compare with"
        if np.isnan(seen.rest_rate)
        else f"against {percentage(seen.rest_rate)} of {rest}"
    )
    numbers = (
        f"{seen.k} of {seen.n} samples are {noun} ({percentage(seen.rate)}, 95 % interval {percentage(low)} "
        f"to {percentage(high)}), {against} (q = {q:.2g})."
    )
    text = numbers if confirmed else f"Not confirmed on the half that did not find it: {numbers}"
    if uses_label:
        text += " Failures are nearly its definition, so this rate is no surprise."
    return text
