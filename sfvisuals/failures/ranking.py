"""Order and percentiles by a score."""

from __future__ import annotations

import numpy as np

from sfvisuals.types import FloatArray, Rows


def rank_by_silence(rows: Rows, values: FloatArray) -> Rows:
    """These rows, most silent first: score falling, samples without a score last, ties by row.

    Args:
        rows: row numbers of the run, in any order.
        values: (N,) scores of the whole run, high = confident.
    """
    rows = np.asarray(rows, dtype=np.int64)
    chosen = np.asarray(values, dtype=np.float64)[rows]
    unscored = np.isnan(chosen)
    order = np.lexsort((rows, -np.where(unscored, 0.0, chosen), unscored))
    return rows[order]


def percentile_in(reference_values: FloatArray, values: FloatArray) -> FloatArray:
    """Share (0..1) of the reference scores that are <= each value, (n,) float64.

    NaN in the reference is left out; NaN in `values`, or an empty reference, gives NaN.
    """
    reference = np.asarray(reference_values, dtype=np.float64)
    reference = np.sort(reference[~np.isnan(reference)])
    values = np.asarray(values, dtype=np.float64)
    if not reference.size:
        return np.full(values.shape, np.nan)
    shares = np.searchsorted(reference, values, side="right") / reference.size
    return np.where(np.isnan(values), np.nan, shares)
