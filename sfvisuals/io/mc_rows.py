"""MC-dropout files with more rows than the outputs: matched where that can be proven, refused otherwise.

fd-shifts may thin out the noise study in the outputs (`subsample_corruptions`, every s-th sample) and not in
the MC file. The hypothesis is that exactly one study is complete in the MC file and thinned in the outputs,
in one of the patterns below whose counts fit exactly. It is believed only if the MC mean agrees with the
outputs: over the thinned study the correlation of the two (class probabilities, centred) must drop when the
rows are shifted by one, by at least 60 % of the drop over the studies that are not thinned, and only one
pattern may pass. A wrong MC mean is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sfvisuals.io.notes import Notes
from sfvisuals.io.npz import AnyArray
from sfvisuals.io.outputs import Outputs, holds_probabilities
from sfvisuals.types import FloatArray, Rows

BLOCK_COUNTS = (1, 5, 15, 75)
LEAST_DROP = 0.05
LEAST_SHARE = 0.6


def match_rows(
    outputs: Outputs, table: AnyArray, *, strides: dict[int, int], name: str, notes: Notes
) -> Rows | None:
    """The rows (N,) of `table` (R, d, M) that belong to the outputs, R > N; None with a reason in the notes.

    Args:
        strides: dataset index -> the stride that the config gives for its corruptions.
        name: the file of `table`.
    """
    n, rows = outputs.values.shape[0], table.shape[0]
    counts = f"{name} has {rows} rows, {outputs.path.name} has {n}"
    if np.any(np.diff(outputs.index) < 0):
        _refused(notes, name, f"{counts}, and the test sets do not lie one after the other")
        return None
    candidates = list(_candidates(outputs.index, rows - n, strides))
    if not candidates:
        _refused(notes, name, f"{counts}, and thinning one study by the config's stride does not explain it")
        return None
    plain = _centred(outputs.values, outputs.probabilities)
    mean = np.asarray(table.mean(axis=2, dtype=np.float64))
    mc = _centred(mean, bool(holds_probabilities(mean)))
    passed = [
        (index, chosen) for index, chosen in candidates if _proven(plain, mc, outputs.index == index, chosen)
    ]
    if len(passed) != 1:
        found = "the MC mean fits none of the ways" if not passed else f"{len(passed)} ways fit"
        _refused(notes, name, f"{counts}, and {found} to thin one study by the config's stride")
        return None
    index, chosen = passed[0]
    notes.info(
        f"Rows of {name} are matched to {outputs.path.name}",
        f"{counts}: the set with dataset_idx {index} is complete in the one and thinned in the other. The MC"
        " mean agrees with the outputs row by row under this match.",
    )
    return chosen


def _refused(notes: Notes, name: str, reason: str) -> None:
    notes.warning(
        f"{name} has more rows than the outputs",
        f"{reason}. The MC-dropout passes are not used.",
        "Write both files with the same subsample_corruptions.",
    )
    notes.absent["mc"] = reason


def _candidates(index: Rows, extra: int, strides: dict[int, int]) -> Iterator[tuple[int, Rows]]:
    """(dataset index, rows of the MC file) for every way of thinning one study that explains the counts."""
    for value in sorted(strides):
        members = np.flatnonzero(index == value)
        if not members.size:
            continue
        seen: set[bytes] = set()
        for kept in _thinned(members.size + extra, strides[value]):
            if kept.size != members.size or kept.tobytes() in seen:
                continue
            seen.add(kept.tobytes())
            first, last = int(members[0]), int(members[-1]) + 1
            after = np.arange(last, index.size) + extra
            yield value, np.concatenate([np.arange(first), first + kept, after]).astype(np.int64)


def _thinned(full: int, stride: int) -> Iterator[Rows]:
    """Positions that survive: every s-th sample of each block, or the first s-th part of each block."""
    for blocks in BLOCK_COUNTS:
        if full % blocks:
            continue
        length = full // blocks
        starts = (np.arange(blocks) * length)[:, None]
        yield (starts + np.arange(0, length, stride)[None]).ravel()
        yield (starts + np.arange(length // stride)[None]).ravel()


def _proven(plain: FloatArray, mc: FloatArray, thinned: np.ndarray, chosen: Rows) -> bool:
    """Whether the MC mean of the chosen rows agrees with the outputs on the thinned study as elsewhere."""
    matched = mc[chosen]
    elsewhere = _drop(plain[~thinned], matched[~thinned])
    here = _drop(plain[thinned], matched[thinned])
    return elsewhere >= LEAST_DROP and here >= LEAST_SHARE * elsewhere


def _drop(plain: FloatArray, mc: FloatArray) -> float:
    """By how much the correlation falls when the rows are shifted by one; 0 where it cannot be told."""
    if plain.shape[0] < 3:
        return 0.0
    return _correlation(plain, mc) - _correlation(plain, np.roll(mc, 1, axis=0))


def _correlation(left: FloatArray, right: FloatArray) -> float:
    both = np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
    a, b = left[both].ravel(), right[both].ravel()
    scale = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    return float(np.dot(a, b)) / scale if scale > 0 else 0.0


def _centred(values: FloatArray, probabilities: bool) -> FloatArray:
    """(n, d) probabilities in float64 less 1 / d."""
    wide = values.astype(np.float64)
    if not probabilities:
        with np.errstate(invalid="ignore"):
            wide = np.exp(wide - wide.max(axis=1, keepdims=True))
            wide /= wide.sum(axis=1, keepdims=True)
    centred: FloatArray = wide - 1 / wide.shape[1]
    return centred
