"""The rules of the cause triage, one by one, on signs that are made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sfvisuals.explain import CAUSES, Cause, Signs, triage
from sfvisuals.types import StudyKind

PLAIN: dict[str, Any] = {
    "confidence": 60.0,
    "margin": 60.0,
    "distance": 50.0,
    "own": 50.0,
    "share": 0.8,
    "accepted": True,
    "clean": -1,
    "kin": np.nan,
}


def cause_of(kind: StudyKind, *, shortcut: int = -1, unseen: int = -1, **signs: Any) -> Cause:
    made = {name: np.array([value]) for name, value in (PLAIN | signs).items()}
    found = triage(
        np.array([0]),
        Signs(share_limits=(0.9, 0.7), **made),
        (kind,),
        shortcut=np.array([shortcut]),
        unseen=np.array([unseen]),
    )
    return CAUSES[int(found.cause[0])]


@pytest.mark.parametrize(
    ("kind", "signs", "cause"),
    [
        (StudyKind.IID, {}, Cause.NOT_CLEAR),
        (StudyKind.IID, {"share": 1.0}, Cause.LABEL_SUSPECT),
        (StudyKind.IID, {"share": 1.0, "accepted": False}, Cause.NOT_CLEAR),
        (StudyKind.ACQUISITION, {"share": 1.0}, Cause.NOT_CLEAR),
        (StudyKind.IID, {"share": 0.6}, Cause.AMBIGUOUS),
        (StudyKind.IID, {"share": 1.0, "margin": 3.0}, Cause.AMBIGUOUS),
        (StudyKind.IID, {"distance": 97.0, "margin": 3.0}, Cause.AMBIGUOUS),
        (StudyKind.ACQUISITION, {"distance": 97.0, "margin": 3.0}, Cause.SHIFT),
        (StudyKind.IID, {"distance": 97.0, "share": 1.0}, Cause.SHIFT),
        (StudyKind.CORRUPTION, {"clean": 1, "margin": 3.0}, Cause.SHIFT),
        (StudyKind.ACQUISITION, {"unseen": 0}, Cause.SHIFT),
        (StudyKind.IID, {"unseen": 0}, Cause.NOT_CLEAR),
        (StudyKind.ACQUISITION, {"shortcut": 0, "distance": 99.0}, Cause.SHORTCUT),
        (StudyKind.CORRUPTION, {"shortcut": 0, "clean": 1}, Cause.SHIFT),
        (StudyKind.MANIFESTATION, {"own": 99.0, "distance": 99.0}, Cause.UNSEEN),
        (StudyKind.MANIFESTATION, {"unseen": 0}, Cause.UNSEEN),
        (StudyKind.MANIFESTATION, {"own": 99.0, "shortcut": 0}, Cause.SHORTCUT),
        (StudyKind.ACQUISITION, {"own": 99.0}, Cause.NOT_CLEAR),
        (StudyKind.NEW_CLASS, {"own": np.nan, "shortcut": 0}, Cause.UNSEEN),
    ],
)
def test_the_first_rule_that_is_met_names_the_cause(
    kind: StudyKind, signs: dict[str, Any], cause: Cause
) -> None:
    assert cause_of(kind, **signs) is cause


def test_what_is_not_known_speaks_for_nothing() -> None:
    unknown = dict.fromkeys(("confidence", "margin", "distance", "own", "share"), np.nan)
    assert cause_of(StudyKind.IID, **unknown) is Cause.NOT_CLEAR


def test_every_rule_that_is_met_is_kept_beside_the_first() -> None:
    made = {name: np.array([value]) for name, value in (PLAIN | {"distance": 99.0}).items()}
    found = triage(
        np.array([0]),
        Signs(share_limits=(0.9, 0.7), **made),
        (StudyKind.ACQUISITION,),
        shortcut=np.array([0]),
    )
    met = {cause for cause, holds in zip(CAUSES, found.holds[0], strict=True) if holds}
    assert met == {Cause.SHIFT, Cause.SHORTCUT}
