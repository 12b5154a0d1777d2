"""The numbers of docs/tour.md are those of the demo that ships, calculated here from its arrays alone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from scipy.stats import spearmanr

from sfvisuals.demo.shipped import write_dermoscopy
from sfvisuals.explain import Cause, Reference, explain_selection, triage_of
from sfvisuals.io import discover, read_run
from sfvisuals.slices import slices_of
from sfvisuals.types import BoolArray, Run
from sfvisuals.workspace import Workspace

TOUR = Path(__file__).resolve().parents[2] / "docs" / "tour.md"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = write_dermoscopy(tmp_path_factory.mktemp("demo") / "dermoscopy")
    return next(read_run(ref, root=folder) for ref in discover(folder) if ref.name == "confidnet")


@pytest.fixture(scope="module")
def text() -> str:
    return re.sub(r"\s+", " ", TOUR.read_text(encoding="utf-8"))


class Numbers:
    """MSR and MCD-EE of the run, by hand, with the thresholds that validation sets."""

    def __init__(self, run: Run) -> None:
        assert run.logits is not None
        assert run.mc_logits is not None
        plain = softmax(np.asarray(run.logits, np.float64), axis=1)
        passes = softmax(np.asarray(run.mc_logits, np.float64), axis=1)
        entropy = -(passes * np.log(passes)).sum(axis=1).mean(axis=1)
        self.run = run
        self.metadata = run.metadata
        self.msr, self.mcd_ee = plain.max(axis=1), -entropy
        self.wrong = plain.argmax(axis=1) != run.label
        self.msr_mc = passes.mean(axis=2).max(axis=1)
        self.wrong_mc = passes.mean(axis=2).argmax(axis=1) != run.label
        self.accepted = self.at(self.msr, 0.95)
        self.silent = self.wrong & self.accepted

    def at(self, values: np.ndarray, target: float) -> BoolArray:
        ordered = np.sort(values[self.of("validation")])[::-1]
        accepted: BoolArray = values >= ordered[int(np.ceil(target * ordered.size)) - 1]
        return accepted

    def of(self, *studies: str) -> BoolArray:
        names = [study.name for study in self.run.studies]
        return np.isin(self.run.study, [names.index(name) for name in studies])

    def having(self, **columns: object) -> BoolArray:
        found = np.ones(self.run.n, dtype=bool)
        for name, value in columns.items():
            column: pd.Series = self.metadata[name]
            found &= (column == value).to_numpy(dtype=bool)
        return found

    def right(self, rows: BoolArray) -> str:
        return f"{100 * (1 - self.wrong[rows].mean()):.1f} %"


@pytest.fixture(scope="module")
def numbers(run: Run) -> Numbers:
    return Numbers(run)


def test_another_camera(numbers: Numbers, text: str) -> None:
    a, b = numbers.of("clinic_a"), numbers.of("clinic_b")
    assert f"from {numbers.right(a)} in clinic A to {numbers.right(b)} in clinic B" in text
    shares = [f"{100 * numbers.accepted[rows].mean():.1f} %" for rows in (a, b)]
    assert f"barely moves, from {shares[0]} to {shares[1]}" in text
    assert f"Clinic B has {numbers.silent[b].sum()} silent failures" in text
    malignant = b & (numbers.run.label == 1)
    one, two = (numbers.right(malignant & numbers.having(device=f"device {k}")) for k in (1, 2))
    assert f"recognised in {one} of the images, under device 2 in {two}" in text


def test_a_ruler(numbers: Numbers, text: str) -> None:
    benign = numbers.of("clinic_a", "clinic_c") & (numbers.run.label == 0)
    ruler = numbers.having(ruler=True)
    some = benign & ruler
    assert (
        f"the {some.sum()} benign images with a ruler, {numbers.right(some)} are right,"
        f" and {numbers.silent[some].sum()} are silent failures" in text
    )
    assert f"{numbers.right(benign & ~ruler)} of {(benign & ~ruler).sum()} are right" in text
    malignant = numbers.of("clinic_a") & (numbers.run.label == 1)
    assert f"with a ruler are recognised in {numbers.right(malignant & ruler)} of the images" in text
    assert f"those without in {numbers.right(malignant & ~ruler)}" in text


def test_brightness(numbers: Numbers, text: str) -> None:
    malignant = numbers.of("brightness_up") & (numbers.run.label == 1)
    first, *middle, last = (numbers.right(malignant & (numbers.run.severity == s)) for s in range(1, 6))
    words = f"from {first} at severity 1 to {', '.join(middle)} and {last} at severity 5"
    assert words in text


def test_an_unseen_subclass(numbers: Numbers, text: str) -> None:
    rows = numbers.of("amelanotic") & numbers.having(subclass="amelanotic melanoma")
    silent = rows & numbers.silent
    assert (
        f"{numbers.right(rows)} of {rows.sum()} images are right, and {silent.sum()} are silent failures,"
        f" at a mean confidence of {numbers.msr[rows].mean():.3f}" in text
    )
    lesions, patients = (numbers.metadata[name][silent].nunique() for name in ("lesion", "patient"))
    assert f"Those {silent.sum()} images are of {lesions} lesions of {patients} patients" in text


def test_score_and_threshold(numbers: Numbers, text: str) -> None:
    accepted = numbers.at(numbers.mcd_ee, 0.8)
    parts = []
    for study in ("clinic_a", "clinic_b"):
        rows = numbers.of(study)
        parts += [100 * accepted[rows].mean(), 100 * numbers.wrong_mc[rows & accepted].mean()]
    a, a_risk, b, b_risk = (f"{part:.1f} %" for part in parts)
    assert f"{a} of clinic A is accepted at a risk of {a_risk}" in text
    assert f"and {b} of clinic B at a risk of {b_risk}" in text


def test_dropout_hardly_changes_the_order(numbers: Numbers, text: str) -> None:
    ranked = spearmanr(numbers.msr_mc, numbers.msr)[0]
    assert f"the rank correlation of MCD-MSR with it is {ranked:.3f}" in text


def test_wrong_labels(numbers: Numbers, text: str) -> None:
    rows = numbers.of("clinic_a") & numbers.having(cause_wrong_label=True)
    assert f"These {rows.sum()} images are clear-cut" in text
    assert (
        f"{numbers.wrong[rows].sum()} of them count as failures, {numbers.silent[rows].sum()} of them silent"
        in text
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = write_dermoscopy(tmp_path_factory.mktemp("asked") / "dermoscopy")
    return Workspace(folder, cache_dir=tmp_path_factory.mktemp("asked-cache"))


@pytest.mark.parametrize("study", ["clinic_b", "amelanotic"])
def test_the_first_row_of_source_and_target(workspace: Workspace, text: str, study: str) -> None:
    run = workspace.run("confidnet")
    first, *_ = workspace.concept_matches(run, source="clinic_a", targets=[study], categories=[0, 1])
    assert first.moved
    assert first.words in text


def test_the_first_slice_is_the_ruler(workspace: Workspace, text: str) -> None:
    found = slices_of(
        workspace, workspace.run("confidnet"), studies=["clinic_a", "clinic_c"], score="det_mcp"
    )
    first = found.slices[0]
    assert first.confirmed
    assert f'"{first.title}"' in text
    assert (
        f"{first.k} of {first.n} samples are silent failures, against {100 * first.rest_rate:.0f} %" in text
    )
    causes = triage_of(workspace, workspace.run("confidnet"), first.examples, score="det_mcp")
    assert causes.pooled is Cause.SHORTCUT


def test_the_unseen_subclass_is_named_first_and_called_unseen(workspace: Workspace, numbers: Numbers) -> None:
    run = workspace.run("confidnet")
    failed = numbers.silent & numbers.having(subclass="amelanotic melanoma") & numbers.of("amelanotic")
    found = explain_selection(workspace, run, failed, reference=Reference.TRUE_CLASS, score="det_mcp")
    assert found.findings[0].name == "subclass"
    assert triage_of(workspace, run, np.flatnonzero(failed), score="det_mcp").pooled is Cause.UNSEEN


def test_what_the_second_camera_does_is_told(workspace: Workspace) -> None:
    run = workspace.run("confidnet")
    first, *_ = workspace.concept_matches(run, source="clinic_a", targets=["clinic_b"], categories=[0, 1])
    chosen = np.zeros(run.n, bool)
    chosen[first.rows] = True
    found = explain_selection(workspace, run, chosen, reference=Reference.TRUE_CLASS, score="det_mcp")
    names = [finding.name for finding in found.findings]
    assert set(names[:3]) == {"image:noise", "image:hue", "image:brightness"}
    assert "device" in names[:5]
