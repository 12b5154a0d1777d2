"""Cost and prevalence by the names of classes, for runs whose classes need not be the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sfvisuals.benchmark.columns import iid_study
from sfvisuals.benchmark.records import UNKNOWN_CLASS, Weights
from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.types import Run

# stands for all classes that a model does not know
NEW: Final = "new"


@dataclass(frozen=True)
class NamedWeights:
    """Cost and prevalence of classes by name or position.

    Attributes:
        cost: class -> cost of a mistake on it, in any unit; 1 for a class not named.
        prevalence: class -> share of it where the model is used, 0..1. Classes not named share what is left
            in proportion to the iid study; where all are named any unit will do (counts, per cent).
    """

    cost: Mapping[str, float] = field(default_factory=dict)
    prevalence: Mapping[str, float] = field(default_factory=dict)

    def of(self, run: Run) -> Weights:
        """The weights in this run's classes; a cost of a class that it does not have changes nothing.

        Raises NotFoundError where the run lacks a class whose prevalence was stated, SettingsError where a
        class is named twice or shares add up to more than 1.
        """
        cost = _positions(run, self.cost)
        prevalence = _positions(run, self.prevalence)
        lacking = [name for name in self.prevalence if _position(run, name) is None]
        if lacking:
            raise NotFoundError(
                f"This run has no class {lacking[0]}, whose prevalence was stated",
                detail=f"Its classes: {', '.join(run.classes)}.",
            )
        return Weights(cost, _completed(run, prevalence) if prevalence else None)

    def unknown(self, runs: Sequence[Run]) -> str | None:
        """A class named that none of these runs has, None where there is none."""
        for name in (*self.cost, *self.prevalence):
            if all(_position(run, name) is None for run in runs):
                return name
        return None

    def words(self) -> str:
        """What it is, in one line."""
        parts = [
            f"{what} {', '.join(f'{name}={number:g}' for name, number in numbers.items())}"
            for what, numbers in (("cost", self.cost), ("prevalence", self.prevalence))
            if numbers
        ]
        return "; ".join(parts)


def _position(run: Run, name: str) -> int | None:
    """Position of the class of that name, or at that position; UNKNOWN_CLASS for `new`."""
    if name in run.classes:
        return run.classes.index(name)
    if name == NEW:
        return UNKNOWN_CLASS
    if name.isascii() and name.isdecimal() and int(name) < run.n_classes:
        return int(name)
    return None


def _positions(run: Run, numbers: Mapping[str, float]) -> dict[int, float]:
    found: dict[int, float] = {}
    for name, number in numbers.items():
        position = _position(run, name)
        if position is None:
            continue
        if position in found:
            raise SettingsError(
                f"The class {run.classes[position]} of {run.name} is named twice",
                detail=f"By its name and by its position {position}.",
                hint="Name it once.",
            )
        found[position] = number
    return found


def _completed(run: Run, stated: Mapping[int, float]) -> dict[int, float]:
    """Every class of the model with its share; a new class only where it was stated."""
    others = np.array([k for k in range(run.n_classes) if k not in stated], np.int64)
    if not others.size:
        return dict(stated)
    left = 1 - sum(stated.values())
    if left < -1e-9:
        raise SettingsError(
            f"The prevalences add up to {1 - left:g}, more than 1",
            detail=f"{others.size} classes of {run.name} have none, such as {run.classes[int(others[0])]}.",
            hint="Shares are between 0 and 1; where every class has one, any unit will do.",
        )
    iid = iid_study(run)
    label = run.label if iid is None else run.label[run.rows_of(iid.name)]
    counts = np.bincount(label[(label >= 0) & (label < run.n_classes)], minlength=run.n_classes)[others]
    shares = counts / counts.sum() if counts.sum() else np.full(others.size, 1 / others.size)
    rest = {int(k): float(max(left, 0.0) * share) for k, share in zip(others, shares, strict=True)}
    return {**stated, **rest}
