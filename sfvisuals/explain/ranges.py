"""Samples by a feature: those whose number lies in a range, those that have a level or no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sfvisuals.errors import NotFoundError
from sfvisuals.explain.features import features_of
from sfvisuals.explain.records import Feature, FeatureKind
from sfvisuals.types import BoolArray, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace


def feature_named(workspace: Workspace, run: Run, name: str) -> Feature:
    """The feature of that name; NotFoundError that lists the known ones."""
    features = features_of(workspace, run)
    found = next((feature for feature in features if feature.name == name), None)
    if found is None:
        known = ", ".join(feature.name for feature in features) or "none"
        hint = "Measure the attributes of the images first." if name.startswith("image:") else ""
        raise NotFoundError(f"There is no feature {name[:60]!r}", detail=f"Known: {known}.", hint=hint)
    return found


def within_range(feature: Feature, low: float | None, high: float | None) -> BoolArray:
    """(N,) True where the feature's number is at least `low` and at most `high`; False where it is missing.

    Raises NotFoundError for a feature of levels.
    """
    if feature.kind is not FeatureKind.NUMBER:
        raise NotFoundError(
            f"The feature {feature.name!r} has levels and no numbers", detail=", ".join(feature.levels[:20])
        )
    inside = feature.known.copy()
    if low is not None:
        inside &= feature.numbers >= low
    if high is not None:
        inside &= feature.numbers <= high
    return inside


def with_level(feature: Feature, level: str | None) -> BoolArray:
    """(N,) True where the feature has this level; with None, where it has no value.

    Raises NotFoundError for a level that the feature has not.
    """
    if level is None:
        return ~feature.known
    if level not in feature.levels:
        known = ", ".join(feature.levels[:20]) or "none, it has numbers"
        raise NotFoundError(
            f"The feature {feature.name[:60]!r} has no level {level[:60]!r}", detail=f"Known: {known}."
        )
    return np.asarray(feature.codes == feature.levels.index(level))
