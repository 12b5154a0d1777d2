"""Which scores a run has, what they are called, and which prediction judges them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sfvisuals.errors import NotFoundError, UnavailableError
from sfvisuals.scores import (
    SCORES,
    class_probabilities,
    compute_score,
    compute_scores,
    predictions,
    score_list,
)
from sfvisuals.types import GivenScore, Judge, Study, StudyKind

from .conftest import MakeRun

JUDGED_BY_MC = {
    "mcd_mcp",
    "mcd_pe",
    "mcd_ee",
    "mcd_mi",
    "mcd_sv",
    "mcd_mls",
    "mcd_waic",
    "ext_mcd",
    "ext_waic",
}
# these need latents, training samples, a last layer or a validation study, of which the small run has none
ON_MORE = {
    "temp_mls",
    "maha",
    "vim",
    "dknn",
    "react_det_mcp",
    "react_det_mls",
    "react_energy_mls",
    "react_temp_mls",
}


def test_names_in_the_catalogue_are_unique() -> None:
    names = [score.name for score in SCORES]
    assert len(names) == len(set(names)) == 22


def test_mcd_and_waic_scores_are_judged_by_the_mc_mean_and_all_others_by_the_plain_argmax() -> None:
    assert {s.name for s in SCORES if s.judge is Judge.MC_MEAN} == JUDGED_BY_MC


def test_a_score_follows_the_prediction_of_its_own_judge(make_run: MakeRun) -> None:
    # plain: row 0 says class 1; the passes (mean .7 and .6) say class 0 for both rows; labels are 0 and 1
    run = make_run(logits=np.array([[0.0, 1.0], [0.0, 1.0]]))
    plain, mc = compute_scores(run, ("det_mcp", "mcd_mcp"))
    np.testing.assert_array_equal(plain.prediction, [1, 1])
    np.testing.assert_array_equal(plain.failure, [True, False])
    np.testing.assert_array_equal(mc.prediction, [0, 0])
    np.testing.assert_array_equal(mc.failure, [False, True])
    assert (plain.judge, mc.judge) == (Judge.PLAIN, Judge.MC_MEAN)


def test_a_tie_of_the_argmax_goes_to_the_lowest_class(make_run: MakeRun) -> None:
    np.testing.assert_array_equal(predictions(make_run()).plain, [0, 0])


def test_the_plain_prediction_is_read_off_the_logits_where_softmax_rounds_to_a_tie(make_run: MakeRun) -> None:
    run = make_run(logits=np.array([[0.0, 1e-17], [0.0, 1.0]]))
    np.testing.assert_array_equal(predictions(run).plain, [1, 1])


def test_a_new_class_sample_is_a_failure_even_if_its_foreign_label_matches(make_run: MakeRun) -> None:
    run = make_run(studies=(Study("other", StudyKind.NEW_CLASS, "other"),))
    np.testing.assert_array_equal(compute_score(run, "det_mcp").failure, [True, True])


def test_without_mc_dropout_its_scores_stay_in_the_list_with_the_readers_reason(make_run: MakeRun) -> None:
    why = "needs raw_logits_dist.npz, which this run lacks"
    run = make_run(mc_probabilities=None, absent={"mc": why})
    listed = {info.name: info for info in score_list(run)}
    assert len(listed) == 22
    for name in JUDGED_BY_MC:
        assert not listed[name].available
        assert why in listed[name].why
    assert listed["det_mcp"].available
    assert listed["det_mcp"].why == ""
    assert predictions(run).mc_mean is None
    with pytest.raises(UnavailableError, match="raw_logits_dist"):
        compute_score(run, "mcd_mcp")


def test_scores_on_logits_are_unavailable_where_only_probabilities_were_written(make_run: MakeRun) -> None:
    run = make_run(logits=None, probabilities=np.array([[0.4, 0.6], [0.5, 0.5]]))
    listed = {info.name: info for info in score_list(run)}
    assert {name for name, info in listed.items() if not info.available} == {
        "det_mls",
        "energy_mls",
        "mcd_mls",
        *ON_MORE,
    }
    assert "probabilities only" in listed["det_mls"].why


@pytest.mark.parametrize(
    ("head", "name", "label"),
    [("tcp", "tcp", "ConfidNet"), ("dg", "dg", "DG-RES"), ("devries", "devries", "Devries et al.")],
)
def test_the_external_score_goes_by_its_real_name_and_ext_still_finds_it(
    make_run: MakeRun, head: str, name: str, label: str
) -> None:
    run = make_run(external_name=head)
    assert [info.label for info in score_list(run) if info.name == name] == [label]
    assert compute_score(run, "ext").name == compute_score(run, name).name == name


@pytest.mark.parametrize("head", [None, "something new"])
def test_an_external_score_of_an_unknown_head_is_called_ext(make_run: MakeRun, head: str | None) -> None:
    assert compute_score(make_run(external_name=head), "ext").name == "ext"


@pytest.mark.parametrize(("head", "label"), [(None, "External"), ("something new", "something new")])
def test_an_external_score_of_an_unknown_head_is_labelled_as_the_run_calls_it(
    make_run: MakeRun, head: str | None, label: str
) -> None:
    labels = {info.name: info.label for info in score_list(make_run(external_name=head))}
    assert (labels["ext"], labels["ext_mcd"]) == (label, f"{label} (MCD mean)")


def test_mcd_msr_of_a_deep_gamblers_model_has_its_own_label(make_run: MakeRun) -> None:
    assert compute_score(make_run(external_name="dg"), "mcd_mcp").label == "DG-MCD-MSR"
    assert compute_score(make_run(external_name="tcp"), "mcd_mcp").label == "MCD-MSR"


def test_an_unknown_score_fails_and_lists_the_known_ones(make_run: MakeRun) -> None:
    with pytest.raises(NotFoundError, match=r"det_mcp.*devries.*mcd_waic"):
        compute_score(make_run(external_name="devries"), "det_mpc")


def test_scores_of_the_runs_own_files_come_last_and_keep_their_judge(make_run: MakeRun) -> None:
    own = GivenScore("radiologist", "Radiologist", np.array([0.1, 0.2], np.float32), Judge.MC_MEAN)
    run = make_run(given_scores=(own,))
    assert score_list(run)[-1].name == "radiologist"
    vector = compute_score(run, "radiologist")
    assert vector.judge is Judge.MC_MEAN
    np.testing.assert_allclose(vector.values, [0.1, 0.2], rtol=1e-7)


def test_a_given_score_with_a_known_name_fills_a_gap_or_is_listed_beside_ours(make_run: MakeRun) -> None:
    own = (
        GivenScore("det_mcp", "Theirs", np.array([5.0, 6.0])),
        GivenScore("det_mls", "Max logit", np.array([7.0, 8.0])),
    )
    run = make_run(logits=None, probabilities=np.array([[0.4, 0.6], [0.5, 0.5]]), given_scores=own)
    np.testing.assert_array_equal(compute_score(run, "det_mcp").values, [0.6, 0.5])
    np.testing.assert_array_equal(compute_score(run, "det_mcp_given").values, [5.0, 6.0])
    np.testing.assert_array_equal(compute_score(run, "det_mls").values, [7.0, 8.0])
    names = [info.name for info in score_list(run)]
    assert len(names) == len(set(names))


def test_a_score_vector_cannot_be_written_to(make_run: MakeRun) -> None:
    vector = compute_score(make_run(), "det_mcp")
    for array in (vector.values, vector.prediction, vector.failure):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_switching_scores_back_and_forth_gives_the_same_numbers(make_run: MakeRun) -> None:
    run = make_run()
    before = compute_score(run, "det_pe").values.copy()
    compute_scores(run, [info.name for info in score_list(run) if info.available])
    np.testing.assert_array_equal(compute_score(run, "det_pe").values, before)


def test_probabilities_are_given_for_the_rows_asked_in_their_order(make_run: MakeRun) -> None:
    np.testing.assert_allclose(class_probabilities(make_run(), np.array([1, 0])), [[0.5, 0.5], [0.75, 0.25]])
    np.testing.assert_allclose(class_probabilities(make_run()), [[0.75, 0.25], [0.5, 0.5]])
    np.testing.assert_allclose(
        class_probabilities(make_run(), np.array([0]), judge=Judge.MC_MEAN), [[0.7, 0.3]]
    )


def test_chunks_do_not_change_a_result(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run()
    names = [info.name for info in score_list(run) if info.available]
    whole = compute_scores(run, names)
    monkeypatch.setattr("sfvisuals.scores.arrays.ELEMENTS_PER_CHUNK", 1)
    for before, after in zip(whole, compute_scores(run, names), strict=True):
        np.testing.assert_array_equal(before.values, after.values)
        np.testing.assert_array_equal(before.prediction, after.prediction)


def test_memory_mapped_outputs_are_read_in_chunks(make_run: MakeRun, tmp_path: Path) -> None:
    outputs = np.lib.format.open_memmap(tmp_path / "logits.npy", "w+", np.float32, (5000, 2))
    outputs[:, 0] = np.log(3.0)
    run = make_run(
        label=np.zeros(5000, np.int64),
        study=np.zeros(5000, np.int16),
        logits=np.load(tmp_path / "logits.npy", mmap_mode="r"),
        mc_probabilities=None,
    )
    np.testing.assert_allclose(compute_score(run, "det_mcp").values, 0.75, rtol=1e-7)


def test_a_run_without_samples_has_empty_scores(make_run: MakeRun) -> None:
    run = make_run(
        label=np.empty(0, np.int64),
        study=np.empty(0, np.int16),
        logits=np.empty((0, 2)),
        mc_probabilities=None,
        external=None,
        external_mc=None,
    )
    assert compute_score(run, "det_mcp").values.shape == (0,)


def test_infinity_is_undefined_in_every_score(make_run: MakeRun) -> None:
    given = GivenScore("mine", "Mine", np.array([np.inf, 0.5]), Judge.PLAIN)
    run = make_run(external=np.array([np.inf, -np.inf]), given_scores=(given,))
    np.testing.assert_array_equal(compute_score(run, "ext").values, [np.nan, np.nan])
    np.testing.assert_array_equal(compute_score(run, "mine").values, [np.nan, 0.5])
    overflown = make_run(logits=np.array([[np.inf, 0.0], [2.0, 2.0]]))
    np.testing.assert_array_equal(compute_score(overflown, "det_mls").values, [np.nan, 2.0])
