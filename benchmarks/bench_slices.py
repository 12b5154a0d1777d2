"""Finding slices in time: 100,000 samples of 512 latents and 40 features, all ways together and one by one.

python -m benchmarks.bench_slices [--samples 100000] [--width 512] [--repeats 3]

The latents are those of bench_umap and lie in a file that is mapped, as a run's are. Ten causes are planted
in four classes; there are patients of one to three samples. Nothing is kept between repetitions.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.bench_concepts import seconds
from benchmarks.bench_umap import plausible_latents
from benchmarks.report import Figure, machine, table
from sfvisuals.explain import Feature, FeatureOrigin
from sfvisuals.explain.columns import level_feature, number_feature
from sfvisuals.slices import SliceReport, discover
from sfvisuals.slices.finders import FINDERS
from sfvisuals.types import BoolArray, FloatArray, IntArray

NUMBERS, LEVELS, CLASSES, CAUSES = 28, 12, 4, 10
ALLOWED = 12.0


@dataclass(frozen=True, eq=False)
class Asked:
    """n samples: latents (n, l), features, and label, prediction, patient and study of each (n,)."""

    latents: FloatArray
    features: tuple[Feature, ...]
    label: IntArray
    prediction: IntArray
    patient: IntArray
    study: IntArray


def asked_of(latents: FloatArray, *, seed: int) -> Asked:
    """Latents with features and failures: 8 % at random, 50 % where one of ten causes is."""
    n, random = len(latents), np.random.default_rng(seed)
    label = random.integers(0, CLASSES, n)
    features, causes = _features(n, label, random)
    rate = np.where(np.logical_or.reduce(causes), 0.5, 0.08)
    wrong = random.random(n) < rate
    prediction = np.where(wrong, (label + 1 + random.integers(0, CLASSES - 1, n)) % CLASSES, label)
    patient = np.repeat(np.arange(n), random.integers(1, 4, n))[:n]
    return Asked(latents, features, label, prediction, patient, np.arange(n) * 8 // n)


def _features(
    n: int, label: IntArray, random: np.random.Generator
) -> tuple[tuple[Feature, ...], list[BoolArray]]:
    """28 numbers, half of them of the images, and 12 features of 2 to 30 levels; samples of each cause."""
    made: list[Feature] = []
    marks: list[BoolArray] = []
    for k in range(NUMBERS):
        values = random.normal(size=n)
        if k % 4 == 1:
            values = np.round(values, 1)
        marks.append(values > 1.2)
        if k % 4 == 2:
            values[random.random(n) < 0.1] = np.nan
        origin = FeatureOrigin.IMAGE if k % 2 else FeatureOrigin.METADATA
        made.append(number_feature(f"number {k}", f"number {k}", origin, values))
    for k in range(LEVELS):
        size = (2, 4, 10, 30)[k % 4]
        codes = random.integers(0, size, n)
        marks.append(codes == 0)
        names = tuple(f"level {j}" for j in range(size))
        made.append(level_feature(f"text {k}", f"text {k}", FeatureOrigin.METADATA, codes, names))
    pairs = random.choice(len(marks), (CAUSES, 2), replace=False)
    causes = [marks[a] & marks[b] & (label == k % CLASSES) for k, (a, b) in enumerate(pairs)]
    return tuple(made), causes


def found(asked: Asked, *methods: str) -> SliceReport:
    """Slices by these ways, all by default."""
    return discover(
        asked.latents,
        asked.features,
        asked.prediction != asked.label,
        asked.label,
        asked.prediction,
        None,
        asked.patient,
        None,
        classes=tuple(f"class {k}" for k in range(CLASSES)),
        strata=asked.study,
        **({"methods": methods} if methods else {}),  # type: ignore[arg-type]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bench_slices",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "latents.npy"
        np.save(file, plausible_latents(options.samples, options.width, seed=0))
        asked = asked_of(np.load(file, mmap_mode="r"), seed=1)
        found(asked_of(asked.latents[:2_000], seed=1))  # imports and the pools of threads
        name = (
            f"slices, {options.samples:,} samples x {options.width} latents, {len(asked.features)} features"
        )
        figures = [Figure(name, seconds(partial(found, asked), options.repeats), "s", ALLOWED)]
        figures += [
            Figure(f"the same, {one.label} alone", seconds(partial(found, asked, one.name), 1), "s")
            for one in FINDERS
        ]
    print(machine() + "\n")
    print(table("Slices", figures))


if __name__ == "__main__":
    main()
