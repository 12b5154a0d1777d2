"""Corruption studies: made from the iid study while it is captured, and shown as the model saw them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from capturing import CLASSES, SmallNet, array, content
from sfvisuals.capture import CaptureStudy, CorruptionPlan, ImageArray, Preprocessing, capture
from sfvisuals.corruptions import CATALOGUE, CorruptionRecipe, corrupt, parameters_of, seed_of
from sfvisuals.errors import CaptureError
from sfvisuals.io import discover, read_run
from sfvisuals.io.doctor import check
from sfvisuals.types import StudyKind
from sfvisuals.workspace import Workspace

QUIET = {"progress": False, "device": "cpu", "classes": CLASSES, "mc_passes": 2}
PLAN = CorruptionPlan(names=("gaussian_noise", "letter_marker"), severities=(1, 4), subset=5, seed=3)


def test_every_corruption_is_a_study_with_its_severities_inside(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies, out=tmp_path / "run", corruptions=CorruptionPlan(subset=2), **QUIET)
    run = read_run(discover(folder)[0])
    made = [study for study in run.studies if study.kind is StudyKind.CORRUPTION]
    assert [study.name for study in made] == [corruption.name for corruption in CATALOGUE]
    for study in made:
        rows = run.rows_of(study.name)
        assert run.severity[rows].tolist() == [s for s in (1, 2, 3, 4, 5) for _ in range(2)]
    assert check(folder, data_roots=[tmp_path / "images"]).exit_code == 0


def test_rows_lead_to_their_clean_image_with_its_label_and_metadata(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies, out=tmp_path / "run", corruptions=PLAN, **QUIET)
    run = read_run(discover(folder)[0])
    rows = np.flatnonzero(run.corruption >= 0)
    assert len(rows) == 2 * 2 * 5
    sources = run.source_row[rows]
    assert {run.studies[i].name for i in run.study[sources]} == {"iid"}
    assert run.label[rows].tolist() == run.label[sources].tolist()
    assert run.metadata["patient"].iloc[rows].tolist() == run.metadata["patient"].iloc[sources].tolist()
    assert run.image is not None
    assert run.image.iloc[rows].tolist() == run.image.iloc[sources].tolist()
    assert [dict(p) for p in run.corruption_parameters["letter_marker"]] == [
        dict(parameters_of("letter_marker", s)) for s in (1, 2, 3, 4, 5)
    ]


def test_the_model_saw_exactly_the_pixels_that_the_page_shows(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies, out=tmp_path / "runs" / "a", corruptions=PLAN, **QUIET)
    workspace = Workspace(tmp_path / "runs", data_roots=[tmp_path / "images"], cache_dir=tmp_path / "cache")
    run = workspace.run("a")
    net.eval()
    for row in np.flatnonzero(run.corruption >= 0)[::3]:
        shown = np.asarray(Image.open(io.BytesIO(workspace.image(run, int(row)).data)))
        name = run.corruptions[run.corruption[row]]
        position = int(run.source_row[row]) - int(run.rows_of("iid")[0])
        recipe = CorruptionRecipe(
            name, parameters_of(name, int(run.severity[row])), seed_of(PLAN.seed, position, name)
        )
        np.testing.assert_array_equal(shown, corrupt(studies[2].images[position], recipe))
        with torch.no_grad():
            logits = net(Preprocessing()(shown)[None])[0].numpy()
        np.testing.assert_allclose(array(folder, "logits")[row], logits, rtol=1e-4, atol=1e-5)


def test_written_images_hold_the_same_pixels_and_need_no_corruption(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    lazy = capture(net, studies, out=tmp_path / "lazy", corruptions=PLAN, name="x", **QUIET)
    plan = CorruptionPlan(PLAN.names, PLAN.severities, PLAN.subset, PLAN.seed, tmp_path / "run" / "corrupted")
    folder = capture(net, studies, out=tmp_path / "run", corruptions=plan, name="x", **QUIET)
    run = read_run(discover(folder)[0])
    assert (run.corruption_seed < 0).all()
    assert len(list((folder / "corrupted").rglob("*.png"))) == 20
    assert run.image is not None
    row = int(run.rows_of("letter_marker")[-1])
    assert run.image.iloc[row].startswith("corrupted/letter_marker/4/")
    assert (folder / run.image.iloc[row]).is_file()
    for name in ("logits", "latents", "mc_logits"):
        np.testing.assert_array_equal(array(folder, name), array(lazy, name))
    assert check(folder, data_roots=[tmp_path / "images"]).exit_code == 0


def test_images_written_elsewhere_are_named_by_their_path(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    place = tmp_path / "images" / "made"
    plan = CorruptionPlan(("motion_blur",), (5,), 3, folder=place)
    folder = capture(net, studies, out=tmp_path / "run", corruptions=plan, **QUIET)
    run = read_run(discover(folder)[0])
    assert run.image is not None
    named = run.image.iloc[run.rows_of("motion_blur")]
    assert all(Path(text).is_file() and Path(text).is_relative_to(place) for text in named)
    assert check(folder, data_roots=[tmp_path / "images"]).exit_code == 0


def test_the_same_plan_gives_the_same_folder_and_another_seed_other_images(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    first, again = (
        capture(net, studies, out=tmp_path / n, corruptions=PLAN, name="x", **QUIET) for n in ("a", "b")
    )
    assert content(first) == content(again)
    other = CorruptionPlan(PLAN.names, PLAN.severities, PLAN.subset, seed=4)
    third = capture(net, studies, out=tmp_path / "c", corruptions=other, name="x", **QUIET)
    assert not np.array_equal(array(first, "logits"), array(third, "logits"))


def test_tensors_cannot_be_corrupted_and_this_is_told_before_the_model_runs(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    tensors = [Preprocessing()(image) for image in studies[2].images]
    given = CaptureStudy("iid", StudyKind.IID, studies[2].samples, tensors)  # type: ignore[arg-type]
    net.register_forward_hook(lambda *_: pytest.fail("the model ran"))
    with pytest.raises(CaptureError, match="iid study cannot be corrupted"):
        capture(net, [given], out=tmp_path / "run", corruptions=PLAN, **QUIET)


def test_a_plan_without_an_iid_study_is_refused(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    with pytest.raises(CaptureError, match="no iid study to be corrupted"):
        capture(net, studies[3:], out=tmp_path / "run", corruptions=PLAN, **QUIET)


def test_a_severity_that_there_is_not_is_refused(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    with pytest.raises(CaptureError, match="no such severity"):
        capture(net, studies, out=tmp_path / "r", corruptions=CorruptionPlan(severities=(0, 1)), **QUIET)


def test_images_without_a_path_are_corrupted_for_the_model_alone(net: SmallNet, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 12, 12), dtype=np.uint8)
    study = CaptureStudy("iid", StudyKind.IID, pd.DataFrame({"label": [0, 1, 2] * 2}), ImageArray(pixels))
    folder = capture(net, [study], out=tmp_path / "run", corruptions=PLAN, **QUIET)
    run = read_run(discover(folder)[0])
    assert run.n == 6 + 20
    assert (run.corruption_seed < 0).all()


def test_a_folder_that_cannot_be_made_is_told_before_the_model_runs(
    studies: list[CaptureStudy], tmp_path: Path
) -> None:
    class Unrun(SmallNet):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise AssertionError("the model ran")

    (tmp_path / "file").write_text("in the way")
    plan = replace(PLAN, folder=tmp_path / "file" / "corrupted")
    with pytest.raises(CaptureError, match="corrupted image cannot be written") as caught:
        capture(Unrun(), studies, out=tmp_path / "run", corruptions=plan, **QUIET)
    assert caught.value.detail.startswith(f"{tmp_path}/file/corrupted/gaussian_noise/1/")
    assert caught.value.detail.endswith("Not a directory.")


def test_an_image_that_cannot_take_its_place_leaves_nothing_behind(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    plan = CorruptionPlan(names=["letter_marker"], severities=[1], folder=tmp_path / "made")
    place = tmp_path / "made" / "letter_marker" / "1"
    (place / "000000.png").mkdir(parents=True)
    with pytest.raises(CaptureError, match="corrupted image cannot be written"):
        capture(net, studies, out=tmp_path / "run", corruptions=plan, **QUIET)
    assert [path.name for path in place.iterdir()] == ["000000.png"]


def test_a_folder_may_be_text_and_one_outside_of_the_run_is_told(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = replace(PLAN, folder=str(tmp_path / "a" / "images"))
    folder = capture(net, studies, out=tmp_path / "a", corruptions=inside, **QUIET)
    assert len(list((folder / "images").rglob("*.png"))) == 2 * 2 * 5
    assert capsys.readouterr().err == ""
    outside = replace(PLAN, folder=str(tmp_path / "elsewhere"))
    capture(net, studies, out=tmp_path / "b", corruptions=outside, **QUIET)
    assert f"--data-root {tmp_path}/elsewhere" in capsys.readouterr().err
