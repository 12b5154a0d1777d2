"""What a card of a concept says, as a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfvisuals.types import ClusterMethod, Judge, Rows

if TYPE_CHECKING:
    from sfvisuals.explain import Finding


@dataclass(frozen=True, slots=True)
class Rate:
    """A share seen as `k` of `n`, with its exact 95 % interval (Clopper and Pearson 1934).

    Attributes:
        k: how many; n: of how many.
        low: lower end of the interval, 0 for n = 0; high: its upper end, 1 for n = 0.
    """

    k: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """k / n, None for n = 0."""
        return self.k / self.n if self.n else None


@dataclass(frozen=True, eq=False)
class ConceptCard:
    """One concept with everything that is said of it, at one score and threshold.

    Attributes:
        study: name of the study whose samples were clustered.
        category: class position, or "new" for the samples of a new-class study.
        class_name: the class in words.
        index: position among the concepts of this class and study, from 0, the largest first.
        basis: None where the class is the true one, else the prediction that says it.
        method: how the clusters were found.
        k: number of clusters that was asked for, None where the data chose.
        name: the most enriched attribute and the class ("ruler: yes, malignant"), else class and number.
        rows: members, ascending.
        spread: root mean squared distance of the members to their centre, in the shared reduced space.
        representatives: central members far from each other; no near-duplicates, no patient or image twice.
        boundary: members that lie nearest to another concept of these, the nearest first.
        failures: wrong members: the silent ones first, each part most confident first.
        n_silent: how many of `failures` are silent.
        sizes: (study, samples): the members here; in every other study of the run the samples of the same
            class that lie nearest to this concept and within its reach.
        accuracy: share of members predicted rightly; always 0 for "new".
        confidence: mean score of the members that have one, None where none has.
        gap: mean confidence minus accuracy over the members with a score, positive = too confident; None
            where the score is no probability.
        gap_why: why there is no gap, else "".
        silent_rate: silent failures among the members.
        findings: what tells the members from the same class elsewhere (`sfvisuals.explain.Finding`),
            strongest first.
        findings_why: why there are none, else "".
        stability: of the clustering this concept comes from: mean adjusted Rand index over pairs of seeds;
            None where there is one cluster only.
    """

    study: str
    category: int | str
    class_name: str
    index: int
    basis: Judge | None
    method: ClusterMethod
    k: int | None
    name: str
    rows: Rows
    spread: float
    representatives: Rows
    boundary: Rows
    failures: Rows
    n_silent: int
    sizes: tuple[tuple[str, int], ...]
    accuracy: float
    confidence: float | None
    gap: float | None
    gap_why: str
    silent_rate: Rate
    findings: tuple[Finding, ...] = ()
    findings_why: str = ""
    stability: float | None = None

    @property
    def size(self) -> int:
        """Number of members."""
        return int(self.rows.size)

    @property
    def silent(self) -> Rows:
        """Silent failures among the members, most confident first."""
        return self.failures[: self.n_silent]
