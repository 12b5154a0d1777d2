"""Which sample of one run is which of another: what makes resamples of two runs the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sfvisuals.types import IntArray, Rows, Run


def matched_rows(run: Run, other: Run) -> IntArray:
    """(N,) the row of `other` with the same sample for each row of `run`, -1 where there is none.

    Study by study of the same name: samples are the same where they come in the same order with the same
    labels and images, or else where image, corruption and severity name one sample in each run.
    """
    found = np.full(run.n, -1, np.int64)
    named = {study.name for study in other.studies}
    for study in run.studies:
        if study.name not in named:
            continue
        here, there = run.rows_of(study.name), other.rows_of(study.name)
        if _in_order(run, here, other, there):
            found[here] = there
        elif run.image is not None and other.image is not None:
            found[here] = _by_image(run, here, other, there)
    return found


def _in_order(run: Run, here: Rows, other: Run, there: Rows) -> bool:
    if len(here) != len(there) or not np.array_equal(run.label[here], other.label[there]):
        return False
    if run.image is None or other.image is None:
        return run.image is None and other.image is None
    return bool((_images(run, here) == _images(other, there)).all())


def _images(run: Run, rows: Rows) -> np.ndarray:
    assert run.image is not None
    return run.image.iloc[rows].astype("object").fillna("").to_numpy()


def _by_image(run: Run, here: Rows, other: Run, there: Rows) -> IntArray:
    keys, known = _keys(run, here), _keys(other, there)
    usable = ~known.duplicated(keep=False) & (known["image"] != "")
    places = pd.Series(there[usable.to_numpy()], index=pd.MultiIndex.from_frame(known[usable]))
    found = places.reindex(pd.MultiIndex.from_frame(keys)).fillna(-1).to_numpy().astype(np.int64)
    found[keys.duplicated(keep=False).to_numpy()] = -1
    return found


def _keys(run: Run, rows: Rows) -> pd.DataFrame:
    """What names a sample within its study."""
    none = np.zeros(len(rows), np.int64)
    names = np.array([*run.corruptions, ""], dtype=object)
    return pd.DataFrame(
        {
            "image": _images(run, rows),
            "label": run.label[rows],
            "corruption": names[run.corruption[rows]] if len(run.corruption) else "",
            "severity": run.severity[rows] if len(run.severity) else none,
        }
    )
