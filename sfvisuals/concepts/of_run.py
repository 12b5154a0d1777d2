"""Concepts of one class in one study of a run: the shared space, the clustering, both kept in the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sfvisuals.concepts.find import find_concepts
from sfvisuals.concepts.record import Clustering, from_arrays, to_arrays
from sfvisuals.concepts.reduction import Space, fitted_space
from sfvisuals.errors import UnavailableError
from sfvisuals.types import ClusterMethod, FloatArray, Judge, Rows, Run, StudyKind
from sfvisuals.units import units

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

VERSION: Final = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One class in one study and how its concepts are found: what `clustering_of` is asked for."""

    study: str
    category: int | str
    basis: Judge | None = None
    method: ClusterMethod = ClusterMethod.KMEANS
    k: int | None = None

    def clustering(self, workspace: Workspace, run: Run) -> Clustering:
        """Its concepts."""
        return clustering_of(
            workspace, run, self.study, self.category, method=self.method, k=self.k, basis=self.basis
        )


def clustering_of(
    workspace: Workspace,
    run: Run,
    study: str,
    category: int | str,
    *,
    method: ClusterMethod = ClusterMethod.KMEANS,
    k: int | None = None,
    basis: Judge | None = None,
) -> Clustering:
    """The concepts of one class (by true label, or by the prediction `basis`) in one study.

    All studies and classes of a run share one reduced space, see `space_of`.

    Raises UnavailableError where the run has no latents, NotFoundError for an unknown study.
    """
    latents = latents_of(run)
    rows = workspace.members_of(run, study, category, basis)
    key = (run.fingerprint, "concepts", VERSION, study, category, k, basis, method)

    def make() -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
        space, own = space_of(workspace, run), units(workspace, run)
        return to_arrays(find_concepts(latents, rows, method=method, k=k, space=space, units=own))

    def found() -> Clustering:
        entry = workspace.store.get_or_make("concepts", workspace.store.key(*key), make)
        return from_arrays(entry.arrays, entry.meta)

    return workspace.remember(key, found)


def space_of(workspace: Workspace, run: Run) -> Space:
    """The reduced space of a run: fitted on its own source study, so that a shift cannot turn its axes.

    Whatever source a person chooses to look from, it stays the same, and concepts keep their members. A run
    without a source study, or with fewer than two samples in it, has a space of all its samples.
    """
    latents = latents_of(run)
    key = (run.fingerprint, "concept space", VERSION)

    def make() -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
        fitted = fitted_space(latents, source_rows(run))
        return {"centre": fitted.centre, "scale": fitted.scale, "axes": fitted.axes}, {"rest": fitted.rest}

    def found() -> Space:
        entry = workspace.store.get_or_make("concept-space", workspace.store.key(*key), make)
        centre, scale, axes = (np.array(entry.arrays[name]) for name in ("centre", "scale", "axes"))
        return Space(centre, scale, axes, bool(entry.meta["rest"]))

    return workspace.remember(key, found)


def latents_of(run: Run) -> FloatArray:
    """The run's latents, or an UnavailableError that says why there are none."""
    if run.latents is None:
        raise UnavailableError("This run has no latents", detail=run.absent.get("latents", ""))
    return run.latents


def source_rows(run: Run) -> Rows:
    """Rows of the run's own source study, of all samples where it has none or one with a single sample."""
    names = [s.name for s in run.studies]
    iid = [s.name for s in run.studies if s.kind is StudyKind.IID]
    named = [run.source] if run.source in names and run.source is not None else iid[:1]
    rows = run.rows_of(named[0]) if named else np.empty(0, np.int64)
    return rows if rows.size > 1 else np.arange(run.n, dtype=np.int64)
