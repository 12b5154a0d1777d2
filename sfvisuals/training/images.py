"""Labelled images as a training reads them, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from sfvisuals.capture.records import Images, Preprocessing
from sfvisuals.errors import SettingsError
from sfvisuals.training.options import FitOptions
from sfvisuals.types import IntArray

MEGABYTE = 2**20


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Images with their classes.

    Attributes:
        images: n images, for example an `ImageArray` or `ImageFiles`.
        labels: (n,) classes, 0 to d-1.
    """

    images: Images
    labels: IntArray

    def checked(self, *, classes: int, called: str) -> LabelledImages:
        """Itself. Raises SettingsError where labels and images do not agree, or a label is no class."""
        labels = np.asarray(self.labels)
        fits = labels.ndim == 1 and len(labels) == len(self.images) > 0 and labels.dtype.kind in "iu"
        if not fits:
            raise SettingsError(
                f"The {called} images and their labels do not agree",
                detail=f"Found {len(self.images)} images and labels of shape {labels.shape} {labels.dtype};"
                " expected one whole number per image, and at least one image.",
                hint="Give labels in the order of the images.",
            )
        wrong = np.flatnonzero((labels < 0) | (labels >= classes))
        if len(wrong):
            raise SettingsError(
                f"A label of the {called} images is no class",
                detail=f"Row {wrong[0]}: found {labels[wrong[0]]}; expected 0 to {classes - 1}"
                f" ({len(wrong)} such rows).",
                hint="Number the classes from 0, or name more classes.",
            )
        return self


class Inputs(Dataset[Any]):
    """Model inputs and labels; all in memory, or made when asked for.

    Args:
        labelled: the images.
        preprocessing: from pixels to a model's input.
        memory_mb: kept in memory if they need no more.
    """

    def __init__(self, labelled: LabelledImages, preprocessing: Preprocessing, *, memory_mb: int) -> None:
        self._images, self._preprocessing = labelled.images, preprocessing
        self._labels = torch.from_numpy(np.array(labelled.labels, np.int64))
        first = preprocessing(labelled.images[0])
        self.shape = tuple(first.shape)
        self._kept: Tensor | None = None
        if first.numel() * 4 * len(labelled.images) <= memory_mb * MEGABYTE:
            self._kept = self._made(range(len(labelled.images)))

    def __len__(self) -> int:
        """Number of images."""
        return len(self._labels)

    def __getitem__(self, position: int) -> tuple[Tensor, Tensor]:
        """(1, C, H, W) and (1,)."""
        return self.__getitems__([position])

    def __getitems__(self, positions: Sequence[int]) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) float32 and (B,) int64."""
        chosen = list(positions)
        x = self._made(chosen) if self._kept is None else self._kept[chosen]
        return x, self._labels[chosen]

    def _made(self, positions: Sequence[int]) -> Tensor:
        made = [self._preprocessing(self._images[position]) for position in positions]
        for position, one in zip(positions, made, strict=True):
            if tuple(one.shape) != self.shape:
                raise SettingsError(
                    "The images have different sizes",
                    detail=f"Image 0 gives {self.shape}, image {position} gives {tuple(one.shape)}.",
                    hint="Say to which size they are brought: preprocessing size [height, width].",
                )
        return torch.stack(made)


def loader(inputs: Inputs, options: FitOptions, *, shuffle: bool) -> DataLoader[Any]:
    """Batches of (x, y); in training a last batch of one image is left out, which batch norm cannot take."""
    lone = len(inputs) % options.batch_size == 1 and len(inputs) > options.batch_size
    return DataLoader(
        inputs,
        batch_size=options.batch_size,
        shuffle=shuffle,
        num_workers=options.workers,
        persistent_workers=options.workers > 0,
        drop_last=shuffle and lone,
        collate_fn=_as_it_is,
    )


def _as_it_is(batch: Any) -> Any:
    return batch
