"""A run whose corrupted samples name their clean image, what is done to it, and a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from sfvisuals import write_run
from sfvisuals.corruptions import CATALOGUE, SEVERITIES, CorruptionRecipe, seed_of

CLEAN = ("colour.png", "photo.jpg", "grey.png", "alpha.png", "sixteen.png", "large.png")
IID = 12


def write_images(folder: Path, *, seed: int = 0) -> None:
    """Six clean images of different kinds and sizes."""
    chance = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)

    def smooth(*shape: int) -> np.ndarray:
        grid = chance.integers(30, 225, (7, 9, *shape[2:]), dtype=np.uint8)
        return np.asarray(Image.fromarray(grid).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))

    for name, pixels in {
        "colour.png": smooth(48, 60, 3),
        "photo.jpg": smooth(90, 70, 3),
        "grey.png": smooth(64, 64),
        "alpha.png": smooth(50, 40, 4),
        "sixteen.png": smooth(40, 52).astype(np.uint16) * 200,
        "large.png": smooth(420, 500, 3),
    }.items():
        Image.fromarray(pixels).save(folder / name)


def corrupted_parts(*, seed: int = 0) -> dict[str, Any]:
    """Arguments of `write_run`: 12 validation, 12 iid samples (two of each image), all 6 x 5 corruptions of
    the first six iid samples."""
    rows: list[dict[str, Any]] = [
        {"study": study, "label": n % 2, "image": f"images/{CLEAN[n % len(CLEAN)]}"}
        for study in ("validation", "iid")
        for n in range(IID)
    ]
    for corruption in CATALOGUE:
        for severity in SEVERITIES:
            for n, name in enumerate(CLEAN):
                rows.append(
                    {
                        "study": corruption.name,
                        "label": n % 2,
                        "image": f"images/{name}",
                        "corruption": corruption.name,
                        "severity": severity,
                        "source": IID + n,
                        "corruption_seed": seed_of(seed, n, corruption.name),
                    }
                )
    samples = pd.DataFrame(rows).astype(dict.fromkeys(("severity", "source", "corruption_seed"), "Int64"))
    chance = np.random.default_rng(seed)
    latents = chance.normal(size=(len(samples), 6)) + 3 * samples["label"].to_numpy()[:, None]
    return {
        "samples": samples,
        "classes": ["benign", "malignant"],
        "studies": {
            "validation": "validation",
            "iid": "iid",
            **{
                corruption.name: {
                    "kind": "corruption",
                    "label": corruption.label,
                    "corruption": corruption.name,
                }
                for corruption in CATALOGUE
            },
        },
        "logits": chance.normal(size=(len(samples), 2)),
        "latents": latents,
        "corruption_parameters": {c.name: c.severities for c in CATALOGUE},
    }


def corrupted_run(folder: Path, **changes: Any) -> Path:
    """The run folder `folder`/`run` with its images in it; returns it."""
    out = write_run(folder / "run", **(corrupted_parts() | changes))
    write_images(out / "images")
    return out


def recipe_at(samples: pd.DataFrame, row: int) -> CorruptionRecipe | None:
    """What the table says of that row, with the catalogue's parameters."""
    told = samples.iloc[row]
    if pd.isna(told["corruption_seed"]):
        return None
    parameters = next(c.severities for c in CATALOGUE if c.name == told["corruption"])
    return CorruptionRecipe(
        told["corruption"], parameters[int(told["severity"]) - 1], int(told["corruption_seed"])
    )
