"""Records of an explanation: what tells the selected samples from the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sfvisuals.explain.records import FeatureOrigin
from sfvisuals.explain.units import Design
from sfvisuals.types import FloatArray, IntArray

MISSING = "(missing)"


@dataclass(frozen=True, eq=False)
class Distribution:
    """How a feature is distributed on both sides, at most 16 bins that both share.

    Attributes:
        edges: (b + 1,) of the bins, for numbers; the outer bins hold what lies beyond. Empty for levels.
        labels: the levels, for levels; those beyond the most frequent are pooled. Empty for numbers.
        selected, reference: (b,) share of the known samples of each side in each bin.
    """

    edges: FloatArray
    labels: tuple[str, ...]
    selected: FloatArray
    reference: FloatArray


@dataclass(frozen=True, eq=False)
class Finding:
    """One way in which the selected samples differ from the reference.

    Shares, medians, effect sizes and areas are of samples; p, q and the odds ratio of units.

    Attributes:
        name, label, origin, unit: of the feature.
        level: the level, "(missing)" where having no value is what differs, None for numbers.
        stratum: the true class within which this was compared, where the classes differ in opposite ways;
            else empty.
        higher: True where the selection has higher numbers, or the level more often.
        auc: area under the ROC curve of the one-feature rule, 0.5 to 1.
        delta: Cliff's delta of the selection against the reference, -1 to 1; for a level the difference of
            its shares.
        difference: standardised difference of the means; None for levels.
        selected, reference: median of the numbers, or share with the level, on each side.
        odds_ratio: with its 95 % interval (ratio, low, high), for levels.
        p: two-sided; q: after Benjamini and Hochberg over everything tested.
        holds: q is at most the level asked for.
        cut: the one-feature rule: at or above it where higher, else below it; None for levels.
        missing: share without a value among selected and reference samples.
        words: one sentence; brief: a few words without numbers.
        also: the findings that say the same in these samples, and other levels of the same feature.
        distribution: of the feature on both sides; None in a folded finding.
    """

    name: str
    label: str
    origin: FeatureOrigin
    unit: str
    level: str | None
    stratum: str
    higher: bool
    auc: float
    delta: float
    difference: float | None
    selected: float
    reference: float
    odds_ratio: tuple[float, float, float] | None
    p: float
    q: float
    holds: bool
    cut: float | None
    missing: tuple[float, float]
    words: str
    brief: str = ""
    also: tuple[str, ...] = ()
    distribution: Distribution | None = None


@dataclass(frozen=True, eq=False)
class Explanation:
    """What tells the selected samples from the reference.

    Attributes:
        findings: of metadata, shift and image; those that hold first, then by area.
        model: the same of what the model's outputs and latents say. They describe the failure rather than its
            cause (a failure has a small margin more often), so they have a list of their own.
        n_selected, n_reference: samples.
        units_selected, units_reference: units that p counts.
        design: how units are compared.
        tested: how many comparisons were corrected for.
        level: false discovery rate asked for.
        reference: what the reference is, in words.
        skipped: feature -> why it was not tested.
        why: reasons why there is nothing, or less, to tell; each a sentence.
    """

    findings: tuple[Finding, ...]
    model: tuple[Finding, ...]
    n_selected: int
    n_reference: int
    units_selected: int
    units_reference: int
    design: Design
    tested: int
    level: float
    reference: str
    skipped: Mapping[str, str] = field(default_factory=dict)
    why: tuple[str, ...] = ()

    @property
    def holding(self) -> tuple[Finding, ...]:
        """The findings that hold at the level, of metadata, shift and image."""
        return tuple(one for one in self.findings if one.holds)


def shares(counts: FloatArray | IntArray) -> FloatArray:
    """Counts as shares of their sum; zeros where there is nothing."""
    return np.asarray(counts / max(float(counts.sum()), 1.0))
