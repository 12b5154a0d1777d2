"""Discovery as a whole: what it finds, what it leaves alone, and what it says where there is too little."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sfvisuals.errors import NotFoundError
from sfvisuals.explain.columns import level_feature
from sfvisuals.explain.records import Feature, FeatureOrigin
from sfvisuals.slices import FINDERS, SliceReport, discover
from sfvisuals.slices.ordering import greedy_order
from sfvisuals.slices.records import Tier


def samples(*, seed: int = 0, n: int = 800, d: int = 2) -> dict[str, Any]:
    """Latents of d classes, patients of two images, a feature `device`, and failures at 6 %."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n // 2), 2)
    label = rng.integers(0, d, n)
    device = rng.integers(0, 5, n)
    latents = rng.normal(size=(n, 12)) + 4 * np.eye(12)[label % 12]
    failure = rng.random(n) < 0.06
    return {
        "latents": latents.astype(np.float32),
        "features": (device_feature(device),),
        "target": failure,
        "label": label,
        "groups": groups,
        "source": None,
        "d": d,
    }


def device_feature(device: np.ndarray) -> Feature:
    return level_feature("device", "device", FeatureOrigin.METADATA, device, ("a", "b", "c", "d", "e"))


def found(made: dict[str, Any], **options: Any) -> SliceReport:
    d = made["d"]
    return discover(
        made["latents"],
        made["features"],
        made["target"],
        made["label"],
        np.where(made["target"], (made["label"] + 1) % d, made["label"]),
        None,
        made["groups"],
        made["source"],
        classes=tuple(f"class {k}" for k in range(d)),
        **options,
    )


def planted(made: dict[str, Any]) -> np.ndarray:
    """Fails at 70 % where the device is b, and lies apart in the latents there."""
    rng = np.random.default_rng(9)
    inside: np.ndarray = made["features"][0].codes == 1
    made["target"] = np.where(inside, rng.random(inside.size) < 0.7, made["target"])
    made["latents"][inside, 7] += 5
    return inside


def test_a_planted_slice_comes_first_and_every_number_is_of_the_half_that_did_not_find_it() -> None:
    made = samples()
    inside = planted(made)
    report = found(made)
    first = report.slices[0]
    other = ~report.discovery
    assert first.confirmed
    assert first.title == "device = b"
    assert first.rows.tolist() == np.flatnonzero(inside & other).tolist()
    assert (first.n, first.k) == (int((inside & other).sum()), int((inside & other & made["target"]).sum()))
    assert first.rest_rate == made["target"][~inside & other].mean()
    assert sorted(first.examples) == np.flatnonzero(inside & other & made["target"]).tolist()
    assert first.units == len(set(made["groups"][first.rows]))
    assert not set(made["groups"][first.rows]) & set(made["groups"][first.discovery])


@pytest.mark.parametrize("finder", FINDERS, ids=lambda one: one.name)
def test_every_finder_finds_it_alone(finder: Any) -> None:
    made = samples(seed=1)
    inside = planted(made)
    report = found(made, methods=(finder.name,))
    best = report.slices[0]
    assert best.confirmed
    assert {one.method for one in report.slices} == {finder.name}
    other = np.flatnonzero(~report.discovery)
    top = other[np.argsort(-np.asarray(best.score)[other], kind="stable")[:10]]
    assert inside[top].mean() >= 0.8


def test_the_same_seed_gives_the_same_slices() -> None:
    made = samples(seed=2)
    planted(made)
    first, second = found(made, seed=4), found(made, seed=4)
    assert [one.words for one in first.slices] == [one.words for one in second.slices]
    assert (first.discovery != found(made, seed=5).discovery).any()


def test_confirmed_slices_come_before_the_others_which_say_that_they_did_not_hold() -> None:
    made = samples(seed=3)
    planted(made)
    report = found(made)
    flags = [one.confirmed for one in report.slices]
    assert flags == sorted(flags, reverse=True)
    assert not all(flags)
    for one in report.slices:
        assert one.words.startswith("Not confirmed") != one.confirmed
        assert one.q >= one.p


@pytest.mark.slow
def test_on_permuted_outcomes_slices_are_confirmed_no_more_often_than_the_level() -> None:
    """100 runs; patients keep their outcomes together. At 5 % a run has a false slice: 5 are expected."""
    wrong = tested = confirmed = 0
    for seed in range(100):
        made = samples(seed=seed, n=240)
        planted(made)
        units = np.random.default_rng(seed).permutation(120)
        made["target"] = made["target"].reshape(120, 2)[units].ravel()
        report = found(made, seed=seed)
        tested, confirmed = tested + report.tested, confirmed + len(report.confirmed)
        wrong += bool(report.confirmed)
    assert wrong <= 5
    assert confirmed <= 0.05 * tested


def test_twenty_corrupted_copies_of_every_image_make_nothing_look_certain() -> None:
    """Failures at random, by image; with copies taken for images nearly every run would confirm a slice."""
    wrong = 0
    for seed in range(10):
        made = samples(seed=seed, n=80)
        again = np.concatenate([np.arange(80), np.repeat(np.arange(80), 20)])
        target = np.random.default_rng(seed).random(80) < 0.3
        made |= {
            "latents": made["latents"][again],
            "features": (device_feature(made["features"][0].codes[again]),),
            "target": target[again],
            "label": made["label"][again],
            "groups": None,
            "source": np.concatenate([np.full(80, -1), np.repeat(np.arange(80), 20)]),
        }
        report = found(made, seed=seed)
        unit = np.concatenate([np.arange(80), np.repeat(np.arange(80), 20)])
        assert not set(unit[report.discovery]) & set(unit[~report.discovery])
        wrong += bool(report.confirmed)
    assert wrong <= 2


@pytest.mark.parametrize("failures", [0, 2])
def test_with_no_or_two_failures_it_says_what_is_missing(failures: int) -> None:
    made = samples(seed=4)
    made["target"] = np.arange(800) < failures
    report = found(made)
    assert report.slices == ()
    assert f"There are {failures} failures" in report.why[0]


def test_where_everything_failed_there_is_nothing_to_compare_with() -> None:
    made = samples(seed=5)
    made["target"] = np.ones(800, bool)
    assert "nothing is left" in found(made).why[0]


def test_without_latents_there_are_rules_and_without_features_regions() -> None:
    made = samples(seed=6)
    planted(made)
    rules = found({**made, "latents": None})
    assert {one.method for one in rules.slices} == {"rules"}
    assert rules.confirmed
    assert any("Without latents" in why for why in rules.why)
    regions = found({**made, "features": ()})
    assert regions.confirmed
    assert not {one.method for one in regions.slices} & {"rules"}
    assert any("no rules" in why for why in regions.why)


def test_a_thousand_classes_are_no_obstacle() -> None:
    made = samples(seed=7, d=1139)
    planted(made)
    assert found(made).slices[0].title == "device = b"


def test_only_the_rows_asked_for_are_looked_at() -> None:
    made = samples(seed=8)
    planted(made)
    rows = np.arange(100, 700)
    report = found(made, rows=rows)
    assert report.rows.tolist() == rows.tolist()
    assert report.slices[0].score.shape == (600,)
    assert all(np.isin(one.rows, rows).all() for one in report.slices)


def test_an_unknown_finder_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(NotFoundError, match="Known: rules, failures, mixture"):
        found(samples(), methods=("astrology",))


def test_progress_goes_from_nothing_to_done() -> None:
    seen: list[float] = []
    found(samples(), progress=lambda share, _words: seen.append(share))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_each_next_slice_is_for_what_the_ones_before_leave_over() -> None:
    """20 samples, all of 0 to 9 fail. The second slice is within the first, so the third goes before it."""

    def members(*rows: int) -> np.ndarray:
        return np.isin(np.arange(20), rows)

    slices = [members(0, 1, 2, 3, 4, 5), members(0, 1, 2, 3, 4), members(6, 7, 8)]
    order = greedy_order(slices, np.arange(20) < 10, np.zeros(3), tiers=[0, 0, 0])
    assert order == [0, 2, 1]


def test_a_region_comes_after_rules_that_explain_something() -> None:
    region, rule = np.arange(40) < 20, np.arange(40) < 6
    assert greedy_order(
        [region, rule], np.arange(40) < 20, np.zeros(2), tiers=[Tier.PLACE, Tier.RECORDED]
    ) == [1, 0]
