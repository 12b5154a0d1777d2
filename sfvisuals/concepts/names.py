"""What a concept is called until somebody names it: its most enriched attribute and its class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfvisuals.explain import Finding

YES: Final = ("yes", "true", "1")
NO: Final = ("no", "false", "0")


def attribute_words(finding: Finding) -> str:
    """A finding as the beginning of a name: "ruler", "no ink", "hair: thick", "high age", "more edges".

    Empty where the level is what the members have less often: a name says what is there.
    """
    from sfvisuals.explain.records import FeatureOrigin

    if finding.level is None:
        if finding.origin is FeatureOrigin.IMAGE and finding.brief and not finding.stratum:
            return finding.brief  # image attributes have words of their own for either direction
        return f"{'high' if finding.higher else 'low'} {finding.label}"
    if not finding.higher:
        return ""
    level = finding.level.lower()
    if level in YES:
        return finding.label
    return f"no {finding.label}" if level in NO else f"{finding.label}: {finding.level}"


def built_names(class_name: str, findings: Sequence[Sequence[Finding]]) -> tuple[str, ...]:
    """A name for each concept of a class, from its findings that hold, strongest first.

    "low atypia, malignant": its first attribute that not all concepts of the class have, since a name tells
    them apart; the class and the number of the concept where there is none; and the number is added where two
    concepts would have one name.
    """
    words = [[text for text in map(attribute_words, those) if text] for those in findings]
    common = set.intersection(*map(set, words)) if len(words) > 1 else set()
    first = [next((text for text in those if text not in common), "") for those in words]
    often = Counter(first)
    names = []
    for place, text in enumerate(first, start=1):
        number = f" {place}" if often[text] > 1 or not text else ""
        names.append(f"{text}, {class_name}{number}" if text else f"{class_name}{number}")
    return tuple(names)
