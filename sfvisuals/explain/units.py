"""The independent units (see `sfvisuals.units`) behind the samples of two sides.

Samples of one unit say nearly the same, so p-values count units. A unit is one number per feature: the mean
of its samples. A unit with samples on both sides counts for the selection only ("apart"). Where more units
lie on both sides than on the reference's alone, such as images at severity 5 against the same images at
severity 1, those units are compared with themselves ("paired").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sfvisuals.types import BoolArray, FloatArray, IntArray, Rows


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

    def tables(self, x: IntArray, y: IntArray, size: int) -> tuple[IntArray, IntArray]:
        """Units with and without each of `size` levels; a unit has one that half of its known samples have.

        Args:
            x: (selected,) position of each selected sample's level, -1 where missing.
            y: of the reference.

        Returns:
            (size, 4) selected units with and without the level, reference units with and without it; and
            (size, 2) units whose selected samples alone have it, and whose reference samples alone do, for
            paired units (zeros else).
        """
        apart = np.zeros((size, 2), np.int64)
        if self.alone:
            a, c = _counts(x, size), _counts(y, size)
            return np.stack((a, a.sum() - a, c, c.sum() - c), axis=1), apart
        match self.design:
            case Design.APART:
                here = np.bincount(self.of_selected, minlength=self.units) > 0
                alone = ~here[self.of_reference]
                a, known_x = self._counted(self.of_selected, x, size)
                c, known_y = self._counted(self.of_reference[alone], y[alone], size)
                return np.stack((a, known_x - a, c, known_y - c), axis=1), apart
            case Design.PAIRED:
                with_x, of_x = self._having(self.of_selected, x, size)
                with_y, of_y = self._having(self.of_reference, y, size)
                both = of_x & of_y
                with_x, with_y, n = with_x[both], with_y[both], int(both.sum())
                a, c = with_x.sum(axis=0), with_y.sum(axis=0)
                apart = np.stack(((with_x & ~with_y).sum(axis=0), (with_y & ~with_x).sum(axis=0)), axis=1)
                return np.stack((a, n - a, c, n - c), axis=1), apart

    def _counted(self, unit: IntArray, codes: IntArray, size: int) -> tuple[IntArray, int]:
        """(size,) units that have each level, and how many have a known sample."""
        known = codes >= 0
        if not known.all():
            unit, codes = unit[known], codes[known]
        counts = np.bincount(unit * size + codes, minlength=self.units * size)
        total = np.bincount(unit, minlength=self.units)
        cells = np.flatnonzero(counts)
        units = cells // size
        enough = 2 * counts[cells] >= total[units]
        return np.bincount((cells - units * size)[enough], minlength=size), int((total > 0).sum())

    def _having(self, unit: IntArray, codes: IntArray, size: int) -> tuple[BoolArray, BoolArray]:
        """(units, size) whether a unit has each level, and (units,) whether any of its samples is known."""
        known = codes >= 0
        cells = unit[known] * size + codes[known]
        counts = np.bincount(cells, minlength=self.units * size).reshape(self.units, size)
        total = counts.sum(axis=1)
        return 2 * counts >= np.maximum(total, 1)[:, None], total > 0

    def _mean(self, unit: IntArray, values: FloatArray) -> FloatArray:
        """(units,) mean of the known values, NaN where there is none."""
        known = ~np.isnan(values)
        if not known.all():
            unit, values = unit[known], values[known]
        counts = np.bincount(unit, minlength=self.units)
        sums = np.bincount(unit, weights=values, minlength=self.units)
        with np.errstate(invalid="ignore"):
            return np.asarray(sums / counts)


def _counts(codes: IntArray, size: int) -> IntArray:
    return np.bincount(codes[codes >= 0], minlength=size)


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
