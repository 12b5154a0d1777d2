"""Conditions that a sample fulfils or not: what rules are made of and what a slice is named after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin
from sfvisuals.types import BoolArray, FloatArray, IntArray

QUANTILES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MOST_LEVELS: Final = 40
FEW_VALUES: Final = 12
FEWEST: Final = 5
CLASS: Final = "true class"
# features that compare the recorded label with what the model sees: failure is nearly their definition
USES_LABEL: Final = frozenset({"model:train_true"})
# what the scores say already: that unsure predictions are wrong more often is no cause
CONFIDENCE: Final = frozenset({"model:margin", "model:mc_spread"})


@dataclass(frozen=True, eq=False)
class Conditions:
    """m conditions over n samples.

    Attributes:
        holds: (n, m) True where the sample fulfils the condition; missing values fulfil none.
        feature: (m,) which feature a condition is about: -1 - position for none, see `names`.
        names: names of the features, the last one the true class.
        words: m texts, "device = device 2" or "brightness >= 0.61".
        category: (m,) the class where the condition is about the true class, else -1.
        uses_label: (m,) whether it compares the recorded label with what the model sees.
        sees_model: (m,) whether it is about the model's outputs or latents.
        sees_image: (m,) whether it is about a measured attribute of the image.
        side: (m,) 1 for "at least", -1 for "below", 0 for levels.
        rank: (n, F) float32 of each feature of numbers, 0 to 1 from its lowest to its highest value; 0 where
            missing and for levels.
    """

    holds: BoolArray
    feature: IntArray
    names: tuple[str, ...]
    words: tuple[str, ...]
    category: IntArray
    uses_label: BoolArray
    sees_model: BoolArray
    sees_image: BoolArray
    side: IntArray
    rank: FloatArray

    def beyond(self, condition: int) -> FloatArray | None:
        """(n,) 0 to 1: how far a value lies to the condition's side; None for levels."""
        if not self.side[condition]:
            return None
        rank = self.rank[:, self.feature[condition]]
        return rank if self.side[condition] > 0 else 1.0 - rank

    def shares(self, among: BoolArray) -> FloatArray:
        """(m,) share of these samples (n,), at least one, that fulfil each condition."""
        counts = np.bitwise_count(self._packed & np.packbits(among)).sum(axis=1)
        return np.asarray(counts / np.count_nonzero(among))

    @cached_property
    def _packed(self) -> IntArray:
        """(m, n / 8) uint8: eight samples of a condition in one byte."""
        return np.packbits(self.holds.T, axis=1)

    @property
    def m(self) -> int:
        """Number of conditions."""
        return len(self.words)


def conditions_of(
    features: Sequence[Feature],
    label: IntArray,
    classes: Sequence[str],
    *,
    discovery: BoolArray,
    target: BoolArray,
    rows: IntArray | None = None,
) -> Conditions:
    """The conditions that these features allow.

    Levels are compared for equality (of more than 40, the 40 with most target samples). Numbers are cut at
    quantiles of the discovery half's known values (between all values where there are at most 12), one
    condition per side; values at a cut are on its upper side. Of a feature that compares the label with
    what the model sees only "below the lowest cut" is made: what speaks against the label most. Conditions
    that fewer than 5 or all but 5 samples of the discovery half fulfil are left out, and of several that
    the same samples of it fulfil the first stays. The true class comes last.

    Args:
        features: of all samples of a run.
        label: (n,) true class, -1 unknown.
        classes: their names.
        discovery: (n,) half that cuts are made on.
        target: (n,) target samples, for the choice of levels.
        rows: (n,) which of the features' samples these are; all by default.
    """
    features = [one for one in features if one.name not in CONFIDENCE]
    columns: list[BoolArray] = []
    about: list[int] = []
    words: list[str] = []
    category: list[int] = []
    side: list[int] = []
    ranks = np.zeros((label.size, len(features) + 1), np.float32)
    for place, feature in enumerate((*features, None)):
        if feature is None:
            made = _levels(label, tuple(classes), discovery & target, CLASS)
        elif feature.kind is FeatureKind.NUMBER:
            values = feature.numbers if rows is None else feature.numbers[rows]
            made = _cuts(values, discovery, feature)
            ranks[:, place] = _ranks(values)
            if feature.name in USES_LABEL:
                made = made[1:2]
        else:
            codes = feature.codes if rows is None else feature.codes[rows]
            made = _levels(codes, feature.levels, discovery & target, feature.label)
        for holds, text, code in made:
            columns.append(holds)
            words.append(text)
            about.append(place)
            category.append(code if feature is None else -1)
            side.append(code if feature is not None and feature.kind is FeatureKind.NUMBER else 0)
    return _kept(columns, about, words, category, side, features, discovery, ranks)


def _kept(
    columns: list[BoolArray],
    about: list[int],
    words: list[str],
    category: list[int],
    side: list[int],
    features: Sequence[Feature],
    discovery: BoolArray,
    ranks: FloatArray,
) -> Conditions:
    """Without conditions that hardly any or nearly all samples fulfil, and without repeated ones."""
    seen: set[bytes] = set()
    stay = []
    for place, holds in enumerate(columns):
        here = holds[discovery]
        count, key = int(here.sum()), np.packbits(here).tobytes()
        if FEWEST <= count <= here.size - FEWEST and key not in seen:
            seen.add(key)
            stay.append(place)
    n = discovery.size
    feature = np.array([about[place] for place in stay], np.int64)
    names = (*(one.name for one in features), CLASS)
    model = [one.origin is FeatureOrigin.MODEL for one in features] + [False]
    image = [one.origin is FeatureOrigin.IMAGE for one in features] + [False]
    labelled = [one.name in USES_LABEL for one in features] + [False]
    return Conditions(
        # condition after condition, which is how it is made and read
        holds=np.stack([columns[place] for place in stay]).T if stay else np.empty((n, 0), np.bool_),
        feature=feature,
        names=names,
        words=tuple(words[place] for place in stay),
        category=np.array([category[place] for place in stay], np.int64),
        uses_label=np.array(labelled, np.bool_)[feature],
        sees_model=np.array(model, np.bool_)[feature],
        sees_image=np.array(image, np.bool_)[feature],
        side=np.array([side[p] for p in stay], np.int64),
        rank=ranks,
    )


def _ranks(values: FloatArray) -> FloatArray:
    """(n,) 0 to 1, equal values the same; 0 where missing."""
    known = np.isfinite(values)
    distinct, places = np.unique(values[known], return_inverse=True)
    ranks = np.zeros(values.size, np.float32)
    ranks[known] = places / max(distinct.size - 1, 1)
    return ranks


def _levels(
    codes: IntArray, levels: tuple[str, ...], wanted: BoolArray, label: str
) -> list[tuple[BoolArray, str, int]]:
    """Conditions of equality: who fulfils it, words, code of the level."""
    counts = np.bincount(codes[wanted & (codes >= 0)], minlength=len(levels))
    chosen = np.sort(np.lexsort((np.arange(counts.size), -counts))[:MOST_LEVELS])
    return [(codes == code, f"{label} = {levels[code]}", int(code)) for code in chosen if counts[code] > 0]


def _cuts(values: FloatArray, discovery: BoolArray, feature: Feature) -> list[tuple[BoolArray, str, int]]:
    """Conditions of numbers: who fulfils it, words, 1 for "at least" and -1 for "below"."""
    known = values[discovery & np.isfinite(values)]
    if not known.size:
        return []
    made: list[tuple[BoolArray, str, int]] = []
    unit = f" {feature.unit}" if feature.unit else ""
    distinct = np.unique(known)
    few = distinct.size <= FEW_VALUES
    for cut in distinct[1:] if few else np.unique(np.quantile(known, QUANTILES, method="nearest")):
        with np.errstate(invalid="ignore"):
            made.append((values >= cut, f"{feature.label} ≥ {cut:.3g}{unit}", 1))
            made.append((values < cut, f"{feature.label} < {cut:.3g}{unit}", -1))
    return made
