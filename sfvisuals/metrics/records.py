"""What a metric returns: a number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One metric of one score on one set of samples.

    Attributes:
        value: the number in its unit (risks, AURC, AUGRC and rates in 0..1), or None where it is undefined.
        why: the reason where it is undefined, else "".
        n: number of samples (those of weight 0 left out).
        failures: how many of them are failures.
    """

    value: float | None
    why: str
    n: int
    failures: int

    def __post_init__(self) -> None:
        if self.value is not None and not isfinite(self.value):
            raise AssertionError(f"a metric came out as {self.value}; it must say why it is undefined")
        if (self.value is None) is not bool(self.why):
            raise AssertionError("a metric has either a value or a reason")
