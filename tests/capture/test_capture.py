"""What a capture records, and that it is what the model gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from capturing import CLASSES, SmallNet, WithConfidence, array, content
from sfvisuals.capture import (
    CapturedBatch,
    CaptureStudy,
    ImageArray,
    Preprocessing,
    ScoreFunction,
    capture,
)
from sfvisuals.errors import CaptureError
from sfvisuals.io import discover, read_run
from sfvisuals.io.doctor import check
from sfvisuals.scores import score_list
from sfvisuals.types import Level, StudyKind

QUIET = {"progress": False, "device": "cpu", "classes": CLASSES}


def by_hand(net: SmallNet, studies: list[CaptureStudy]) -> tuple[np.ndarray, np.ndarray]:
    """(logits, latents) of the studies from a plain loop over single images."""
    net.eval()
    logits, latents = [], []
    with torch.no_grad():
        for study in studies:
            for image in study.images:
                features = net.features(Preprocessing()(image)[None])
                latents.append(features[0].numpy())
                logits.append(net.head(features)[0].numpy())
    return np.array(logits), np.array(latents)


def test_a_folder_holds_what_the_model_gives_for_every_image(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies, out=tmp_path / "run", batch_size=4, **QUIET)
    logits, latents = by_hand(net, studies[1:])
    np.testing.assert_allclose(array(folder, "logits"), logits, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(array(folder, "latents"), latents, rtol=1e-5, atol=1e-6)
    _, train = by_hand(net, studies[:1])
    np.testing.assert_allclose(array(folder, "train_latents"), train, rtol=1e-5, atol=1e-6)
    assert array(folder, "train_labels").tolist() == studies[0].samples["label"].tolist()
    assert array(folder, "logits").dtype == np.float32


def test_the_logits_are_the_last_layer_applied_to_the_latents(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies, out=tmp_path / "run", **QUIET)
    w, b = array(folder, "last_layer_w"), array(folder, "last_layer_b")
    np.testing.assert_allclose(
        array(folder, "latents") @ w.T + b, array(folder, "logits"), rtol=1e-4, atol=1e-5
    )


def test_the_table_keeps_order_labels_and_metadata(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies, out=tmp_path / "run", group="patient", **QUIET)
    run = read_run(discover(folder)[0])
    assert [run.studies[i].name for i in run.study] == ["val"] * 9 + ["iid"] * 13 + ["clinic B"] * 10
    expected = pd.concat([study.samples for study in studies[1:]], ignore_index=True)
    assert run.label.tolist() == expected["label"].tolist()
    assert run.image is not None
    assert run.image.tolist() == expected["image"].tolist()
    assert run.metadata["age"].tolist() == expected["age"].tolist()
    assert run.group_column == "patient"


def test_a_captured_folder_passes_the_doctor_and_has_every_score_of_its_parts(
    studies: list[CaptureStudy], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = WithConfidence()
    folder = capture(model, studies, out=tmp_path / "runs" / "a", external_name="tcp", **QUIET)
    report = check(folder, data_roots=[tmp_path / "images"])
    found = [p for run in report.runs for p in run.problems if p.level is not Level.INFO]
    assert found == []
    scores = score_list(read_run(discover(folder)[0]))
    assert [score.name for score in scores if not score.available] == []
    assert "tcp" in [score.name for score in scores]


def test_what_is_not_recorded_has_its_reason(studies: list[CaptureStudy], tmp_path: Path) -> None:
    model = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 3))
    folder = capture(model, studies[1:], out=tmp_path / "run", **QUIET)
    run = read_run(discover(folder)[0])
    assert run.mc_logits is None
    assert "no dropout layer" in run.absent["mc_logits"]
    assert "no training study" in run.absent["train_latents"]
    assert "no confidence of its own" in run.absent["external"]


def test_a_confidence_head_that_runs_last_does_not_give_the_latents(
    studies: list[CaptureStudy], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = WithConfidence()
    folder = capture(model, studies, out=tmp_path / "run", mc_passes=3, **QUIET)
    w = array(folder, "last_layer_w")
    np.testing.assert_array_equal(w, model.net.head[1].weight.detach().numpy())
    external, passes = array(folder, "external"), array(folder, "external_mc")
    assert external.shape == (32,)
    assert passes.shape == (32, 3)
    with torch.no_grad():
        expected = torch.sigmoid(model.confidence(torch.from_numpy(array(folder, "latents")))).squeeze(1)
    np.testing.assert_allclose(external, expected.numpy(), rtol=1e-5)


class Gambler(nn.Module):
    """Deep Gamblers: one output more than classes, which is the reservation."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.last = nn.Linear(12, 4)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        outputs = self.last(self.backbone(images))
        return outputs[:, :3], 1 - torch.softmax(outputs, dim=1)[:, 3]


def test_a_deep_gambler_keeps_its_extra_output_in_the_last_layer(
    studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(Gambler(), studies, out=tmp_path / "run", external_name="dg", **QUIET)
    assert array(folder, "last_layer_w").shape == (4, 12)
    assert array(folder, "logits").shape == (32, 3)
    assert check(folder, data_roots=[tmp_path / "images"]).exit_code == 0


def test_latents_come_from_a_named_layer_with_maps_averaged_before_the_next_changes_them_in_place(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies[1:], out=tmp_path / "run", latent="features.1", **QUIET)
    net.eval()
    with torch.no_grad():
        maps = net.features[1](net.features[0](Preprocessing()(studies[1].images[0])[None]))
    np.testing.assert_allclose(array(folder, "latents")[0], maps.mean(dim=(2, 3))[0].numpy(), rtol=1e-4)


def test_latents_come_from_a_function(net: SmallNet, studies: list[CaptureStudy], tmp_path: Path) -> None:
    folder = capture(
        net, studies[1:], out=tmp_path / "run", latent=lambda model, x: model.features(x) * 2, **QUIET
    )
    _, latents = by_hand(net, studies[1:])
    np.testing.assert_allclose(array(folder, "latents"), latents * 2, rtol=1e-5, atol=1e-6)


def test_an_unknown_layer_is_told_with_the_layers_in_their_order(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    with pytest.raises(CaptureError, match="no layer named 'fc'") as caught:
        capture(net, studies, out=tmp_path / "run", latent="fc", **QUIET)
    words = caught.value.detail
    assert (
        words.index("features.0 (Conv2d)") < words.index("features.1 (BatchNorm2d)") < words.index("head.1")
    )


def test_further_scores_are_written_with_their_orientation(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    def distance(batch: CapturedBatch) -> np.ndarray:
        return np.linalg.norm(batch.latents, axis=1)

    folder = capture(
        net,
        studies[1:],
        out=tmp_path / "run",
        scores={
            "distance": ScoreFunction(distance, "low", "Distance"),
            "top": lambda b: b.logits.max(axis=1),
        },
        batch_size=5,
        **QUIET,
    )
    run = read_run(discover(folder)[0])
    given = {score.name: score for score in run.given_scores}
    norms = np.linalg.norm(array(folder, "latents"), axis=1)
    np.testing.assert_allclose(given["distance"].values, -norms, rtol=1e-6)
    assert given["distance"].label == "Distance"
    np.testing.assert_allclose(given["top"].values, array(folder, "logits").max(axis=1))


def test_the_model_is_as_before_afterwards(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    net.train()
    net.features[1].eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    capture(net, studies, out=tmp_path / "run", mc_passes=2, **QUIET)
    assert net.training
    assert net.head[0].training
    assert not net.features[1].training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert "forward" not in net.head[0].__dict__
    net(torch.randn(2, 3, 8, 8)).sum().backward()  # still trainable: nothing became an inference tensor


class Tensors(Dataset[tuple[Tensor, int]]):
    """Tensors that are ready for the model, with their targets."""

    def __init__(self, study: CaptureStudy, *, shift: int = 0) -> None:
        self._study, self._shift = study, shift

    def __len__(self) -> int:
        return len(self._study.samples)

    def __getitem__(self, position: int) -> tuple[Tensor, int]:
        label = int(self._study.samples["label"].iloc[position])
        return Preprocessing()(self._study.images[position]), (label + self._shift) % 3


def changed(study: CaptureStudy, images: object) -> CaptureStudy:
    return CaptureStudy(study.name, study.kind, study.samples, images)  # type: ignore[arg-type]


def test_files_arrays_data_sets_and_loaders_give_the_same_folder(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    plain = capture(net, studies[1:], out=tmp_path / "files", name="x", **QUIET)
    ways = {
        "array": lambda s: ImageArray(np.stack(list(s.images))),
        "set": Tensors,
        "loader": lambda s: DataLoader(Tensors(s), batch_size=3),
    }
    for name, way in ways.items():
        given = [changed(study, way(study)) for study in studies[1:]]
        folder = capture(net, given, out=tmp_path / name, name="x", **QUIET)
        assert content(folder) == content(plain), name


def test_workers_give_the_same_folder(net: SmallNet, studies: list[CaptureStudy], tmp_path: Path) -> None:
    plain = capture(net, studies, out=tmp_path / "a", name="x", **QUIET)
    assert content(capture(net, studies, out=tmp_path / "b", name="x", workers=1, **QUIET)) == content(plain)


def test_a_loader_that_shuffles_is_refused(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    loader = DataLoader(Tensors(studies[2]), shuffle=True)
    with pytest.raises(CaptureError, match="does not keep the order"):
        capture(net, [changed(studies[2], loader)], out=tmp_path / "run", **QUIET)


def test_a_target_that_contradicts_the_table_is_told_with_its_row(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    given = changed(studies[2], Tensors(studies[2], shift=1))
    with pytest.raises(CaptureError, match="disagree about row 0 of study 'iid'"):
        capture(net, [given], out=tmp_path / "run", **QUIET)


def test_a_value_that_is_not_finite_is_told_with_study_and_row(
    studies: list[CaptureStudy], tmp_path: Path
) -> None:
    class Broken(SmallNet):
        def forward(self, images: Tensor) -> Tensor:
            logits = super().forward(images)
            return torch.where(images[:, 0, 0, :1] == poison, torch.nan, logits)

    poison = float(Preprocessing()(studies[2].images[7])[0, 0, 0])
    with pytest.raises(CaptureError, match="logits are not finite") as caught:
        capture(Broken(), studies[2:3], out=tmp_path / "run", batch_size=4, **QUIET)
    assert "Row 7 of study 'iid'" in caught.value.detail
    assert not (tmp_path / "run").exists()


def test_images_of_different_sizes_ask_for_a_size(net: SmallNet, tmp_path: Path) -> None:
    pixels = [np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)]
    study = CaptureStudy("iid", StudyKind.IID, pd.DataFrame({"label": [0, 1]}), pixels)  # type: ignore[arg-type]
    with pytest.raises(CaptureError, match="different sizes") as caught:
        capture(net, [study], out=tmp_path / "run", **QUIET)
    assert "Preprocessing(size=" in caught.value.hint
    folder = capture(net, [study], out=tmp_path / "run", preprocessing=Preprocessing(size=(8, 8)), **QUIET)
    assert array(folder, "logits").shape == (2, 3)


def test_a_model_with_other_outputs_than_classes_is_refused(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    binary = [changed(s, s.images) for s in studies[2:3]]
    binary[0].samples["label"] = 0
    with pytest.raises(CaptureError, match="3 outputs for 2 classes"):
        capture(net, binary, out=tmp_path / "run", **(QUIET | {"classes": ("a", "b")}))


def test_a_model_that_cannot_take_the_images_says_what_it_got(
    studies: list[CaptureStudy], tmp_path: Path
) -> None:
    with pytest.raises(CaptureError, match="cannot take the images") as caught:
        capture(nn.Conv2d(1, 2, 3), studies[2:3], out=tmp_path / "run", **QUIET)
    assert "(1, 3, 16, 20)" in caught.value.detail


def test_a_model_that_fails_later_says_at_which_images(studies: list[CaptureStudy], tmp_path: Path) -> None:
    class Fails(SmallNet):
        def forward(self, images: Tensor) -> Tensor:
            if len(images) == 4 and torch.equal(images[1], last):
                raise RuntimeError("out of memory")
            return super().forward(images)

    last = Preprocessing()(studies[2].images[9])
    with pytest.raises(CaptureError, match="fails at images of study 'iid'") as caught:
        capture(Fails(), studies[2:3], out=tmp_path / "run", batch_size=4, **QUIET)
    assert "Rows 8 to 11" in caught.value.detail
    assert "out of memory" in caught.value.detail


def test_a_label_without_class_is_told_before_the_model_runs(net: SmallNet, tmp_path: Path) -> None:
    images = ImageArray(np.zeros((3, 8, 8, 3), np.uint8))
    study = CaptureStudy("iid", StudyKind.IID, pd.DataFrame({"label": [0, 3, 1]}), images)
    with pytest.raises(CaptureError, match="Row 1 of study 'iid' has no class"):
        capture(net, [study], out=tmp_path / "run", **QUIET)
    foreign = CaptureStudy("new", StudyKind.NEW_CLASS, study.samples, images)
    folder = capture(net, [foreign], out=tmp_path / "run", **QUIET)
    assert read_run(discover(folder)[0]).label.tolist() == [0, 3, 1]


def test_a_folder_in_the_way_is_told_before_the_model_runs(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    folder = capture(net, studies, out=tmp_path / "run", **QUIET)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(Exception, match="run exists already"):
        capture(net, studies, out=tmp_path / "run", **QUIET)
    capture(net, studies[1:], out=tmp_path / "run", overwrite=True, **QUIET)
    assert not (folder / "train_latents.npy").exists()
    assert (folder / "notes.txt").read_text() == "mine"
