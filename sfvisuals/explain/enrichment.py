"""Explain a selection: which features tell it from a reference, how well, and whether by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from sfvisuals.explain.comparing import Comparison, all_compared
from sfvisuals.explain.findings import MISSING, Distribution, Explanation, Finding, shares
from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin
from sfvisuals.explain.two_samples import benjamini_hochberg, best_cut, midranks, standardised_difference
from sfvisuals.explain.units import Design, Sides, sides
from sfvisuals.explain.words import brief, sentence, short
from sfvisuals.types import BoolArray, FloatArray, IntArray

BINS: Final = 16
SAME: Final = 0.95
ROWS_FOR_SAMENESS: Final = 4_000
ENDS: Final = (0.005, 0.995)
FEWEST_OF_A_STRATUM: Final = 2
STUDY_HANDICAP: Final = 0.01


def explain(
    features: Sequence[Feature],
    selected: BoolArray,
    reference: BoolArray,
    *,
    groups: IntArray | None = None,
    limit: int = 20,
    level: float = 0.05,
    words: str = "the reference",
    strata: Mapping[str, BoolArray] = MappingProxyType({}),
) -> Explanation:
    """What tells the selected samples from the reference.

    Args:
        features: of all N samples.
        selected: (N,) True where selected.
        reference: (N,) True where compared with; samples in both count as selected.
        groups: (N,) the unit of each sample (`sfvisuals.units`); None where every sample stands for itself.
        limit: how many findings are kept in each of the two lists.
        level: false discovery rate.
        words: what the reference is, for the sentences.
        strata: true class -> (N,) its samples. Where there are two or more, each is compared by itself too,
            and what differs in opposite ways between them is told class by class.
    """
    both = sides(selected, reference, groups)
    if not both.selected.size or not both.reference.size:
        none = f"There are no {words.removeprefix('the ')} to compare with"
        empty = none if both.selected.size else "No sample is selected"
        return _explanation((), (), both, 0, level, words, {}, (f"{empty}.",))
    skipped: dict[str, str] = {}
    found = list(all_compared(tuple(features), both, skipped))
    for name, mask in strata.items() if len(strata) > 1 else ():
        within = sides(selected & mask, reference & mask, groups)
        if min(within.selected.size, within.reference.size) >= FEWEST_OF_A_STRATUM:
            found.extend(all_compared(tuple(features), within, {}, name))
    q = benjamini_hochberg(np.array([one.p for one in found]))
    told = _told(found, q <= level)
    order = sorted(told, key=lambda i: _rank(found[i], bool(q[i] <= level)))
    model = {i for i in order if found[i].feature.origin is FeatureOrigin.MODEL}
    rows = np.concatenate((_spaced(both.selected), _spaced(both.reference)))
    lists = [
        tuple(
            _finding(found[i], float(q[i]), level, words, also)
            for i, also in _folded(found, ranked, q <= level, rows, limit)
        )
        for ranked in ([i for i in order if i not in model], [i for i in order if i in model])
    ]
    remarks = _remarks(found, q, level, both)
    return _explanation(lists[0], lists[1], both, len(found), level, words, skipped, remarks)


def _told(found: list[Comparison], holds: BoolArray) -> list[int]:
    """Positions of the comparisons of all classes together, and of those within a class that they hide.

    A feature that is higher in one class and lower in another, such as the look of mislabelled images,
    cancels over the classes; then, and only then, what holds within the classes is told.
    """
    ways: dict[tuple[str, int | None], set[bool]] = {}
    for i in np.flatnonzero(holds):
        if found[i].stratum:
            ways.setdefault((found[i].feature.name, found[i].code), set()).add(found[i].higher)
    opposed = {key for key, seen in ways.items() if len(seen) == 2}
    return [
        i
        for i, one in enumerate(found)
        if not one.stratum or (holds[i] and (one.feature.name, one.code) in opposed)
    ]


def _rank(one: Comparison, holds: bool) -> tuple[bool, float, float, str, str, str]:
    # the study says where, not why: it leads only where it tells clearly more than what says the same
    strength = one.strength - (STUDY_HANDICAP if one.feature.name == "study" else 0.0)
    return not holds, -round(strength, 6), one.p, one.feature.name, one.level or "", one.stratum


def _explanation(
    findings: tuple[Finding, ...],
    model: tuple[Finding, ...],
    both: Sides,
    tested: int,
    level: float,
    words: str,
    skipped: dict[str, str],
    why: tuple[str, ...],
) -> Explanation:
    return Explanation(
        findings,
        model,
        int(both.selected.size),
        int(both.reference.size),
        both.n_selected,
        both.n_reference,
        both.design,
        tested,
        level,
        words,
        skipped,
        why,
    )


def _remarks(found: list[Comparison], q: FloatArray, level: float, both: Sides) -> tuple[str, ...]:
    """What a reader must know before believing the list."""
    why = []
    if not found:
        why.append("No feature differs between any two of these samples.")
    elif not (q <= level).any():
        units = f"{both.n_selected:,} against {both.n_reference:,} independent units"
        why.append(
            f"No difference holds at a false discovery rate of {level:g}: {units}, {len(found)} comparisons."
        )
    if both.design is Design.PAIRED:
        why.append(
            "Most units of the reference are also selected (copies of one image, or one patient), so each"
            " unit is compared with itself; what does not change within a unit cannot differ."
        )
    return tuple(why)


def _folded(
    found: list[Comparison], ranked: list[int], holds: BoolArray, rows: IntArray, limit: int
) -> list[tuple[int, tuple[str, ...]]]:
    """The leading comparisons, best first, each with those that say the same.

    A comparison is folded under a better one of the same feature, or under one whose rule values correlate
    with its own (Spearman, on at most ROWS_FOR_SAMENESS samples) by more than SAME.
    """
    leaders: list[int] = []
    vectors: list[FloatArray] = []
    also: dict[int, list[str]] = {}
    for i in ranked:
        vector = _unit_vector(found[i].rule_values(rows))
        of_feature = [j for j in leaders if found[j].feature is found[i].feature]
        same = next((j for j, v in zip(leaders, vectors, strict=True) if abs(float(v @ vector)) > SAME), None)
        under = of_feature[0] if of_feature else same
        if under is None:
            if len(leaders) == limit:
                break
            leaders.append(i)
            vectors.append(vector)
            also[i] = []
        elif holds[i]:
            also[under].append(short(found[i]))
    return [(i, tuple(also[i])) for i in leaders]


def _spaced(rows: IntArray) -> IntArray:
    """At most half of ROWS_FOR_SAMENESS of these rows, evenly spaced."""
    most = ROWS_FOR_SAMENESS // 2
    return rows if rows.size <= most else rows[np.linspace(0, rows.size - 1, most).astype(np.int64)]


def _unit_vector(values: FloatArray) -> FloatArray:
    """Centred ranks of length 1, what is missing in the middle; zeros where all are the same."""
    missing = np.isnan(values)
    ranks = np.zeros(values.size)
    if not missing.all():
        ranks[~missing] = midranks(values[~missing])
        ranks[~missing] -= ranks[~missing].mean()
    length = float(np.linalg.norm(ranks))
    return ranks / length if length > 0 else ranks


def _finding(one: Comparison, q: float, level: float, reference: str, also: tuple[str, ...]) -> Finding:
    both = one.both
    x, y = one.rule_values(both.selected), one.rule_values(both.reference)
    known_x, known_y = np.sort(x[~np.isnan(x)]), np.sort(y[~np.isnan(y)])
    number = one.code is None
    feature = one.feature
    return Finding(
        name=feature.name,
        label=feature.label,
        origin=feature.origin,
        unit=feature.unit,
        level=one.level,
        stratum=one.stratum,
        higher=one.higher,
        auc=one.strength,
        delta=2.0 * one.area - 1.0,
        difference=standardised_difference(known_x, known_y) if number else None,
        selected=one.selected,
        reference=one.reference,
        odds_ratio=one.odds_ratio,
        p=one.p,
        q=q,
        holds=q <= level,
        cut=best_cut(known_x, known_y, higher=one.higher) if number else None,
        missing=one.missing,
        words=sentence(one, reference),
        brief=brief(one),
        also=also,
        distribution=_of_numbers(known_x, known_y) if number else _of_levels(one, both),
    )


def _of_numbers(x: FloatArray, y: FloatArray) -> Distribution:
    """Equal bins between the outer half per cents of the two sides, which count alike; both sorted."""
    low = min(float(np.quantile(x, ENDS[0])), float(np.quantile(y, ENDS[0])))
    high = max(float(np.quantile(x, ENDS[1])), float(np.quantile(y, ENDS[1])))
    if low == high:
        low, high = min(x[0], y[0]), max(x[-1], y[-1])
    edges = np.linspace(low, high, BINS + 1)
    of_x, of_y = (np.histogram(np.clip(side, low, high), edges)[0] for side in (x, y))
    return Distribution(edges, (), shares(of_x), shares(of_y))


def _of_levels(one: Comparison, both: Sides) -> Distribution:
    """Share of every level, the most frequent ones where there are more than bins, the rest pooled."""
    feature = one.feature
    if one.level == MISSING or feature.kind is FeatureKind.NUMBER:
        missing_x, missing_y = one.missing
        known = np.array([1 - missing_x, missing_x]), np.array([1 - missing_y, missing_y])
        return Distribution(np.empty(0), ("known", MISSING), *known)
    size = len(feature.levels)
    counts = [
        np.bincount(codes[codes >= 0], minlength=size)
        for codes in (feature.codes[both.selected], feature.codes[both.reference])
    ]
    x, y = shares(counts[0]), shares(counts[1])
    present = np.flatnonzero(x + y)
    if present.size <= BINS:
        return Distribution(np.empty(0), tuple(feature.levels[k] for k in present), x[present], y[present])
    by_share = present[np.argsort(-(x + y)[present], kind="stable")]
    kept = np.sort(by_share[: BINS - 1])
    labels = (*(feature.levels[k] for k in kept), f"{present.size - kept.size} others")
    return Distribution(
        np.empty(0), labels, np.append(x[kept], 1 - x[kept].sum()), np.append(y[kept], 1 - y[kept].sum())
    )
