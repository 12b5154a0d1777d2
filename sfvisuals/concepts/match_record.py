"""How a concept of a target study relates to the concepts of the source, as a record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sfvisuals.types import Rows


class MatchFlag(StrEnum):
    """What is remarkable about a target concept."""

    MOVED = "moved into the cluster of another class"
    ALONE = "no partner in the source"
    NONE = ""


@dataclass(frozen=True, eq=False)
class SourceConcept:
    """A source concept as seen from a target concept.

    Attributes:
        category: class position of the source concept; class_name: in words.
        index: position among the concepts of its class in the source.
        distance: median distance of the target concept's members to this centre, in spreads of the source
            (see matching.py): half of the source's own samples lie within 1 of their own centres.
        rows: its members; representatives: its representatives.
    """

    category: int | str
    class_name: str
    index: int
    distance: float
    rows: Rows
    representatives: Rows


@dataclass(frozen=True, eq=False)
class ConceptMatch:
    """A target concept beside the source concepts it resembles.

    Attributes:
        source: name of the source study; study: of the target concept's study.
        category, class_name, index, rows, representatives: of the target concept, as in ConceptCard.
        failures: wrong members; n_silent: how many of them are silent failures.
        nearest: the nearest source concept of each class compared with (all that the source has; of more than
            twelve, the likeliest ones), the nearest of all first.
        own: distance to the nearest source concept of its own class, None where the source has none.
        reach: 99 % of the source's samples lie at most so many spreads from their own centres.
        beyond: share of the members that lie farther than `reach` from every source concept.
        flag: alone where more than half of the members lie beyond; else moved where the nearest source
            concept is of another class and within reach.
        words: the finding as a sentence made of numbers.
    """

    source: str
    study: str
    category: int | str
    class_name: str
    index: int
    rows: Rows
    representatives: Rows
    failures: int
    n_silent: int
    nearest: tuple[SourceConcept, ...]
    own: float | None
    reach: float
    beyond: float
    flag: MatchFlag
    words: str = ""

    @property
    def size(self) -> int:
        """Number of members of the target concept."""
        return int(self.rows.size)

    @property
    def moved(self) -> bool:
        """Whether it lies in the cluster of another class."""
        return self.flag is MatchFlag.MOVED

    @property
    def alone(self) -> bool:
        """Whether it has no partner in the source."""
        return self.flag is MatchFlag.ALONE
