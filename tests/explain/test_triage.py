"""The rules of the cause triage, one by one, on signs that are made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sfvisuals.explain import CAUSES, Cause, Signs, triage
from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin
from sfvisuals.explain.shared_attributes import attributes_of_group
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


def cause_of(
    kind: StudyKind, *, shortcut: int = -1, unseen: int = -1, moved: int = -1, **signs: Any
) -> Cause:
    made = {name: np.array([value]) for name, value in (PLAIN | signs).items()}
    found = triage(
        np.array([0]),
        Signs(share_limits=(0.9, 0.7), **made),
        (kind,),
        shortcut=np.array([shortcut]),
        unseen=np.array([unseen]),
        moved=np.array([moved]),
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
        (StudyKind.ACQUISITION, {"moved": 0}, Cause.SHIFT),
        (StudyKind.IID, {"moved": 0}, Cause.NOT_CLEAR),
        (StudyKind.ACQUISITION, {"moved": 0, "shortcut": 0}, Cause.SHORTCUT),
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


@pytest.mark.parametrize(
    ("name", "higher", "kind"),
    [
        ("image:straight_lines", True, "goes_along"),
        ("image:straight_lines", False, ""),
        ("image:contrast", False, "moved"),
        ("ruler_length", True, "goes_along"),
    ],
)
def test_a_ruler_can_be_a_shortcut_a_missing_ruler_is_none_and_low_contrast_is_a_shift(
    name: str, higher: bool, kind: str
) -> None:
    """The failures have a value that the predicted class has in the source, and their own has not."""
    n = 40
    part = np.repeat(["failures", "correct", "true", "predicted"], n)
    has = np.isin(part, ["failures", "predicted"])
    random = np.random.default_rng(0)
    values = random.normal(size=4 * n) + (8.0 if higher else -8.0) * has
    origin = FeatureOrigin.IMAGE if name.startswith("image:") else FeatureOrigin.METADATA
    feature = Feature(name, name, FeatureKind.NUMBER, origin, numbers=values)
    (held,) = attributes_of_group(
        [feature],
        part == "failures",
        part == "correct",
        here=np.isin(part, ["failures", "correct"]),
        true=part == "true",
        predicted=part == "predicted",
        groups=np.arange(4 * n),
        sources="iid",
    )
    told = {"goes_along": held.goes_along, "moved": held.moved, "absent": held.absent}
    assert [word for word, yes in told.items() if yes] == ([kind] if kind else [])
