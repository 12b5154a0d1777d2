"""Explaining a selection in time: 60 features of 100,000 samples, with patients and classes.

python -m benchmarks.bench_explain [--repeats 5]
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np

from benchmarks.bench_metrics import seconds
from benchmarks.report import Figure, machine, table
from sfvisuals.explain import Feature, FeatureOrigin, explain
from sfvisuals.explain.columns import level_feature, number_feature
from sfvisuals.explain.evidence import train_evidence

MANY, NUMBERS, LEVELS = 100_000, 40, 20
LATENT, TRAIN = 64, 20_000


def features(n: int, *, seed: int) -> tuple[Feature, ...]:
    """40 numbers, a few with ties or missing values, and 20 features of 2 to 30 levels."""
    random = np.random.default_rng(seed)
    made = []
    for k in range(NUMBERS):
        values = random.normal(size=n)
        if k % 4 == 1:
            values = np.round(values, 1)
        if k % 4 == 2:
            values[random.random(n) < 0.3] = np.nan
        made.append(number_feature(f"number {k}", f"number {k}", FeatureOrigin.IMAGE, values))
    for k in range(LEVELS):
        size = (2, 4, 10, 30)[k % 4]
        names = tuple(f"level {j}" for j in range(size))
        codes = random.integers(0, size, n)
        made.append(level_feature(f"text {k}", f"text {k}", FeatureOrigin.METADATA, codes, names))
    return tuple(made)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_explain", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    random = np.random.default_rng(1)
    known = features(MANY, seed=0)
    few, half = random.random(MANY) < 0.01, random.random(MANY) < 0.5
    patients = random.integers(0, MANY // 3, MANY)
    classes = {"a": np.arange(MANY) % 2 == 0, "b": np.arange(MANY) % 2 == 1}
    latents = random.normal(size=(MANY, LATENT)).astype(np.float32)
    train = random.normal(size=(TRAIN, LATENT)).astype(np.float32)
    labels, of_train = random.integers(0, 10, MANY), random.integers(0, 10, TRAIN)
    asked = {
        "1 % against the rest": partial(explain, known, few, ~few),
        "half against half": partial(explain, known, half, ~half),
        "half against half, 33,333 patients": partial(explain, known, half, ~half, groups=patients),
        "1 % against the rest, 33,333 patients, two classes": partial(
            explain, known, few, ~few, groups=patients, strata=classes
        ),
    }
    figures = [
        Figure(f"explain, 100,000 samples x 60 features, {name}", seconds(call, repeats), "s", 1.0)
        for name, call in asked.items()
    ]
    near = seconds(partial(train_evidence, latents, labels, train, of_train), 1)
    figures.append(
        Figure("nearest of 20,000 training samples, 64 latents, 100,000 samples (once)", near, "s")
    )
    print(machine() + "\n")
    print(table("Explaining a selection", figures))


if __name__ == "__main__":
    main()
