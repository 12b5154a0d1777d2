"""A card's numbers against a calculation by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from clinics import clinics
from sfvisuals.concepts import ConceptCard, concept_cards
from sfvisuals.concepts.names import built_names
from sfvisuals.errors import NotFoundError
from sfvisuals.explain import Finding
from sfvisuals.explain.records import FeatureOrigin
from sfvisuals.types import ClusterMethod, Run
from sfvisuals.workspace import Workspace


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run]:
    return clinics(tmp_path_factory.mktemp("clinics"))


def cards(opened: tuple[Workspace, Run], **changes: Any) -> tuple[ConceptCard, ...]:
    asked: dict[str, Any] = {"study": "clinic_b", "category": 1, "k": 1}
    return concept_cards(*opened, **(asked | changes))


def test_a_card_counts_its_failures_and_lists_the_silent_ones_first(opened: tuple[Workspace, Run]) -> None:
    (card,) = cards(opened)
    assert (card.size, card.accuracy, card.n_silent) == (12, 0.0, 8)
    assert card.failures.tolist() == [*range(40, 48), *range(48, 52)]
    assert card.silent.tolist() == [*range(40, 48)]


def test_the_silent_failure_rate_has_the_exact_interval(opened: tuple[Workspace, Run]) -> None:
    (card,) = cards(opened)
    exact = binomtest(8, 12).proportion_ci(method="exact")
    assert (card.silent_rate.k, card.silent_rate.n) == (8, 12)
    assert (card.silent_rate.low, card.silent_rate.high) == pytest.approx((exact.low, exact.high))
    assert card.silent_rate.value == pytest.approx(8 / 12)


def test_the_gap_is_mean_confidence_minus_accuracy(opened: tuple[Workspace, Run]) -> None:
    (card,) = cards(opened)
    # softmax of (6, 0) is 1 / (1 + e^-6), of (1, 0) 1 / (1 + e^-1)
    mean = (8 / (1 + np.exp(-6)) + 4 / (1 + np.exp(-1))) / 12
    assert card.confidence == pytest.approx(mean)
    assert card.gap == pytest.approx(mean)
    assert card.gap_why == ""


def test_a_score_that_is_no_probability_has_no_gap_and_says_so(opened: tuple[Workspace, Run]) -> None:
    (card,) = cards(opened, score="det_pe")
    assert card.confidence is not None
    assert card.gap is None
    assert card.gap_why.startswith("the score is no probability")


def test_a_threshold_that_accepts_nothing_leaves_no_silent_failure(opened: tuple[Workspace, Run]) -> None:
    (card,) = cards(opened, study="clinic_d", score="det_mcp", target=0.0)
    # the largest score of clinic A is (5, 0); clinic D's samples have it too and stay accepted
    assert card.n_silent == 4
    (card,) = cards(opened, target=0.0)
    assert card.n_silent == 8


def test_the_card_says_how_many_samples_of_other_studies_lie_in_the_concept(
    opened: tuple[Workspace, Run],
) -> None:
    (card,) = cards(opened, study="clinic_a")
    # malignant in clinic A reaches 1 around (3, 3): all of clinic C, nobody of B and D
    assert card.sizes == (("clinic_a", 20), ("clinic_b", 0), ("clinic_c", 8), ("clinic_d", 0))


def test_representatives_are_of_different_patients(opened: tuple[Workspace, Run]) -> None:
    _, run = opened
    for card in cards(opened, study="clinic_a"):
        patients = run.metadata["patient"].iloc[card.representatives]
        assert patients.nunique() == len(card.representatives) > 1


def test_what_the_concept_has_more_than_its_class_elsewhere_makes_its_name(
    opened: tuple[Workspace, Run],
) -> None:
    (card,) = cards(opened)
    assert card.findings[0].name == "device"
    assert card.name == "device: two, malignant"
    (plain,) = cards(opened, study="clinic_a", category=0)
    assert plain.name == "benign 1"
    assert plain.findings == ()
    assert plain.findings_why != ""


def test_names_leave_out_what_all_concepts_share_and_count_those_that_repeat() -> None:
    site = finding("site", level="B", higher=True)
    ruler, hair = finding("ruler", level="yes", higher=True), finding("hair", level="thick", higher=True)
    never, old = finding("ink", level="yes", higher=False), finding("age", level=None, higher=True)
    told = [[site, ruler], [site, never, hair], [site, old], [site, ruler], [site]]
    assert built_names("nevus", told) == (
        "ruler, nevus 1",
        "hair: thick, nevus",
        "high age, nevus",
        "ruler, nevus 4",
        "nevus 5",
    )


def test_an_attribute_of_the_images_is_named_in_its_own_words() -> None:
    edges = finding("Edge density", level=None, higher=True, brief="more edges")
    assert built_names("nevus", [[edges]]) == ("more edges, nevus",)


def finding(name: str, *, level: str | None, higher: bool, brief: str = "") -> Finding:
    """A finding of which only name, level and direction matter; of the images where it has own words."""
    return Finding(
        name=name,
        label=name,
        origin=FeatureOrigin.IMAGE if brief else FeatureOrigin.METADATA,
        unit="",
        level=level,
        brief=brief,
        stratum="",
        higher=higher,
        auc=0.9,
        delta=0.8,
        difference=None,
        selected=0.9,
        reference=0.1,
        odds_ratio=None,
        p=0.001,
        q=0.01,
        holds=True,
        cut=None,
        missing=(0.0, 0.0),
        words="",
    )


def test_a_class_without_samples_has_no_cards(opened: tuple[Workspace, Run]) -> None:
    assert cards(opened, category=0) == ()


def test_an_unknown_study_is_named(opened: tuple[Workspace, Run]) -> None:
    with pytest.raises(NotFoundError, match="clinic_x"):
        cards(opened, study="clinic_x")


@pytest.mark.parametrize("method", ClusterMethod)
def test_cards_partition_the_class_by_either_method(
    opened: tuple[Workspace, Run], method: ClusterMethod
) -> None:
    made = cards(opened, study="clinic_a", method=method, k=3)
    assert sorted(np.concatenate([card.rows for card in made])) == [*range(20, 40)]
    assert all(card.stability is not None for card in made)
