"""Where the latents of a model are taken: the layers that a forward pass runs through, in that order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from sfvisuals.errors import CaptureError

LatentFunction: TypeAlias = Callable[[nn.Module, Tensor], Tensor]
MOST_LISTED = 40


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer in a forward pass: what went in and what came out."""

    name: str
    layer: nn.Module
    given: Any
    result: Any


@dataclass(frozen=True, eq=False)
class Tap:
    """Where latents are taken.

    Attributes:
        layer: the layer.
        name: its name within the model.
        before: True for what goes into the layer, False for what comes out.
        last: the linear layer whose input the latents are and whose output the logits, or None.
        words: the place, for people.
    """

    layer: nn.Module
    name: str
    before: bool
    last: nn.Linear | None

    @property
    def words(self) -> str:
        """The place as run.json tells it."""
        kind = type(self.layer).__name__
        return f"{'input' if self.before else 'output'} of {self.name or 'the model'} ({kind})"


@dataclass
class Caught:
    """(B, l) latents of the latest forward pass."""

    value: Tensor | None = None

    def latents(self) -> Tensor:
        """The latents; there are some after every forward pass that ran through the tap."""
        if self.value is None:
            raise CaptureError(
                "The model did not run through the layer of the latents",
                detail="It did so for the first sample.",
                hint="Name a layer that every image passes.",
            )
        return self.value


@dataclass
class Trace:
    """Every call of a layer in one forward pass, in the order in which they ended."""

    calls: list[Call] = field(default_factory=list)

    def names(self) -> str:
        """The layers for an error message: `name (kind)` in the order of the pass."""
        texts = [f"{call.name} ({type(call.layer).__name__})" for call in self.calls if call.name]
        left = len(texts) - MOST_LISTED
        shown = texts if left <= 0 else ["...", *texts[-MOST_LISTED:]]
        return ", ".join(shown) or "none"


@contextmanager
def traced(model: nn.Module) -> Iterator[Trace]:
    """Record every call of a layer of the model within."""
    trace = Trace()

    def hook_of(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(layer: nn.Module, given: Any, result: Any) -> None:
            trace.calls.append(Call(name, layer, given[0] if given else None, result))

        return hook

    handles = [layer.register_forward_hook(hook_of(name)) for name, layer in model.named_modules()]
    try:
        yield trace
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def caught(tap: Tap) -> Iterator[Caught]:
    """Keep the latents that pass the tap in every forward pass within, as they are at that moment.

    A later layer may work in place (ReLU(inplace=True)), so they are copied at once.
    """
    kept = Caught()

    def hook(layer: nn.Module, given: Any, result: Any) -> None:
        features = given[0] if tap.before else result
        latents = flat(features, tap.name)
        kept.value = latents.clone() if latents is features else latents

    handle = tap.layer.register_forward_hook(hook)
    try:
        yield kept
    finally:
        handle.remove()


def find_tap(trace: Trace, logits: Tensor, *, latent: str | None) -> Tap:
    """The layer of that name (its output), or without one the linear layer that gives the logits (its input).

    Args:
        trace: of one forward pass.
        logits: (B, d) that this pass gave.
        latent: name of a layer as `model.named_modules()` has it.

    Raises CaptureError, with the names of the layers, where there is no such layer.
    """
    if latent is not None:
        return _named(trace, logits, latent)
    linear = [call for call in trace.calls if isinstance(call.layer, nn.Linear)]
    giving = [call for call in linear if gives(call.result, logits)]
    fitting = [call for call in linear if call.layer.out_features in (logits.shape[1], logits.shape[1] + 1)]
    chosen = (giving or fitting or linear)[-1:]
    if not chosen:
        raise CaptureError(
            "The model has no linear layer to take the latents from",
            detail=f"Layers that a forward pass runs through: {trace.names()}.",
            hint="Name the layer whose output are the features: latent='...', or give a function"
            " latent=lambda model, x: ... that returns (batch, width).",
        )
    call = chosen[0]
    last = call.layer if giving and isinstance(call.layer, nn.Linear) and is_flat(call.given) else None
    return Tap(call.layer, call.name, before=True, last=last)


def _named(trace: Trace, logits: Tensor, latent: str) -> Tap:
    found = [call for call in trace.calls if call.name == latent]
    if not found:
        raise CaptureError(
            f"The model runs through no layer named {latent!r}",
            detail=f"Layers that a forward pass runs through: {trace.names()}.",
            hint="Name one of them, or leave latent out for the input of the last linear layer.",
        )
    call = found[-1]
    following = [
        later.layer
        for later in trace.calls
        if isinstance(later.layer, nn.Linear)
        and gives(later.result, logits)
        and isinstance(later.given, Tensor)
        and isinstance(call.result, Tensor)
        and is_flat(later.given)
        and torch.equal(later.given, flat(call.result, call.name))
    ]
    return Tap(call.layer, call.name, before=False, last=following[-1] if following else None)


def gives(result: Any, logits: Tensor) -> bool:
    """True where the first columns of a layer's output are the logits (Deep Gamblers has one more)."""
    d = logits.shape[1]
    return (
        isinstance(result, Tensor)
        and result.dim() == 2
        and result.shape[0] == logits.shape[0]
        and result.shape[1] in (d, d + 1)
        and torch.equal(result[:, :d].float(), logits.float())
    )


def is_flat(given: Any) -> bool:
    """True for a tensor of (B, l)."""
    return isinstance(given, Tensor) and given.dim() == 2


def flat(features: Any, place: str) -> Tensor:
    """(B, l) latents: feature maps (B, l, H, W[, D]) are averaged over their places.

    Raises CaptureError where it is anything else.
    """
    if isinstance(features, Tensor) and features.dim() == 2:
        return features
    if isinstance(features, Tensor) and features.dim() in (4, 5):
        return features.mean(dim=tuple(range(2, features.dim())))
    found = tuple(features.shape) if isinstance(features, Tensor) else type(features).__name__
    raise CaptureError(
        f"The latents of {place or 'the model'} have the wrong shape",
        detail=f"Found {found}; expected (batch, width), or feature maps (batch, width, height, width).",
        hint="Name another layer, or give a function of model and inputs that returns (batch, width).",
    )
