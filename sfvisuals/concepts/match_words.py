"""A match in a sentence made of numbers."""

from __future__ import annotations

from typing import Final

from sfvisuals.concepts.match_record import ConceptMatch, MatchFlag, SourceConcept
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.types import Judge, Run

NEARLY: Final = 0.15


def class_words(run: Run, category: int | str) -> str:
    """A class as a person reads it."""
    return "new class" if category == NEW_CLASS else run.classes[int(category)]


def words_of(run: Run, match: ConceptMatch, basis: Judge | None) -> str:
    """Where the concept lies and what becomes of it.

    "132 malignant samples of Clinic B lie 0.8 spreads from concept 2 of benign in the source and 2.9 from the
    nearest malignant one; 71 of them are silent failures"
    """
    label = next(s.label for s in run.studies if s.name == match.study)
    first = match.nearest[0]
    digits = _digits(match)
    other = next((one for one in match.nearest if one.category != match.category), None)
    subject = _samples(match, basis) + f" of {label} lie"
    match match.flag:
        case MatchFlag.MOVED:
            own = (
                "a class that the source has not"
                if match.own is None
                else f"{match.own:.{digits}f} from the nearest {match.class_name} one"
            )
            joined = " and " if match.own is not None else "; it is of "
            where = f"{_from(first, digits)}{joined}{own}"
        case MatchFlag.ALONE:
            where = (
                f"{_from(first, digits)}, the nearest of all, where 99 % of the source lie within"
                f" {match.reach:.{digits}f} of their own"
            )
        case MatchFlag.NONE:
            where = _from(first, digits)
            if other is not None:
                where += f" and {other.distance:.{digits}f} from the nearest other ({_name(other)})"
    return f"{subject} {where}; {_silent(match)}"


def _samples(match: ConceptMatch, basis: Judge | None) -> str:
    noun = "sample" if match.size == 1 else "samples"
    if match.category == NEW_CLASS:
        return f"{match.size:,} new-class {noun}"
    if basis is None:
        return f"{match.size:,} {match.class_name} {noun}"
    return f"{match.size:,} {noun} predicted {match.class_name}"


def _from(concept: SourceConcept, digits: int) -> str:
    return f"{concept.distance:.{digits}f} spreads from {_name(concept)} in the source"


def _name(concept: SourceConcept) -> str:
    return f"concept {concept.index + 1} of {concept.class_name}"


def _silent(match: ConceptMatch) -> str:
    if not match.n_silent:
        return "none of them is a silent failure"
    if match.n_silent == 1:
        return "1 of them is a silent failure"
    return f"{match.n_silent:,} of them are silent failures"


def _digits(match: ConceptMatch) -> int:
    """Decimals that tell the two distances in the sentence apart."""
    first = match.nearest[0].distance
    alone = match.flag is MatchFlag.ALONE or len(match.nearest) < 2
    other = match.reach if alone else match.nearest[1].distance
    return 1 if abs(first - other) >= NEARLY else 2
