"""Every batch of a capture: read, run, checked for finite numbers, written at its rows."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sfvisuals.capture.draft import Writer
from sfvisuals.capture.parts import Layout
from sfvisuals.capture.reading import Inputs, read
from sfvisuals.capture.recorder import FAULTS, Recorder, told
from sfvisuals.capture.records import CapturedBatch, Preprocessing, ScoreFunction
from sfvisuals.errors import CaptureError
from sfvisuals.io.own_folder import Array
from sfvisuals.types import Rows


@dataclass(frozen=True, eq=False)
class Job:
    """What is recorded, and how."""

    layout: Layout
    recorder: Recorder
    scores: Mapping[str, ScoreFunction]
    preprocessing: Preprocessing
    device: torch.device
    dtype: torch.dtype
    batch_size: int
    workers: int
    progress: bool


def inputs(job: Job, done: int) -> Iterator[Inputs]:
    """Every batch from `done` on, with a bar."""
    from tqdm import tqdm

    total = job.layout.n + job.layout.train
    batches = read(
        job.layout.parts,
        preprocessing=job.preprocessing,
        size=job.batch_size,
        done=done,
        workers=job.workers,
    )
    with tqdm(
        total=total, initial=done, unit="image", file=sys.stderr, disable=not job.progress, dynamic_ncols=True
    ) as bar:
        for batch in batches:
            bar.set_description(batch.part.study, refresh=False)
            yield batch
            bar.update(batch.stop - batch.start)


def keep(job: Job, batch: Inputs, writer: Writer) -> None:
    """Record one batch into the files."""
    inputs = batch.tensor.to(job.device, job.dtype, non_blocking=True)
    rows = np.arange(batch.start, batch.stop, dtype=np.int64)
    with _named(batch):
        if batch.start >= job.layout.n:
            latents = _latents(job.recorder.plain(inputs).latents, len(inputs))
            _check_finite({"latents": latents}, batch)
            writer.write("train_latents.npy", batch.start - job.layout.n, latents)
            return
        seen = record(job, inputs, rows=rows)
        arrays = _arrays(seen)
        _check_finite(arrays, batch)
        for name, array in arrays.items():
            writer.write(f"{name}.npy", batch.start, array)
    for number, (name, score) in enumerate(job.scores.items()):
        writer.write(f"scores/{number}.npy", batch.start, score_values(score, seen, name=name))


@contextmanager
def _named(batch: Inputs) -> Iterator[None]:
    """Say at which images a model fails that went well with the first one."""
    try:
        yield
    except FAULTS as error:
        first = batch.start - batch.part.start
        raise CaptureError(
            f"The model fails at images of study {batch.part.study!r}",
            detail=f"Rows {first} to {first + len(batch.tensor) - 1}, inputs of {tuple(batch.tensor.shape)}:"
            f" {told(error)}",
            hint="If memory ran out, take a smaller batch size; called again, the capture goes on from here.",
        ) from error


def record(job: Job, inputs: Tensor, *, rows: Rows) -> CapturedBatch:
    """Everything that the model gives for a batch, as float32 on the CPU."""
    plain = job.recorder.plain(inputs)
    passes, confidences = [], []
    if job.recorder.passes:
        for logits, confidence in job.recorder.dropped(inputs, rows):
            passes.append(logits)
            confidences.append(confidence)
    kept = [c for c in confidences if c is not None]
    return CapturedBatch(
        logits=_numbers(plain.logits),
        latents=_latents(plain.latents, len(inputs)),
        mc_logits=_numbers(torch.stack(passes, dim=2)) if passes else None,
        external=None if plain.confidence is None else _numbers(plain.confidence),
        external_mc=_numbers(torch.stack(kept, dim=1)) if kept else None,
        last_layer=job.recorder.last_layer,
    )


def score_values(score: ScoreFunction, seen: CapturedBatch, *, name: str) -> Array:
    """(B,) float64; raises CaptureError where a score function gives something else."""
    try:
        given = score.function(seen)
        values = np.asarray(given.detach().cpu() if isinstance(given, Tensor) else given, np.float64)
    except FAULTS as error:
        raise CaptureError(
            f"Score {name!r} cannot be computed",
            detail=f"For a batch of {len(seen.logits)} samples its function says: {told(error)}",
            hint="It gets a CapturedBatch (logits, latents, mc_logits, external, ...) of NumPy arrays and"
            " returns one number per sample.",
        ) from error
    if values.shape != (len(seen.logits),):
        raise CaptureError(
            f"Score {name!r} has the wrong shape",
            detail=f"Found {values.shape} for a batch of {len(seen.logits)} samples.",
            hint="Return one number per sample.",
        )
    return values


def shapes(job: Job, first: CapturedBatch) -> dict[str, tuple[Any, tuple[int, ...]]]:
    """File -> type and shape, from what the model gave for one sample."""
    n = job.layout.n
    found: dict[str, tuple[Any, tuple[int, ...]]] = {
        f"{name}.npy": (np.float32, (n, *array.shape[1:])) for name, array in _arrays(first).items()
    }
    if job.layout.train:
        found["train_latents.npy"] = (np.float32, (job.layout.train, *first.latents.shape[1:]))
    for number, (name, score) in enumerate(job.scores.items()):
        score_values(score, first, name=name)
        found[f"scores/{number}.npy"] = (np.float64, (n,))
    return found


def _arrays(seen: CapturedBatch) -> dict[str, Array]:
    named = {
        "logits": seen.logits,
        "latents": seen.latents,
        "mc_logits": seen.mc_logits,
        "external": seen.external,
        "external_mc": seen.external_mc,
    }
    return {name: array for name, array in named.items() if array is not None}


def _latents(latents: Tensor, batch: int) -> Array:
    if len(latents) != batch:
        raise CaptureError(
            "The latents do not belong to the images",
            detail=f"Found {tuple(latents.shape)} for a batch of {batch}; expected ({batch}, width).",
            hint="Name another layer, or give a function of model and inputs that keeps the batch.",
        )
    return _numbers(latents)


def _numbers(tensor: Tensor) -> Array:
    return tensor.detach().to("cpu", torch.float32).numpy()


def _check_finite(arrays: Mapping[str, Array], batch: Inputs) -> None:
    for name, array in arrays.items():
        bad = ~np.isfinite(array).reshape(len(array), -1).all(axis=1)
        if bad.any():
            row = int(batch.part.positions[batch.start - batch.part.start + int(bad.argmax())])
            made = batch.part.corruption
            words = "" if made is None else f", {made.name} in severity {made.severity},"
            raise CaptureError(
                f"The model's {name} are not finite",
                detail=f"Row {row} of study {batch.part.study!r}{words} gives NaN or infinity.",
                hint="Look at this image and at the preprocessing; half precision overflows easily.",
            )
