"""What tells a selection from a reference: numbers by hand, honesty by simulation, edges by their reasons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sfvisuals.explain import Feature, FeatureKind, FeatureOrigin, explain
from sfvisuals.explain.columns import level_feature, number_feature
from sfvisuals.explain.units import Design
from sfvisuals.explain.words import area_words, two_numbers, two_percentages

META = FeatureOrigin.METADATA


def numbers(values: object, name: str = "size", origin: FeatureOrigin = META) -> Feature:
    return number_feature(name, name, origin, np.asarray(values, np.float64))


def levels(codes: object, *names: str, name: str = "device") -> Feature:
    return level_feature(name, name, META, np.asarray(codes), names)


def first(k: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first k of n are selected, the rest is the reference."""
    selected = np.arange(n) < k
    return selected, ~selected


def test_a_number_has_its_area_medians_cut_and_sentence() -> None:
    """3 4 5 9 against 1 2 3 4: 13 of 16 pairs won and two ties, so 14 / 16."""
    found = explain(
        [numbers([3, 4, 5, 9, 1, 2, 3, 4], "line content")], *first(4, 8), words="correct malignant images"
    ).findings[0]
    assert found.auc == 14 / 16
    assert found.delta == 12 / 16
    assert (found.selected, found.reference, found.cut) == (4.5, 2.5, 2.5)
    assert found.words == (
        "line content is higher (AUC .88, median 4.5 against 2.5) than in correct malignant images"
    )
    assert found.brief == "line content higher"
    assert found.distribution is not None
    assert found.distribution.selected.sum() == pytest.approx(1)
    assert len(found.distribution.edges) == 17


def test_the_p_of_a_number_is_scipys() -> None:
    random = np.random.default_rng(1)
    values = np.concatenate((random.normal(0.5, 1, 60), random.normal(0, 1, 90)))
    found = explain([numbers(values)], *first(60, 150)).findings[0]
    assert found.p == pytest.approx(stats.mannwhitneyu(values[:60], values[60:]).pvalue)


def test_a_level_has_shares_area_odds_and_sentence() -> None:
    """9 of 10 against 5 of 20: area 0.5 + (0.9 - 0.25) / 2, odds 9.5 * 15.5 / (1.5 * 5.5)."""
    codes = [1] * 9 + [0] + [1] * 5 + [0] * 10 + [2] * 5
    told = explain([levels(codes, "one", "two", "three")], *first(10, 30))
    found = told.findings[0]
    assert (found.level, found.higher) == ("two", True)
    assert (found.selected, found.reference) == pytest.approx((0.9, 0.25))
    assert found.auc == pytest.approx(0.825)
    assert found.odds_ratio is not None
    assert found.odds_ratio[0] == pytest.approx(9.5 * 15.5 / (1.5 * 5.5))
    assert found.p == pytest.approx(stats.fisher_exact([[9, 1], [5, 15]])[1])
    assert found.words == "device is two more often (AUC .82, 90 % against 25 %) than in the reference"
    assert found.brief == "device two more often"
    assert told.tested == 3


def test_other_levels_of_a_feature_are_folded_under_its_strongest() -> None:
    codes = [1] * 50 + [0] * 50 + [2] * 50
    (found,) = explain([levels(codes, "one", "two", "three")], *first(50, 150)).findings
    assert found.level == "two"
    assert found.also == ("device one less (AUC .75)", "device three less (AUC .75)")


def test_a_truth_value_is_told_once() -> None:
    codes = [1] * 9 + [0] * 21
    (found,) = explain([levels(codes, "False", "True", name="ruler")], *first(10, 30)).findings
    assert found.words == "ruler is true more often (AUC .95, 90 % against 0 %) than in the reference"
    assert found.brief == "ruler more often"


def test_findings_that_say_the_same_are_folded() -> None:
    random = np.random.default_rng(0)
    size = np.concatenate((random.normal(3, 1, 40), random.normal(0, 1, 80)))
    same, other = numbers(-3 * size, "inverse"), numbers(random.normal(size=120), "noise")
    told = explain([numbers(size), same, other], *first(40, 120))
    assert [one.name for one in told.findings] == ["inverse", "noise"]
    assert told.findings[0].also[0].startswith("size higher")


def test_the_study_leads_only_where_it_tells_more_than_what_says_the_same() -> None:
    codes = np.array([1] * 40 + [0] * 80)
    study = level_feature("study", "study", FeatureOrigin.SHIFT, codes, ("A", "B"))
    (found,) = explain([study, levels(codes, "one", "two")], *first(40, 120)).findings
    assert found.name == "device"
    assert found.also == ("study B more (AUC 1.00)",)


def test_what_the_model_says_has_a_list_of_its_own() -> None:
    values = np.arange(60.0)
    told = explain([numbers(values, "margin", FeatureOrigin.MODEL), numbers(values)], *first(20, 60))
    assert [one.name for one in told.findings] == ["size"]
    assert [one.name for one in told.model] == ["margin"]
    assert told.tested == 2


def test_what_holds_comes_before_larger_areas_that_do_not() -> None:
    random = np.random.default_rng(0)
    many = np.concatenate((random.normal(1, 1, 60), random.normal(0, 1, 60)))
    few = np.full(120, np.nan)
    few[[0, 61, 62]] = [9, 1, 2]
    told = explain([numbers(few, "rare"), numbers(many, "common")], *first(60, 120))
    assert next((one.name, one.holds) for one in told.findings) == ("common", True)
    assert next(one for one in told.findings if one.name == "rare").holds is False


def test_a_value_that_is_missing_is_a_finding_too() -> None:
    values = np.concatenate((np.full(30, np.nan), np.arange(30.0)))
    values[0] = 3
    found = explain([numbers(values)], *first(30, 60)).findings[0]
    assert found.level == "(missing)"
    assert found.missing == pytest.approx((29 / 30, 0))
    assert found.words == "size is missing more often (AUC .98, 97 % against 0 %) than in the reference"
    assert found.brief == "size missing more often"


def test_opposite_differences_in_two_classes_are_told_class_by_class() -> None:
    """Mislabelled images of both classes look like the other one; over both classes nothing differs."""
    random = np.random.default_rng(0)
    malignant = np.arange(400) % 2 == 1
    selected = np.arange(400) < 40
    look = np.where(malignant ^ selected, 1.0, 0.0) + random.normal(0, 0.2, 400)
    strata = {"benign": ~malignant, "malignant": malignant}
    whole = explain([numbers(look, "look")], selected, ~selected).findings[0]
    assert not whole.holds
    found = explain([numbers(look, "look")], selected, ~selected, strata=strata).findings[0]
    assert found.holds
    assert found.auc > 0.99
    assert found.stratum in strata
    assert f"correct {found.stratum} images" in found.words
    assert len(found.also) == 1


def test_a_difference_in_one_class_alone_is_told_over_all() -> None:
    random = np.random.default_rng(0)
    malignant, selected = np.arange(400) % 2 == 1, np.arange(400) < 40
    look = np.where(selected, 1.0, 0.0) + random.normal(0, 0.2, 400)
    told = explain([numbers(look)], selected, ~selected, strata={"b": ~malignant, "m": malignant})
    assert told.findings[0].stratum == ""


def test_patients_not_images_are_counted() -> None:
    """Three patients of 20 images each against three: exact p = 2 / 20, however many images there are."""
    value = np.repeat([5.0, 6.0, 7.0, 1.0, 2.0, 3.0], 20)
    groups = np.repeat(np.arange(6), 20)
    told = explain([numbers(value)], *first(60, 120), groups=groups)
    assert (told.units_selected, told.units_reference) == (3, 3)
    assert told.findings[0].p == pytest.approx(2 / 20)
    assert told.findings[0].auc == 1.0


def test_copies_of_the_selected_images_are_compared_in_pairs() -> None:
    """Six images in two severities: all six differences positive, p = 2 / 2^6; age cannot differ."""
    severity, age = np.repeat([5.0, 1.0], 6), np.tile(np.arange(30.0, 36.0), 2)
    told = explain(
        [numbers(severity, "severity"), numbers(age, "age")], *first(6, 12), groups=np.tile(np.arange(6), 2)
    )
    assert told.design is Design.PAIRED
    found = {one.name: one for one in told.findings}
    assert found["severity"].p == pytest.approx(2 / 64)
    assert found["age"].p == 1.0
    assert any("compared with itself" in why for why in told.why)


def test_the_share_of_false_findings_stays_at_the_level_where_patients_repeat() -> None:
    """200 selections without any difference, 30 features that patients share: few findings hold."""
    random = np.random.default_rng(7)
    groups = np.repeat(np.arange(60), 6)
    wrong = 0
    for _ in range(200):
        of_patient = random.normal(size=(30, 60))
        features = [numbers(of_patient[k][groups] + random.normal(0, 0.1, 360), f"f{k}") for k in range(30)]
        chosen = random.permutation(60)[:20]
        selected = np.isin(groups, chosen)
        wrong += bool(explain(features, selected, ~selected, groups=groups).holding)
    # at level .05 a share of .05 is expected; 22 of 200 is where a binomial of .05 exceeds with p < .001
    assert wrong <= 22


@pytest.mark.parametrize(
    ("selected", "reference", "why"),
    [(0, 10, "No sample is selected"), (10, 0, "There are no correct images to compare with")],
)
def test_an_empty_side_says_so(selected: int, reference: int, why: str) -> None:
    place = np.arange(10)
    told = explain([numbers(np.arange(10.0))], place < selected, place < reference, words="correct images")
    assert told.findings == ()
    assert why in told.why[0]


def test_two_failures_are_compared_and_the_lack_of_evidence_is_said() -> None:
    told = explain([numbers(np.arange(10.0)[::-1])], *first(2, 10))
    assert told.findings[0].p == pytest.approx(2 / 45)
    three = explain([numbers([5.0, 4.0, 3.0, 2.0])], *first(2, 4))
    assert not three.findings[0].holds
    assert "No difference holds" in three.why[0]
    assert "2 against 2 independent units" in three.why[0]


def test_what_cannot_be_compared_has_a_reason() -> None:
    constant, half = numbers(np.ones(10), "constant"), numbers([np.nan] * 5 + [1.0] * 5, "half")
    told = explain([constant, half, numbers(np.full(10, np.nan), "empty")], *first(5, 10))
    assert told.skipped["constant"] == "it is the same in every sample compared"
    assert told.skipped["empty"] == "no sample of the selection has a value"
    assert told.findings[0].level == "(missing)"


def test_no_feature_at_all_says_so() -> None:
    told = explain([], *first(5, 10))
    assert told.findings == ()
    assert told.why == ("No feature differs between any two of these samples.",)


def test_numbers_get_the_digits_that_tell_them_apart() -> None:
    assert two_numbers(0.3123, 0.0401) == ("0.31", "0.04")
    assert two_numbers(71.0, 49.0) == ("71", "49")
    assert two_numbers(7.9, -0.01) == ("7.9", "0.0")
    assert two_percentages(0.9999, 0.0001) == ("> 99 %", "< 1 %")
    assert two_percentages(0.501, 0.499) == ("50.1 %", "49.9 %")
    assert (area_words(0.9312), area_words(0.999), area_words(1.0)) == (".93", ".99", "1.00")


@pytest.mark.parametrize("kind", list(FeatureKind))
def test_many_levels_share_at_most_sixteen_bins(kind: FeatureKind) -> None:
    codes = np.arange(300) % 30
    feature = (
        levels(codes, *(f"l{k:02d}" for k in range(30))) if kind is FeatureKind.LEVEL else numbers(codes)
    )
    found = explain([feature], codes < 10, codes >= 10).findings[0]
    assert found.distribution is not None
    assert found.distribution.selected.shape == (16,)
    assert found.distribution.reference.sum() == pytest.approx(1)
