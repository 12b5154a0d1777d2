from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sfvisuals.capture.records import ImageArray
from sfvisuals.training import LabelledImages, read_train_config, train_method
from sfvisuals.training.backbones import build_backbone, width_of
from sfvisuals.training.methods import Method, check_options

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CONFIGS = sorted(EXAMPLES.glob("*.yaml"))
SMALL = [config for config in CONFIGS if config.stem.endswith("_small")]
# Networks of the benchmark (protocol of the poster).
REAL = {
    "chest_xray": "densenet121",
    "dermoscopy": "efficientnet_b4",
    "microscopy": "densenet161",
    "ct_nodules": "densenet121",
}


def named(path: Path) -> str:
    return path.stem


def test_every_domain_has_a_real_and_a_small_config() -> None:
    assert {config.stem for config in CONFIGS} == {*REAL, *(f"{domain}_small" for domain in REAL)}
    for domain, backbone in REAL.items():
        assert read_train_config(EXAMPLES / f"{domain}.yaml").options.backbone.name == backbone


@pytest.mark.parametrize("path", CONFIGS, ids=named)
def test_every_example_follows_the_schema_and_its_backbone_takes_its_images(path: Path) -> None:
    config = read_train_config(path)
    assert config.name == path.stem
    chosen = config.options.preprocessing
    assert chosen.size is not None
    with torch.device("meta"):
        backbone = build_backbone(config.options.backbone.name, channels=chosen.channels)
    assert width_of(backbone, channels=chosen.channels, size=chosen.size) >= 64
    check_options(list(Method), config.options, classes=len(config.classes or range(1139)))


@pytest.mark.parametrize("path", SMALL, ids=named)
def test_every_small_example_really_trains(path: Path) -> None:
    config = read_train_config(path)
    classes = len(config.classes or ())
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (8, 40, 40, 3), dtype=np.uint8)
    images = LabelledImages(ImageArray(pixels), np.arange(8) % classes)
    fit = replace(config.options.fit, epochs=1, accelerator="cpu")
    found = train_method(
        "devries", train=images, validation=images, classes=classes, options=replace(config.options, fit=fit)
    )
    logits, confidence = found.model(torch.stack([config.options.preprocessing(image) for image in pixels]))
    assert logits.shape == (8, classes)
    assert confidence.shape == (8,)


def test_the_readme_tells_of_every_config_and_of_every_column_it_names() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in CONFIGS:
        config = read_train_config(path)
        assert f"`{path.name}`" in text
        assert f"`{config.group}`" in text
        assert [name for name in config.studies if f"`{name}`" not in text] == []
