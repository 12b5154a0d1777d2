"""Which sample of one run is which of another: row by row, by an id that both have, or by their images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sfvisuals.failures.comparison import why_not_alike
from sfvisuals.types import Rows, Run

# columns that name a sample, the first that both runs have is taken
IDS = ("sample_id", "image_id", "sample", "uid", "id")
ROWS, IMAGE = "row", "image"


@dataclass(frozen=True, eq=False)
class Match:
    """The samples that two runs share.

    Attributes:
        there: (N,) int64 row of the other run for each row of this one, -1 where it has none.
        by: "row", "image", or the name of the id column; "" where nothing could be matched.
        why: why nothing could be matched, else "".
        left_out: what was left out, in words; "" where nothing was.
    """

    there: Rows
    by: str
    why: str
    left_out: str

    @property
    def n(self) -> int:
        """Number of shared samples."""
        return int(np.count_nonzero(self.there >= 0))

    @property
    def whole(self) -> bool:
        """True where every sample of this run is shared."""
        return self.n == self.there.size


def match_samples(run: Run, other: Run) -> Match:
    """Pairs the samples of two runs, each at most once.

    Runs that hold the same samples in the same order are paired row by row. Otherwise a sample is known by
    its study, its id (else its image) and its corruption with severity; a key that occurs several times in
    one run pairs nothing, and neither do samples with another label.
    """
    apart = why_not_alike(run, other)
    if not apart:
        return Match(np.arange(run.n, dtype=np.int64), ROWS, "", "")
    reason = f"They are not the same samples in the same order ({apart})"
    best: Match | None = None
    for by, here, there in _keys(run, other):
        found = _paired(run, other, here, there, by)
        if found.n:
            return found
        best = best or found
    if best is None:
        why = (
            f"{reason}, and nothing names them: one of them has neither images nor a column {', '.join(IDS)}."
        )
    else:
        why = f"{reason}, and no sample has the same study and {best.by} in both. {best.left_out}".rstrip()
    return Match(np.full(run.n, -1, np.int64), "", why, "")


def _keys(run: Run, other: Run) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    """(by, name of each sample here, there), missing where a sample has none."""
    for column in IDS:
        if column in run.metadata.columns and column in other.metadata.columns:
            yield column, run.metadata[column], other.metadata[column]
    if run.image is not None and other.image is not None:
        yield IMAGE, run.image, other.image


def _paired(run: Run, other: Run, here: pd.Series, there: pd.Series, by: str) -> Match:
    one, two = _frame(run, here), _frame(other, there)
    ambiguous = int(one["twice"].sum() + two["twice"].sum())
    keys = ["study", "name", "corruption", "severity"]
    both = one[one["usable"] & ~one["twice"]].merge(two[two["usable"] & ~two["twice"]], on=keys)
    rows, others = both["row_x"].to_numpy(np.int64), both["row_y"].to_numpy(np.int64)
    same = run.label[rows] == other.label[others]
    found = np.full(run.n, -1, np.int64)
    found[rows[same]] = others[same]
    return Match(found, by, "", _left_out(run, other, found, ambiguous, int((~same).sum())))


def _frame(run: Run, names: pd.Series) -> pd.DataFrame:
    """One line per sample: what it is known by, whether it is known at all, and whether twice."""
    studies = np.array([s.name for s in run.studies], dtype=object)
    frame = pd.DataFrame(
        {
            "study": studies[run.study],
            "name": names.astype("object").astype(str).to_numpy(),
            "corruption": _corruption(run),
            "severity": run.severity if len(run.severity) else np.zeros(run.n, np.int16),
            "usable": names.notna().to_numpy(),
            "row": np.arange(run.n, dtype=np.int64),
        }
    )
    keys = ["study", "name", "corruption", "severity"]
    frame["twice"] = frame.duplicated(keys, keep=False) & frame["usable"]
    return frame


def _corruption(run: Run) -> npt.NDArray[np.object_]:
    if not len(run.corruption):
        return np.full(run.n, "", dtype=object)
    return np.array([*run.corruptions, ""], dtype=object)[run.corruption]


def _left_out(run: Run, other: Run, found: Rows, ambiguous: int, relabelled: int) -> str:
    missing = int((found < 0).sum())
    extra = other.n - int((found >= 0).sum())
    parts = [f"{missing:,} of {run.n:,} samples here and {extra:,} of {other.n:,} there have no partner"]
    parts += [f"{ambiguous:,} are named several times within a study"] if ambiguous else []
    parts += [f"{relabelled:,} have another label there"] if relabelled else []
    return f"Left out: {'; '.join(parts)}." if missing or extra else ""
