"""Monte-Carlo dropout that gives every sample its own masks, whatever batch it comes in.

torch draws the mask of a whole batch from one stream, so a sample's mask would depend on its neighbours, on
the batch size, on where an interrupted capture goes on, and on the device. Here a mask is a hash of what it
belongs to: seed, row, pass, dropout layer and element. Only dropout layers change; batch norm and all else
stay as they are.

The hash is the 32-bit finaliser of MurmurHash3 (Appleby 2008, public domain), twice, in wrapping arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

# Of selu, as in torch's alpha dropout (Klambauer et al. 2017, section 3).
ALPHA = 1.7580993408473766
GOLDEN = -1640531527
FIRST, SECOND = -2048144789, -1028477387
FEATURES = (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.FeatureAlphaDropout)
KINDS = (nn.Dropout, *FEATURES, nn.AlphaDropout)


@dataclass
class Keys:
    """The key of every sample of the batch in one pass: (B,) int32, set before the model is called."""

    rows: Tensor | None = None

    def of_pass(self) -> Tensor:
        """The keys; they are there whenever a dropout layer runs."""
        if self.rows is None:
            raise RuntimeError("a dropout layer ran before its keys were set")
        return self.rows


def dropout_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Name -> layer of every dropout layer that drops anything, in the order in which they were made."""
    return {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, KINDS) and float(layer.p) > 0.0
    }


def pass_keys(rows: npt.ArrayLike, *, passes: int, seed: int) -> npt.NDArray[np.int32]:
    """(B, M) one key per row and pass: splitmix64 (Steele et al. 2014) of seed, row and pass, its upper half.

    Args:
        rows: (B,) row numbers of the run.
        passes: M.
        seed: of the whole capture.
    """
    first = np.asarray(rows, np.uint64)[:, None] << np.uint64(20)
    words = np.bitwise_or(first, np.arange(passes, dtype=np.uint64)[None, :])
    mixed = _splitmix(np.bitwise_xor(words, _splitmix(np.asarray([seed % 2**64], np.uint64))))
    return (mixed >> np.uint64(32)).astype(np.uint32).view(np.int32)


def _splitmix(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


@contextmanager
def active_dropout(model: nn.Module, keys: Keys) -> Iterator[None]:
    """Within it the dropout layers of the model drop by `keys`; afterwards everything is as before."""
    layers = list(dropout_layers(model).values())
    modes = [layer.training for layer in layers]
    own = [layer.__dict__.get("forward") for layer in layers]
    try:
        for number, layer in enumerate(layers):
            layer.training = True
            layer.__dict__["forward"] = _keyed(layer, keys, number)
        yield
    finally:
        for layer, mode, forward in zip(layers, modes, own, strict=True):
            layer.training = mode
            layer.__dict__.pop("forward", None)
            if forward is not None:
                layer.__dict__["forward"] = forward


def _keyed(layer: nn.Module, keys: Keys, number: int) -> Callable[[Tensor], Tensor]:
    """The forward of one dropout layer."""
    probability = float(layer.p)  # type: ignore[arg-type]
    alpha = isinstance(layer, nn.AlphaDropout | nn.FeatureAlphaDropout)
    whole_features = isinstance(layer, FEATURES)

    def forward(given: Tensor) -> Tensor:
        shape = given.shape[:2] if whole_features and given.dim() > 2 else given.shape
        kept = kept_mask(keys.of_pass(), shape, layer=number, probability=probability)
        kept = kept.reshape(*shape, *[1] * (given.dim() - len(shape))).to(given.dtype)
        if not alpha:
            return given * kept * (1.0 / (1.0 - probability) if probability < 1 else 0.0)
        scale = (
            1.0 / math.sqrt((1.0 - probability) * (1.0 + probability * ALPHA**2)) if probability < 1 else 0
        )
        return given * kept * scale + (kept - 1.0 + probability) * (ALPHA * scale)

    return forward


def kept_mask(keys: Tensor, shape: torch.Size, *, layer: int, probability: float) -> Tensor:
    """True where an element is kept, in the order of `shape`, whose first axis is that of the batch.

    Where the first axis is not the batch but a multiple of it (patches of images), the elements are divided
    among the samples in order.

    Args:
        keys: (B,) int32 of the pass.
        shape: of the elements that are dropped one by one.
        layer: number of the dropout layer within the model.
        probability: of dropping an element.
    """
    batch = keys.shape[0]
    elements = math.prod(shape[1:])
    if shape[0] != batch:
        elements, rest = divmod(math.prod(shape), batch)
        if rest:
            keys, elements = keys[:1], math.prod(shape)
    counter = torch.arange(elements, dtype=torch.int32, device=keys.device) * GOLDEN
    place = _mixed(counter + ((layer + 1) * 0x51ED270B) % 2**31)
    drawn = _mixed(place[None, :] ^ keys[:, None])
    return drawn >= min(round(probability * 2**32), 2**32 - 1) - 2**31


def _mixed(words: Tensor) -> Tensor:
    """Every bit of the result depends on every bit of the 32-bit words; the shifts are logical ones."""
    words = words ^ ((words >> 16) & 0xFFFF)
    words = words * FIRST
    words = words ^ ((words >> 13) & 0x7FFFF)
    words = words * SECOND
    return words ^ ((words >> 16) & 0xFFFF)
