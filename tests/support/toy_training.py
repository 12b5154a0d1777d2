"""Images that a small network learns in seconds: class 1 is brighter in its upper half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from sfvisuals.capture.records import ImageArray, Preprocessing
from sfvisuals.training import (
    BackboneOptions,
    ConfidNetOptions,
    DeepGamblersOptions,
    FitOptions,
    LabelledImages,
    Options,
)

SIZES = {"train": 80, "val": 40, "test": 30, "clinic_b": 30}


def toy_pixels(n: int, *, seed: int, side: int = 24) -> tuple[Any, Any]:
    """(n, side, side, 3) uint8 and (n,) labels."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    pixels = rng.integers(0, 180, (n, side, side, 3))
    pixels[labels == 1, : side // 2] += 60
    return pixels.astype(np.uint8), labels


def toy_images(n: int, *, seed: int = 0) -> LabelledImages:
    """The same as a training takes it."""
    pixels, labels = toy_pixels(n, seed=seed)
    return LabelledImages(ImageArray(pixels), labels)


def toy_options(**fit: Any) -> Options:
    """A tiny network, few epochs, on the CPU."""
    return Options(
        backbone=BackboneOptions(name="small_cnn", dropout=0.3),
        preprocessing=Preprocessing(mean=(0.5,), std=(0.25,)),
        fit=replace(FitOptions(epochs=3, batch_size=16, accelerator="cpu"), **fit),
        confidnet=ConfidNetOptions(epochs=2, fine_tuning_epochs=1, hidden=(16,)),
        deep_gamblers=DeepGamblersOptions(reward=1.5, pretraining_epochs=1),
    )


def toy_experiment(folder: Path, *, lines: Sequence[str] = ()) -> Path:
    """Image files, a manifest and a config in `folder`; returns the config. `lines` replace its keys."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (study, n) in enumerate(SIZES.items()):
        pixels, labels = toy_pixels(n, seed=number)
        for position in range(n):
            name = f"{study}_{position}.png"
            Image.fromarray(pixels[position]).save(folder / "images" / name)
            rows.append((name, ("benign", "malignant")[labels[position]], study, f"p{len(rows)}"))
    pd.DataFrame(rows, columns=["image", "label", "study", "patient"]).to_csv(
        folder / "images.csv", index=False
    )
    standard = {
        "name": "toy",
        "manifest": "images.csv",
        "images": "images",
        "group": "patient",
        "studies": "{clinic_b: acquisition}",
        "backbone": "{name: small_cnn, dropout: 0.3}",
        "preprocessing": "{mean: [0.5], std: [0.25]}",
        "training": "{epochs: 3, batch_size: 16, accelerator: cpu, class_weights: balanced}",
        "confidnet": "{epochs: 2, fine_tuning_epochs: 1}",
        "deep_gamblers": "{reward: 1.5, pretraining_epochs: 1}",
        "capture": "{mc_passes: 3, subset: 10, severities: [1, 5], corruptions: [brightness_up]}",
    }
    whole = standard | dict(line.split(": ", 1) for line in lines)
    config = folder / "config.yaml"
    config.write_text("".join(f"{key}: {value}\n" for key, value in whole.items()), encoding="utf-8")
    return config
