"""The map that is there at once: the two leading principal axes of the latents."""

from __future__ import annotations

from dataclasses import replace

from sfvisuals.projection.latents import PrincipalAxes, frozen, on_axes, principal_axes
from sfvisuals.projection.record import Projection, ProjectionKind
from sfvisuals.types import FloatArray


def pca_projection(latents: FloatArray, *, name: str = "latents") -> Projection:
    """Latents (N, l) on their two leading principal axes, in units of the latents; deterministic.

    Any N from 3 and any l from 1, memory-mapped or not: rows are read in chunks. An axis without variance
    (l = 1, or latents that all lie on a line or in a point) is zero throughout. The sign of an axis is such
    that its loading of largest size is positive. Trust is not measured here; see `compute_projection`.

    Args:
        latents: (N, l) numbers.
        name: the file or feature they come from, for messages.

    Raises SfvisualsError for fewer than three rows, and where values are NaN or inf, naming the first rows.
    """
    return pca_of(latents, principal_axes(latents, k=2, name=name), name=name)


def pca_of(latents: FloatArray, principal: PrincipalAxes, *, name: str) -> Projection:
    """The PCA of latents (N, l) whose principal axes, two or more of them, are known."""
    leading = replace(principal, axes=principal.axes[:, :2], variance=principal.variance[:2])
    return Projection(
        kind=ProjectionKind.PCA,
        coordinates=frozen(on_axes(latents, leading, name=name)),
        trust=None,
        trust_label="",
        seed=0,
        note=_variance_held(float(leading.variance.sum()), leading.total),
    )


def _variance_held(held: float, total: float) -> str:
    if held <= 0:
        return "All latents are equal."
    return f"The two axes hold {min(held / total, 1.0):.0%} of the variance of the latents."
