from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from sfvisuals.capture.records import Preprocessing
from sfvisuals.corruptions import CATALOGUE
from sfvisuals.errors import SettingsError
from sfvisuals.io.schemas import schema
from sfvisuals.training.backbones import BACKBONES
from sfvisuals.training.config import ALL_METHODS, CaptureOptions, TrainConfig, read_train_config
from sfvisuals.training.methods import Method
from sfvisuals.training.options import (
    AugmentationOptions,
    BackboneOptions,
    ConfidNetOptions,
    DeepGamblersOptions,
    DevriesOptions,
    FitOptions,
)
from sfvisuals.types import StudyKind

PARTS: dict[str, Any] = {
    "backbone": BackboneOptions,
    "preprocessing": Preprocessing,
    "augmentation": AugmentationOptions,
    "training": FitOptions,
    "confidnet": ConfidNetOptions,
    "deep_gamblers": DeepGamblersOptions,
    "devries": DevriesOptions,
    "capture": CaptureOptions,
}


def read(folder: Path, text: str) -> TrainConfig:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return read_train_config(file)


@pytest.mark.parametrize("part", PARTS)
def test_the_schema_and_the_options_have_the_same_keys_and_defaults(part: str) -> None:
    stated = schema("train")["properties"][part]["properties"]
    options = {entry.name: entry for entry in fields(PARTS[part]) if entry.name != "progress"}
    assert set(stated) == set(options)
    for name, entry in options.items():
        assert entry.default is not MISSING
        default = list(entry.default) if isinstance(entry.default, tuple) else entry.default
        assert stated[name].get("default") == default, name


def test_the_schema_lists_what_there_is() -> None:
    properties = schema("train")["properties"]
    assert properties["backbone"]["properties"]["name"]["enum"] == list(BACKBONES)
    assert properties["methods"]["items"]["enum"] == list(Method) == list(ALL_METHODS)
    assert set(properties["studies"]["additionalProperties"]["enum"]) == set(StudyKind)
    corruptions = properties["capture"]["properties"]["corruptions"]["anyOf"][1]["items"]["enum"]
    assert set(corruptions) == {corruption.name for corruption in CATALOGUE}


def test_paths_count_from_the_config_and_lists_become_tuples(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "name: derm\nmanifest: a/images.csv\nimages: pixels\nseeds: [3, 4]\nclasses: [0, 1]\n"
        "backbone: {weights: w.pt}\npreprocessing: {size: [64, 48]}\ntraining: {class_weights: [1, 2.5]}\n"
        "capture: {corruptions: [motion_blur], severities: [5]}\n",
    )
    assert found.manifest == tmp_path / "a" / "images.csv"
    assert found.data_roots == (tmp_path / "pixels",)
    assert found.out == tmp_path / "runs"
    assert found.options.backbone.weights == str(tmp_path / "w.pt")
    assert found.options.preprocessing.size == (64, 48)
    assert found.options.fit.class_weights == (1, 2.5)
    assert (found.seeds, found.classes, found.methods) == ((3, 4), ("0", "1"), ALL_METHODS)
    plan = found.capture.plan()
    assert plan is not None
    assert (plan.names, plan.severities) == (("motion_blur",), (5,))


def test_corruptions_may_be_all_or_none(tmp_path: Path) -> None:
    plan = read(tmp_path, "name: a\nmanifest: b\n").capture.plan()
    assert plan is not None
    assert plan.names is None
    assert read(tmp_path, "name: a\nmanifest: b\ncapture: {corruptions: none}\n").capture.plan() is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: a\n", ["at the top level", "expected also manifest"]),
        ("name: a\nmanifest: b\ntraining: {epochs: 0}\n", ["training.epochs", "found 0", "at least 1"]),
        ("name: a\nmanifest: b\ntraining: {epochs: many}\n", ["found 'many'", "expected integer"]),
        ("name: a\nmanifest: b\nbackbone: {name: vgg}\n", ["backbone.name", "found 'vgg'", "densenet121"]),
        ("name: a\nmanifest: b\ntraining: {class_weights: some}\n", ["'some'", "balanced or array"]),
        ("name: ../a\nmanifest: b\n", ["at name", "found '../a'"]),
        ("- a\n", ["expected object"]),
        ("name: a\nmanifest: b\npreprocessing: {channels: 1, mean: [0, 0, 0]}\n", ["found 3 numbers", "1"]),
    ],
)
def test_a_mistake_is_told_with_file_key_found_and_expected(
    tmp_path: Path, text: str, told: list[str]
) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert "config.yaml" in f"{error.value}" or "preprocessing" in error.value.title
    for words in told:
        assert words.lower() in f"{error.value}".lower()


def test_an_unknown_key_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="unknown key") as error:
        read(tmp_path, "name: a\nmanifest: b\ntraining: {epoch: 3}\n")
    assert "at training: found 'epoch'; known are epochs, batch_size" in error.value.detail


def test_a_file_that_is_missing_or_no_yaml_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.yaml"):
        read_train_config(tmp_path / "absent.yaml")
    with pytest.raises(SettingsError, match=r"config\.yaml is not YAML"):
        read(tmp_path, "name: [")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: a\nmanifest: b\nname: c\n", "'name' twice\n{file}, lines 1 and 3."),
        (
            "name: a\nmanifest: b\ntraining:\n  epochs: 1\n  epochs: 2\n",
            "'epochs' twice\n{file}, lines 4 and 5.",
        ),
        ("name: a\nmanifest: b\ntraining: {learning_rate: .nan}\n", "at training.learning_rate: found nan"),
        ("name: a\nmanifest: b\ntraining: {gradient_clip: .inf}\n", "at training.gradient_clip: found inf"),
        ("name: a\nmanifest: b\npreprocessing: {mean: [.nan]}\n", "at preprocessing.mean.0: found nan"),
    ],
)
def test_repeated_keys_and_numbers_that_are_none_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert words.format(file=tmp_path / "config.yaml") in f"{error.value}"


def test_one_key_in_two_mappings_is_no_repetition(tmp_path: Path) -> None:
    text = "name: a\nmanifest: b\ntraining: {epochs: 2}\nconfidnet: {epochs: 3}\n"
    options = read(tmp_path, text).options
    assert (options.fit.epochs, options.confidnet.epochs) == (2, 3)
