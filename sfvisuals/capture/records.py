"""What a capture is given: studies with their images and tables, and how pixels become a model's input.

Nothing here needs torch until an image is made into a tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np
import pandas as pd
from PIL import Image

from sfvisuals.corruptions.recipe import Pixels8
from sfvisuals.errors import CaptureError
from sfvisuals.types import FloatArray, StudyKind

if TYPE_CHECKING:
    import torch
    from torch.utils.data import DataLoader, Dataset

    from sfvisuals.io.packed import ImageFile


class Images(Protocol):
    """Pixels by position: a file is read, or an array is looked up, when it is asked for."""

    def __len__(self) -> int:
        """Number of images."""

    def __getitem__(self, position: int, /) -> Pixels8:
        """(H, W) or (H, W, 3) 8-bit pixels of one image."""


@dataclass(frozen=True, eq=False)
class ImageArray:
    """Images that are in memory, or memory-mapped: (n, H, W) or (n, H, W, 3) uint8."""

    pixels: Pixels8

    def __len__(self) -> int:
        """Number of images."""
        return len(self.pixels)

    def __getitem__(self, position: int, /) -> Pixels8:
        """Pixels of one image."""
        image: Pixels8 = self.pixels[position]
        return image


@dataclass(frozen=True, eq=False)
class ImageFiles:
    """Images in files, decoded as the dashboard decodes them, so that model and page see the same pixels.

    Attributes:
        paths: n files. Those that lead nowhere are found out before anything runs: see `read_manifest`.
    """

    paths: Sequence[ImageFile]

    def __len__(self) -> int:
        """Number of images."""
        return len(self.paths)

    def __getitem__(self, position: int, /) -> Pixels8:
        """Pixels of one image; raises ImageReadError where the file cannot be decoded."""
        from sfvisuals.io.corrupted import clean_pixels

        return clean_pixels(self.paths[position])


Source: TypeAlias = "Images | Dataset[Any] | DataLoader[Any]"


@dataclass(frozen=True, eq=False)
class CaptureStudy:
    """One test set (or the training set: kind `train`) with its images and what is known of each.

    Attributes:
        name: unique within the run.
        kind: what kind of shift it is.
        samples: n rows in the order of the images, with the column `label` (0 to d-1), optionally `image`
            (path text, as the run folder will name it) and any metadata.
        images: n images. Uint8 pixels go through the capture's `Preprocessing`; a Dataset or an unshuffled
            DataLoader may instead give tensors that are ready for the model, alone or as (tensor, target).
        label: what a person reads; the name if None.
    """

    name: str
    kind: StudyKind
    samples: pd.DataFrame
    images: Source
    label: str | None = None


@dataclass(frozen=True)
class CorruptionPlan:
    """Which corruption studies are made from an iid study while a capture runs.

    Attributes:
        names: corruptions of the catalogue; all of them if None.
        severities: which of 1 (weakest) to 5.
        subset: at most so many source images, drawn with the seed; all if None.
        seed: of the drawing and of every corruption's random part.
        folder: write the corrupted images there (below the run's image root) instead of applying the
            corruption whenever one is shown.
    """

    names: Sequence[str] | None = None
    severities: Sequence[int] = (1, 2, 3, 4, 5)
    subset: int | None = None
    seed: int = 0
    folder: Path | None = None


@dataclass(frozen=True, eq=False)
class CapturedBatch:
    """What a model gave for a batch of B samples: the input of a further score.

    Attributes:
        logits: (B, d) float32.
        latents: (B, l) float32.
        mc_logits: (B, d, M) float32 of the dropout passes, or None.
        external: (B,) the model's own confidence, or None.
        external_mc: (B, M) the same in every dropout pass, or None.
        last_layer: (w, b) of the last linear layer, or None.
    """

    logits: FloatArray
    latents: FloatArray
    mc_logits: FloatArray | None = None
    external: FloatArray | None = None
    external_mc: FloatArray | None = None
    last_layer: tuple[FloatArray, FloatArray] | None = None


@dataclass(frozen=True)
class ScoreFunction:
    """A further confidence score that is computed while a capture runs.

    Attributes:
        function: from a batch's outputs to (B,) numbers, NaN where undefined.
        orientation: which end means confident.
        label: what a person reads; the score's name if None.
        judge: which prediction the score is judged against.
    """

    function: Callable[[CapturedBatch], Any]
    orientation: Literal["high", "low"] = "high"
    label: str | None = None
    judge: Literal["plain", "mc_mean"] = "plain"


@dataclass(frozen=True)
class Preprocessing:
    """From 8-bit pixels to what a model takes: (C, H, W) float32.

    Attributes:
        size: (height, width), bilinear with antialiasing; None leaves it as it is.
        channels: 1 (luma) or 3.
        mean: per channel or one for all, in units of 0..1.
        std: the same, greater than 0.

    Raises CaptureError where they contradict each other or make no sense.
    """

    size: tuple[int, int] | None = None
    channels: int = 3
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if self.channels not in (1, 3):
            raise _senseless("channels", self.channels, "1 (grey) or 3 (colours)")
        if self.size is not None:
            sides = np.asarray(self.size)
            if sides.shape != (2,) or sides.dtype.kind not in "iu" or (sides < 1).any():
                raise _senseless("size", self.size, "(height, width) in whole pixels of at least 1, or None")
        for name, values in (("mean", self.mean), ("std", self.std)):
            numbers = np.atleast_1d(np.asarray(values))
            if numbers.dtype.kind not in "iuf" or numbers.shape not in ((1,), (self.channels,)):
                raise _senseless(name, values, f"1 number or {self.channels}, one per channel")
            if not np.isfinite(numbers).all() or (name == "std" and (numbers <= 0).any()):
                raise _senseless(name, values, "finite numbers" + (" above 0" if name == "std" else ""))

    def __call__(self, pixels: Pixels8) -> torch.Tensor:
        """(C, H, W) float32: resized, in `channels` channels, divided by 255, less mean, by std."""
        import torch

        picture = Image.fromarray(pixels).convert("L" if self.channels == 1 else "RGB")
        if self.size is not None and picture.size != (self.size[1], self.size[0]):
            picture = picture.resize((self.size[1], self.size[0]), Image.Resampling.BILINEAR)
        values = np.asarray(picture, np.float32).reshape(picture.height, picture.width, self.channels) / 255
        scaled = (values - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1), dtype=np.float32))


def _senseless(name: str, found: object, expected: str) -> CaptureError:
    return CaptureError(
        f"The preprocessing's {name} makes no sense",
        detail=f"Found {found!r}; expected {expected}.",
        hint="Give what the model was trained with.",
    )
