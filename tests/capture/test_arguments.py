"""What `capture` refuses before it opens or makes anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from capturing import CLASSES, SmallNet
from sfvisuals.capture import CaptureStudy, capture, export
from sfvisuals.capture.records import CorruptionPlan, ImageArray, ImageFiles, Preprocessing
from sfvisuals.errors import CaptureError, SfvisualsError
from sfvisuals.types import StudyKind


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (SmallNet().state_dict(), "build the module and load_state_dict into it"),
        (torch.relu, "nn.Module whose forward calls it"),
        (SmallNet, "make a model of it"),
        ("model.pt2", "load_program"),
    ],
)
def test_something_that_is_no_module_is_refused_with_what_to_do(
    model: Any, words: str, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    with pytest.raises(CaptureError, match=r"no nn\.Module") as caught:
        capture(model, studies, out=tmp_path / "run", classes=CLASSES, progress=False)
    assert words in caught.value.hint
    assert list(tmp_path.glob("*run*")) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"classes": ("mole", "wart", "mole")}, "same name\n'mole'"),
        ({"external_name": "mine"}, "named 'mine'"),
        ({"mc_passes": -2}, "mc_passes -2"),
        ({"batch_size": 0}, "batch_size 0"),
        ({"workers": -1}, "workers -1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    given: dict[str, Any], words: str, net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    with pytest.raises(CaptureError) as caught:
        capture(net, studies, out=tmp_path / "run", **({"classes": CLASSES, "progress": False} | given))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"channels": 2}, "channels"),
        ({"size": (0, 8)}, "size"),
        ({"size": (8,)}, "size"),
        ({"size": (8.0, 8.0)}, "size"),
        ({"mean": (0.1, 0.2)}, "mean"),
        ({"mean": (float("nan"),)}, "mean"),
        ({"mean": ("a",)}, "mean"),
        ({"std": (1.0, 1.0, 1.0), "channels": 1}, "std"),
        ({"std": (0.0,)}, "std"),
    ],
)
def test_a_preprocessing_that_makes_no_sense_is_never_made(given: dict[str, Any], words: str) -> None:
    with pytest.raises(CaptureError, match=f"preprocessing's {words} makes no sense"):
        Preprocessing(**given)


class Breaking(nn.Module):
    """A model that fails from its third batch on."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.net, self.error, self.calls = SmallNet(), error, 0

    def forward(self, images: Tensor) -> Tensor:
        """Logits, or the error."""
        self.calls += 1
        if self.calls > 3:
            raise self.error
        logits: Tensor = self.net(images)
        return logits


@pytest.mark.parametrize(
    "error", [KeyError("site"), AttributeError("x"), AssertionError(), ZeroDivisionError()]
)
def test_whatever_a_model_raises_is_named_with_study_and_rows(
    error: Exception, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    with pytest.raises(CaptureError, match="The model fails at images of study") as caught:
        capture(
            Breaking(error), studies, out=tmp_path / "run", classes=CLASSES, progress=False, batch_size=4,
            mc_passes=0,
        )  # fmt: skip
    assert caught.value.detail.startswith("Rows 4 to 7")
    assert type(error).__name__ in caught.value.detail


def test_one_text_is_no_list_of_classes(net: SmallNet, studies: list[CaptureStudy], tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="classes is one text, 'bm'") as caught:
        capture(net, studies, out=tmp_path / "run", classes="bm", progress=False)
    assert 'classes=["benign", "malignant"]' in caught.value.hint


def test_a_failure_in_the_very_first_dropout_pass_is_told(
    studies: list[CaptureStudy], tmp_path: Path
) -> None:
    class Failing(SmallNet):
        def forward(self, images: Tensor) -> Tensor:
            if self.head[0].training:
                raise RuntimeError("no dropout here")
            return super().forward(images)

    with pytest.raises(CaptureError, match="fails at the first image") as caught:
        capture(Failing(), studies, out=tmp_path / "run", classes=CLASSES, progress=False)
    assert "no dropout here" in caught.value.detail
    assert "mc_passes=0" in caught.value.hint
    assert list(tmp_path.glob("run*")) == []


TABLE = pd.DataFrame({"label": [0, 1, 2, 0]})
PIXELS = ImageArray(np.zeros((4, 16, 16, 3), np.uint8))


def study(**changed: Any) -> list[CaptureStudy]:
    """One study of four black images, with something changed."""
    given = {"name": "iid", "kind": StudyKind.IID, "samples": TABLE, "images": PIXELS} | changed
    return [CaptureStudy(**given)]


# argument, what is wrong, a wrong value, words of the message
KINDS: tuple[tuple[str, str, Any, tuple[str, ...]], ...] = (
    ("studies", "None", None, ("studies is not a list of CaptureStudy", "NoneType", "read_manifest")),
    ("studies", "one study", study()[0], ("studies is not a list of CaptureStudy",)),
    ("studies", "a mapping", {"iid": study()[0]}, ("studies is not a list of CaptureStudy", "dict")),
    ("studies", "numbers", [3], ("studies is not a list of CaptureStudy",)),
    ("studies", "no name", study(name=None), ("The name of a study is not a name", "NoneType")),
    ("studies", "an array as table", study(samples=np.zeros((4, 1))), ("The table of study 'iid'", "(4, 1)")),
    ("studies", "a column twice", study(samples=TABLE[["label", "label"]]), ("repeats a column", "'label'")),
    ("studies", "no images", study(images=None), ("The images of study 'iid'", "ImageFiles(paths)")),
    ("studies", "no paths", study(images=ImageFiles(3)), ("The images of study 'iid'",)),  # type: ignore[arg-type]
    ("studies", "no pixels", study(images=ImageArray(None)), ("The images of study 'iid'",)),  # type: ignore[arg-type]
    ("classes", "None", None, ("classes is not one name per output", 'classes=["benign", "malignant"]')),
    ("classes", "without order", {"a", "b", "c"}, ("classes is not one name per output", "set")),
    ("classes", "an empty name", ["a", "", "c"], ("classes is not one name per output",)),
    ("scores", "a list", [len], ("scores is not a mapping of name to function",)),
    (
        "scores",
        "an array inside",
        {"x": np.zeros(4)},
        ("a function of a CapturedBatch", "(4,)", "lambda batch"),
    ),
    (
        "scores",
        "a broken function",
        {"x": lambda batch: batch.margin},
        ("Score 'x' cannot be computed", "margin"),
    ),
    (
        "scores",
        "words",
        {"x": lambda batch: ["a"] * len(batch.logits)},
        ("Score 'x' cannot be computed", "'a'"),
    ),
    ("corruptions", "all", "all", ("corruptions is not a CorruptionPlan", "CorruptionPlan(), for all")),
    ("corruptions", "one name", CorruptionPlan(names="fog"), ("names is not a list of names", "'fog'")),
    ("corruptions", "one severity", CorruptionPlan(severities=3), ("severities is not a list",)),  # type: ignore[arg-type]
    ("corruptions", "half an image", CorruptionPlan(subset=1.5), ("subset is not a whole number",)),  # type: ignore[arg-type]
    ("corruptions", "a negative seed", CorruptionPlan(seed=-1), ("seed is not a whole number", "-1")),
    ("preprocessing", "a mapping", {"size": (8, 8)}, ("preprocessing is not a Preprocessing", "Dataset")),
    ("preprocessing", "a function", len, ("preprocessing is not a Preprocessing",)),
    ("group", "a list", ["patient"], ("group is not the name of a column", 'group="patient"')),
    ("provenance", "a text", "resnet", ("provenance is not a mapping",)),
    ("seed", "a text", "a", ("seed 'a' makes no sense",)),
    (
        "latent",
        "one row for all",
        lambda model, x: x[:1].flatten(1),
        ("latents do not belong to the images",),
    ),
)


@pytest.mark.parametrize(
    ("argument", "value", "words"),
    [(argument, value, words) for argument, _, value, words in KINDS],
    ids=[f"{argument}: {wrong}" for argument, wrong, _, _ in KINDS],
)
def test_an_argument_of_the_wrong_kind_is_named_with_what_to_write(
    argument: str, value: Any, words: tuple[str, ...], net: SmallNet, tmp_path: Path
) -> None:
    given = {"studies": study(), "classes": CLASSES, "progress": False, "mc_passes": 0, argument: value}
    with pytest.raises(CaptureError) as caught:
        capture(net, out=tmp_path / "run", **given)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.hint
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"example": None}, ("The example is no batch", "torch.zeros(1, 3")),
        ({"example": np.zeros((1, 3, 16, 16))}, ("The example is no batch", "ndarray")),
        ({"example": torch.zeros(0, 3, 16, 16)}, ("The example is no batch", "(0, 3, 16, 16)")),
        ({"example": torch.zeros(1, 5, 16, 16)}, ("The model cannot take the example", "(2, 5, 16, 16)")),
        ({"example": torch.zeros(1, 3, 16, 16, dtype=torch.int64)}, ("The model cannot take", "int64")),
        ({"classes": 3}, ("classes is not one name per output",)),
        ({"preprocessing": "none"}, ("preprocessing is not a Preprocessing",)),
        ({"out": None}, ("out is not the path",)),
        ({"out": "/proc/nowhere/model.pt2"}, ("model.pt2 cannot be written", "Choose a folder")),
    ],
)
def test_an_export_says_what_it_cannot_take(
    given: dict[str, Any], words: tuple[str, ...], net: SmallNet, tmp_path: Path
) -> None:
    whole = {"example": torch.zeros(1, 3, 16, 16), "out": tmp_path / "model.pt2"} | given
    with pytest.raises(SfvisualsError) as caught:
        export(net, whole.pop("example"), **whole)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.hint
