"""Monte-Carlo passes share what does not depend on dropout: layers before the first one run once per batch.

Every value that a layer without dropout makes of known values is known itself: it has a number. When a layer
is called again with values of the same numbers, its kept result is handed out instead. A value that was
changed in place since, or that some function outside a layer made, has no number, and what takes it is
computed as always. So the passes are the same with and without this, number for number; only the time
differs. (Only a layer that is random in evaluation mode, though it is no dropout, would give the same numbers
in every pass.)
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from torch import Tensor, nn

from sfvisuals.capture.dropout import dropout_layers

MOST_BYTES = 2**30

Call: TypeAlias = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class _Known:
    """A numbered value: the tensor, and its version when it got the number."""

    tensor: weakref.ref[Tensor]
    version: int
    number: int


@dataclass(frozen=True, eq=False)
class _Kept:
    """A copy of a layer's result, and whether the layer worked in place on its only input."""

    result: Tensor
    in_place: bool


class Reuse:
    """Results of one batch. Needs tensors with version counters, so `no_grad` instead of `inference_mode`.

    Args:
        model: whose layers are looked at.
        most_bytes: no more is kept; what is left out is computed again.
    """

    def __init__(self, model: nn.Module, *, most_bytes: int = MOST_BYTES) -> None:
        self._layers = plain_layers(model)
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: dict[int, _Known] = {}
        self._kept: dict[Call, _Kept] = {}
        self._numbers: dict[Call, int] = {}

    def begin(self, inputs: Tensor) -> None:
        """Forget the last batch; the inputs of this one are known."""
        self._known.clear()
        self._kept.clear()
        self._numbers.clear()
        self._bytes = 0
        self._know(inputs, 0)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Within it layers reuse results; afterwards they are as before."""
        own = [layer.__dict__.get("forward") for layer in self._layers]
        try:
            for place, layer in enumerate(self._layers):
                layer.__dict__["forward"] = self._forward(place, layer.forward)
            yield
        finally:
            for layer, forward in zip(self._layers, own, strict=True):
                layer.__dict__.pop("forward", None)
                if forward is not None:
                    layer.__dict__["forward"] = forward

    def _forward(self, place: int, computed: Callable[..., Any]) -> Callable[..., Any]:
        def forward(*given: Any, **named: Any) -> Any:
            numbers = None if named else self._numbers_of(given)
            if numbers is None:
                return computed(*given, **named)
            call = (place, numbers)
            kept = self._kept.get(call)
            if kept is None:
                return self._first(call, computed, given)
            result = given[0].copy_(kept.result) if kept.in_place else kept.result.clone()
            self._know(result, self._numbers[call])
            return result

        return forward

    def _first(self, call: Call, computed: Callable[..., Any], given: tuple[Tensor, ...]) -> Any:
        """Compute a result, number it, and keep a copy where another call can do without computing."""
        versions = [value._version for value in given]
        result = computed(*given)
        in_place = len(given) == 1 and result is given[0]
        changed = any(value._version != version for value, version in zip(given, versions, strict=True))
        if not isinstance(result, Tensor) or (changed and not in_place):
            return result
        self._know(result, self._numbers.setdefault(call, len(self._numbers) + 1))
        size = result.numel() * result.element_size()
        # A view of the input costs nothing to make again, and a copy would no longer share its memory.
        shares = not in_place and any(_storage(result) == _storage(value) for value in given)
        if not shares and self._bytes + size <= self._most_bytes:
            self._bytes += size
            self._kept[call] = _Kept(result.clone(), in_place)
        return result

    def _know(self, value: Tensor, number: int) -> None:
        self._known[id(value)] = _Known(weakref.ref(value), value._version, number)

    def _numbers_of(self, values: tuple[Any, ...]) -> tuple[int, ...] | None:
        """Their numbers, None where one of them is unknown, was changed since, or is no tensor."""
        found = []
        for value in values:
            known = self._known.get(id(value))
            same = isinstance(value, Tensor) and known is not None and known.tensor() is value
            if known is None or not same or value._version != known.version:
                return None
            found.append(known.number)
        return tuple(found)


def _storage(value: Tensor) -> int:
    return value.untyped_storage().data_ptr()


def plain_layers(model: nn.Module) -> list[nn.Module]:
    """The largest layers that hold no dropout, each once.

    Containers that are never called themselves are looked into; so is what holds hooks, which have to run.
    """
    found: dict[int, nn.Module] = {}
    waiting = list(model.children())
    while waiting:
        layer = waiting.pop(0)
        called = type(layer).forward is not nn.Module.forward
        hooked = any(part._forward_hooks or part._forward_pre_hooks for part in layer.modules())
        if called and not dropout_layers(layer) and not hooked:
            found.setdefault(id(layer), layer)
        elif list(layer.children()):
            waiting = [*layer.children(), *waiting]
    return list(found.values())
