"""Write a large synthetic run in our own format: classes and shifts as clouds in the latents.

python -m benchmarks.synthetic OUT --samples 1000000
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals import write_run

CLASSES = ("normal", "opacity", "effusion", "nodule")
# name -> (kind, share of the samples, how far its samples are shifted in the latents)
STUDIES = {
    "val": ("validation", 0.10, 0.0),
    "iid": ("iid", 0.20, 0.0),
    "scanner_a": ("acquisition", 0.20, 0.6),
    "scanner_b": ("acquisition", 0.20, 1.0),
    "noise": ("corruption", 0.20, 0.8),
    "foreign": ("new_class", 0.10, 1.6),
}
MODES = 3
ROWS_AT_ONCE = 100_000


def write_synthetic(out: Path, *, samples: int, width: int = 64, seed: int = 0) -> Path:
    """A run of `samples` x `width` float32 latents; equal arguments give an equal folder."""
    random = np.random.default_rng(seed)
    study = _studies(samples)
    label = random.integers(0, len(CLASSES), samples)
    latents = _latents(random, study, label, width)
    logits = _logits(random, latents, label, study)
    table = pd.DataFrame(
        {
            "study": pd.Categorical.from_codes(study, list(STUDIES)).astype(str),
            "label": label,
            "age": random.normal(60, 15, samples).clip(0, 100).astype(np.float32),
            "site": np.array(["north", "east", "south", "west"])[random.integers(0, 4, samples)],
        }
    )
    kinds = {name: kind for name, (kind, _, _) in STUDIES.items()}
    return write_run(
        out, samples=table, classes=CLASSES, studies=kinds, logits=logits, latents=latents, overwrite=True
    )


def ensure_synthetic(folder: Path, *, samples: int) -> Path:
    """A folder that holds one such run, written only if it is not there yet."""
    root = folder / f"synthetic-{samples}"
    if not (root / "run" / "run.json").is_file():
        shutil.rmtree(root, ignore_errors=True)
        write_synthetic(root / "run", samples=samples)
    return root


def _studies(samples: int) -> np.ndarray:
    """(N,) study codes in blocks, the last one taking what rounding leaves."""
    ends = np.round(np.cumsum([share for _, share, _ in STUDIES.values()]) * samples).astype(int)
    ends[-1] = samples
    return np.repeat(np.arange(len(STUDIES)), np.diff(ends, prepend=0)).astype(np.int8)


def _latents(random: np.random.Generator, study: np.ndarray, label: np.ndarray, width: int) -> np.ndarray:
    """(N, width) float32: a few clouds per class, each study moved along a direction of its own."""
    centres = random.normal(0, 1, (len(CLASSES), MODES, width)).astype(np.float32)
    moves = random.normal(0, 1, (len(STUDIES), width)).astype(np.float32)
    moves *= np.array([[size] for _, _, size in STUDIES.values()], np.float32)
    latents = np.empty((study.size, width), np.float32)
    for start in range(0, study.size, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        noise = random.standard_normal((label[rows].size, width), np.float32)
        mode = random.integers(0, MODES, label[rows].size)
        latents[rows] = centres[label[rows], mode] + moves[study[rows]] + 0.7 * noise
    return latents


def _logits(
    random: np.random.Generator, latents: np.ndarray, label: np.ndarray, study: np.ndarray
) -> np.ndarray:
    """(N, d) float32 of a linear classifier fitted to the unshifted samples, so that shifts make it fail."""
    unshifted = np.flatnonzero(study <= 1)
    fit_on = unshifted[:: max(1, unshifted.size // 20_000)]
    wanted = np.eye(len(CLASSES), dtype=np.float32)[label[fit_on]]
    design = np.column_stack([latents[fit_on], np.ones(fit_on.size, np.float32)])
    weights = np.linalg.lstsq(design, wanted, rcond=None)[0].astype(np.float32)
    logits = 6 * (latents @ weights[:-1] + weights[-1])
    return logits + random.standard_normal(logits.shape, np.float32)


def main() -> None:
    """Write one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--samples", type=int, default=1_000_000)
    arguments = parser.parse_args()
    print(write_synthetic(arguments.out, samples=arguments.samples))


if __name__ == "__main__":
    main()
