"""How samples count on the page "Benchmark": what a bootstrap draws together, how much each class weighs.

In an address `cost` and `prevalence` are lists `class:number`, the class by its position or `new`; a
prevalence is in per cent. Classes without a stated prevalence share what is left in proportion to the iid
study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
import pandas as pd

from app.answers import Asked
from sfvisuals.benchmark import StudyRows, Weights, study_rows
from sfvisuals.benchmark.records import UNKNOWN_CLASS
from sfvisuals.errors import NotFoundError, SfvisualsError
from sfvisuals.metrics import class_weights
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.types import FloatArray, IntArray, Rows, Run

MOST_NAMED = 4
NAMES_OF_GROUPS = ("patient", "lesion", "nodule", "subject", "case", "group")


@dataclass(frozen=True)
class Counting:
    """What the page asks for.

    Attributes:
        group_by: column whose groups are drawn as a whole; None: images.
        weights: cost and prevalence by class, UNKNOWN_CLASS for new ones; None: every sample counts alike.
        says: what that means, in words; "" where every sample counts alike.
    """

    group_by: str | None
    weights: Weights | None
    says: str

    def of(self, run: Run, column: StudyRows, rows: Rows) -> FloatArray | None:
        """(m,) weight of these rows of the column, None where every sample counts alike.

        Raises SfvisualsError where a class that occurs has no prevalence.
        """
        if self.weights is None:
            return None
        labels = column.labels(run.label, rows)
        return class_weights(labels, cost=self.weights.cost, prevalence=self.weights.prevalence)

    def of_people(self, run: Run, column: StudyRows, rows: Rows) -> FloatArray | None:
        """The same by prevalence alone: a referral is one person whatever a mistake costs."""
        if self.weights is None:
            return None
        return class_weights(column.labels(run.label, rows), prevalence=self.weights.prevalence)


def counting(run: Run, asked: Asked) -> Counting:
    """The counting that an address asks for; what is no cost or prevalence is refused in words."""
    group = asked.text("group")
    if group and group not in groups_of(run):
        known = ", ".join(groups_of(run)) or "none"
        raise NotFoundError(f"There is no column {group[:40]!r} to group by", detail=f"Columns: {known}.")
    cost = _numbers(run, asked.text("cost"), "cost")
    stated = _numbers(run, asked.text("prevalence"), "prevalence")
    if not cost and not stated:
        return Counting(group or None, None, "")
    weights = Weights(cost, _completed(run, stated) if stated else None)
    return Counting(group or None, weights, _words(run, cost, stated))


def groups_of(run: Run) -> tuple[str, ...]:
    """Columns that can be drawn as a whole, the run's own group first: ids that several samples share."""
    found = [run.group_column] if run.group_column in run.metadata.columns else []
    for name in map(str, run.metadata.columns):
        if any(word in name.lower() for word in NAMES_OF_GROUPS) and name not in found:
            shared: pd.Series = run.metadata[name]
            if 1 < shared.nunique() < shared.notna().sum():
                found.append(name)
    return tuple(name for name in found if name is not None)


def _numbers(run: Run, text: str, name: str) -> dict[int, float]:
    """class -> number; refuses what is none."""
    found: dict[int, float] = {}
    for part in filter(None, text.split(",")):
        category, _, raw = part.partition(":")
        try:
            number = float(raw)
        except ValueError:
            number = -1.0
        known = category == NEW_CLASS or (
            len(category) < 10 and category.isdecimal() and int(category) < run.n_classes
        )
        if not known or not isfinite(number) or number < 0:
            raise NotFoundError(
                f"`{name}` is no list of class:number",
                detail=f"Found {part[:40]!r}; a class is its position or `new`, a number is at least 0.",
            )
        found[UNKNOWN_CLASS if category == NEW_CLASS else int(category)] = number
    return found


def _completed(run: Run, stated: Mapping[int, float]) -> dict[int, float]:
    """Every class of the model with its share in per cent; a new class only where it was stated."""
    others = np.array([k for k in range(run.n_classes) if k not in stated], np.int64)
    left = 100 - sum(stated.values())
    if others.size and left < -1e-9:
        raise NotFoundError(
            "The prevalences add up to more than 100 %",
            detail=f"They are {100 - left:g} %, and {others.size:,} more classes have none.",
            hint="Lower one, or state them all.",
        )
    iid = next((c.rows for c in study_rows(run) if c.name == "iid"), np.arange(run.n))
    labels = run.label[iid]
    counts = np.bincount(labels[(labels >= 0) & (labels < run.n_classes)], minlength=run.n_classes)[others]
    shares = counts / counts.sum() if counts.sum() else np.full(others.size, 1 / max(1, others.size))
    return {**stated, **{int(k): float(max(left, 0) * s) for k, s in zip(others, shares, strict=True)}}


def _words(run: Run, cost: Mapping[int, float], stated: Mapping[int, float]) -> str:
    def listed(numbers: Mapping[int, float], spelled: str) -> str:
        named = [f"{_name(run, k)}: {spelled.format(v)}" for k, v in list(numbers.items())[:MOST_NAMED]]
        more = len(numbers) - len(named)
        return ", ".join(named) + (f" and {more} more" if more else "")

    parts = [f"cost of a mistake ({listed(cost, '{:g}')})"] if cost else []
    parts += [f"prevalence ({listed(stated, '{:g} %')})"] if stated else []
    return f"Weighted by {' and '.join(parts)}."


def _name(run: Run, category: int) -> str:
    return "new class" if category == UNKNOWN_CLASS else run.classes[category]


def factors(run: Run, found: Counting) -> dict[str, dict[str, object]]:
    """Study -> the weight of each class (the new one last) that the operating point counts with.

    `all` holds cost and prevalence, `people` the prevalence alone: a referral is one person whatever a
    mistake costs. Each has mean 1 over the study. Where a study cannot be weighted, `why` says so.
    """
    made: dict[str, dict[str, object]] = {}
    if found.weights is None:
        return made
    for study in run.studies:
        rows = run.rows_of(study.name)
        labels = np.where(run.new_class[rows], UNKNOWN_CLASS, run.label[rows])
        try:
            made[study.name] = {
                "all": _by_class(run, labels, found.weights),
                "people": _by_class(run, labels, replace(found.weights, cost={})),
                "why": "",
            }
        except SfvisualsError as error:
            made[study.name] = {
                "all": None,
                "people": None,
                "why": spoken(f"{error.title}. {error.detail}", run),
            }
    return made


def _by_class(run: Run, labels: IntArray, given: Weights) -> list[float]:
    weights = class_weights(labels, cost=given.cost, prevalence=given.prevalence)
    places, first = np.unique(labels, return_index=True)
    found = np.zeros(run.n_classes + 1)
    found[np.where(places == UNKNOWN_CLASS, run.n_classes, places)] = weights[first]
    return [float(w) for w in found]


def spoken(why: str, run: Run) -> str:
    """A reason of the library with the names of classes instead of their positions."""
    words = why.replace(f"samples of class {UNKNOWN_CLASS},", "samples of a new class,")
    for category in range(min(run.n_classes, 1000)) if "samples of class " in words else ():
        words = words.replace(f"samples of class {category},", f"samples of {run.classes[category]},")
    return words
