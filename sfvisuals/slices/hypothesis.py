"""One rule tested on samples that did not suggest it: how often do they fail with it and without it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sfvisuals.slices.evidence import evidence, within_units
from sfvisuals.types import BoolArray, FloatArray, IntArray, Run


@dataclass(frozen=True, eq=False)
class Side:
    """Samples with the rule, or without it.

    Attributes:
        n: samples; k: those of them that are target samples.
        low, high: exact 95 % interval of k / n over units; 0 and 1 without samples.
        confidence: mean score of those that have one, None where none has.
    """

    n: int
    k: int
    low: float
    high: float
    confidence: float | None


@dataclass(frozen=True, eq=False)
class RuleTest:
    """The rule on one group of samples.

    Attributes:
        group: "" for all of them, else the true class or the study in words.
        kind: "all", "class" or "study".
        having, lacking: with the rule, and without it.
        p: one-sided, that target samples gather where the rule holds; None where one side is empty.
    """

    group: str
    kind: str
    having: Side
    lacking: Side
    p: float | None


def rule_tests(
    run: Run,
    holds: BoolArray,
    *,
    target: BoolArray,
    values: FloatArray,
    eligible: BoolArray,
    unit: IntArray,
    studies: Sequence[str],
) -> tuple[RuleTest, ...]:
    """The rule on all eligible samples, in each true class and in each study with samples on both sides.

    A class can have more failures than another and the rule more often than another; within a class the two
    no longer mix. Samples of one unit (patient, or image with its copies) are not independent: intervals and
    p-values count what they are worth (see `evidence`).

    Args:
        run: where the samples are from.
        holds: (N,) True where the rule holds.
        target: (N,) what is counted: failures, or silent ones.
        values: (N,) the score, high = confident, NaN where there is none.
        eligible: (N,) the samples to test on.
        unit: (N,) which samples belong together.
        studies: names of studies to look at.
    """
    chosen = [i for i, study in enumerate(run.studies) if study.name in set(studies)]
    within = eligible & np.isin(run.study, chosen)
    found = []
    for group, kind, mask in _groups(run, within, chosen):
        member, hit = holds[mask], target[mask]
        both = bool(member.any() and not member.all())
        if kind != "all" and not both:
            continue
        rho = within_units(hit, unit[mask])
        found.append(
            RuleTest(
                group,
                kind,
                _side(member, hit, unit[mask], values[mask], rho),
                _side(~member, hit, unit[mask], values[mask], rho),
                evidence(member, hit, unit[mask], rho=rho).p if both else None,
            )
        )
    return tuple(found)


def _groups(run: Run, within: BoolArray, studies: Sequence[int]) -> Iterator[tuple[str, str, BoolArray]]:
    yield "", "all", within
    known = within & ~run.new_class
    for category in np.unique(run.label[known]):
        if 0 <= category < run.n_classes:
            yield run.classes[int(category)], "class", known & (run.label == category)
    if len(studies) > 1:
        for place in studies:
            yield run.studies[place].label, "study", within & (run.study == place)


def _side(member: BoolArray, hit: BoolArray, unit: IntArray, values: FloatArray, rho: float) -> Side:
    seen = evidence(member, hit, unit, rho=rho)
    scores = values[member]
    scores = scores[np.isfinite(scores)]
    low, high = seen.interval
    return Side(seen.n, seen.k, low, high, float(scores.mean()) if scores.size else None)
