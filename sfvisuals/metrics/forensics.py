"""Whether a confidence score can be trusted as a number: what is wrong with it, named, with the evidence.

Nothing here changes a score. Each finding is a fact about the values (ties, saturation, rounding, missing
values), about their order (a reversed sign), or about their level in one study against another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sfvisuals.metrics import arguments
from sfvisuals.metrics.detection import failauc
from sfvisuals.metrics.ranked import rank
from sfvisuals.metrics.risk_coverage import aurc
from sfvisuals.types import BoolArray, FloatArray, IntArray

# ties that can move AURC; fewer are common in any score
MANY_TIED = 0.05
SATURATED = 0.05
# how far an AUROC_f has to be below 1/2 in standard errors to be called reversed
SURE = 3.0
# an empty stretch inside the values, against what both sides spread over together
GAP = 0.5
FEWEST = 30
# kinds of half precision with the bits of their fraction, the coarser first
HALVES = (("bfloat16", 8), ("float16", 11))
NEIGHBOURS = 0.02


class Pathology(StrEnum):
    """What can be wrong with a score."""

    MISSING = "missing values"
    CONSTANT = "constant"
    TIED = "tied"
    SATURATED = "saturated"
    FLOAT16 = "float16 collapse"
    REVERSED = "reversed sign"
    SHIFTED = "shifted level"
    PIECEWISE = "piecewise shift"


@dataclass(frozen=True, slots=True)
class Finding:
    """One pathology with the evidence in words."""

    kind: Pathology
    evidence: str


@dataclass(frozen=True, slots=True)
class Forensics:
    """What is known of one score as a number.

    Attributes:
        n: samples; missing: those without a score; distinct: different values.
        tied: share of scored samples that share their value with another, 0..1.
        largest_tie: samples of the commonest value.
        at_top: share at the highest value; at_bottom: at the lowest.
        auroc: AUROC_f, None where undefined.
        aurc: with ties as groups; aurc_best, aurc_worst: if ties were broken with failures last, or first.
            None where undefined.
        findings: what is wrong.
    """

    n: int
    missing: int
    distinct: int
    tied: float
    largest_tie: int
    at_top: float
    at_bottom: float
    auroc: float | None
    aurc: float | None
    aurc_best: float | None
    aurc_worst: float | None
    findings: tuple[Finding, ...]


def examine(
    values: FloatArray, failure: BoolArray, *, level_of: Mapping[str, FloatArray] | None = None
) -> Forensics:
    """Examines one score.

    Args:
        values: (n,) scores, high = confident, NaN where there is none.
        failure: (n,) True where wrong.
        level_of: study -> its scores, the first the one that the others' level is compared with.
    """
    values, failure = arguments.numbers(values), arguments.failures(failure)
    arguments.together(len(values), failure=failure)
    scored = np.isfinite(values)
    kept, wrong = values[scored], failure[scored]
    n, missing = len(values), int((~scored).sum())
    levels, counts = np.unique(kept, return_counts=True)
    m = max(1, kept.size)
    tied = float(counts[counts > 1].sum() / m)
    at_top = float(counts[-1] / m) if counts.size else 0.0
    at_bottom = float(counts[0] / m) if counts.size else 0.0
    ranked = rank(kept, wrong)
    auroc = failauc(ranked).value
    best, worst = _tie_bounds(kept, wrong)
    findings = [
        *_missing(n, missing),
        *_values(levels, counts, tied, at_top, at_bottom),
        *_float16(levels, counts),
        *_reversed(auroc, wrong),
        *_levels(level_of or {}),
        *_piecewise(levels, counts),
    ]
    largest = int(counts.max()) if counts.size else 0
    return Forensics(
        n,
        missing,
        len(levels),
        tied,
        largest,
        at_top,
        at_bottom,
        auroc,
        aurc(ranked).value,
        best,
        worst,
        tuple(findings),
    )


def _tie_bounds(values: FloatArray, wrong: BoolArray) -> tuple[float | None, float | None]:
    """AURC if every tie were broken in the score's favour, and against it."""
    places = np.arange(len(values), 0, -1, dtype=np.float64)
    favour, against = np.lexsort((wrong, -values)), np.lexsort((~wrong, -values))
    return aurc(places, wrong[favour]).value, aurc(places, wrong[against]).value


def _missing(n: int, missing: int) -> list[Finding]:
    return [Finding(Pathology.MISSING, f"{missing:,} of {n:,} samples have no score")] if missing else []


def _values(
    levels: FloatArray, counts: IntArray, tied: float, at_top: float, at_bottom: float
) -> list[Finding]:
    if len(levels) == 1 and counts[0] > 1:
        return [Finding(Pathology.CONSTANT, f"every sample has {levels[0]:.6g}: it orders nothing")]
    found = []
    if tied >= MANY_TIED:
        words = f"{100 * tied:.1f} % of samples share their value; {int(counts.max()):,} have the commonest"
        found.append(Finding(Pathology.TIED, words))
    for share, value, end in ((at_top, levels[-1:], "highest"), (at_bottom, levels[:1], "lowest")):
        if share >= SATURATED and len(levels) > 1:
            words = f"{100 * share:.1f} % of samples have the {end} value, {value[0]:.6g}"
            found.append(Finding(Pathology.SATURATED, words))
    return found


def _float16(levels: FloatArray, counts: IntArray) -> list[Finding]:
    """Values that half precision holds exactly, so close together that its rounding is what tied them."""
    if len(levels) < FEWEST or counts.sum() == len(levels):
        return []
    fractions, exponents = np.frexp(levels)
    for kind, bits in HALVES:
        scaled = np.ldexp(fractions, bits)
        if not np.array_equal(scaled, np.round(scaled)):
            continue
        # neighbours that this precision could not part: a coarse grid has room between its values
        step = np.ldexp(1.0, exponents[:-1] - bits)
        touching = int((levels[1:] - levels[:-1] <= step).sum())
        if touching < max(3, NEIGHBOURS * len(levels)):
            return []
        words = (
            f"all {len(levels):,} values are {kind} numbers, {touching:,} pairs of them direct neighbours: "
            "the score was rounded to half precision before it was written"
        )
        return [Finding(Pathology.FLOAT16, words)]
    return []


def _reversed(auroc: float | None, wrong: BoolArray) -> list[Finding]:
    if auroc is None or auroc >= 0.5:
        return []
    bad, good = int(wrong.sum()), int((~wrong).sum())
    error = float(np.sqrt((bad + good + 1) / (12 * bad * good)))
    if 0.5 - auroc < SURE * error:
        return []
    words = (
        f"AUROC_f is {auroc:.3f}, {(0.5 - auroc) / error:.0f} standard errors below chance: "
        "wrong predictions score higher"
    )
    return [Finding(Pathology.REVERSED, words)]


def _levels(level_of: Mapping[str, FloatArray]) -> list[Finding]:
    """Studies whose scores do not overlap with those of the first at all."""
    items = [(name, v[np.isfinite(v)]) for name, v in level_of.items()]
    if not items or items[0][1].size < FEWEST:
        return []
    (first, base), found = items[0], []
    for name, others in items[1:]:
        if others.size < FEWEST:
            continue
        if others.min() > base.max() or others.max() < base.min():
            side = "above" if others.min() > base.max() else "below"
            words = (
                f"every score of {name} lies {side} every score of {first}: one threshold cannot serve both"
            )
            found.append(Finding(Pathology.SHIFTED, words))
    return found


def _piecewise(levels: FloatArray, counts: IntArray) -> list[Finding]:
    """A gap inside the values, far wider than what the samples on either side spread over."""
    if len(levels) < FEWEST:
        return []
    gaps = np.diff(levels)
    at = int(gaps.argmax())
    gap, below = float(gaps[at]), int(counts[: at + 1].sum())
    above = int(counts.sum()) - below
    low, high = float(levels[at] - levels[0]), float(levels[-1] - levels[at + 1])
    if min(below, above) < FEWEST or gap <= GAP * (low + high):
        return []
    words = (
        f"nothing lies between {levels[at]:.4g} and {levels[at + 1]:.4g}: "
        f"{below:,} samples below, {above:,} above"
    )
    return [Finding(Pathology.PIECEWISE, words)]
