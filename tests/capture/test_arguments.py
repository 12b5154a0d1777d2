"""What `capture` refuses before it opens or makes anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from capturing import CLASSES, SmallNet
from sfvisuals.capture import CaptureStudy, capture
from sfvisuals.capture.records import Preprocessing
from sfvisuals.errors import CaptureError


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
