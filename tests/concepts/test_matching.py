"""Target concepts beside the source concepts they resemble, against a calculation by hand.

In `clinics` both dimensions have one variance (0.5 + 2.25), so the reduced space only turns and scales, and
distances in spreads are those of the plane. With one concept per class every source sample lies 1 from its
centre, so the spread is 1 and so is the reach. The members of a target concept at 0.3 to the left, the right,
above and below of a centre lie 0.3 from it; their distances to (3, 3) are sqrt(2.7^2 + 3^2) = 4.036 and
sqrt(3.3^2 + 3^2) = 4.460, half of them each, with the median 4.248.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinics import clinics, written
from sfvisuals.concepts import ConceptMatch, MatchFlag, find_concepts, matches
from sfvisuals.concepts.matching import source_concepts
from sfvisuals.errors import UnavailableError
from sfvisuals.types import ClusterMethod, Judge, Run
from sfvisuals.workspace import Workspace

FAR = ((2.7**2 + 9) ** 0.5 + (3.3**2 + 9) ** 0.5) / 2
TARGETS = ["clinic_a", "clinic_b", "clinic_c", "clinic_d"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run]:
    return clinics(tmp_path_factory.mktemp("clinics"))


def found(opened: tuple[Workspace, Run], **changes: Any) -> tuple[ConceptMatch, ...]:
    asked: dict[str, Any] = {"source": "clinic_a", "targets": TARGETS, "categories": [0, 1], "k": 1}
    return matches(*opened, **(asked | changes))


def test_flagged_concepts_come_first_and_those_with_most_silent_failures_before(
    opened: tuple[Workspace, Run],
) -> None:
    told = [(one.study, one.flag, one.n_silent, one.failures) for one in found(opened)]
    assert told == [
        ("clinic_b", MatchFlag.MOVED, 8, 12),
        ("clinic_d", MatchFlag.ALONE, 4, 4),
        ("clinic_c", MatchFlag.NONE, 0, 0),
    ]


def test_distances_are_medians_in_spreads_of_the_source(opened: tuple[Workspace, Run]) -> None:
    moved, alone, stayed = found(opened)
    assert [(one.class_name, one.index) for one in moved.nearest] == [("benign", 0), ("malignant", 0)]
    assert [one.distance for one in moved.nearest] == pytest.approx([0.3, FAR], rel=1e-4)
    assert [one.distance for one in stayed.nearest] == pytest.approx([0.3, FAR], rel=1e-4)
    # (20, -20) and 0.3 to the right or below, to the left or above
    there = [(20.3**2 + 400) ** 0.5, (19.7**2 + 400) ** 0.5]
    assert alone.nearest[0].distance == pytest.approx(sum(there) / 2, rel=1e-4)
    assert moved.own == pytest.approx(FAR, rel=1e-4)
    assert moved.reach == pytest.approx(1, rel=1e-4)
    assert [one.beyond for one in (moved, alone, stayed)] == [0, 1, 0]


def test_a_few_samples_far_away_do_not_make_the_others_stray(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)

    def ball(place: float, n: int) -> np.ndarray:
        return place + generator.normal(size=(n, 3))

    near_and_far = np.concatenate([ball(4, 57), ball(900, 3)])
    workspace, run = written(
        tmp_path,
        [
            ("clinic_a", 0, ball(0, 100), [5.0, 0.0]),
            ("clinic_a", 1, ball(4, 100), [0.0, 5.0]),
            ("clinic_c", 1, near_and_far, [0.0, 5.0]),
        ],
    )
    (one,) = matches(workspace, run, source="clinic_a", targets=["clinic_c"], categories=[1], k=1)
    assert (one.flag, one.beyond) == (MatchFlag.NONE, pytest.approx(3 / 60, abs=0.04))
    assert one.nearest[0].distance < 2


def test_the_sentence_has_the_numbers(opened: tuple[Workspace, Run]) -> None:
    moved, alone, stayed = found(opened)
    assert moved.words == (
        "12 malignant samples of Clinic B lie 0.3 spreads from concept 1 of benign in the source and 4.2"
        " from the nearest malignant one; 8 of them are silent failures"
    )
    assert alone.words == (
        "4 malignant samples of Clinic D lie 28.3 spreads from concept 1 of benign in the source, the"
        " nearest of all, where 99 % of the source lie within 1.0 of their own; 4 of them are silent failures"
    )
    assert stayed.words == (
        "8 malignant samples of Clinic C lie 0.3 spreads from concept 1 of malignant in the source and"
        " 4.2 from the nearest other (concept 1 of benign); none of them is a silent failure"
    )


def test_by_prediction_the_moved_samples_lie_where_they_are_called(opened: tuple[Workspace, Run]) -> None:
    told = {one.study: one for one in found(opened, basis=Judge.PLAIN)}
    assert told["clinic_b"].flag is MatchFlag.NONE
    assert told["clinic_b"].words.startswith("12 samples predicted benign of Clinic B lie 0.3 spreads")


@pytest.mark.parametrize("method", ClusterMethod)
def test_the_flags_are_the_same_by_either_method_and_with_any_number(
    tmp_path: Path, method: ClusterMethod
) -> None:
    generator = np.random.default_rng(0)

    def ball(place: float, n: int) -> np.ndarray:
        return place + generator.normal(size=(n, 6))

    balls = [
        ("clinic_a", 0, ball(0, 150), [5.0, 0.0]),
        ("clinic_a", 1, ball(4, 150), [0.0, 5.0]),
        ("clinic_b", 1, ball(0, 60), [5.0, 0.0]),
        ("clinic_c", 1, ball(4, 60), [0.0, 5.0]),
        ("clinic_d", 1, ball(-30, 60), [5.0, 0.0]),
    ]
    workspace, run = written(tmp_path, balls)
    for k in (None, 1, 3):
        asked = {"targets": TARGETS, "categories": [0, 1], "method": method, "k": k}
        told = {(one.study, one.flag) for one in matches(workspace, run, source="clinic_a", **asked)}
        assert told == {
            ("clinic_b", MatchFlag.MOVED),
            ("clinic_c", MatchFlag.NONE),
            ("clinic_d", MatchFlag.ALONE),
        }


def test_a_run_with_one_study_has_nothing_to_match(opened: tuple[Workspace, Run]) -> None:
    assert found(opened, targets=["clinic_a"]) == ()
    assert found(opened, categories=[]) == ()


def test_a_class_that_the_source_has_not_is_compared_with_the_others(opened: tuple[Workspace, Run]) -> None:
    # clinic C has malignant samples only: seen from there, benign clinic A is of an unknown class
    (benign, _) = sorted(found(opened, source="clinic_c", targets=["clinic_a"]), key=lambda one: one.own or 0)
    assert (benign.class_name, benign.own, benign.flag) == ("benign", None, MatchFlag.ALONE)


def test_a_source_of_which_every_sample_is_a_concept_has_no_spread() -> None:
    alone = find_concepts(np.eye(3), np.arange(3), k=3).concepts
    with pytest.raises(UnavailableError, match="too few different samples"):
        source_concepts({0: alone})


def test_of_many_classes_the_likeliest_are_compared(tmp_path: Path) -> None:
    workspace, run = many_classes(tmp_path)
    (one,) = matches(workspace, run, source="here", targets=["there"], categories=[3], k=1)
    # class 3 of the other study lies at place 10: its own class and the six around 10 are looked at
    assert sorted(int(near.category) for near in one.nearest) == [3, 7, 8, 9, 10, 11, 12]
    assert (one.flag, one.nearest[0].category) == (MatchFlag.MOVED, 10)


def many_classes(folder: Path) -> tuple[Workspace, Run]:
    """20 classes in a row, a unit apart; class 3 of the other study lies about 10."""
    import pandas as pd

    from sfvisuals import write_run

    jitter = np.tile([-0.1, 0.1, 0.0, 0.05], 20)
    place = np.concatenate([np.repeat(np.arange(20.0), 4) + jitter, [9.9, 10.05, 9.95, 10.0]])
    write_run(
        folder / "runs" / "many",
        samples=pd.DataFrame(
            {"study": ["here"] * 80 + ["there"] * 4, "label": [*np.repeat(np.arange(20), 4), *[3] * 4]}
        ),
        classes=[f"class {k}" for k in range(20)],
        studies={"here": "iid", "there": "acquisition"},
        logits=np.zeros((84, 20), np.float32),
        latents=place[:, None].astype(np.float32),
    )
    workspace = Workspace(folder / "runs", cache_dir=folder / "cache")
    return workspace, workspace.run(workspace.run_names()[0])
