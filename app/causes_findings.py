"""What tells some samples from others, in the numbers of the page "Concepts and slices": effect, p and q."""

from __future__ import annotations

from math import isfinite

from sfvisuals.explain import Finding, two_numbers, two_percentages

EFFECT_SAYS = "standardised difference d of numbers, odds ratio OR of levels"
LEAST_P = 1e-4
MOST_ODDS = 1000
MOST_D = 10  # beyond it the groups are apart, and the number tells how little they vary, not how far


def probability(value: float) -> str:
    """A p or q with two digits."""
    return "< 0.0001" if value < LEAST_P else f"{value:.2g}"


def effect(one: Finding) -> tuple[str, str]:
    """The effect size of a finding, and what it is.

    Numbers: the standardised difference of the means. Levels: the odds ratio. Where neither can be had, as
    with numbers that do not vary, Cliff's delta.
    """
    if one.odds_ratio is not None:
        ratio, low, high = one.odds_ratio
        return (
            f"OR {_odds(ratio)}",
            f"odds ratio over patients or images, 95 % from {_odds(low)} to {_odds(high)}",
        )
    if one.difference is not None and isfinite(one.difference):
        return f"d {_capped(one.difference)}", "standardised difference of the means"
    return f"δ {_signed(one.delta)}", "Cliff's delta: from −1, always lower, to 1, always higher"


def sides(one: Finding) -> str:
    """Median, or share with the level, of the selected samples and of those they are compared with."""
    pair = (one.selected, one.reference)
    here, there = two_numbers(*pair) if one.level is None else two_percentages(*pair)
    return f"{here} vs {there}" + (f" {one.unit}" if one.level is None and one.unit else "")


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "−") if abs(value) >= 0.05 else "0.0"


def _capped(difference: float) -> str:
    if abs(difference) <= MOST_D:
        return _signed(difference)
    return f"> {MOST_D}" if difference > 0 else f"< −{MOST_D}"


def _odds(ratio: float) -> str:
    if ratio >= MOST_ODDS:
        return f"> {MOST_ODDS:,}"
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}" if ratio >= 0.01 else "< 0.01"
