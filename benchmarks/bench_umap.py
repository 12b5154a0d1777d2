"""UMAP in a fresh process: ours against plain umap-learn, in time and trustworthiness.

python -m benchmarks.bench_umap [--samples 10000] [--width 512] [--repeats 1]

Each fit runs in a process of its own, so import and compilation are counted. Wall time depends on what else
the computer does, user CPU time (all threads) less. Trustworthiness is scikit-learn's, of all samples against
the latents at full width.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.report import Figure, machine, table

CLASSES = 10
DIRECTIONS = 6
BENDS = 32
REACHED = 3.0
ALLOWED = 0.005

PLAIN = """
import sys, numpy, umap
numpy.save(sys.argv[2], umap.UMAP().fit_transform(numpy.load(sys.argv[1])))
"""
OURS = """
import sys, numpy
from sfvisuals.projection import ProjectionKind, compute_projection
latents = numpy.load(sys.argv[1], mmap_mode="r")
numpy.save(sys.argv[2], compute_projection(latents, ProjectionKind.UMAP).coordinates)
"""


@dataclass(frozen=True)
class Fit:
    """One fit: seconds of wall and of user CPU time, and trustworthiness at 15 neighbours."""

    wall: float
    user: float
    kept: float


def plausible_latents(n: int, width: int, *, seed: int) -> npt.NDArray[np.float32]:
    """(n, width) rectified features: classes apart, each a bent surface of six directions, with noise."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(CLASSES, width))
    label = random.integers(CLASSES, size=n)
    within = random.normal(size=(n, DIRECTIONS))
    latents = centres[label] + 0.3 * random.normal(size=(n, width))
    for category in range(CLASSES):
        bent = random.normal(size=(DIRECTIONS, BENDS)) * 1.5 / np.sqrt(DIRECTIONS)
        spread = random.normal(size=(BENDS, width)) * 2.0 / np.sqrt(BENDS)
        members = label == category
        latents[members] += np.tanh(within[members] @ bent) @ spread
    return np.maximum(latents, 0).astype(np.float32)


def seconds_in_fresh_process(code: str, latents: Path, result: Path) -> tuple[float, float]:
    """Run that code in a new Python from start to end: wall and user CPU time."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(latents), str(result)], check=True)
    wall = time.perf_counter() - start
    return wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def fits(*, samples: int, width: int, repeats: int, seed: int) -> dict[str, list[Fit]]:
    """Fits by name, of the same latents."""
    from sklearn.manifold import trustworthiness

    latents = plausible_latents(samples, width, seed=seed)
    found: dict[str, list[Fit]] = {"plain": [], "sfvisuals": []}
    with tempfile.TemporaryDirectory() as folder:
        file, result = Path(folder) / "latents.npy", Path(folder) / "map.npy"
        np.save(file, latents)
        for _ in range(repeats):
            for name, code in (("plain", PLAIN), ("sfvisuals", OURS)):
                wall, user = seconds_in_fresh_process(code, file, result)
                kept = trustworthiness(latents, np.load(result), n_neighbors=15)
                found[name].append(Fit(wall, user, float(kept)))
    return found


def figures(found: dict[str, list[Fit]]) -> list[Figure]:
    """The table's rows: times, their ratios, trustworthiness and what of it was lost."""
    plain, ours = found["plain"], found["sfvisuals"]
    pairs = list(zip(plain, ours, strict=True))
    lost = tuple(theirs.kept - own.kept for theirs, own in pairs)
    return [
        Figure("plain `umap.UMAP().fit_transform`, wall", tuple(fit.wall for fit in plain), "s"),
        Figure("ours with trust, wall", tuple(fit.wall for fit in ours), "s"),
        Figure("plain, user CPU", tuple(fit.user for fit in plain), "s"),
        Figure("ours with trust, user CPU", tuple(fit.user for fit in ours), "s"),
        Figure("times faster, wall", tuple(a.wall / b.wall for a, b in pairs), "x", REACHED, at_least=True),
        Figure("times faster, user CPU", tuple(a.user / b.user for a, b in pairs), "x"),
        Figure("plain, trustworthiness x 1000", tuple(1000 * fit.kept for fit in plain), ""),
        Figure("ours, trustworthiness x 1000", tuple(1000 * fit.kept for fit in ours), ""),
        Figure("trustworthiness lost x 1000", tuple(1000 * value for value in lost), "", 1000 * ALLOWED),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    found = fits(samples=asked.samples, width=asked.width, repeats=asked.repeats, seed=asked.seed)
    title = f"UMAP of {asked.samples:,} x {asked.width} in a fresh process, compilation counted"
    print(machine(), end="\n\n")
    print(table(title, figures(found)))


if __name__ == "__main__":
    main()
