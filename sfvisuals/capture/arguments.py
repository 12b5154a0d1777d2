"""Whether what `capture` is told makes sense, before anything is opened or made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from torch import nn

from sfvisuals.capture.program import Program
from sfvisuals.errors import CaptureError
from sfvisuals.io.config import EXTERNAL_NAMES

LEAST: Final = {"mc_passes": 0, "batch_size": 1, "workers": 0}


def check_model(model: Any) -> None:
    """Raise CaptureError where it is neither an nn.Module nor a program."""
    if isinstance(model, nn.Module | Program):
        return
    hint = "Give an nn.Module, or what load_program opens."
    if isinstance(model, Mapping):
        hint = (
            "These are weights without a model: build the module and load_state_dict into it, and give that."
        )
    elif isinstance(model, type):
        hint = "This is a class: make a model of it, and give that."
    elif callable(model):
        hint = "Wrap the function in an nn.Module whose forward calls it."
    raise CaptureError(
        "The model is no nn.Module", detail=f"Found {type(model).__name__}; expected an nn.Module.", hint=hint
    )


def check_numbers(**given: int) -> None:
    """Raise CaptureError for a number below the least that makes sense, or no whole one."""
    for name, value in given.items():
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < LEAST[name]:
            raise CaptureError(
                f"{name} {value!r} makes no sense",
                detail=f"Expected a whole number of at least {LEAST[name]}.",
                hint=f"On the command line it is --{name.replace('_', '-')}.",
            )


def check_names(classes: Sequence[str], *, external_name: str | None) -> None:
    """Raise CaptureError for classes of one name, and for a head of confidence that is not known."""
    if isinstance(classes, str):
        raise CaptureError(
            f"classes is one text, {classes!r}",
            detail="Its letters would become the classes; expected one name per output of the model.",
            hint='Give a list: classes=["benign", "malignant"].',
        )
    names = [str(name) for name in classes]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CaptureError(
            "Two classes have the same name",
            detail=", ".join(map(repr, repeated)),
            hint="Give every output of the model a name of its own.",
        )
    if external_name is not None and external_name not in EXTERNAL_NAMES:
        raise CaptureError(
            f"There is no head of confidence named {external_name!r}",
            detail=f"external_name: expected one of {', '.join(EXTERNAL_NAMES)}, or None.",
            hint="Name the one that the model has, or leave it out.",
        )
