"""Capturing against a bare inference loop, and its memory by the number of samples.

python -m benchmarks.bench_capture [--parts one dropout memory] [--images 768] [--repeats 3] [--million]

Overhead: DenseNet121 on 64 x 64 images that lie in memory; the loop does what anybody's loop does with the
same batches (preprocess, infer, nothing kept), with and without Monte-Carlo dropout passes. Time of the
capture is that of the whole call: looking for the latents, hashing the weights, writing, checking, putting
into place. One thread, and CPU time beside the wall's: on a busy machine the latter is chance.

Memory: the highest resident set of a fresh process that captures N samples with 512 latents each, from a data
set that makes every sample when it is asked for. Everything is written into a temporary folder.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from monai.networks.nets import DenseNet121
from torch import Tensor, nn

from benchmarks.report import Figure, machine, table
from sfvisuals.capture import CaptureStudy, ImageArray, Preprocessing, capture
from sfvisuals.types import StudyKind

BATCH = 64
PASSES = 5
PARTS = ("one", "dropout", "memory")
ALLOWED_PERCENT = 10.0
ALLOWED_GROWTH = 200.0

MANY = """
import resource, sys, time
import numpy as np, pandas as pd, torch
from torch import nn
from sfvisuals.capture import CaptureStudy, capture
from sfvisuals.types import StudyKind

count, out = int(sys.argv[1]), sys.argv[2]

class Made:
    def __len__(self):
        return count
    def __getitem__(self, position):
        return torch.full((8,), position / count)

samples = pd.DataFrame({"label": np.zeros(count, np.int8)})
model = nn.Sequential(nn.Linear(8, 512), nn.ReLU(), nn.Linear(512, 2))
start = time.perf_counter()
capture(model, [CaptureStudy("iid", StudyKind.IID, samples, Made())], out=out, classes=["a", "b"],
        batch_size=1024, device="cpu", progress=False)
seconds = time.perf_counter() - start
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


class WithDropout(nn.Module):
    """DenseNet121 with dropout before its last layer."""

    def __init__(self) -> None:
        super().__init__()
        self.net = DenseNet121(spatial_dims=2, in_channels=3, out_channels=2)
        self.net.class_layers.out = nn.Sequential(nn.Dropout(0.5), self.net.class_layers.out)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 2) logits."""
        logits: Tensor = self.net(images)
        return logits


def bare(model: nn.Module, pixels: np.ndarray, *, passes: int) -> tuple[float, float]:
    """Seconds, wall and CPU, of the loop that anybody would write."""
    ready = Preprocessing()
    start, busy = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        model.eval()
        for first in range(0, len(pixels), BATCH):
            batch = torch.stack([ready(image) for image in pixels[first : first + BATCH]])
            model(batch)
            for layer in model.modules():
                layer.training = isinstance(layer, nn.Dropout)
            for _ in range(passes):
                model(batch)
            model.eval()
    return time.perf_counter() - start, time.process_time() - busy


def captured(model: nn.Module, pixels: np.ndarray, *, passes: int) -> tuple[float, float]:
    """Seconds, wall and CPU, of a whole capture."""
    samples = pd.DataFrame({"label": np.zeros(len(pixels), np.int64)})
    study = CaptureStudy("iid", StudyKind.IID, samples, ImageArray(pixels))
    with tempfile.TemporaryDirectory() as folder:
        start, busy = time.perf_counter(), time.process_time()
        capture(
            model,
            [study],
            out=Path(folder) / "run",
            classes=["benign", "malignant"],
            mc_passes=passes,
            batch_size=BATCH,
            device="cpu",
            progress=False,
        )
        return time.perf_counter() - start, time.process_time() - busy


def overhead(parts: Sequence[str], *, images: int, repeats: int) -> list[Figure]:
    """Loop and capture in turn: `one` without dropout passes, `dropout` with them."""
    torch.manual_seed(0)
    model = WithDropout()
    pixels = np.random.default_rng(0).integers(0, 256, (images, 64, 64, 3), dtype=np.uint8)
    bare(model, pixels[:BATCH], passes=0)
    captured(model, pixels[:BATCH], passes=0)  # imports what it needs, which counts for no repetition
    figures = []
    asked = {"one": (0, "one pass"), "dropout": (PASSES, f"and {PASSES} dropout passes")}
    for passes, words in (asked[part] for part in parts if part in asked):
        loop: list[tuple[float, float]] = []
        ours: list[tuple[float, float]] = []
        for number in range(repeats):
            # Each goes first in turn, so that what else the machine does hits both alike.
            for run, seconds in ((bare, loop), (captured, ours))[:: -1 if number % 2 else 1]:
                seconds.append(run(model, pixels, passes=passes))
        figures += [
            Figure(f"bare loop, {words}", tuple(wall for wall, _ in loop), "s"),
            Figure(f"capture, {words}", tuple(wall for wall, _ in ours), "s"),
            Figure(f"overhead in time, {words}", _more(ours, loop, 0), "%", ALLOWED_PERCENT),
            Figure(f"overhead in CPU time, {words}", _more(ours, loop, 1), "%", ALLOWED_PERCENT),
        ]
    return figures


def _more(
    ours: Sequence[tuple[float, float]], loop: Sequence[tuple[float, float]], which: int
) -> tuple[float, ...]:
    """By how many percent ours is above the loop, pair by pair."""
    return tuple(100 * (a[which] / b[which] - 1) for a, b in zip(ours, loop, strict=True))


def many(count: int, folder: Path) -> tuple[float, float]:
    """Seconds and MB of a fresh process that captures so many samples."""
    out = folder / f"run-{count}"
    done = subprocess.run(
        [sys.executable, "-c", MANY, str(count), str(out)], check=True, capture_output=True, text=True
    )
    seconds, megabytes = (float(text) for text in done.stdout.split())
    size = sum(file.stat().st_size for file in out.iterdir())
    latents = np.load(out / "latents.npy", mmap_mode="r")
    assert latents.shape == (count, 512)
    assert size > count * 512 * 4
    for file in out.iterdir():
        file.unlink()
    return seconds, megabytes


def memory(counts: Sequence[int], *, repeats: int) -> list[Figure]:
    """Seconds and highest resident set for each number of samples."""
    figures = []
    highest = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            found = [many(count, Path(folder)) for _ in range(repeats)]
            highest[count] = tuple(megabytes for _, megabytes in found)
            figures += [
                Figure(f"{count:,} x 512, time", tuple(seconds for seconds, _ in found), "s"),
                Figure(f"{count:,} x 512, highest memory", highest[count], "MB"),
            ]
    first, last = counts[0], counts[-1]
    grown = tuple(b - a for a, b in zip(highest[first], highest[last], strict=True))
    figures.append(Figure(f"memory grown from {first:,} to {last:,}", grown, "MB", ALLOWED_GROWTH))
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure")
    parser.add_argument("--images", type=int, default=768)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--million", action="store_true", help="also 1,000,000 x 512: 2 GB on disk")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    print(machine(), end="\n\n")
    if figures := overhead(asked.parts, images=asked.images, repeats=asked.repeats):
        print(table("Capture against a bare loop", figures))
    if "memory" not in asked.parts:
        return
    counts = [20_000, 200_000, *([1_000_000] if asked.million else [])]
    print(table("Capture of many samples", memory(counts, repeats=1)))


if __name__ == "__main__":
    main()
