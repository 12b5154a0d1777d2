"""Rules: conjunctions of at most three conditions under which target samples gather.

Beam search with weighted relative accuracy (Lavrač, Flach, Zupan, ILP 1999) and weighted covering (Lavrač,
Kavšek, Flach, Todorovski, CN2-SD, JMLR 2004). The accuracy is relative to the sample's own class:
n/N * mean(t - p0[class]), so a rule that only names classes that fail often is worth nothing. Everything is
counted by matrix products over bool matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.slices.conditions import Conditions
from sfvisuals.slices.records import Candidate, Material, Method, Tier
from sfvisuals.types import BoolArray, FloatArray, IntArray

MOST_CONDITIONS: Final = 3
BEAM: Final = 24
MOST_RULES: Final = 14
MOST_IMAGE_RULES: Final = 8
MOST_LABEL_RULES: Final = 3
FEWEST_TARGETS: Final = 4
COVERED: Final = 0.1
GAIN: Final = 1.2
CAUTION: Final = 8.0
PURITY: Final = 2.0
SHRUNK: Final = 20.0


@dataclass(frozen=True, eq=False)
class Search:
    """What a search of rules counts on: the discovery half, conditions first.

    Attributes:
        holds: (m, D) float32 conditions.
        target: (D,) float32 1 for target samples.
        label: (D,) true class plus one, 0 unknown; classes: how many codes there are.
        allowed: (m, m) whether two conditions may stand together.
    """

    holds: FloatArray
    target: FloatArray
    label: IntArray
    classes: int
    allowed: BoolArray


def find_rules(material: Material) -> tuple[Candidate, ...]:
    """Rules over the material's conditions, in the order in which covering found them.

    First rules over what was recorded of the samples, which name a cause; then, on the target samples that
    these leave over, rules over the look of the images. By themselves, on all target samples, rules that
    compare the recorded label with the model's view.
    """
    conditions = material.conditions
    if conditions is None or not conditions.m:
        return ()
    here = np.flatnonzero(material.discovery)
    target = material.target[here]
    holds = conditions.holds.T[:, here].astype(np.float32)
    search = Search(
        holds,
        target.astype(np.float32),
        material.label[here] + 1,
        len(material.classes) + 1,
        _allowed(conditions),
    )
    weight, untouched = np.ones((2, here.size), np.float32)
    model, image, labels = conditions.sees_model, conditions.sees_image, conditions.uses_label
    found: list[tuple[tuple[int, ...], float]] = []
    for usable, new, most, left in (
        (~model & ~image, ~model & ~image, MOST_RULES, weight),
        (~model, image, MOST_IMAGE_RULES, weight),
        ((~model & ~image) | labels, labels, MOST_LABEL_RULES, untouched),
    ):
        if new.any():
            found += _covering(search, left, usable, needed=new, most=most, known=found)
    return tuple(_candidate(material, conditions, rule, quality) for rule, quality in found)


def class_rates(material: Material) -> FloatArray:
    """(n,) share of target samples in the sample's class on the discovery half, drawn towards that of all.

    (k + 20 p) / (n + 20), so that a class of few samples has about the rate p of all.
    """
    d = len(material.classes) + 1
    label = material.label[material.discovery]
    target = material.target[material.discovery]
    n = np.bincount(label + 1, minlength=d)
    k = np.bincount((label + 1)[target], minlength=d)
    overall = target.mean() if target.size else 0.0
    rates: FloatArray = (k + SHRUNK * overall) / (n + SHRUNK)
    return rates[material.label + 1]


def _allowed(conditions: Conditions) -> BoolArray:
    """(m, m) two conditions may stand together: not of one feature, and not two of the model's view."""
    same = conditions.feature[:, None] == conditions.feature[None, :]
    twice = conditions.sees_model[:, None] & conditions.sees_model[None, :]
    allowed: BoolArray = ~(same | twice)
    return allowed


def _covering(
    search: Search,
    weight: FloatArray,
    usable: BoolArray,
    *,
    needed: BoolArray,
    most: int,
    known: list[tuple[tuple[int, ...], float]],
) -> list[tuple[tuple[int, ...], float]]:
    """Rules with their values, one after the other, each for the target samples that those before leave over.

    `weight` (D,) is what is left of each sample; it is changed. The covers of `known` rules are not found
    again.
    """
    found: list[tuple[tuple[int, ...], float]] = []
    covers = {_cover(search, rule).tobytes() for rule, _ in known}
    for _ in range(most):
        best = _best(search, weight, usable, needed, covers)
        if best is None:
            break
        found.append(best)
        cover = _cover(search, best[0])
        covers.add(cover.tobytes())
        weight[cover & (search.target > 0)] *= COVERED
    return found


def _best(
    search: Search, weight: FloatArray, usable: BoolArray, needed: BoolArray, covers: set[bytes]
) -> tuple[tuple[int, ...], float] | None:
    """Of all rules that the beam comes by, that with the highest accuracy times purity.

    Purity is the squared share of target samples, drawn towards that of all as if by 8 more samples. The beam
    is led by weighted relative accuracy; taken alone it prefers wide rules: "site C" to "site C with a ruler"
    as soon as a few failures without a ruler pay for many correct samples without one.
    """
    value, hit = _excess(search, weight), weight * search.target
    beam: list[tuple[int, ...]] = [()]
    best: tuple[tuple[int, ...], float] | None = None
    for _ in range(MOST_CONDITIONS):
        masks = np.stack([_cover(search, rule) for rule in beam]).astype(np.float32)
        counted = np.concatenate([masks * value, masks * hit, masks * weight]) @ search.holds.T
        gains, hits, mass = np.split(counted, 3)
        gains /= value.size
        closed = ~_open(search, beam, usable) | (hits < FEWEST_TARGETS)
        overall = float(hit.sum() / weight.sum())
        sharp = gains * ((hits + CAUTION * overall) / (mass + CAUTION)) ** PURITY
        gains[closed] = sharp[closed] = -np.inf
        for rule, worth in _leading(beam, sharp):
            # one more condition has to make it clearly better
            least = 0.0 if best is None else best[1] * (GAIN if len(rule) > len(best[0]) else 1.0)
            if worth <= least:
                break
            if needed[list(rule)].any() and _cover(search, rule).tobytes() not in covers:
                best = (rule, worth)
                break
        beam = [rule for rule, _ in _leading(beam, gains)]
        if not beam:
            break
    return best


def _excess(search: Search, weight: FloatArray) -> FloatArray:
    """(D,) weight times (target minus the rate of its class), the rate counted with these weights."""
    n = np.bincount(search.label, weights=weight, minlength=search.classes)
    k = np.bincount(search.label, weights=weight * search.target, minlength=search.classes)
    rate = (k + SHRUNK * k.sum() / n.sum()) / (n + SHRUNK)
    excess: FloatArray = (weight * (search.target - rate[search.label])).astype(np.float32)
    return excess


def _leading(beam: list[tuple[int, ...]], gains: FloatArray) -> list[tuple[tuple[int, ...], float]]:
    """The BEAM best extensions, best first, ties by the conditions' order; each set of conditions once."""
    flat = gains.ravel()
    order = np.lexsort((np.arange(flat.size), -flat))
    leading: dict[tuple[int, ...], float] = {}
    for place in order[: BEAM * MOST_CONDITIONS * 2]:
        row, condition = divmod(int(place), gains.shape[1])
        if not np.isfinite(flat[place]) or flat[place] <= 0 or len(leading) == BEAM:
            break
        leading.setdefault(tuple(sorted((*beam[row], condition))), float(flat[place]))
    return list(leading.items())


def _open(search: Search, beam: list[tuple[int, ...]], usable: BoolArray) -> BoolArray:
    """(b, m) conditions that may be added to each rule of the beam."""
    return np.stack(
        [
            usable & np.logical_and.reduce([search.allowed[one] for one in rule]) if rule else usable
            for rule in beam
        ]
    )


def _cover(search: Search, rule: tuple[int, ...]) -> BoolArray:
    if not rule:
        return np.ones(search.target.size, np.bool_)
    held: BoolArray = search.holds[list(rule)].min(axis=0) > 0
    return held


def _candidate(
    material: Material, conditions: Conditions, rule: tuple[int, ...], quality: float
) -> Candidate:
    met = conditions.holds[:, list(rule)]
    member: BoolArray = np.asarray(met.all(axis=1), np.bool_)
    classes = conditions.category[list(rule)]
    beyond = [far for one in rule if (far := conditions.beyond(one)) is not None]
    inner = np.mean([nearness(material, member), *beyond], axis=0)
    return Candidate(
        method=Method.RULES,
        member=member,
        score=(np.where(member, 1.0 + inner, met.mean(axis=1) * 0.99)).astype(np.float32),
        quality=quality,
        category=int(classes.max()) if classes.max() >= 0 else None,
        conditions=rule,
        tier=Tier.LOOK if conditions.sees_image[list(rule)].any() else Tier.RECORDED,
        uses_label=bool(conditions.uses_label[list(rule)].any()),
        parameters={"beam": BEAM, "most_conditions": MOST_CONDITIONS, "covered_weight": COVERED},
    )


def nearness(material: Material, member: BoolArray) -> FloatArray:
    """(n,) 0..1: how near a sample's latents are to the middle of the slice's target samples, nearest 1.

    With how far values lie beyond a rule's cuts it orders the rule's members. Ranks, so only the order means
    anything; 0 throughout without latents.
    """
    n = material.n
    learned = member & material.target & material.discovery
    if material.space is None or not learned.any():
        return np.zeros(n)
    middle = material.space[learned].mean(axis=0)
    distance = ((material.space - middle) ** 2).sum(axis=1)
    rank = np.empty(n)
    rank[np.argsort(distance, kind="stable")] = np.arange(n)
    return 1.0 - rank / max(n, 1)
