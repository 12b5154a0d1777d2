"""Conditions and rules on a table whose rule is known."""

from __future__ import annotations

import numpy as np

from sfvisuals.explain.columns import level_feature, number_feature
from sfvisuals.explain.records import FeatureOrigin
from sfvisuals.slices.conditions import conditions_of
from sfvisuals.slices.records import Material
from sfvisuals.slices.rules import find_rules

META = FeatureOrigin.METADATA
CLASSES = ("benign", "malignant")


def material(*, seed: int = 0, n: int = 2000, twice: bool = False) -> tuple[Material, np.ndarray]:
    """Failures at 5 % but 80 % where device is "b", age is 60 or more, and the class is malignant."""
    rng = np.random.default_rng(seed)
    device, age = rng.integers(0, 3, n), rng.uniform(20, 90, n)
    other, label = rng.integers(0, 4, n), rng.integers(0, 2, n)
    rule = (device == 1) & (age >= 60) & (label == 1)
    target = rng.random(n) < np.where(rule, 0.8, 0.05)
    features = [
        level_feature("other", "other", META, other, ("k", "l", "m", "n")),
        level_feature("device", "device", META, device, ("a", "b", "c")),
        number_feature("age", "age", META, age, unit="years"),
    ]
    if twice:
        features.append(level_feature("scanner", "scanner", META, device, ("x", "y", "z")))
    discovery = np.arange(n) % 2 == 0
    conditions = conditions_of(features, label, CLASSES, discovery=discovery, target=target)
    made = Material(
        space=None,
        conditions=conditions,
        target=target,
        label=label,
        prediction=np.where(target, 1 - label, label),
        probabilities=None,
        classes=CLASSES,
        unit=np.arange(n),
        discovery=discovery,
        seed=0,
    )
    return made, rule


def test_the_rule_that_makes_failures_is_found_first() -> None:
    made, rule = material()
    best = find_rules(made)[0]
    assert made.conditions is not None
    words = [made.conditions.words[c] for c in best.conditions]
    assert words[0] == "device = b"
    assert words[2] == "true class = malignant"
    assert words[1].startswith("age ≥ ")
    assert best.category == 1
    assert (best.member & rule).sum() / (best.member | rule).sum() > 0.75


def test_no_rule_has_more_than_three_conditions_or_two_of_one_feature() -> None:
    made, _ = material(seed=3)
    assert made.conditions is not None
    for rule in find_rules(made):
        about = [int(made.conditions.feature[c]) for c in rule.conditions]
        assert 1 <= len(about) <= 3
        assert len(set(about)) == len(about)


def test_of_two_columns_that_say_the_same_one_is_used_and_no_cover_comes_twice() -> None:
    made, _ = material(twice=True)
    found = find_rules(made)
    assert made.conditions is not None
    assert not any("scanner" in words for words in made.conditions.words)
    covers = [rule.member[made.discovery].tobytes() for rule in found]
    assert len(set(covers)) == len(covers)


def test_members_are_those_that_fulfil_every_condition_and_score_highest() -> None:
    made, _ = material()
    assert made.conditions is not None
    for rule in find_rules(made):
        held = made.conditions.holds[:, list(rule.conditions)].all(axis=1)
        assert (rule.member == held).all()
        assert rule.score[held].min() > rule.score[~held].max()


def test_a_class_that_fails_often_is_no_rule_by_itself() -> None:
    rng = np.random.default_rng(5)
    made, _ = material()
    target = rng.random(made.n) < np.where(made.label == 1, 0.5, 0.05)
    again = Material(**{**vars(made), "target": target})
    assert again.conditions is not None
    for rule in find_rules(again):
        assert not (len(rule.conditions) == 1 and rule.category is not None)


def test_missing_values_fulfil_no_condition() -> None:
    age = np.where(np.arange(100) < 50, np.nan, np.linspace(0, 1, 100))
    device = np.where(np.arange(100) % 2 == 0, -1, np.arange(100) % 4 // 2)
    features = [
        number_feature("age", "age", META, age),
        level_feature("device", "device", META, device, ("a", "b")),
    ]
    found = conditions_of(
        features,
        np.arange(100) % 2,
        CLASSES,
        discovery=np.ones(100, bool),
        target=np.ones(100, bool),
    )
    about_age = found.feature == 0
    assert about_age.any()
    assert not found.holds[:50][:, about_age].any()
    assert not found.holds[::2][:, found.feature == 1].any()


def test_a_feature_that_speaks_against_the_label_gives_its_lowest_cut_only() -> None:
    share = np.repeat(np.linspace(0, 1, 11), 20)
    feature = number_feature("model:train_true", "share", FeatureOrigin.MODEL, share)
    found = conditions_of(
        [feature],
        np.arange(220) % 2,
        CLASSES,
        discovery=np.ones(220, bool),
        target=np.ones(220, bool),
    )
    mine = np.flatnonzero(found.uses_label)
    assert [found.words[c] for c in mine] == ["share < 0.1"]
    assert (found.holds[:, mine[0]] == (share < 0.1)).all()


def test_confidence_is_no_condition() -> None:
    feature = number_feature("model:margin", "margin", FeatureOrigin.MODEL, np.linspace(0, 1, 100))
    found = conditions_of(
        [feature],
        np.arange(100) % 2,
        CLASSES,
        discovery=np.ones(100, bool),
        target=np.ones(100, bool),
    )
    assert set(found.names) == {"true class"}
