"""Checks on latents at the door of this room, and their principal axes over chunks of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from sfvisuals.errors import SfvisualsError
from sfvisuals.types import FloatArray, Rows

FEWEST: Final = 3
CHUNK_VALUES: Final = 1 << 20
ROWS_NAMED: Final = 5
FIT_PRODUCTS: Final = 5e10
FEWEST_TO_FIT: Final = 5_000
ROUNDING: Final = 64 * np.finfo(np.float64).eps

Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """The k leading principal axes of latents (N, l).

    Attributes:
        mean: (l,) mean latent.
        axes: (l, k) orthonormal columns by falling variance, the loading of largest size positive. A column
            is zero where the latents have fewer than k directions of variance.
        variance: (k,) variance along each (divided by N), in squared units of the latents.
        total: variance of the latents over all directions.
    """

    mean: Float64Array
    axes: Float64Array
    variance: Float64Array
    total: float


def check_shape(latents: FloatArray, *, name: str) -> None:
    """Raise SfvisualsError unless latents are (N, l) numbers with N >= 3 and l >= 1."""
    shape = "x".join(str(size) for size in latents.shape)
    if latents.ndim != 2 or latents.shape[1] < 1 or latents.dtype.kind not in "fiub":
        raise SfvisualsError(
            "These latents cannot be projected",
            detail=f"{name} has shape {shape} and type {latents.dtype}, not one row of numbers per sample.",
            hint="Write one row of at least one number per sample.",
        )
    if latents.shape[0] < FEWEST:
        raise SfvisualsError(
            "Too few samples for a map",
            detail=f"{name} has {latents.shape[0]} rows; a projection needs at least {FEWEST}.",
            hint="Open a run with more samples.",
        )


def row_chunks(latents: FloatArray) -> Iterator[tuple[slice, Float64Array]]:
    """Consecutive row slices with their values as float64, about 8 MB at a time."""
    step = max(1, CHUNK_VALUES // latents.shape[1])
    for start in range(0, latents.shape[0], step):
        rows = slice(start, min(start + step, latents.shape[0]))
        yield rows, np.asarray(latents[rows], dtype=np.float64)


def rows_to_fit(n: int, width: int) -> Rows | None:
    """Ascending rows on which axes are fitted, a fixed random sample; None for all.

    All, unless their products would keep a person waiting: beyond 12 million x 64 or 190,000 x 512.
    """
    enough = max(int(FIT_PRODUCTS / width**2), FEWEST_TO_FIT)
    if n <= enough:
        return None
    return np.sort(np.random.default_rng(0).choice(n, enough, replace=False)).astype(np.int64)


def rows_not_finite(latents: FloatArray) -> Rows:
    """Rows that hold NaN or inf, ascending."""
    found = [
        np.flatnonzero(~np.isfinite(values).all(axis=1)) + rows.start for rows, values in row_chunks(latents)
    ]
    return np.concatenate(found).astype(np.int64)


def principal_axes(latents: FloatArray, *, k: int, name: str = "latents") -> PrincipalAxes:
    """The k leading principal axes of latents (N, l), N >= 3, read a chunk of rows at a time.

    Needs memory for min(N, l) squared float64 values and one chunk, whatever N. Exact, except that very many
    wide latents are represented by a sample of their rows (see `rows_to_fit`).

    Raises SfvisualsError where the shape does not do, or values are NaN or inf; `name` says whose they are.
    """
    check_shape(latents, name=name)
    rows = rows_to_fit(*latents.shape)
    n, width = latents.shape if rows is None else (len(rows), latents.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):  # refused by name below
        mean, scatter = _moments(latents, rows, wanted=width <= n)
    if not np.isfinite(scatter).all():
        refuse(latents, name=name)
    if width > n:
        values, axes = _axes_of_few(latents, mean, k=k)
    else:
        values, axes = _leading(scatter / n, k=k)
    # Latents that are all equal differ from their mean by rounding: that is no direction.
    axes[:, values <= (ROUNDING * np.linalg.norm(mean)) ** 2] = 0.0
    values = np.where(axes.any(axis=0), values, 0.0)
    return PrincipalAxes(mean, _with_fixed_signs(axes), values, float(np.trace(scatter)) / n)


def on_axes(
    latents: FloatArray, principal: PrincipalAxes, *, name: str = "latents"
) -> npt.NDArray[np.float32]:
    """(N, k) float32 coordinates of the latents on those axes, a chunk of rows at a time.

    Raises SfvisualsError where values are NaN or inf, also in rows on which the axes were not fitted.
    """
    result = np.empty((latents.shape[0], principal.axes.shape[1]), dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        for rows, values in row_chunks(latents):
            result[rows] = (values - principal.mean) @ principal.axes
    if not np.isfinite(result).all():
        refuse(latents, name=name)
    return result


def centred(latents: FloatArray, mean: FloatArray) -> npt.NDArray[np.float32]:
    """(N, l) float32 latents about that mean, subtracted before the precision is cut."""
    result = np.empty(latents.shape, dtype=np.float32)
    for rows, values in row_chunks(latents):
        result[rows] = values - mean
    return result


def _moments(latents: FloatArray, fitted: Rows | None, *, wanted: bool) -> tuple[Float64Array, Float64Array]:
    """(l,) mean and (l, l) scatter of those rows; where the matrix is not wanted, (1, 1) with its trace."""
    n, width = latents.shape[0] if fitted is None else len(fitted), latents.shape[1]
    chunks = (values for _, values in row_chunks(latents))
    if fitted is not None:
        step = max(1, CHUNK_VALUES // width)
        blocks = np.split(fitted, range(step, n, step))
        chunks = (np.asarray(latents[block], dtype=np.float64) for block in blocks)
    size = width if wanted else 1
    total, scatter = np.zeros(width), np.zeros((size, size))
    shift: Float64Array | None = None
    for values in chunks:
        if shift is None:  # near the mean, so that the squares below do not swamp the spread
            shift = values.mean(axis=0)
        moved = values - shift
        total += moved.sum(axis=0)
        scatter += moved.T @ moved if wanted else np.vdot(moved, moved)
    assert shift is not None  # there are rows
    offset = total / n
    scatter -= n * (np.outer(offset, offset) if wanted else np.vdot(offset, offset))
    return shift + offset, scatter


def refuse(latents: FloatArray, *, name: str) -> NoReturn:
    """Say which rows are not finite."""
    rows = rows_not_finite(latents)
    first = ", ".join(str(row) for row in rows[:ROWS_NAMED].tolist())
    if not rows.size:
        detail = f"Values of {name} are so large that their squares overflow."
    else:
        more = ", ..." if rows.size > ROWS_NAMED else ""
        detail = f"{rows.size} of {latents.shape[0]} rows of {name} hold NaN or inf: rows {first}{more}."
    raise SfvisualsError(
        "The latents are not finite, so there is no map",
        detail=detail,
        hint="Write finite latents, or leave out the samples for which the model failed.",
    )


def _axes_of_few(latents: FloatArray, mean: Float64Array, *, k: int) -> tuple[Float64Array, Float64Array]:
    """As `_leading`, from the (N, N) products of rows where samples are fewer than dimensions."""
    n, width = latents.shape
    step = max(1, CHUNK_VALUES // n)
    blocks = [slice(start, start + step) for start in range(0, width, step)]
    products = np.zeros((n, n))
    for columns in blocks:
        moved = np.asarray(latents[:, columns], dtype=np.float64) - mean[columns]
        products += moved @ moved.T
    values, rows = _leading(products / n, k=k)
    axes = np.zeros((width, k))
    scale = np.sqrt(np.where(values > 0, values * n, np.inf))
    for columns in blocks:
        moved = np.asarray(latents[:, columns], dtype=np.float64) - mean[columns]
        axes[columns] = moved.T @ rows / scale
    return values, axes


def _leading(matrix: Float64Array, *, k: int) -> tuple[Float64Array, Float64Array]:
    """(k,) largest eigenvalues, falling, and (n, k) their vectors; zero where they are rounding noise."""
    from scipy.linalg import eigh

    size = matrix.shape[0]
    taken = min(k, size)
    found, vectors = eigh(matrix, subset_by_index=(size - taken, size - 1))
    values, axes = np.zeros(k), np.zeros((size, k))
    values[:taken], axes[:, :taken] = found[::-1], vectors[:, ::-1]
    noise = values <= max(float(values[0]), 0.0) * size * np.finfo(np.float64).eps
    values[noise], axes[:, noise] = 0.0, 0.0
    return values, axes


def _with_fixed_signs(axes: Float64Array) -> Float64Array:
    """The same axes, the loading of largest size positive (the first of equals)."""
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    result: Float64Array = axes * np.where(largest < 0, -1.0, 1.0)
    return result


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, read-only."""
    array.flags.writeable = False
    return array
