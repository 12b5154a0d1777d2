"""Cause triage: which kind of cause fits a failure. A pointer where to look, not a diagnosis.

The rules, in the order in which they are tried; the first that is met names the cause. A corrupted copy whose
clean image fails as well is judged by its clean image. Limits are percentiles of the run's own validation
samples (iid without validation), so that by construction a known share of undisturbed samples meets each.

1. unseen concept, of a new class; shift, where its clean image is predicted correctly.
2. shortcut: it has an attribute that the failures of its study and kind have more often than correct images
   of their class there; that class has it more often here than in the source; and in the source the predicted
   class has it more often than the true class. It is in the metadata, or something beside the subject such as
   straight lines, a letter or hair. Images of the training data are not at hand, so the source is iid and
   validation.
3. unseen concept: in a study of new manifestations, and farther from the training samples of its true class
   than 95 % of that class on validation, or with such an attribute that no image of the source has.
4. shift: farther from all training samples than 95 % of validation, but not if 5 holds in a study drawn like
   the training data; or, in another study, with such an attribute that no image of the source has, or with a
   look (contrast, noise, hue ...) that its class has far more often there than in the source.
5. ambiguous: its margin is under the 5th percentile of correct samples, or its nearest training samples are
   more mixed than those of the 5 % most mixed correct ones, or mostly of other classes than the predicted.
6. label suspect: it is accepted, in an iid, validation or train study, and its nearest training samples are
   of the predicted class as purely as those of three quarters of the correct samples: it looks like a clear
   case of the other class.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.explain.causes import CAUSES, Attribute, Cause, Evidence, Signs, Triage
from sfvisuals.explain.words import percentage
from sfvisuals.types import BoolArray, IntArray, Rows, StudyKind

FAR: Final = 95.0
LOW: Final = 5.0
DRAWN_ALIKE: Final = (StudyKind.IID, StudyKind.VALIDATION, StudyKind.TRAIN)


def triage(
    rows: Rows,
    signs: Signs,
    kinds: tuple[StudyKind, ...],
    attributes: tuple[Attribute, ...] = (),
    shortcut: IntArray | None = None,
    unseen: IntArray | None = None,
    moved: IntArray | None = None,
    *,
    why: tuple[str, ...] = (),
) -> Triage:
    """The causes of the failures `rows` (n,).

    Args:
        signs: what is known of each.
        kinds: n kinds of the studies that they are judged in.
        attributes, shortcut, unseen, moved, why: see Triage.
    """
    none = np.full(len(rows), -1)
    shortcut, unseen, moved = (none if one is None else one for one in (shortcut, unseen, moved))
    new_class = _are(kinds, (StudyKind.NEW_CLASS,))
    alike = _are(kinds, DRAWN_ALIKE)
    with np.errstate(invalid="ignore"):
        far, far_from_own = signs.distance > FAR, signs.own > FAR
        mixed = signs.share < max(signs.share_limits[1], 0.5)
        pure = signs.share >= signs.share_limits[0]
        torn = (signs.margin < LOW) | mixed
    sure = signs.clean == 1
    lacking = unseen >= 0
    goes_along = shortcut >= 0
    concept = _are(kinds, (StudyKind.MANIFESTATION,)) & (far_from_own | lacking)
    holds = np.zeros((len(rows), len(CAUSES)), np.bool_)
    holds[:, _at(Cause.UNSEEN)] = new_class | concept
    holds[:, _at(Cause.SHIFT)] = sure | far | ((lacking | (moved >= 0)) & ~alike)
    holds[:, _at(Cause.SHORTCUT)] = goes_along
    holds[:, _at(Cause.AMBIGUOUS)] = torn
    holds[:, _at(Cause.LABEL_SUSPECT)] = signs.accepted & alike & pure & ~far & ~torn
    holds[:, -1] = ~holds[:, :-1].any(axis=1)
    # what is proven goes first; then a shortcut, since that too can take a sample far from the training data;
    # and between two classes that lie apart there are few training samples either
    order = holds.copy()
    order[:, _at(Cause.UNSEEN)] &= new_class | ~goes_along
    order[:, _at(Cause.SHIFT)] &= sure | ~(goes_along | (alike & torn))
    order[:, _at(Cause.UNSEEN)] &= new_class | ~sure
    cause = np.argmax(order, axis=1)
    return Triage(rows, holds, cause, signs, attributes, shortcut, unseen, moved, why)


def evidence_on(found: Triage, i: int) -> tuple[Evidence, ...]:
    """The evidence on the i-th failure, for every cause but "not clear", in the order of CAUSES."""
    signs = found.signs
    numbers = {
        Cause.UNSEEN: {"own": signs.own[i], "kin": signs.kin[i]},
        Cause.SHIFT: {"distance": signs.distance[i], "clean": float(signs.clean[i])},
        Cause.SHORTCUT: _of_attribute(found, int(found.shortcut[i])),
        Cause.AMBIGUOUS: {"margin": signs.margin[i], "share": signs.share[i]},
        Cause.LABEL_SUSPECT: {"confidence": signs.confidence[i], "share": signs.share[i]},
    }
    words = {
        Cause.UNSEEN: _unseen_words(signs, i),
        Cause.SHIFT: _shift_words(found, i),
        Cause.SHORTCUT: _shortcut_words(found, i),
        Cause.AMBIGUOUS: f"{_percentile('margin', signs.margin[i], 'correct')}; {_neighbours(signs, i)}",
        Cause.LABEL_SUSPECT: f"{_percentile('confidence', signs.confidence[i], 'correct')};"
        f" {_neighbours(signs, i)}",
    }
    return tuple(
        Evidence(
            cause, bool(found.holds[i, k]), words[cause], {n: float(v) for n, v in numbers[cause].items()}
        )
        for k, cause in enumerate(CAUSES[:-1])
    )


def _of_attribute(found: Triage, position: int) -> dict[str, float]:
    if position < 0:
        return {}
    one = found.attributes[position]
    return {
        "here": one.here,
        "source_true": one.source_true,
        "source_predicted": one.source_predicted,
        "p": one.p,
    }


def _unseen_words(signs: Signs, i: int) -> str:
    words = _percentile("distance from the training samples of its true class", signs.own[i], "this class's")
    if np.isfinite(signs.kin[i]):
        words += f"; {percentage(signs.kin[i])} of its nearest test images are failures of its study"
    return words


def _shift_words(found: Triage, i: int) -> str:
    signs = found.signs
    words = _percentile("distance from all training samples", signs.distance[i], "all")
    if signs.clean[i] >= 0:
        how = "correctly" if signs.clean[i] == 1 else "wrongly as well"
        words = f"its clean image is predicted {how}; {words}"
    if found.unseen[i] >= 0:
        one = found.attributes[found.unseen[i]]
        words += f"; {one.label} never occurs in {one.sources}"
    elif found.moved[i] >= 0:
        one = found.attributes[found.moved[i]]
        words += (
            f"; {one.label}: {percentage(one.here)} of its class here against "
            f"{percentage(one.source_true)} in {one.sources}"
        )
    return words


def _shortcut_words(found: Triage, i: int) -> str:
    if found.shortcut[i] < 0:
        return "no attribute of it goes with the predicted class"
    one = found.attributes[found.shortcut[i]]
    return (
        f"{one.label}: {percentage(one.source_predicted)} of the predicted class against "
        f"{percentage(one.source_true)} of the true class in {one.sources}, and "
        f"{percentage(one.here)} of the true class in its study"
    )


def _neighbours(signs: Signs, i: int) -> str:
    if not np.isfinite(signs.share[i]):
        return "its nearest training samples are not known"
    return (
        f"{percentage(signs.share[i])} of its nearest training samples are of the predicted class"
        f" (correct ones: lower quartile {percentage(signs.share_limits[0])})"
    )


def _percentile(what: str, value: float, whose: str) -> str:
    if not np.isfinite(value):
        return f"its {what} is not known"
    return f"its {what} exceeds that of {value:.0f} % of {whose} validation samples"


def _are(kinds: tuple[StudyKind, ...], wanted: tuple[StudyKind, ...]) -> BoolArray:
    return np.array([kind in wanted for kind in kinds], np.bool_)


def _at(cause: Cause) -> int:
    return CAUSES.index(cause)
