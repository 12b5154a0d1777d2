"""The independent units behind the samples of two sides: patients, or images with their corrupted copies.

Samples of one unit say nearly the same, so p-values count units. A unit is one number per feature: the mean
of its samples. A unit with samples on both sides counts for the selection only ("apart"). Where more units
lie on both sides than on the reference's alone, such as images at severity 5 against the same images at
severity 1, those units are compared with themselves ("paired").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from sfvisuals.types import BoolArray, FloatArray, IntArray, Rows, Run


class Design(StrEnum):
    """How units are compared."""

    APART = "apart"
    PAIRED = "paired"


@dataclass(frozen=True, eq=False)
class Sides:
    """Two sets of samples and their units.

    Attributes:
        selected, reference: rows, ascending.
        of_selected, of_reference: unit of each of them, 0 to units - 1.
        units: how many units there are on the two sides together.
        design: how the units are compared.
        alone: True where every unit is one sample and on one side.
        n_selected, n_reference: units that the tests count; the same ones where they are paired.
    """

    selected: Rows
    reference: Rows
    of_selected: IntArray
    of_reference: IntArray
    units: int
    design: Design
    alone: bool
    n_selected: int
    n_reference: int

    def means(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """One number per unit and side, without NaN: of the selected (n_s,) and of the reference (n_r,).

        Args:
            x: values of the selected samples, NaN where missing.
            y: of the reference.
        """
        if self.alone:
            return x[~np.isnan(x)], y[~np.isnan(y)]
        of_x, of_y = self._mean(self.of_selected, x), self._mean(self.of_reference, y)
        match self.design:
            case Design.APART:
                here = np.bincount(self.of_selected, minlength=self.units) > 0
                of_y[here] = np.nan
                return of_x[~np.isnan(of_x)], of_y[~np.isnan(of_y)]
            case Design.PAIRED:
                both = ~(np.isnan(of_x) | np.isnan(of_y))
                return of_x[both], of_y[both]

    def _mean(self, unit: IntArray, values: FloatArray) -> FloatArray:
        """(units,) mean of the known values, NaN where there is none."""
        known = ~np.isnan(values)
        counts = np.bincount(unit[known], minlength=self.units)
        sums = np.bincount(unit[known], weights=values[known], minlength=self.units)
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def sides(selected: BoolArray, reference: BoolArray, groups: IntArray | None) -> Sides:
    """The two sides; a sample in both is a selected one. `groups` (N,) names units; None: every sample."""
    rows, others = np.flatnonzero(selected), np.flatnonzero(reference & ~selected)
    units = np.concatenate((rows, others)) if groups is None else groups[np.concatenate((rows, others))]
    names, codes = np.unique(units, return_inverse=True)
    mine, theirs = codes[: rows.size], codes[rows.size :]
    here = np.bincount(mine, minlength=names.size) > 0
    there = np.bincount(theirs, minlength=names.size) > 0
    both = int((here & there).sum())
    design = Design.PAIRED if both > int((there & ~here).sum()) else Design.APART
    return Sides(
        rows,
        others,
        mine,
        theirs,
        int(names.size),
        design,
        bool(names.size == rows.size + others.size),
        both if design is Design.PAIRED else int(here.sum()),
        both if design is Design.PAIRED else int((there & ~here).sum()),
    )


def units_of_run(run: Run) -> IntArray:
    """(N,) the patient, lesion or nodule of each sample where known, else its image with corrupted copies."""
    own = np.arange(run.n, dtype=np.int64)
    source = own if not run.source_row.size else np.where(run.source_row >= 0, run.source_row, own)
    if run.group_column is None:
        return source
    codes, _ = pd.factorize(run.metadata[run.group_column])
    # a copy without a group of its own belongs to the group of its image
    codes = np.where(codes < 0, codes[source], codes)
    return np.where(codes < 0, source + int(codes.max(initial=-1)) + 1, codes)
