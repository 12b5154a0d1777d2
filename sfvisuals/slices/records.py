"""What discovery looks at, what a finder proposes, and what a slice is after it was tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from sfvisuals.types import BoolArray, FloatArray, IntArray, Rows

if TYPE_CHECKING:
    from sfvisuals.slices.conditions import Conditions


class Method(StrEnum):
    """How a slice was found."""

    MIXTURE = "mixture"
    FAILURES = "failures"
    RULES = "rules"


class Tier(IntEnum):
    """How much a slice explains: what was recorded names a cause, a look hints at one, a place does not."""

    RECORDED = 0
    LOOK = 1
    PLACE = 2


@dataclass(frozen=True, eq=False)
class Material:
    """The samples that slices are looked for among: n of them, of a run's chosen studies.

    Attributes:
        space: (n, r) float32 reduced latents, fitted on the discovery half; None without latents.
        conditions: what rules are made of, cut on the discovery half; None without features.
        target: (n,) True where the sample is what is looked for: a failure, or a silent one.
        label: (n,) true class; -1 where the model has no such class.
        prediction: (n,) predicted class.
        probabilities: (n, d) predicted probabilities, or None.
        classes: d class names.
        unit: (n,) samples of one unit belong together: one patient, or one source image with its copies.
        discovery: (n,) True in the half that finders may learn from.
        seed: of whatever is drawn.
    """

    space: FloatArray | None
    conditions: Conditions | None
    target: BoolArray
    label: IntArray
    prediction: IntArray
    probabilities: FloatArray | None
    classes: tuple[str, ...]
    unit: IntArray
    discovery: BoolArray
    seed: int

    @property
    def n(self) -> int:
        """Number of samples."""
        return int(self.target.shape[0])


@dataclass(frozen=True, eq=False)
class Candidate:
    """What a finder proposes, from the discovery half alone.

    Attributes:
        method: who found it.
        member: (n,) True where the sample belongs to it, on both halves; told without looking at the outcome.
        score: (n,) float32 how much the sample belongs to it; members have the highest scores.
        quality: how good it looked on the discovery half; candidates of one method come best first.
        tier: how much it explains.
        category: the one true class that its members have, or None where they may have any.
        conditions: positions in the material's conditions, for rules.
        uses_label: whether membership compares the recorded label with what the model sees, so that its
            members are failures nearly by definition.
        parameters: what the finder was run with.
    """

    method: Method
    member: BoolArray
    score: FloatArray
    quality: float
    tier: Tier
    category: int | None = None
    conditions: tuple[int, ...] = ()
    uses_label: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Finder:
    """One way to find slices.

    Attributes:
        name: the method.
        label: what a person reads.
        source: where it comes from.
        needs: "latents" or "features".
        find: material -> candidates, best first.
    """

    name: Method
    label: str
    source: str
    needs: str
    find: Callable[[Material], tuple[Candidate, ...]]


@dataclass(frozen=True, eq=False)
class Slice:
    """A group of samples in which failures gather; every number is of the confirmation half.

    Attributes:
        method: how it was found.
        title: a few words.
        words: one sentence with its numbers.
        conditions: names of the features that a rule's conditions are about; empty for regions.
        conditions_words: the conditions in words, in the same order.
        category: its one true class, or None.
        rest_words: what "the rest" is.
        discovery: rows of its members in the discovery half.
        rows: rows of its members in the confirmation half.
        examples: rows of its target samples in the confirmation half, most silent first.
        n: members; k: those that are target samples; units: patients or source images that they come from.
        rate: k / n, NaN without members.
        rest_rate: share of target samples in the rest.
        interval: exact 95 % interval of the rate, counted in what repeated samples are worth.
        lift: rate / rest_rate; inf where the rest has none.
        p: one-sided; q: after Benjamini and Hochberg over all tested.
        confirmed: q at most the level, with enough target samples.
        uses_label: see Candidate.
        score: (m,) float32 membership of every row looked at, in the order of the report's rows.
        parameters: what the finder was run with.
        telling: features that tell its target samples from correct ones of the same class: (words, share in
            the slice, share in the others), most telling first.
    """

    method: Method
    title: str
    words: str
    conditions: tuple[str, ...]
    conditions_words: tuple[str, ...]
    category: int | None
    rest_words: str
    discovery: Rows
    rows: Rows
    examples: Rows
    n: int
    k: int
    units: int
    rate: float
    rest_rate: float
    interval: tuple[float, float]
    lift: float
    p: float
    q: float
    confirmed: bool
    uses_label: bool
    score: FloatArray
    parameters: dict[str, Any]
    telling: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, eq=False)
class SliceReport:
    """All slices of a discovery, in the order in which they are shown.

    Attributes:
        slices: confirmed ones first, each next one for what the ones before leave over.
        rows: (m,) rows that were looked at, ascending.
        discovery: (m,) True where the row is in the discovery half.
        tested: number of slices tested, over which the correction went.
        level: of the false discovery rate.
        n_target: target samples among the rows; n_discovery_target: those of the discovery half.
        units: units among the rows.
        why: reasons why something is not there, each a sentence.
    """

    slices: tuple[Slice, ...]
    rows: Rows
    discovery: BoolArray
    tested: int
    level: float
    n_target: int
    n_discovery_target: int
    units: int
    why: tuple[str, ...]

    @property
    def confirmed(self) -> tuple[Slice, ...]:
        """The slices that hold on the confirmation half."""
        return tuple(one for one in self.slices if one.confirmed)


def read_only(array: np.ndarray[Any, Any]) -> Any:
    """The array, no longer writeable."""
    array.flags.writeable = False
    return array
