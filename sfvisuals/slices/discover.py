"""Slices of one set of samples: found on one half of the units, tested and counted on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sfvisuals.concepts.reduction import fitted_space
from sfvisuals.explain.records import Feature
from sfvisuals.explain.two_samples import benjamini_hochberg
from sfvisuals.slices.conditions import conditions_of
from sfvisuals.slices.evidence import Evidence, evidence, within_units
from sfvisuals.slices.finders import ALL_METHODS, finders_of
from sfvisuals.slices.halves import fewer_units, halves
from sfvisuals.slices.ordering import greedy_order
from sfvisuals.slices.records import Candidate, Material, Slice, SliceReport, read_only
from sfvisuals.slices.words import rest_words, sentence, telling, title
from sfvisuals.threads import one_thread
from sfvisuals.types import BoolArray, FloatArray, IntArray, Rows
from sfvisuals.units import units_with_warning

LEVEL: Final = 0.05
FEWEST_TARGETS: Final = 10
FEWEST_CONFIRMING: Final = 5
MOST_LEARNED: Final = 16_000
LIMIT: Final = 30

Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Tested:
    """A candidate with its evidence on the confirmation half."""

    candidate: Candidate
    evidence: Evidence
    q: float
    confirmed: bool


@one_thread()
def discover(
    latents: FloatArray | None,
    features: Sequence[Feature],
    target: BoolArray,
    label: IntArray,
    prediction: IntArray,
    probabilities: FloatArray | None,
    groups: IntArray | None,
    source: IntArray | None,
    *,
    classes: tuple[str, ...],
    strata: IntArray | None = None,
    silence: FloatArray | None = None,
    rows: Rows | None = None,
    level: float = LEVEL,
    seed: int = 0,
    methods: tuple[str, ...] = ALL_METHODS,
    limit: int = LIMIT,
    noun: str = "failures",
    progress: Progress | None = None,
) -> SliceReport:
    """Groups of samples in which target samples gather; on one thread, so the same wherever it runs.

    Args:
        latents: (N, l), or None.
        features: what is known of the N samples; those that are the answer must be left out.
        target: (N,) True where the sample is what is looked for: a failure, or a silent one.
        label: (N,) true class, -1 where the model has no such class.
        prediction: (N,) predicted class.
        probabilities: (N, d) predicted probabilities, or None.
        groups: (N,) code of patient or lesion, -1 where unknown, or None.
        source: (N,) row of the uncorrupted image, -1 where the sample is none or it is unknown, or None.
        classes: d names.
        strata: (N,) e.g. the study: both halves get units of each.
        silence: (N,) by which examples are ordered, high first; NaN last.
        rows: ascending rows that are looked at; all by default.
        level: false discovery rate of the confirmed slices.
        seed: of the halves and of every draw.
        methods: names of finders.
        limit: most slices of the report.
        noun: what target samples are called in words.
        progress: called with a share done and words.
    """
    tell = progress or _silent
    rows = np.arange(len(target), dtype=np.int64) if rows is None else rows
    unit, warning = _units(groups, source, rows)
    found = target[rows]
    stratum = (np.zeros(rows.size, np.int64) if strata is None else strata[rows].astype(np.int64)) * 2 + found
    half = halves(unit, stratum, seed=seed) if rows.size else np.zeros(0, np.bool_)
    empty = _report((), rows, half, unit, found, level)
    if why := _too_few(found, half, noun):
        return replace(empty, why=(why,))
    tell(0.02, "reducing the latents")
    material, reasons = _material(
        latents,
        features,
        found,
        label[rows],
        prediction[rows],
        probabilities,
        classes,
        unit,
        half,
        rows,
        seed,
    )
    candidates: list[Candidate] = []
    chosen = finders_of(methods)
    for place, finder in enumerate(chosen):
        tell(0.1 + 0.7 * place / max(len(chosen), 1), f"looking for {finder.label}")
        candidates += finder.find(material)
    candidates = distinct(candidates, material.discovery)
    tell(0.8, f"testing {len(candidates)} slices on the other half")
    tested = confirm(candidates, found, material.label, unit, ~half, level=level)
    order = shown_order(tested, found, ~half)[:limit]
    quiet = np.full(rows.size, np.nan) if silence is None else silence[rows]
    slices = tuple(_slice(tested[one], material, rows, half, quiet, noun) for one in order)
    tell(1.0, "done")
    report = _report(slices, rows, half, unit, found, level)
    return replace(report, tested=len(tested), why=tuple(filter(None, (warning, *reasons))))


def _silent(_share: float, _words: str) -> None:
    """Progress that nobody listens to."""


def _units(groups: IntArray | None, source: IntArray | None, rows: Rows) -> tuple[IntArray, str]:
    """Units over all samples, so that copies whose image is not looked at still belong together."""
    if groups is None and source is None:
        return np.arange(rows.size, dtype=np.int64), ""
    n = len(groups) if groups is not None else len(source) if source is not None else 0
    unit, warning = units_with_warning(groups, source, n)
    return unit[rows], warning


def _too_few(target: BoolArray, half: BoolArray, noun: str) -> str:
    count = int(target.sum())
    if count < FEWEST_TARGETS:
        return (
            f"There are {count} {noun} among these {target.size:,} samples; at least {FEWEST_TARGETS} are "
            "needed, half of them to find slices and half to test them."
        )
    if target.all():
        return f"All of these samples are {noun}: nothing is left to compare them with."
    if min(int((target & half).sum()), int((target & ~half).sum())) < FEWEST_CONFIRMING:
        return f"Nearly all {noun} come from one patient or image, so they cannot be divided into two halves."
    return ""


def _material(
    latents: FloatArray | None,
    features: Sequence[Feature],
    target: BoolArray,
    label: IntArray,
    prediction: IntArray,
    probabilities: FloatArray | None,
    classes: tuple[str, ...],
    unit: IntArray,
    half: BoolArray,
    rows: Rows,
    seed: int,
) -> tuple[Material, list[str]]:
    reasons = []
    learned = np.zeros(rows.size, np.bool_)
    mine = np.flatnonzero(half)
    learned[mine[fewer_units(unit[mine], most=MOST_LEARNED, seed=seed)]] = True
    if learned.sum() < half.sum():
        reasons.append(
            f"Slices were looked for among {int(learned.sum()):,} of the {int(half.sum()):,} samples of the "
            "discovery half, drawn at random with their patients; they were tested on the whole other half."
        )
    space = None
    if latents is None:
        reasons.append("Without latents only rules over features were looked for.")
    else:
        space = fitted_space(latents, rows[learned], seed=seed).place(latents, rows)
    conditions = conditions_of(features, label, classes, discovery=learned, target=target, rows=rows)
    if not features:
        reasons.append("Without metadata and image attributes no rules were looked for.")
    outputs = None if probabilities is None else probabilities[rows]
    return (
        Material(
            space,
            conditions if features else None,
            target,
            label,
            prediction,
            outputs,
            classes,
            unit,
            learned,
            seed,
        ),
        reasons,
    )


def distinct(candidates: Sequence[Candidate], discovery: BoolArray) -> list[Candidate]:
    """Without those whose members on the discovery half are those of one before."""
    seen: set[bytes] = set()
    kept = []
    for one in candidates:
        key = np.packbits(one.member[discovery]).tobytes()
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


def confirm(
    candidates: Sequence[Candidate],
    target: BoolArray,
    label: IntArray,
    unit: IntArray,
    confirmation: BoolArray,
    *,
    level: float,
) -> list[Tested]:
    """Every candidate against the rest of the confirmation half, corrected over all of them.

    The rest of a slice of one true class are the other samples of this class; of any other slice, all others.
    """
    found = []
    rho = within_units(target[confirmation], unit[confirmation])
    for one in candidates:
        among = np.flatnonzero(
            confirmation if one.category is None else confirmation & (label == one.category)
        )
        found.append(evidence(one.member[among], target[among], unit[among], rho=rho))
    q = benjamini_hochberg(np.array([one.p for one in found]))
    return [
        Tested(one, seen, float(value), bool(value <= level and seen.k >= FEWEST_CONFIRMING))
        for one, seen, value in zip(candidates, found, q, strict=True)
    ]


def shown_order(tested: Sequence[Tested], target: BoolArray, confirmation: BoolArray) -> list[int]:
    """Positions of confirmed slices, greedily; then of the others by p-value."""
    sure = [place for place, one in enumerate(tested) if one.confirmed]
    members = [tested[place].candidate.member[confirmation] for place in sure]
    expected = np.array([tested[place].evidence.rest_rate for place in sure])
    tiers = [tested[place].candidate.tier for place in sure]
    order = greedy_order(members, target[confirmation], np.nan_to_num(expected), tiers=tiers)
    others = [place for place, one in enumerate(tested) if not one.confirmed]
    others.sort(key=lambda place: (tested[place].evidence.p, place))
    return [sure[one] for one in order] + others


def _slice(
    tested: Tested, material: Material, rows: Rows, half: BoolArray, silence: FloatArray, noun: str
) -> Slice:
    one, seen = tested.candidate, tested.evidence
    mine = np.flatnonzero(one.member & ~half)
    hits = mine[material.target[mine]]
    quiet = np.where(np.isnan(silence[hits]), -np.inf, silence[hits])
    examples = hits[np.lexsort((hits, -one.score[hits], -quiet))]
    tells = telling(one, material, ~half)
    name = title(one, material, tells)
    words = () if material.conditions is None else tuple(material.conditions.words[c] for c in one.conditions)
    rest = rest_words(one, material.classes)
    return Slice(
        method=one.method,
        title=name,
        words=sentence(seen, rest, noun, q=tested.q, confirmed=tested.confirmed, uses_label=one.uses_label),
        conditions=()
        if material.conditions is None
        else tuple(material.conditions.names[material.conditions.feature[c]] for c in one.conditions),
        conditions_words=words,
        category=one.category,
        rest_words=rest,
        discovery=read_only(rows[one.member & half]),
        rows=read_only(rows[mine]),
        examples=read_only(rows[examples]),
        n=seen.n,
        k=seen.k,
        units=seen.units,
        rate=seen.rate,
        rest_rate=seen.rest_rate,
        interval=seen.interval,
        lift=seen.lift,
        p=seen.p,
        q=tested.q,
        confirmed=tested.confirmed,
        uses_label=one.uses_label,
        score=read_only(one.score.astype(np.float32)),
        parameters=one.parameters,
        telling=tells,
    )


def _report(
    slices: tuple[Slice, ...], rows: Rows, half: BoolArray, unit: IntArray, target: BoolArray, level: float
) -> SliceReport:
    return SliceReport(
        slices=slices,
        rows=rows,
        discovery=half,
        tested=0,
        level=level,
        n_target=int(target.sum()),
        n_discovery_target=int((target & half).sum()),
        units=int(np.unique(unit).size),
        why=(),
    )
