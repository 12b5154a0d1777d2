"""Concepts of one class of 100,000 samples, and all of a run beside those of its source.

python -m benchmarks.bench_concepts [--samples 100000] [--width 512] [--repeats 3]

The latents are those of bench_umap, all taken for one class; they lie in a file that is mapped, as a run's
are, and nothing is kept between repetitions. Stability over five seeds is part of every figure.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_umap import plausible_latents
from benchmarks.report import Figure, machine, table
from sfvisuals.concepts.find import find_concepts
from sfvisuals.concepts.outline import outline_of
from sfvisuals.concepts.reduction import fitted_space
from sfvisuals.types import ClusterMethod, FloatArray

ALLOWED = 1.0


def seconds(work: Callable[[], Any], repeats: int) -> tuple[float, ...]:
    """Wall seconds of each repetition."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return tuple(found)


def figures(latents: FloatArray, *, repeats: int) -> list[Figure]:
    """The table's rows."""
    rows = np.arange(len(latents))
    space = fitted_space(latents, rows)
    small = rows[: len(rows) // 100]
    found = [
        Figure("the shared space, once per run", seconds(lambda: fitted_space(latents, rows), repeats), "s")
    ]
    for method, name in ((ClusterMethod.KMEANS, "k-means"), (ClusterMethod.GAUSSIAN, "Gaussian mixture")):
        for k in (None, 8):

            def concepts(method: ClusterMethod = method, k: int | None = k) -> object:
                return find_concepts(latents, rows, method=method, k=k, space=space)

            words = f"{name}, {'k chosen' if k is None else f'k = {k}'}"
            found.append(Figure(f"{words}, all {len(rows):,}", seconds(concepts, repeats), "s", ALLOWED))

        def few(method: ClusterMethod = method) -> object:
            return find_concepts(latents, small, method=method, space=space)

        found.append(Figure(f"{name}, k chosen, {len(small):,} samples", seconds(few, repeats), "s"))
    spots = np.random.default_rng(0).normal(size=(len(rows), 2))
    found.append(Figure(f"outline of {len(rows):,} points", seconds(lambda: outline_of(spots), repeats), "s"))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "latents.npy"
        np.save(file, plausible_latents(asked.samples, asked.width, seed=0))
        latents = np.load(file, mmap_mode="r")
        find_concepts(latents, np.arange(1_000))  # imports and the pools of threads
        found = figures(latents, repeats=asked.repeats)
    print(machine(), end="\n\n")
    print(table(f"Concepts of one class, {asked.samples:,} samples x {asked.width}", found))


if __name__ == "__main__":
    main()
