"""MC-dropout files with more rows than the outputs: matched where that can be proven, refused otherwise.

fd-shifts may thin out the noise study in the outputs (`subsample_corruptions`, every s-th sample) and not in
the MC file. The hypothesis is that exactly one study is complete in the MC file and thinned in the outputs,
in one of the patterns below whose counts fit exactly. It is believed only if it proves itself in the numbers:
per study the residual log-probabilities of the outputs and of the MC mean are correlated. The studies before
the thinned one, of which the rows are certain, say how high that is in this run; the thinned study, and the
studies after it, must reach 70 % of it, must lose at least .2 when the rows are shifted by one, and only one
pattern may pass. (In real runs the right rows correlate by .9 to .99, neighbours by up to .6.) A wrong MC
mean is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sfvisuals.io.notes import Notes
from sfvisuals.io.npz import AnyArray
from sfvisuals.io.outputs import Outputs, holds_probabilities
from sfvisuals.types import FloatArray, Rows

BLOCK_COUNTS = (1, 5, 15, 75)
LEAST_CORRELATION = 0.5
LEAST_SHARE = 0.7
LEAST_LOSS = 0.2
LEAST_PROBABILITY = 1e-9


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
    mean = np.asarray(table.mean(axis=2, dtype=np.float64))
    plain, mc = _logits(outputs.values, outputs.probabilities), _logits(mean, bool(holds_probabilities(mean)))
    passed = [
        (index, chosen) for index, chosen in candidates if _proven(plain, mc[chosen], outputs.index, index)
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


def _proven(plain: FloatArray, mc: FloatArray, index: Rows, thinned: int) -> bool:
    """Whether the MC mean agrees with the outputs on and after the thinned study as well as before."""
    before, after, loss_after = [], [], []
    for value in np.unique(index):
        rows = index == value
        right = _correlation(plain[rows], mc[rows])
        loss = right - _correlation(plain[rows], np.roll(mc[rows], 1, axis=0))
        if value < thinned:
            before.append(right)
        else:
            after.append(right)
            loss_after.append(loss)
    usual = float(np.median(before)) if before else 1.0
    here, later = after[0], float(np.median(after))
    lost = min(loss_after[0], float(np.median(loss_after)))
    return usual >= LEAST_CORRELATION and min(here, later) >= LEAST_SHARE * usual and lost >= LEAST_LOSS


def _correlation(left: FloatArray, right: FloatArray) -> float:
    """Correlation of two (n, d) tables after their column means are taken out; 0 where there is none."""
    both = np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
    if both.sum() < 2:
        return 0.0
    a = (left[both] - left[both].mean(axis=0)).ravel()
    b = (right[both] - right[both].mean(axis=0)).ravel()
    scale = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    return float(np.dot(a, b)) / scale if scale > 0 else 0.0


def _logits(values: FloatArray, probabilities: bool) -> FloatArray:
    """(n, d) logits in float64 whose rows sum to 0; those of probabilities are their logarithms."""
    wide = values.astype(np.float64)
    if probabilities:
        wide = np.log(np.maximum(wide, LEAST_PROBABILITY))
    centred: FloatArray = wide - wide.mean(axis=1, keepdims=True)
    return centred
