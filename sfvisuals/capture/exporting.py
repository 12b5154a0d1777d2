"""`export`: any nn.Module as a program file that the command line captures, without its Python code."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import torch
from torch import Tensor, nn

from sfvisuals.capture.arguments import check_model, check_names, check_preprocessing
from sfvisuals.capture.dropout import Keys, active_dropout, dropout_layers
from sfvisuals.capture.layers import LatentFunction, Tap, caught, find_tap, flat, traced
from sfvisuals.capture.program import ABOUT, MC_SUFFIX
from sfvisuals.capture.recorder import FAULTS, evaluating, outputs_of, told
from sfvisuals.capture.records import Preprocessing
from sfvisuals.errors import CaptureError
from sfvisuals.io.own_arguments import place_of

FORMAT = 1


class _Recorded(nn.Module):
    """The model with its latents as a second output, and with dropout by keys where keys are given."""

    def __init__(self, model: nn.Module, tap: Tap | None, function: LatentFunction | None) -> None:
        super().__init__()
        self.model = model
        self._tap = [tap]  # in a list, so that the layer is not registered a second time
        self._function = function

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return self._outputs(images)

    def _outputs(self, images: Tensor) -> tuple[Tensor, ...]:
        tap = self._tap[0]
        if tap is None:
            assert self._function is not None
            logits, confidence = outputs_of(self.model(images), batch=images.shape[0])
            latents = flat(self._function(self.model, images), "the function")
        else:
            with caught(tap) as seen:
                logits, confidence = outputs_of(self.model(images), batch=images.shape[0])
            latents = seen.latents()
        return (logits, latents) if confidence is None else (logits, latents, confidence)


class _Dropped(_Recorded):
    """The same with active dropout: a second input gives every sample its key."""

    def forward(self, images: Tensor, keys: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        holder = Keys(keys)
        with active_dropout(self.model, holder):
            return self._outputs(images)


def export(
    model: nn.Module,
    example: Tensor,
    *,
    latent: str | LatentFunction | None = None,
    out: str | PathLike[str] = "model.pt2",
    mc: bool = True,
    classes: Sequence[str] | None = None,
    preprocessing: Preprocessing | None = None,
    external_name: str | None = None,
) -> tuple[Path, ...]:
    """Write a model as an exported program that returns (logits, latents[, confidence]) for any batch size.

    Beside it, as `NAME.mc.pt2`, comes a second program with active dropout for the Monte-Carlo passes, if the
    model has dropout layers. What is given of classes and preprocessing travels in the file, so that
    `sfvisuals capture` needs no options for them.

    Args:
        model: as `capture` takes it; it is exported on the CPU in evaluation mode.
        example: (B, ...) one input, for its shape without the batch.
        latent: as in `capture`.
        out: file to write, ending in .pt2.
        mc: write the second program.
        classes: class names in the order of the outputs.
        preprocessing: from 8-bit pixels to the model's input.
        external_name: which head gives the confidence: tcp, dg, devries.

    Returns:
        The files.

    Raises:
        CaptureError: model or names do not fit, or torch cannot export it.
    """
    file = place_of(out)
    if file.suffix != ".pt2":
        raise CaptureError(f"{file.name} does not end in .pt2", hint=f"Name it {file.stem}.pt2.")
    check_model(model)
    check_names(() if classes is None else classes, external_name=external_name)
    check_preprocessing(preprocessing)
    if not isinstance(example, Tensor) or example.dim() < 2 or not len(example):
        raise CaptureError(
            "The example is no batch of inputs",
            detail=f"Found {tuple(example.shape) if isinstance(example, Tensor) else type(example).__name__};"
            " expected a tensor whose first axis is the batch.",
            hint="For a model of colour images: torch.zeros(1, 3, height, width).",
        )
    images = example.detach().cpu()
    # A batch of one would be taken for a constant.
    images = images.repeat(2, *[1] * (images.dim() - 1)) if len(images) == 1 else images
    dropping = mc and bool(dropout_layers(model))
    with ExitStack() as stack:
        stack.enter_context(evaluating(model, torch.device("cpu")))
        stack.enter_context(torch.no_grad())
        tap = _tap(model, images, latent)
        function = latent if callable(latent) else None
        about = _about(model, tap, function, classes, preprocessing, external_name)
        plain = _exported(_Recorded(model, tap, function), (images,))
        files = [_saved(plain, file, about)]
        if dropping:
            keys = torch.zeros(len(images), dtype=torch.int32)
            second = _exported(_Dropped(model, tap, function), (images, keys))
            files.append(_saved(second, file.with_name(file.stem + MC_SUFFIX), about | {"mc_keys": True}))
    return tuple(files)


def _tap(model: nn.Module, images: Tensor, latent: str | LatentFunction | None) -> Tap | None:
    if callable(latent):
        return None
    try:
        with traced(model) as trace:
            logits, _ = outputs_of(model(images), batch=len(images))
    except FAULTS as error:
        raise CaptureError(
            "The model cannot take the example",
            detail=f"For an input of {tuple(images.shape)}, {images.dtype}, it says: {told(error)}",
            hint="Give one batch of what the model takes, for its shape: torch.zeros(1, 3, height, width).",
        ) from error
    return find_tap(trace, logits, latent=latent)


def _about(
    model: nn.Module,
    tap: Tap | None,
    function: LatentFunction | None,
    classes: Sequence[str] | None,
    preprocessing: Preprocessing | None,
    external_name: str | None,
) -> dict[str, Any]:
    """What travels beside the program."""
    last = None if tap is None else tap.last
    named = next((name for name, layer in model.named_modules() if layer is last), None)
    place = f"function {getattr(function, '__qualname__', 'given')}" if tap is None else tap.words
    return {
        "format": FORMAT,
        "model": type(model).__name__,
        "latents": place,
        "last_layer": None if named is None else [f"model.{named}.weight", f"model.{named}.bias"],
        "classes": None if classes is None else [str(name) for name in classes],
        "preprocessing": None if preprocessing is None else dataclasses.asdict(preprocessing),
        "external_name": external_name,
    }


def _exported(model: nn.Module, inputs: tuple[Tensor, ...]) -> torch.export.ExportedProgram:
    batch = torch.export.Dim("batch", min=1)
    try:
        return torch.export.export(model.eval(), inputs, dynamic_shapes=tuple({0: batch} for _ in inputs))
    except (RuntimeError, ValueError, AssertionError, TypeError, NotImplementedError) as error:
        raise CaptureError(
            "torch cannot export the model",
            detail=f"{type(error).__name__}: {str(error).strip()[:600]}",
            hint="Its forward must not depend on the values or the number of its inputs; capture(model, ...)"
            " in Python needs no export.",
        ) from error


def _saved(program: torch.export.ExportedProgram, file: Path, about: dict[str, Any]) -> Path:
    """Write the file whole or not at all."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".pt2", delete=False) as target:
            temporary = Path(target.name)
    except OSError as error:
        raise CaptureError(
            f"{file.name} cannot be written",
            detail=str(error),
            hint="Choose a folder that you may write to, on a disk with room for it.",
        ) from error
    try:
        torch.export.save(program, temporary, extra_files={ABOUT: json.dumps(about)})
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    return file
