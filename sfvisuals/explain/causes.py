"""Records of the cause triage: which kind of cause fits a failure, and the evidence for and against each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from sfvisuals.types import BoolArray, FloatArray, IntArray, Rows


class Cause(StrEnum):
    """Kinds of causes, in the order in which they are looked for."""

    UNSEEN = "unseen"
    SHIFT = "shift"
    SHORTCUT = "shortcut"
    AMBIGUOUS = "ambiguous"
    LABEL_SUSPECT = "label_suspect"
    NOT_CLEAR = "not_clear"


CAUSES: Final = tuple(Cause)
CAUSE_LABELS: Final[dict[Cause, str]] = {
    Cause.UNSEEN: "unseen concept",
    Cause.SHIFT: "shift",
    Cause.SHORTCUT: "shortcut",
    Cause.AMBIGUOUS: "ambiguous",
    Cause.LABEL_SUSPECT: "label suspect",
    Cause.NOT_CLEAR: "not clear",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one cause of one failure.

    Attributes:
        cause: which cause.
        holds: whether what its rule asks for is met.
        words: the evidence in one sentence made of numbers.
        numbers: the same as numbers, by name.
    """

    cause: Cause
    holds: bool
    words: str
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that a failure has and correct images of its class in its study have less often.

    Attributes:
        label: what it is: "ruler true", "straight-line content at or above 0.12".
        here: share of the true class in the failures' study that has it.
        source_true, source_predicted: share of the true and of the predicted class in the source studies.
        sources: the studies that stand for the training data.
        p: that source_predicted exceeds source_true by chance; NaN where that was not tested.
    """

    label: str
    here: float
    source_true: float
    source_predicted: float
    sources: str
    p: float


@dataclass(frozen=True, eq=False)
class Signs:
    """What is known of n failures; percentiles are among validation (else iid) samples.

    Attributes:
        confidence, margin: (n,) percentile among the correct ones; NaN where unknown.
        distance: (n,) percentile of the distance from all training samples.
        own: (n,) percentile of the distance from those of its true class, among samples of that class.
        share: (n,) share of the k nearest training samples that have the predicted class.
        share_limits: lower quartile and 5th percentile of `share` among correct samples.
        accepted: (n,) whether the score accepts it.
        clean: (n,) 1 its clean image is predicted correctly, 0 it is not, -1 it is no corrupted copy.
        kin: (n,) share of its nearest images of study and source that are failures of its study; NaN where
            not looked at.
    """

    confidence: FloatArray
    margin: FloatArray
    distance: FloatArray
    own: FloatArray
    share: FloatArray
    share_limits: tuple[float, float]
    accepted: BoolArray
    clean: IntArray
    kin: FloatArray


@dataclass(frozen=True, eq=False)
class Triage:
    """The causes of n failures.

    Attributes:
        rows: (n,) the failures.
        holds: (n, C) whether the rule of each cause of `CAUSES` is met; the last one where none is.
        cause: (n,) position in CAUSES of the first that is met.
        signs: what is known of each.
        attributes: what groups of failures have; `has` says which failure has which.
        shortcut, unseen, moved: (n,) position in `attributes` of what makes it a shortcut, of what the source
            lacks, and of a look that its class has far more often here than in the source; -1 without.
        why: what could not be looked at, each a sentence.
    """

    rows: Rows
    holds: BoolArray
    cause: IntArray
    signs: Signs
    attributes: tuple[Attribute, ...]
    shortcut: IntArray
    unseen: IntArray
    moved: IntArray
    why: tuple[str, ...]

    @property
    def counts(self) -> dict[Cause, int]:
        """How many failures each cause has, in the order of CAUSES."""
        counted = np.bincount(self.cause, minlength=len(CAUSES))
        return {cause: int(count) for cause, count in zip(CAUSES, counted, strict=True)}

    @property
    def pooled(self) -> Cause:
        """The cause of more than half of the failures; not clear where there is none."""
        for cause, count in self.counts.items():
            if 2 * count > len(self.rows):
                return cause
        return Cause.NOT_CLEAR

    @property
    def words(self) -> str:
        """One sentence about the set."""
        parts = [f"{count:,} {CAUSE_LABELS[cause]}" for cause, count in self.counts.items() if count]
        return f"{len(self.rows):,} failures: {', '.join(parts)}" if parts else "No failure is selected"
