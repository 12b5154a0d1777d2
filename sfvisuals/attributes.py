"""What is known of each sample, column by column, in the words that the legend and a selection use."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sfvisuals.errors import NotFoundError
from sfvisuals.types import BoolArray, Run

OWN = ("corruption", "severity")


def attribute(run: Run, name: str) -> pd.Series:
    """(N,) values of a metadata column, or of corruption or severity; missing where a sample has none.

    Raises NotFoundError that lists the known columns.
    """
    if name in run.metadata.columns:
        return run.metadata[name]
    if name == "corruption":
        return pd.Series(np.array([*run.corruptions, None], dtype=object)[run.corruption])
    if name == "severity":
        return pd.Series(np.where(run.severity > 0, run.severity, 0)).replace(0, np.nan)
    known = [*OWN, *map(str, run.metadata.columns)]
    raise NotFoundError(f"There is no column {name!r}", detail=f"Known: {', '.join(known)}.")


def spelled(series: pd.Series) -> pd.Series:
    """(N,) object: each value as it is written for people; None where it is missing or empty."""
    values = series.astype("object")
    text = values.map(_one, na_action="ignore").astype("object")
    return text.where(text.notna() & (text != ""), None)


def having(run: Run, name: str, value: str | None) -> BoolArray:
    """(N,) True where the column has this value as it is spelled; with None, where it has none."""
    text = spelled(attribute(run, name))
    found = text.isna() if value is None else text == value
    return found.to_numpy(dtype=bool)


def _one(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
