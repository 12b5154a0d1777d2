"""Comparisons of two sides, feature by feature: numbers by ranks, levels by tables, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sfvisuals.explain.findings import MISSING
from sfvisuals.explain.records import Feature, FeatureKind
from sfvisuals.explain.two_samples import (
    auc,
    fisher_exact,
    mann_whitney,
    odds_ratio,
    sign_test,
    signed_rank,
)
from sfvisuals.explain.units import Design, Sides
from sfvisuals.types import BoolArray, FloatArray, IntArray

TRUTH = ("False", "True")


@dataclass(frozen=True, eq=False)
class Comparison:
    """One comparison, before correction and words.

    Attributes:
        feature: what is compared.
        both: the samples compared.
        stratum: the true class that they all have, where it is one of several; else empty.
        code: position of the level; len(levels) where missing values are compared; None for numbers.
        area: probability that a selected sample is higher than one of the reference (0..1, ties half).
        selected, reference: median, or share with the level.
        odds_ratio: ratio with interval, for levels.
        p: two-sided, over units.
        missing: share without a value on each side.
    """

    feature: Feature
    both: Sides
    stratum: str
    code: int | None
    area: float
    selected: float
    reference: float
    odds_ratio: tuple[float, float, float] | None
    p: float
    missing: tuple[float, float]

    @property
    def higher(self) -> bool:
        """Whether the selection is higher, or has the level more often."""
        return self.area >= 0.5

    @property
    def strength(self) -> float:
        """Area of the one-feature rule, 0.5 to 1."""
        return max(self.area, 1.0 - self.area)

    @property
    def level(self) -> str | None:
        """The level in words."""
        if self.code is None:
            return None
        levels = self.feature.levels if self.feature.kind is FeatureKind.LEVEL else ()
        return levels[self.code] if self.code < len(levels) else MISSING

    def rule_values(self, rows: IntArray) -> FloatArray:
        """(n,) what the one-feature rule looks at in these rows; NaN where missing."""
        if self.code is None:
            return self.feature.numbers[rows]
        if self.level == MISSING:
            return (~self.feature.known[rows]).astype(np.float64)
        codes = self.feature.codes[rows]
        return np.where(codes < 0, np.nan, codes == self.code)


def compared(feature: Feature, both: Sides, stratum: str = "") -> list[Comparison] | str:
    """Every comparison of a feature, or why there is none."""
    match feature.kind:
        case FeatureKind.NUMBER:
            x, y = feature.numbers[both.selected], feature.numbers[both.reference]
            known_x, known_y = ~np.isnan(x), ~np.isnan(y)
        case FeatureKind.LEVEL:
            known_x, known_y = feature.codes[both.selected] >= 0, feature.codes[both.reference] >= 0
    found = _of_missing(feature, known_x, known_y, both)
    if not known_x.any() or not known_y.any():
        side = "selection" if not known_x.any() else "reference"
        return [replace(one, stratum=stratum) for one in found] or f"no sample of the {side} has a value"
    match feature.kind:
        case FeatureKind.NUMBER:
            found += _of_numbers(feature, x, y, both)
        case FeatureKind.LEVEL:
            found += _of_levels(feature, known_x, known_y, both)
    found = [replace(one, stratum=stratum) for one in found]
    return found or "it is the same in every sample compared"


def _of_numbers(feature: Feature, x: FloatArray, y: FloatArray, both: Sides) -> list[Comparison]:
    missing = (float(np.isnan(x).mean()), float(np.isnan(y).mean()))
    sorted_x, sorted_y = np.sort(x[~np.isnan(x)]), np.sort(y[~np.isnan(y)])
    if sorted_x[0] == sorted_x[-1] == sorted_y[0] == sorted_y[-1]:
        return []
    area = auc(sorted_x, sorted_y)
    if both.alone:
        p = mann_whitney(sorted_x, sorted_y, area=area)
    else:
        of_x, of_y = both.means(x, y)
        match both.design:
            case Design.APART:
                p = mann_whitney(np.sort(of_x), np.sort(of_y))
            case Design.PAIRED:
                p = signed_rank(of_x - of_y)
    median_x, median_y = _median(sorted_x), _median(sorted_y)
    return [Comparison(feature, both, "", None, area, median_x, median_y, None, p, missing)]


def _of_levels(feature: Feature, known_x: BoolArray, known_y: BoolArray, both: Sides) -> list[Comparison]:
    size = len(feature.levels)
    x, y = feature.codes[both.selected], feature.codes[both.reference]
    count_x, count_y = np.bincount(x[known_x], minlength=size), np.bincount(y[known_y], minlength=size)
    missing = (1.0 - known_x.mean().item(), 1.0 - known_y.mean().item())
    present = np.flatnonzero(count_x + count_y)
    if present.size < 2:
        return []
    if present.size == 2:
        # of two levels one says what the other says; always the same one, so that classes can be compared
        present = present[1:]
    share_x, share_y = count_x / known_x.sum(), count_y / known_y.sum()
    tables, apart = both.tables(x, y, size)
    return [
        _of_level(feature, k, (share_x[k], share_y[k]), tables[k], apart[k], both, missing)
        for k in present.tolist()
    ]


def _of_missing(feature: Feature, known_x: BoolArray, known_y: BoolArray, both: Sides) -> list[Comparison]:
    if (known_x.all() and known_y.all()) or not (known_x.any() or known_y.any()):
        return []
    missing = (1.0 - known_x.mean().item(), 1.0 - known_y.mean().item())
    tables, apart = both.tables((~known_x).astype(np.int64), (~known_y).astype(np.int64), 2)
    return [_of_level(feature, len(feature.levels), missing, tables[1], apart[1], both, missing)]


def _of_level(
    feature: Feature,
    code: int,
    shares: tuple[float, float],
    table: IntArray,
    apart: IntArray,
    both: Sides,
    missing: tuple[float, float],
) -> Comparison:
    counts = table.tolist()
    match both.design:
        case Design.APART:
            p = fisher_exact(*counts)
        case Design.PAIRED:
            p = sign_test(*apart.tolist())
    x, y = map(float, shares)
    return Comparison(feature, both, "", code, 0.5 + (x - y) / 2.0, x, y, odds_ratio(*counts), p, missing)


def _median(ordered: FloatArray) -> float:
    """Median of sorted numbers."""
    middle = ordered.size // 2
    return float(ordered[middle] if ordered.size % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0)


def all_compared(
    features: tuple[Feature, ...], both: Sides, skipped: dict[str, str], stratum: str = ""
) -> Iterator[Comparison]:
    """Every comparison of every feature; `skipped` gets the reasons for those without."""
    for feature in features:
        found = compared(feature, both, stratum)
        if isinstance(found, str):
            skipped[feature.name] = found
        else:
            yield from found
