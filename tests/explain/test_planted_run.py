"""Features, references, explanations and causes of a run in which every cause is planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planted_run import planted_run
from sfvisuals.errors import NotFoundError
from sfvisuals.explain import (
    CAUSE_LABELS,
    CAUSES,
    REFERENCE_LABELS,
    Cause,
    FeatureOrigin,
    Reference,
    evidence_on,
    explain_selection,
    feature_table,
    features_of,
    reference_mask,
    reference_of,
    triage_of,
)
from sfvisuals.explain.features import described_features
from sfvisuals.image_attributes import IMAGE_ATTRIBUTES
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

SCORE = "det_mcp"


def opened(folder: Path) -> tuple[Workspace, Run]:
    workspace = Workspace(folder, cache_dir=folder / "cache")
    return workspace, workspace.run("run")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run]:
    return opened(planted_run(tmp_path_factory.mktemp("planted")))


def in_study(run: Run, name: str) -> np.ndarray:
    return run.study == [study.name for study in run.studies].index(name)


def test_the_features_are_metadata_shift_and_model_and_the_answer_is_left_out(
    planted: tuple[Workspace, Run],
) -> None:
    table = feature_table(*planted)
    names = [one.name for one in table.features if one.origin is not FeatureOrigin.IMAGE]
    assert names == [
        *("ruler", "study", "corruption", "severity"),
        *("model:margin", "model:train_distance", "model:train_predicted", "model:train_true"),
    ]
    assert table.left_out["cause"] == "left out by the sidecar"
    assert "model:mc_spread" in table.left_out
    assert features_of(*planted) == table.features


def test_distances_of_validation_are_percentiles_of_themselves(planted: tuple[Workspace, Run]) -> None:
    workspace, run = planted
    distance = next(one for one in features_of(workspace, run) if one.name == "model:train_distance").numbers
    np.testing.assert_allclose(
        np.sort(distance[in_study(run, "validation")]), 100 * np.arange(1, 301) / 300, atol=1e-9
    )
    assert (distance[run.metadata["cause"].eq("shift") & in_study(run, "elsewhere")] == 100).all()


def test_the_nearest_training_samples_of_a_wrong_label_are_of_the_predicted_class(
    planted: tuple[Workspace, Run],
) -> None:
    workspace, run = planted
    named = {one.name: one.numbers for one in features_of(workspace, run)}
    wrong = run.metadata["cause"].eq("label_suspect").to_numpy()
    assert named["model:train_predicted"][wrong].mean() > 0.95
    assert named["model:train_true"][wrong].mean() < 0.05
    assert np.isnan(named["model:train_true"][in_study(run, "foreign")]).all()


def test_what_a_run_lacks_has_its_reason(tmp_path: Path) -> None:
    workspace, run = opened(planted_run(tmp_path, train=False, column=False))
    table = feature_table(workspace, run)
    assert "model:train_distance" in table.left_out
    assert {one.origin for one in table.features} <= {
        *(FeatureOrigin.SHIFT, FeatureOrigin.MODEL, FeatureOrigin.IMAGE)
    }
    failures = np.flatnonzero(workspace.score(run, SCORE).failure)
    found = triage_of(workspace, run, failures, score=SCORE)
    assert "training samples is not known" in found.why[0]
    assert found.counts[Cause.LABEL_SUSPECT] == found.counts[Cause.SHORTCUT] == 0
    assert evidence_on(found, 0)[0].words.startswith(
        "its distance from the training samples of its true class"
    )


def test_correct_ones_of_the_same_class_come_from_the_same_studies_and_the_source(
    planted: tuple[Workspace, Run],
) -> None:
    workspace, run = planted
    selected = run.metadata["cause"].eq("shortcut").to_numpy()
    found = reference_of(workspace, run, selected, Reference.TRUE_CLASS, SCORE)
    failure = workspace.score(run, SCORE).failure
    expected = (in_study(run, "elsewhere") | in_study(run, "clinic")) & (run.label == 0) & ~failure
    np.testing.assert_array_equal(found.mask, expected)
    assert (found.words, found.why) == ("correct benign images", "")
    np.testing.assert_array_equal(
        reference_mask(workspace, run, selected, Reference.PREDICTED_CLASS, SCORE),
        (in_study(run, "elsewhere") | in_study(run, "clinic")) & (run.label == 1) & ~failure,
    )


def test_correct_ones_of_two_classes_are_matched_in_proportion(planted: tuple[Workspace, Run]) -> None:
    """30 benign and 10 malignant selected: three times as many benign as malignant ones are compared with."""
    workspace, run = planted
    selected = np.zeros(run.n, np.bool_)
    for label, n in ((0, 30), (1, 10)):
        selected[np.flatnonzero(in_study(run, "clinic") & (run.label == label))[:n]] = True
    mask = reference_of(workspace, run, selected, Reference.TRUE_CLASS, SCORE).mask
    counts = np.bincount(run.label[mask])
    assert counts[0] == pytest.approx(3 * counts[1], abs=2)
    assert not (mask & selected).any()


def test_the_rest_is_of_the_same_study(planted: tuple[Workspace, Run]) -> None:
    workspace, run = planted
    selected = run.metadata["cause"].eq("shortcut").to_numpy()
    found = reference_of(workspace, run, selected, Reference.REST, SCORE)
    np.testing.assert_array_equal(found.mask, in_study(run, "elsewhere") & ~selected)
    assert found.words == "the other images of elsewhere"


def test_a_class_without_correct_images_is_said_and_an_unknown_study_is_refused(
    planted: tuple[Workspace, Run],
) -> None:
    workspace, run = planted
    foreign = in_study(run, "foreign")
    found = explain_selection(workspace, run, foreign, reference=Reference.TRUE_CLASS, score=SCORE)
    assert found.findings == ()
    assert "30 selected images are of classes that the model does not know." in found.why[-1].capitalize()
    with pytest.raises(NotFoundError, match="no study 'mars'"):
        reference_of(workspace, run, foreign, Reference.REST, SCORE, studies=("mars",))


def test_the_planted_attribute_leads_the_explanation(planted: tuple[Workspace, Run]) -> None:
    workspace, run = planted
    selected = run.metadata["cause"].eq("shortcut").to_numpy()
    found = explain_selection(workspace, run, selected, reference=Reference.TRUE_CLASS, score=SCORE)
    assert found.findings[0].name == "ruler"
    assert found.findings[0].words.startswith("ruler is true more often (AUC .9")
    assert found.model[0].name == "model:train_true"
    assert explain_selection(workspace, run, selected, reference=Reference.TRUE_CLASS, score=SCORE) is found


def test_every_planted_cause_is_the_one_that_is_told_most_often(planted: tuple[Workspace, Run]) -> None:
    workspace, run = planted
    failures = np.flatnonzero(workspace.score(run, SCORE).failure)
    found = triage_of(workspace, run, failures, score=SCORE)
    truth = run.metadata["cause"].to_numpy()[found.rows]
    for cause in CAUSES[:-1]:
        told = np.array(CAUSES)[found.cause[truth == cause.value]]
        assert (told == cause).mean() >= 0.75, cause


def test_a_set_of_one_cause_has_it_and_a_mixed_one_is_not_clear(planted: tuple[Workspace, Run]) -> None:
    workspace, run = planted
    cause = run.metadata["cause"].to_numpy()
    one = triage_of(workspace, run, np.flatnonzero(cause == "shortcut"), score=SCORE)
    assert one.pooled is Cause.SHORTCUT
    assert one.words.endswith("shortcut")
    parts = [np.flatnonzero(cause == name)[:8] for name in ("shortcut", "unseen", "label_suspect")]
    assert triage_of(workspace, run, np.concatenate(parts), score=SCORE).pooled is Cause.NOT_CLEAR


def test_evidence_is_words_and_numbers_for_every_cause(planted: tuple[Workspace, Run]) -> None:
    workspace, run = planted
    rows = np.flatnonzero(run.metadata["cause"].eq("shortcut"))
    found = triage_of(workspace, run, rows, score=SCORE)
    said = evidence_on(found, 0)
    assert [one.cause for one in said] == list(CAUSES[:-1])
    shortcut = next(one for one in said if one.cause is Cause.SHORTCUT)
    assert shortcut.holds
    assert shortcut.words.startswith("ruler true: ")
    assert shortcut.numbers["source_predicted"] > 0.5 > shortcut.numbers["source_true"]
    assert shortcut.numbers["p"] < 0.001


def test_correct_samples_have_no_cause_and_nothing_selected_says_so(planted: tuple[Workspace, Run]) -> None:
    workspace, run = planted
    correct = np.flatnonzero(~workspace.score(run, SCORE).failure)[:5]
    found = triage_of(workspace, run, correct, score=SCORE)
    assert len(found.rows) == 0
    assert found.words == "No failure is selected"
    assert found.pooled is Cause.NOT_CLEAR


def test_every_cause_and_every_reference_has_a_label() -> None:
    assert set(CAUSE_LABELS) == set(Cause)
    assert set(REFERENCE_LABELS) == set(Reference)


def test_measured_images_join_before_the_model_and_are_told_in_their_own_words(
    planted: tuple[Workspace, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run = planted
    table = np.random.default_rng(0).normal(size=(run.n, len(IMAGE_ATTRIBUTES))).astype(np.float32)
    lines = [one.name for one in IMAGE_ATTRIBUTES].index("straight_lines")
    table[:, lines] += 8 * run.metadata["cause"].eq("shortcut").to_numpy()
    table[:, 0] = np.nan
    monkeypatch.setattr("sfvisuals.explain.features.keyed_table_of", lambda workspace, run: ("a", table))
    features = features_of(workspace, run)
    origins = [one.origin for one in features]
    assert origins.index(FeatureOrigin.IMAGE) > origins.index(FeatureOrigin.SHIFT)
    assert origins.index(FeatureOrigin.IMAGE) < origins.index(FeatureOrigin.MODEL)
    assert origins.count(FeatureOrigin.IMAGE) == len(IMAGE_ATTRIBUTES) - 1
    selected = run.metadata["cause"].eq("shortcut").to_numpy()
    told = explain_selection(workspace, run, selected, reference=Reference.TRUE_CLASS, score=SCORE)
    assert told.findings[0].name == "image:straight_lines"
    assert told.findings[0].words.startswith("more straight lines (AUC 1.00, median 7.9 against 0.0 sides)")
    assert told.findings[0].words.endswith(" than in correct benign images")


SHADES = (("before", 0.25), ("after", 0.75))


def test_images_that_have_changed_give_other_features(
    planted: tuple[Workspace, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run = planted
    tables = {key: np.full((run.n, len(IMAGE_ATTRIBUTES)), shade, np.float32) for key, shade in SHADES}
    for key, shade in SHADES:
        monkeypatch.setattr(
            "sfvisuals.explain.features.keyed_table_of", lambda workspace, run, key=key: (key, tables[key])
        )
        found = feature_table(workspace, run)
        assert found.measured == key
        for features in (found.features, described_features(workspace, run)):
            (brightness,) = (one for one in features if one.name == "image:brightness")
            assert set(brightness.numbers) == {shade}
