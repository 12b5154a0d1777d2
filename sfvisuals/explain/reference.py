"""What a selection is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from sfvisuals.errors import NotFoundError
from sfvisuals.types import BoolArray, IntArray, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

MOST_NAMES = 3


class Reference(StrEnum):
    """The choices of a reference."""

    TRUE_CLASS = "true_class"
    PREDICTED_CLASS = "predicted_class"
    REST = "rest"


REFERENCE_LABELS: dict[Reference, str] = {
    Reference.TRUE_CLASS: "correct, of the same true class",
    Reference.PREDICTED_CLASS: "correct, of the predicted class",
    Reference.REST: "the rest of the same studies",
}


@dataclass(frozen=True, eq=False)
class ReferenceSamples:
    """The samples of a reference.

    Attributes:
        mask: (N,) True where compared with; none of them is selected.
        words: what they are: "correct malignant images".
        why: what had to be left out, or why there are none; empty where nothing is to be said.
    """

    mask: BoolArray
    words: str
    why: str


def reference_mask(
    workspace: Workspace,
    run: Run,
    selected: BoolArray,
    reference: Reference,
    score: str,
    *,
    studies: Sequence[str] | None = None,
) -> BoolArray:
    """(N,) True where a sample belongs to the reference; see `reference_of`."""
    return reference_of(workspace, run, selected, reference, score, studies=studies).mask


def reference_of(
    workspace: Workspace,
    run: Run,
    selected: BoolArray,
    reference: Reference,
    score: str,
    *,
    studies: Sequence[str] | None = None,
) -> ReferenceSamples:
    """The samples that a selection is compared with.

    Correct samples come from the studies of the selection and from the source study, the rest from the
    studies of the selection; `studies` names others. Correct ones are matched: each class has the share that
    it has in the selection, as many as there are, drawn evenly over the rows. A class without any is left
    out.

    Args:
        selected: (N,) True where selected.
        reference: which samples.
        score: the score whose prediction says what is correct and what is predicted.
        studies: names of the studies of the reference.
    """
    judged = workspace.score(run, score)
    inside = _in_studies(run, selected, studies, source=reference is not Reference.REST)
    match reference:
        case Reference.TRUE_CLASS:
            classes = np.where(run.new_class, -1, run.label)
        case Reference.PREDICTED_CLASS:
            classes = judged.prediction.astype(np.int64)
        case Reference.REST:
            mask = inside & ~selected
            return ReferenceSamples(mask, f"the other images of {_studies_in_words(run, inside)}", "")
    wanted = classes[selected]
    unknown = int((wanted < 0).sum())
    correct = inside & ~judged.failure & ~selected
    mask, missing = _matched(correct, run.label, wanted[wanted >= 0])
    names = [run.classes[k] for k in np.unique(wanted[wanted >= 0])]
    few = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    words = f"correct {few} images" if 0 < len(names) <= MOST_NAMES else "correct images of the same classes"
    why = []
    if unknown:
        why.append(f"{unknown:,} selected images are of classes that the model does not know")
    if missing:
        few = ", ".join(run.classes[k] for k in missing[:MOST_NAMES])
        taken = bool((inside & selected & ~judged.failure & np.isin(run.label, missing)).any())
        why.append(f"no {'other ' if taken else ''}image of {few} is correct here")
    return ReferenceSamples(mask, words, "; ".join(why))


def _in_studies(run: Run, selected: BoolArray, studies: Sequence[str] | None, *, source: bool) -> BoolArray:
    known = [study.name for study in run.studies]
    if studies is None:
        codes = np.unique(run.study[selected]).tolist()
        if source and run.source is not None and codes:
            codes.append(known.index(run.source))
    else:
        unknown = sorted(set(studies) - set(known))
        if unknown:
            raise NotFoundError(f"There is no study {unknown[0]!r}", detail=f"Studies: {', '.join(known)}.")
        codes = [known.index(name) for name in studies]
    return np.isin(run.study, codes)


def _matched(correct: BoolArray, label: IntArray, wanted: IntArray) -> tuple[BoolArray, list[int]]:
    """The correct samples in the proportions of the `wanted` classes, and the classes without any."""
    mask = np.zeros(correct.size, np.bool_)
    classes, counts = np.unique(wanted, return_counts=True)
    rows = {int(c): np.flatnonzero(correct & (label == c)) for c in classes}
    missing = [c for c, found in rows.items() if not found.size]
    there = [(int(c), int(n)) for c, n in zip(classes, counts, strict=True) if rows[int(c)].size]
    if not there:
        return mask, missing
    times = min(rows[c].size / n for c, n in there)
    for c, n in there:
        take = max(1, min(rows[c].size, round(times * n)))
        mask[rows[c][np.linspace(0, rows[c].size - 1, take).round().astype(np.int64)]] = True
    return mask, missing


def _studies_in_words(run: Run, inside: BoolArray) -> str:
    labels = [run.studies[code].label for code in np.unique(run.study[inside])]
    return " and ".join(labels) if 0 < len(labels) <= 2 else "these studies"
