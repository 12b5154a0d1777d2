"""Batches of model inputs, in one order, from any position on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset, Sampler, SequentialSampler, default_collate

from sfvisuals.capture.manifest_checks import ManifestFiles
from sfvisuals.capture.parts import Part
from sfvisuals.capture.records import Preprocessing, Source
from sfvisuals.corruptions.recipe import Pixels8
from sfvisuals.errors import CaptureError, ImageReadError, SfvisualsError

if TYPE_CHECKING:
    from sfvisuals.capture.parts import Applied

OPEN = "Give an indexed Dataset, a DataLoader over one without shuffling, ImageFiles or ImageArray."


@dataclass(frozen=True, eq=False)
class Inputs:
    """A batch: positions `start` to `stop` of the order of reading, and (B, ...) model inputs."""

    part: Part
    start: int
    stop: int
    tensor: Tensor


def indexed(images: Source, *, study: str) -> Any:
    """What can be asked for one item by its position: the data set of a loader, else the thing itself.

    Raises CaptureError for a loader that shuffles, for a stream, and for what has no length.
    """
    if isinstance(images, DataLoader):
        if not isinstance(images.sampler, SequentialSampler) or images.batch_size is None:
            raise CaptureError(
                f"The loader of study {study!r} does not keep the order of its data set",
                detail=f"Its sampler is {type(images.sampler).__name__}; row i has to be item i.",
                hint="Make it with shuffle=False and without a sampler, or give its data set.",
            )
        return indexed(images.dataset, study=study)
    if isinstance(images, IterableDataset) or not (
        hasattr(images, "__getitem__") and hasattr(images, "__len__")
    ):
        raise CaptureError(
            f"The images of study {study!r} cannot be asked for by position",
            detail=f"Found {type(images).__name__}, which lacks __getitem__ or __len__.",
            hint=OPEN,
        )
    return images


def pixels_of(item: Any, where: str) -> Pixels8 | None:
    """8-bit pixels where the item is an image that is no model input yet.

    Raises CaptureError for images of more than 8 bits and for arrays that are not laid out as pixels are.
    """
    if isinstance(item, Image.Image):
        if item.mode.startswith("I") or item.mode == "F":
            raise CaptureError(
                f"The image of {where} has more than 8 bits",
                detail=f"The data set gives an image of mode {item.mode}; how its values become 8 bits is not"
                " known.",
                hint="Give 8-bit images (mode L or RGB), tensors that the model takes, or ImageFiles, which"
                " are scaled as the page shows them.",
            )
        return np.asarray(item if item.mode in ("L", "RGB") else item.convert("RGB"))
    if not isinstance(item, np.ndarray) or item.dtype != np.uint8:
        return None
    if item.ndim == 2 or (item.ndim == 3 and item.shape[2] == 3):
        return item
    if item.ndim == 3 and item.shape[2] in (1, 4):
        return item[:, :, 0] if item.shape[2] == 1 else np.ascontiguousarray(item[:, :, :3])
    raise CaptureError(
        f"The array of {where} is no image",
        detail=f"Found uint8 of {item.shape}; expected (height, width) or (height, width, 3).",
        hint="Put the channels last, or give tensors that the model takes.",
    )


def split(item: Any) -> tuple[Any, Any]:
    """(input, target or None) of what a data set gives for one position."""
    if isinstance(item, tuple | list) and len(item) >= 2:
        return item[0], item[1]
    return (item[0] if isinstance(item, tuple | list) and len(item) == 1 else item), None


class Reader(Dataset[Any]):
    """Reads batches of positions, in this process or in workers.

    An error is returned rather than raised, since a worker would bury its words in a traceback.

    Args:
        parts: what is read, in order.
        preprocessing: from 8-bit pixels to a model input.
    """

    def __init__(self, parts: Sequence[Part], preprocessing: Preprocessing) -> None:
        self._parts = parts
        self._starts = [part.start for part in parts]
        self._sources = [indexed(part.images, study=part.study) for part in parts]
        self._collates = [_collate_of(part.images) for part in parts]
        self._preprocessing = preprocessing

    def __getitem__(self, position: int) -> Any:
        """One batch of one."""
        return self.__getitems__([position])

    def __getitems__(self, positions: Sequence[int]) -> Tensor | SfvisualsError:
        """(B, ...) model inputs of positions within one part."""
        number = bisect_right(self._starts, positions[0]) - 1
        part = self._parts[number]
        try:
            items = [self._item(number, position - part.start) for position in positions]
            return _stacked(items, part, positions[0], self._collates[number])
        except SfvisualsError as error:
            return error

    def _item(self, number: int, index: int) -> Any:
        part, source = self._parts[number], self._sources[number]
        position = int(part.positions[index])
        where = _where(source, part.study, position)
        given, target = split(_asked(source, position, where))
        _check_target(target, int(part.labels[index]), where)
        pixels = pixels_of(given, where)
        if part.corruption is not None:
            pixels = _corrupted(pixels, part.corruption, index, where, found=given)
        if pixels is not None:
            return self._preprocessing(pixels)
        if isinstance(given, Tensor) and given.dtype is torch.uint8:
            raise CaptureError(
                f"The data set gives 8-bit tensors: {where}",
                detail=f"Found a tensor of {tuple(given.shape)} uint8, neither pixels nor ready for a model.",
                hint="Give numpy arrays (H, W, 3) of uint8, or tensors that the model takes.",
            )
        return given if self._collates[number] is not None else _as_tensor(given, where)


def _where(source: Any, study: str, position: int) -> str:
    """An image in words: its row in the study, and in the csv where it comes from one."""
    place = f" ({source.place(position)})" if isinstance(source, ManifestFiles) else ""
    return f"row {position} of study {study!r}{place}"


def _asked(source: Any, position: int, where: str) -> Any:
    """What the source gives for that position; whatever it raises becomes a CaptureError."""
    try:
        return source[position]
    except (ImageReadError, OSError) as error:
        raise CaptureError(
            f"The image of {where} cannot be read",
            detail=error.detail or str(error) if isinstance(error, ImageReadError) else str(error),
            hint="Mend the file or leave the row out; the capture goes on from here when called again.",
        ) from error
    except SfvisualsError:
        raise
    except Exception as error:  # a data set is the user's own code and may raise anything
        raise CaptureError(
            f"The data set gives nothing for {where}",
            detail=f"{type(source).__name__} raises {type(error).__name__}: {error}",
            hint="Mend its __getitem__; the capture goes on from here when called again.",
        ) from error


def _as_tensor(given: Any, where: str) -> Tensor:
    """The model input of one item; raises CaptureError for what can be none."""
    try:
        return torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError) as error:
        found = f"array of {given.dtype}" if isinstance(given, np.ndarray) else type(given).__name__
        raise CaptureError(
            f"The data set gives no image for {where}",
            detail=f"Found {found}; expected a tensor that the model takes, uint8 pixels (height, width, 3)"
            " or a PIL image, alone or as (image, target).",
            hint="Change what the data set returns, or wrap it in one that returns (image, target).",
        ) from error


def _corrupted(pixels: Pixels8 | None, applied: Applied, index: int, where: str, *, found: Any) -> Pixels8:
    from sfvisuals.capture.corrupting import applied_to

    if pixels is None:
        kind = f"a tensor of {tuple(found.shape)}" if isinstance(found, Tensor) else type(found).__name__
        raise CaptureError(
            "The iid study cannot be corrupted",
            detail=f"Its images have to be 8-bit pixels, before any preprocessing; found {kind} for {where}.",
            hint="Give ImageFiles, ImageArray or a Dataset of uint8 arrays with a Preprocessing, or leave the"
            " corruptions out.",
        )
    return applied_to(pixels, applied, index)


def _check_target(target: Any, label: int, where: str) -> None:
    """Raise CaptureError where the data set's own target is another class than the table's label."""
    if isinstance(target, Tensor | np.ndarray | np.generic) and np.size(np.asarray(target)) == 1:
        target = target.item()
    if isinstance(target, int | float) and target != label:
        raise CaptureError(
            f"The data set and the table disagree about {where}",
            detail=f"The data set's target is {target}, the table's label {label}.",
            hint="Bring the table into the order of the data set, or correct its labels.",
        )


def _collate_of(images: Source) -> Callable[[list[Any]], Any] | None:
    """A loader's own way of making a batch, or None for the usual one."""
    if isinstance(images, DataLoader) and images.collate_fn is not default_collate:
        return images.collate_fn
    return None


def _stacked(items: list[Any], part: Part, start: int, collate: Callable[[list[Any]], Any] | None) -> Tensor:
    """(B, ...) of one batch."""
    if collate is not None:
        batch, _ = split(collate(items))
        return torch.as_tensor(batch)
    for offset, tensor in enumerate(items):
        if tensor.shape != items[0].shape:
            raise CaptureError(
                f"The images of study {part.study!r} have different sizes",
                detail=f"Row {start - part.start} gives {tuple(items[0].shape)},"
                f" row {start - part.start + offset} {tuple(tensor.shape)}.",
                hint="Give a size: preprocessing=Preprocessing(size=(224, 224), ...), or --size 224x224.",
            )
    return torch.stack(items)


class Batches(Sampler[Any]):
    """Ranges of positions: never across two parts, always cut at the same places."""

    def __init__(self, parts: Sequence[Part], *, size: int, done: int) -> None:
        self._parts, self._size, self._done = parts, size, done

    def __iter__(self) -> Iterator[range]:
        for part in self._parts:
            first = max(part.start, self._done)
            for start in range(first, part.stop, self._size):
                yield range(start, min(start + self._size, part.stop))

    def __len__(self) -> int:
        return sum(-(-max(0, part.stop - max(part.start, self._done)) // self._size) for part in self._parts)


def read(
    parts: Sequence[Part], *, preprocessing: Preprocessing, size: int, done: int, workers: int
) -> Iterator[Inputs]:
    """Every batch from position `done` on.

    Raises CaptureError where an image cannot be read or does not fit.
    """
    reader, order = Reader(parts, preprocessing), Batches(parts, size=size, done=done)
    starts = [part.start for part in parts]
    # A generator of its own: a loader draws a seed for its workers, from torch's global stream by default.
    loader = DataLoader(
        reader,
        batch_sampler=order,
        num_workers=workers,
        collate_fn=_as_it_is,
        generator=torch.Generator(),
    )
    for positions, tensor in zip(order, loader, strict=True):
        if isinstance(tensor, SfvisualsError):
            raise tensor
        part = parts[bisect_right(starts, positions.start) - 1]
        yield Inputs(part, positions.start, positions.stop, tensor)


def first_inputs(parts: Sequence[Part], *, preprocessing: Preprocessing) -> Tensor:
    """(1, ...) the model input of the very first sample.

    The first sample of every part is read, so that what cannot work fails before anything runs.
    """
    reader = Reader(parts, preprocessing)
    read_ones = [reader.__getitems__([part.start]) for part in parts]
    for tensor in read_ones:
        if isinstance(tensor, SfvisualsError):
            raise tensor
    first = read_ones[0]
    assert isinstance(first, Tensor)
    return first


def _as_it_is(batch: Any) -> Any:
    return batch
