"""Two runs side by side in time: 300,000 samples in 28 studies, in the same order and in another one.

python -m benchmarks.bench_compare [--samples 300000] [--repeats 1]

Both runs are networks on the same samples, so what differs is the noise of their outputs. What is measured is
the whole answer of the page Benchmark: matching, thresholds, and for each study accuracy and AURC of both and
their differences in paired resamples. Nothing is kept between repetitions.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from app.answers import Asked
from app.factory import create_workspace
from app.panels.benchmark_compare import answer
from app.settings import checked_settings
from benchmarks.report import Figure, machine, table
from sfvisuals import write_run

STUDIES, CLASSES = 28, 8
ALLOWED = 20.0
KINDS = ("validation", "iid", *["corruption"] * (STUDIES - 2))


def write_two(root: Path, *, samples: int, shuffled: bool) -> None:
    """The runs `here` and `there`; `shuffled`: there in another order, to be matched by an id."""
    random = np.random.default_rng(0)
    label = random.integers(0, CLASSES, samples)
    frame = pd.DataFrame(
        {
            "study": [f"study_{k:02d}" for k in np.arange(samples) * STUDIES // samples],
            "label": label,
            "image_id": [f"image_{k:07d}" for k in range(samples)],
            "patient_id": [f"patient_{k:07d}" for k in random.integers(0, samples // 3, samples)],
        }
    )
    evidence = 2.5 * np.eye(CLASSES)[label] + random.normal(size=(samples, CLASSES))
    kinds = {f"study_{k:02d}": kind for k, kind in enumerate(KINDS)}
    for name in ("here", "there"):
        logits = (evidence + 0.5 * random.normal(size=evidence.shape)).astype(np.float32)
        order = random.permutation(samples) if shuffled and name == "there" else np.arange(samples)
        write_run(
            root / name,
            samples=frame.iloc[order].reset_index(drop=True),
            classes=[f"class {k}" for k in range(CLASSES)],
            studies=kinds,
            logits=logits[order],
            group="patient_id",
        )


def compared(root: Path, **asked: str) -> float:
    """Wall seconds of the answer, the store empty and nothing in memory."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(checked_settings(root, cache_dir=Path(folder)))
        start = time.perf_counter()
        answer(workspace, workspace.run("here"), Asked({"other": "there", **asked}))
        return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bench_compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--samples", type=int, default=300_000)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args(arguments)
    ways: tuple[tuple[str, bool, dict[str, str]], ...] = (
        ("in the same order", False, {}),
        ("in the same order, patients drawn", False, {"group": "patient_id"}),
        ("in another order, matched by an id", True, {}),
    )
    figures = []
    for words, shuffled, asked in ways:
        with tempfile.TemporaryDirectory() as folder:
            write_two(Path(folder), samples=options.samples, shuffled=shuffled)
            taken = tuple(compared(Path(folder), **asked) for _ in range(options.repeats))
        figures.append(Figure(f"two runs of {options.samples:,} samples {words}", taken, "s", ALLOWED))
    print(machine() + "\n")
    print(table("Comparing two runs", figures))


if __name__ == "__main__":
    main()
