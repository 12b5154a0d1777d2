"""What the browser needs of a run, as small typed columns.

A score travels as dense codes: code 0 is NaN, code c means the c-th smallest distinct value of the run. So
the browser compares whole numbers, and its counts agree with the server's to the last sample, ties included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sfvisuals.attributes import OWN, attribute, spelled
from sfvisuals.errors import NotFoundError
from sfvisuals.failures import coverage_table, dense_codes, reference_rows
from sfvisuals.projection import ProjectionKind
from sfvisuals.types import FloatArray, IntArray, Run
from sfvisuals.workspace import Workspace

TARGET_STEPS = 1000
CATEGORIES_SHOWN = 11
LONGEST_CATEGORY = 40
MANY_TEXTS = 200
MISSING = 255
RAMP_STEPS = 200


@dataclass(frozen=True, eq=False)
class ScoreColumns:
    """A score for the browser: `codes` (N,) u2|u4, `levels` (U,) f4 ascending, `meta` JSON."""

    codes: IntArray
    levels: FloatArray
    meta: dict[str, Any]


@dataclass(frozen=True, eq=False)
class ColourColumn:
    """A colour channel: `codes` (N,) u1 (255 = missing), `meta` JSON with categories or the range."""

    codes: npt.NDArray[np.uint8]
    meta: dict[str, Any]


def smallest(codes: IntArray) -> IntArray:
    """The same integers in the smallest of u1, u2, i4 that holds them."""
    low, high = (int(codes.min()), int(codes.max())) if codes.size else (0, 0)
    if low >= 0 and high <= 255:
        return codes.astype(np.uint8)
    return codes.astype(np.uint16) if low >= 0 and high <= 65535 else codes.astype(np.int32)


def score_columns(workspace: Workspace, run: Run, name: str) -> ScoreColumns:
    """Codes, levels and the coverage table of one score (one entry per 1/1000 of target coverage)."""

    def make() -> ScoreColumns:
        vector = workspace.score(run, name)
        reference = reference_rows(run)
        codes, levels = dense_codes(vector.values)
        table = coverage_table(vector.values[reference.rows], steps=TARGET_STEPS)
        finite = np.isfinite(table.value)
        first_code = np.searchsorted(levels, table.value) + 1
        values = vector.values[reference.rows]
        meta = {
            "name": vector.name,
            "label": vector.label,
            "judge": str(vector.judge),
            "reference": reference.study,
            "inSample": reference.in_sample,
            "n": int(values.size),
            "nan": int(np.isnan(values).sum()),
            "nanTotal": int(np.isnan(vector.values).sum()),
            "table": {
                "code": first_code.astype(int).tolist(),
                "value": [float(v) if ok else None for v, ok in zip(table.value, finite, strict=True)],
                "achieved": table.achieved.astype(float).tolist(),
            },
        }
        return ScoreColumns(codes, levels.astype(np.float32), meta)

    return workspace.remember((run.fingerprint, "score columns", name), make)


def colour_names(workspace: Workspace, run: Run) -> tuple[str, ...]:
    """Metadata columns (and the corruption structure) that can colour the points.

    A text that nearly every row has to itself, such as a file name, is no colour.
    """

    def look() -> tuple[str, ...]:
        own = OWN if (run.corruption >= 0).any() else ()
        return (*own, *(str(c) for c in run.metadata.columns if not _names_rows(run.metadata[c])))

    return workspace.remember((run.fingerprint, "colour names"), look)


def _names_rows(series: pd.Series) -> bool:
    if _is_number(series) or pd.api.types.is_bool_dtype(series):
        return False
    return int(series.nunique()) > max(MANY_TEXTS, series.size / 2)


def _is_number(series: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)


def colour_column(workspace: Workspace, run: Run, name: str) -> ColourColumn:
    """Codes of one metadata column: numbers on a ramp, others as the commonest categories and "other"."""
    known = colour_names(workspace, run)
    if name not in known:
        raise NotFoundError(f"There is no column {name!r}", detail=f"Known: {', '.join(known)}.")
    return workspace.remember((run.fingerprint, "colour", name), lambda: _colour_column(run, name))


def _colour_column(run: Run, name: str) -> ColourColumn:
    series = attribute(run, name)
    if _is_number(series) and series.nunique(dropna=True) > CATEGORIES_SHOWN:
        return _ramp(series)
    return _categories(series)


def _ramp(series: pd.Series) -> ColourColumn:
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    present = np.isfinite(values)
    low, high = float(values[present].min()), float(values[present].max())
    share = (values[present] - low) / ((high - low) or 1.0)
    codes = np.full(values.size, MISSING, np.uint8)
    codes[present] = np.round(share * RAMP_STEPS).astype(np.uint8)
    return ColourColumn(
        codes,
        {"kind": "number", "min": low, "max": high, "steps": RAMP_STEPS, "missing": int((~present).sum())},
    )


def _categories(series: pd.Series) -> ColourColumn:
    text = spelled(series)
    counts = text.value_counts()
    order = sorted(counts.index, key=lambda value: (-int(counts[value]), str(value)))
    shown = order[:CATEGORIES_SHOWN]
    place = {value: min(i, CATEGORIES_SHOWN) for i, value in enumerate(order)}
    codes = text.map(place).fillna(MISSING).to_numpy(dtype=np.uint8)
    names = legend_names([str(v) for v in shown])
    rest = len(order) - len(shown)
    if rest:
        names.append(f"other ({rest} values)")
    missing = int((codes == MISSING).sum())
    values = [str(v) for v in shown]
    return ColourColumn(
        codes, {"kind": "category", "categories": names, "values": values, "missing": missing}
    )


def legend_names(names: list[str]) -> list[str]:
    """The names, those over 40 characters cut with "…"; two that would then be the same are numbered."""
    cut = [n if len(n) <= LONGEST_CATEGORY else n[: LONGEST_CATEGORY - 1] + "…" for n in names]
    return [
        n if cut.count(n) == 1 else f"{n[: LONGEST_CATEGORY - 6]}… ({i})" for i, n in enumerate(cut, start=1)
    ]


def trust_codes(workspace: Workspace, run: Run, kind: ProjectionKind) -> npt.NDArray[np.uint8]:
    """(N,) trust as 0..200 (share of latent neighbours kept on the map x 200), 255 where not measured."""
    found = workspace.projection(run, kind)
    codes = np.full(run.n, MISSING, np.uint8)
    if found is None or found.trust is None:
        return codes
    known = np.isfinite(found.trust)
    codes[known] = np.round(found.trust[known] * RAMP_STEPS).astype(np.uint8)
    return codes
