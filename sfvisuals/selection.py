"""Resolve a selection recipe to the samples it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sfvisuals.attributes import having
from sfvisuals.errors import NotFoundError, UnavailableError
from sfvisuals.failures.matching import Match, match_samples
from sfvisuals.recipes import (
    NEW_CLASS,
    Attributes,
    ColumnValue,
    Combined,
    ConceptMembers,
    FeatureLevel,
    FeatureRange,
    Lasso,
    Neighbours,
    Outcome,
    Predicted,
    Recipe,
    RowList,
    SliceMembers,
)
from sfvisuals.types import BoolArray, FloatArray, Run

if TYPE_CHECKING:
    from sfvisuals.slices import Slice
    from sfvisuals.workspace import Workspace

EDGE_BLOCK = 262_144


def resolve(workspace: Workspace, run: Run, recipe: Recipe) -> BoolArray:
    """(N,) True where the sample is meant; NotFoundError for studies, rows or concepts that do not exist."""
    match recipe:
        case Lasso(projection, polygon):
            coordinates = workspace.coordinates(run, projection)
            return inside_polygon(coordinates[:, 0], coordinates[:, 1], np.asarray(polygon, np.float64))
        case ConceptMembers():
            return _concept(workspace, run, recipe)
        case Attributes(studies, categories):
            return _attributes(run, studies, categories)
        case ColumnValue(column, value):
            return having(run, column, value)
        case Neighbours(row, k):
            rows, _ = workspace.neighbours(run, _existing(run, row), k=k)
            return _mask(run, (row, *rows.tolist()))
        case RowList(listed):
            return _mask(run, tuple(_existing(run, row) for row in listed))
        case Outcome():
            return _outcome(workspace, run, recipe)
        case Predicted(category, judge):
            taken: BoolArray = workspace.judged(run, judge).prediction == category
            return taken
        case FeatureRange():
            return _range(workspace, run, recipe)
        case FeatureLevel():
            return _level(workspace, run, recipe)
        case SliceMembers():
            return _slice(workspace, run, recipe)
        case Combined(operator, of):
            return _combined(operator, [resolve(workspace, run, part) for part in of])


def inside_polygon(x: FloatArray, y: FloatArray, polygon: FloatArray) -> BoolArray:
    """(N,) True where (x, y) lies inside the polygon (V, 2), by the even-odd rule.

    Points outside the polygon's bounding box are dropped first, and the rest is counted edge by edge in
    blocks, so that a lasso over a million points stays well below a second. NaN coordinates are outside.
    """
    inside = np.zeros(x.shape[0], dtype=bool)
    (left, bottom), (right, top) = polygon.min(axis=0), polygon.max(axis=0)
    near = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    ends = np.roll(polygon, -1, axis=0)
    for start in range(0, near.size, EDGE_BLOCK):
        rows = near[start : start + EDGE_BLOCK]
        px, py = x[rows].astype(np.float64), y[rows].astype(np.float64)
        odd = np.zeros(rows.size, dtype=bool)
        for (x0, y0), (x1, y1) in zip(polygon, ends, strict=True):
            if y0 == y1:
                continue
            crosses = (y0 > py) != (y1 > py)
            odd ^= crosses & (px < x0 + (py - y0) * ((x1 - x0) / (y1 - y0)))
        inside[rows] = odd
    return inside


def _concept(workspace: Workspace, run: Run, recipe: ConceptMembers) -> BoolArray:
    found = workspace.concepts(
        run, recipe.study, recipe.category, k=recipe.k, basis=recipe.basis, method=recipe.method
    )
    if not 0 <= recipe.index < len(found):
        raise NotFoundError(
            f"There is no concept {recipe.index + 1} of class {recipe.category} in {recipe.study}",
            detail=f"It has {len(found)} concepts.",
        )
    return _mask(run, found[recipe.index].rows)


def _attributes(run: Run, studies: tuple[str, ...], categories: tuple[int | str, ...]) -> BoolArray:
    mask = np.ones(run.n, dtype=bool)
    if studies:
        known = [s.name for s in run.studies]
        unknown = sorted(set(studies) - set(known))
        if unknown:
            raise NotFoundError(f"There is no study {unknown[0]!r}", detail=f"Studies: {', '.join(known)}.")
        mask &= np.isin(run.study, [known.index(name) for name in studies])
    if categories:
        wanted = np.isin(run.label, [c for c in categories if c != NEW_CLASS]) & ~run.new_class
        mask &= wanted | (run.new_class if NEW_CLASS in categories else False)
    return mask


def _range(workspace: Workspace, run: Run, recipe: FeatureRange) -> BoolArray:
    from sfvisuals.explain import feature_named, within_range

    return within_range(feature_named(workspace, run, recipe.feature), recipe.low, recipe.high)


def _level(workspace: Workspace, run: Run, recipe: FeatureLevel) -> BoolArray:
    from sfvisuals.explain import feature_named, with_level

    return with_level(feature_named(workspace, run, recipe.feature), recipe.level)


def slice_meant(workspace: Workspace, run: Run, recipe: SliceMembers) -> Slice:
    """The slice that the recipe names, found anew or out of the store.

    Raises NotFoundError for studies or a slice that do not exist, UnavailableError where it has changed.
    """
    from sfvisuals.slices import slices_of

    known = {s.name for s in run.studies}
    unknown = [name for name in recipe.studies if name not in known]
    if unknown:
        listed = ", ".join(sorted(known))
        raise NotFoundError(f"There is no study {unknown[0]!r}", detail=f"Studies: {listed}.")
    report = slices_of(
        workspace,
        run,
        studies=recipe.studies,
        score=recipe.score,
        target=recipe.target / 1000,
        outcome=recipe.outcome,
        by=recipe.finder,
    )
    if not 0 <= recipe.index < len(report.slices):
        raise NotFoundError(
            f"There is no slice {recipe.index + 1}", detail=f"{len(report.slices)} were found here."
        )
    found = report.slices[recipe.index]
    if recipe.n is not None and recipe.n != found.rows.size:
        raise UnavailableError(
            "This slice is not here as it was",
            detail=f"Slice {recipe.index + 1} had {recipe.n} samples and has {found.rows.size} now.",
            hint="Were the images measured when it was chosen? Choose it anew on the page Concepts.",
        )
    return found


def _slice(workspace: Workspace, run: Run, recipe: SliceMembers) -> BoolArray:
    found = slice_meant(workspace, run, recipe)
    rows = found.rows if recipe.half == "tested" else np.concatenate((found.rows, found.discovery))
    return _mask(run, rows)


def _outcome(workspace: Workspace, run: Run, recipe: Outcome) -> BoolArray:
    if recipe.run in (None, run.name):
        return _came_out(workspace, run, recipe)
    other = workspace.run(str(recipe.run))
    found = matched(workspace, run, other)
    if found.why:
        raise UnavailableError("These two runs share no samples", detail=found.why)
    there = _came_out(workspace, other, recipe)
    shared: BoolArray = (found.there >= 0) & there[found.there]
    return shared


def matched(workspace: Workspace, run: Run, other: Run) -> Match:
    """Which sample of the one run is which of the other (see failures.match_samples); kept in memory."""
    return workspace.remember(
        ("matched", run.fingerprint, other.fingerprint), lambda: match_samples(run, other)
    )


def _came_out(workspace: Workspace, run: Run, recipe: Outcome) -> BoolArray:
    failure = workspace.score(run, recipe.score).failure
    match recipe.outcome:
        case "failure":
            return failure
        case "correct":
            return ~failure
    accepted = workspace.accepted(run, recipe.score, target=recipe.target / 1000)
    return failure & (accepted if recipe.outcome == "silent" else ~accepted)


def _combined(operator: str, masks: list[BoolArray]) -> BoolArray:
    if operator == "and":
        every: BoolArray = np.logical_and.reduce(masks)
        return every
    union: BoolArray = np.logical_or.reduce(masks[1:] or [np.zeros_like(masks[0])])
    return masks[0] | union if operator == "or" else masks[0] & ~union


def _existing(run: Run, row: int) -> int:
    if not 0 <= row < run.n:
        raise NotFoundError(f"There is no sample {row}", detail=f"The run has rows 0 to {run.n - 1}.")
    return row


def _mask(run: Run, rows: object) -> BoolArray:
    mask = np.zeros(run.n, dtype=bool)
    mask[np.asarray(rows, dtype=np.int64)] = True
    return mask
