"""Findings in plain words made of numbers."""

from __future__ import annotations

import math

from sfvisuals.explain.comparing import TRUTH, Comparison
from sfvisuals.explain.findings import MISSING


def sentence(one: Comparison, reference: str) -> str:
    """What differs, how well it tells the sides apart, and the two numbers.

    "straight-line content is higher (AUC .93, median 0.31 against 0.04) than in correct malignant images"
    """
    label, area = one.feature.label, area_words(one.strength)
    reference = f"correct {one.stratum} images" if one.stratum else reference
    if one.code is None:
        how = _how(one)
        mine, theirs = two_numbers(one.selected, one.reference)
        unit = f" {one.feature.unit}" if one.feature.unit else ""
        return f"{how} (AUC {area}, median {mine} against {theirs}{unit}) than in {reference}"
    how = "more often" if one.higher else "less often"
    mine, theirs = two_percentages(one.selected, one.reference)
    numbers = f"(AUC {area}, {mine} against {theirs}) than in {reference}"
    if one.level == MISSING:
        return f"{label} is missing {how} {numbers}"
    if one.feature.levels == TRUTH:
        return f"{label} is {str(one.level).lower()} {how} {numbers}"
    return f"{label} is {one.level} {how} {numbers}"


def short(one: Comparison) -> str:
    """The finding in a few words, to be folded under another."""
    label, level = one.feature.label, one.level
    among = f" among {one.stratum} images" if one.stratum else ""
    if level is None:
        what = _how(one).replace(" is ", " ")
    else:
        name = level if label in level else f"{label} {level}"
        what = f"{name} {'more' if one.higher else 'less'}"
    return f"{what}{among} (AUC {area_words(one.strength)})"


def brief(one: Comparison) -> str:
    """What differs, without numbers: "more straight lines", "ruler more often", "age lower"."""
    label, level = one.feature.label, one.level
    among = f" among {one.stratum} images" if one.stratum else ""
    if level is None:
        return _how(one).replace(" is ", " ") + among
    name = level if label in level else f"{label} {level}"
    if level == MISSING:
        name = f"{label} missing"
    elif one.feature.levels == TRUTH:
        name = label if level == TRUTH[1] else f"no {label}"
    return f"{name} {'more' if one.higher else 'less'} often{among}"


def _how(one: Comparison) -> str:
    """In which way numbers differ: "more straight lines", or "age is higher" without own words."""
    own = one.feature.higher if one.higher else one.feature.lower
    return own or f"{one.feature.label} is {'higher' if one.higher else 'lower'}"


def area_words(area: float) -> str:
    """An area without its leading zero: .93; 1.00 only where it is 1."""
    if area >= 1.0:
        return "1.00"
    return f"{min(area, 0.9949):.2f}"[1:]


def two_numbers(a: float, b: float) -> tuple[str, str]:
    """Two numbers with the digits that tell them apart, two significant ones of their difference at least."""
    gap, largest = abs(a - b), max(abs(a), abs(b))
    scale = gap if gap > 0 else largest
    if not math.isfinite(scale) or scale == 0:
        return f"{a:g}", f"{b:g}"
    places = min(max(0, 1 - math.floor(math.log10(scale))), 6)
    if largest >= 1e6 or 0 < largest < 1e-4:
        return f"{a:.3g}", f"{b:.3g}"
    # adding 0 to what is rounded takes the sign off a zero
    return f"{round(a, places) + 0.0:,.{places}f}", f"{round(b, places) + 0.0:,.{places}f}"


def two_percentages(a: float, b: float) -> tuple[str, str]:
    """Two shares in per cent, with a decimal where they would look the same; 0 and 100 only if exact."""
    places = 0 if round(100 * a) != round(100 * b) else 1
    return percentage(a, places), percentage(b, places)


def percentage(share: float, places: int = 0) -> str:
    """A share in per cent: "58 %"; 0 and 100 only if exact."""
    text = f"{100 * share:.{places}f}"
    least = 10.0**-places
    if share > 0 and float(text) == 0:
        return f"< {least:g} %"
    if share < 1 and float(text) == 100:
        return f"> {100 - least:g} %"
    return f"{text} %"
