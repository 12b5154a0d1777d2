"""One batch through a model: logits, latents, confidence, and the same under Monte-Carlo dropout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from sfvisuals.capture.dropout import Keys, active_dropout, dropout_layers, pass_keys
from sfvisuals.capture.layers import LatentFunction, Tap, caught, find_tap, flat, traced
from sfvisuals.capture.reuse import Reuse
from sfvisuals.errors import CaptureError
from sfvisuals.types import FloatArray

NO_DROPOUT = "the model has no dropout layer that drops anything, so its passes would all be the same"
NOT_ASKED = "no Monte-Carlo passes were asked for when it was captured"
FAULTS = (
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
)
"""What the code of a model may raise when it cannot take an input."""


@dataclass(frozen=True, eq=False)
class Plain:
    """One deterministic pass: (B, d) logits, (B, l) latents, (B,) confidence or None."""

    logits: Tensor
    latents: Tensor
    confidence: Tensor | None


class Recorder(Protocol):
    """Something that a capture can run."""

    passes: int
    """How many Monte-Carlo passes it makes, 0 without."""

    without_passes: str
    """Why it makes none, or empty."""

    latent_place: str
    """Where the latents are taken, for people."""

    last_layer: tuple[FloatArray, FloatArray] | None
    """(w, b) of the layer between latents and logits, where it is known."""

    def plain(self, inputs: Tensor) -> Plain:
        """One deterministic pass."""

    def dropped(self, inputs: Tensor, rows: npt.NDArray[np.int64]) -> Iterator[tuple[Tensor, Tensor | None]]:
        """(logits, confidence) of each Monte-Carlo pass; `rows` decide the masks."""


def outputs_of(given: Any, *, batch: int) -> tuple[Tensor, Tensor | None]:
    """Logits (B, d) and confidence (B,) or None, from what a model returned: logits, or both.

    Of a mapping the keys `logits` and `confidence` are taken, and whatever else it holds is left.

    Raises CaptureError where it is something else.
    """
    if isinstance(given, Mapping) and "logits" in given:
        given = tuple(given[key] for key in ("logits", "confidence") if given.get(key) is not None)
    parts = list(given) if isinstance(given, tuple | list) else [given]
    tensors = [part for part in parts if isinstance(part, Tensor)]
    if len(tensors) == len(parts) and len(parts) in (1, 2) and tensors[0].dim() == 2:
        logits, confidence = tensors[0], tensors[1] if len(tensors) == 2 else None
        if logits.shape[0] == batch and (confidence is None or confidence.numel() == batch):
            return logits, None if confidence is None else confidence.reshape(batch)
    found = ", ".join(described(part) for part in parts)
    raise CaptureError(
        "The model returns something else than logits",
        detail=f"Found {found or 'nothing'} for a batch of {batch}; expected logits (batch, classes),"
        " or these and the model's own confidence (batch,), or a mapping with the keys logits and"
        " confidence.",
        hint="Wrap the model in an nn.Module whose forward returns just these.",
    )


def told(error: BaseException) -> str:
    """What an error of a model says, with its kind where the text alone tells little."""
    text = str(error).strip()[:400]
    plain = text and isinstance(error, RuntimeError | ValueError | TypeError)
    return text if plain else f"{type(error).__name__}: {text}".removesuffix(": ")


def described(part: Any) -> str:
    """A tensor by its shape, anything else by its type."""
    return str(tuple(part.shape)) if isinstance(part, Tensor) else type(part).__name__


@contextmanager
def evaluating(model: nn.Module, device: torch.device) -> Iterator[None]:
    """The model in evaluation mode on that device; afterwards its modes and device are as before."""
    modes = {layer: layer.training for layer in model.modules()}
    places = {tensor.device for tensor in [*model.parameters(), *model.buffers()]}
    try:
        model.eval()
        model.to(device)
        yield
    finally:
        for layer, mode in modes.items():
            layer.training = mode
        if len(places) == 1:
            model.to(next(iter(places)))


class ModuleRecorder:
    """Runs an nn.Module, which has to be in evaluation mode on the device of its inputs.

    Args:
        model: returns logits (B, d), or logits and its own confidence (B,), or a mapping with these keys.
        example: inputs for one forward pass that finds out where the latents are.
        latent: name of a layer, a function of model and inputs, or None for the last linear layer's input.
        passes: Monte-Carlo passes that are wanted.
        seed: of the dropout masks.
    """

    def __init__(
        self,
        model: nn.Module,
        example: Tensor,
        *,
        latent: str | LatentFunction | None,
        passes: int,
        seed: int,
    ) -> None:
        self._model = model
        self._seed = seed
        self._function = latent if callable(latent) else None
        self._tap: Tap | None = None
        dropping = bool(dropout_layers(model))
        self.passes = passes if dropping else 0
        self._reuse = Reuse(model) if self.passes and not torch.is_inference_mode_enabled() else None
        self.without_passes = "" if self.passes else (NOT_ASKED if not passes else NO_DROPOUT)
        self.last_layer: tuple[FloatArray, FloatArray] | None = None
        self.latent_place = f"function {getattr(latent, '__qualname__', type(latent).__name__)}"
        if not callable(latent):
            with traced(model) as trace:
                logits, _ = outputs_of(model(example), batch=len(example))
            self._tap = find_tap(trace, logits, latent=latent)
            self.latent_place = self._tap.words
            self.last_layer = None if self._tap.last is None else _weights(self._tap.last)

    def plain(self, inputs: Tensor) -> Plain:
        """One deterministic pass; `dropped` may reuse what comes of it before the first dropout layer."""
        if self._reuse is None:
            return self._plain(inputs)
        self._reuse.begin(inputs)
        with self._reuse.active():
            return self._plain(inputs)

    def _plain(self, inputs: Tensor) -> Plain:
        if self._tap is None:
            logits, confidence = outputs_of(self._model(inputs), batch=len(inputs))
            assert self._function is not None
            return Plain(logits, flat(self._function(self._model, inputs), self.latent_place), confidence)
        with caught(self._tap) as seen:
            logits, confidence = outputs_of(self._model(inputs), batch=len(inputs))
        return Plain(logits, seen.latents(), confidence)

    def dropped(self, inputs: Tensor, rows: npt.NDArray[np.int64]) -> Iterator[tuple[Tensor, Tensor | None]]:
        """(logits, confidence) of each Monte-Carlo pass."""
        keys = Keys()
        drawn = torch.from_numpy(pass_keys(rows, passes=self.passes, seed=self._seed)).to(inputs.device)
        with (
            active_dropout(self._model, keys),
            nullcontext() if self._reuse is None else self._reuse.active(),
        ):
            for number in range(self.passes):
                keys.rows = drawn[:, number]
                yield outputs_of(self._model(inputs), batch=len(inputs))


def _weights(layer: nn.Linear) -> tuple[FloatArray, FloatArray]:
    """(w, b) as float32; zeros for a layer without biases."""
    w = layer.weight.detach().float().cpu().numpy().copy()
    b = (
        np.zeros(len(w), np.float32)
        if layer.bias is None
        else layer.bias.detach().float().cpu().numpy().copy()
    )
    return w, b
