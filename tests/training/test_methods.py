from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.training import Method, Trained, train_method, train_methods
from sfvisuals.training.confidnet import ConfidNetModel
from sfvisuals.training.methods import check_options
from sfvisuals.training.options import DeepGamblersOptions, Options
from toy_training import toy_images, toy_options, toy_pixels


def trained(*names: str, options: Options | None = None, folder: Path | None = None) -> dict[Method, Trained]:
    return train_methods(
        names,
        train=toy_images(64, seed=0),
        validation=toy_images(32, seed=1),
        classes=2,
        options=options or toy_options(),
        seed=5,
        folder=folder,
    )


def outputs(model: nn.Module) -> tuple[torch.Tensor, ...]:
    pixels, _ = toy_pixels(6, seed=2)
    preprocessing = toy_options().preprocessing
    with torch.no_grad():
        given = model(torch.stack([preprocessing(image) for image in pixels]))
    return given if isinstance(given, tuple) else (given,)


def test_every_method_gives_class_logits_and_its_own_confidence_if_it_has_one() -> None:
    found = trained("cross_entropy", "confidnet", "deep_gamblers", "devries")
    assert [(str(m), t.external_name) for m, t in found.items()] == [
        ("cross_entropy", None),
        ("confidnet", "tcp"),
        ("deep_gamblers", "dg"),
        ("devries", "devries"),
    ]
    for one in found.values():
        given = outputs(one.model)
        assert not one.model.training
        assert given[0].shape == (6, 2)
        assert [tuple(part.shape) for part in given[1:]] == [(6,)] * (one.external_name is not None)
        assert all(bool(((c >= 0) & (c <= 1)).all()) for c in given[1:])


def test_confidnet_has_the_very_classifier_of_cross_entropy(tmp_path: Path) -> None:
    shared = trained("confidnet", "cross_entropy", folder=tmp_path)
    model = shared[Method.CONFIDNET].model
    assert isinstance(model, ConfidNetModel)
    plain = shared[Method.CROSS_ENTROPY].model.state_dict()
    assert all(torch.equal(value, plain[name]) for name, value in model.classifier.state_dict().items())
    alone = trained("confidnet")[Method.CONFIDNET]
    assert all(torch.equal(a, b) for a, b in zip(outputs(alone.model), outputs(model), strict=True))
    assert list(alone.stages) == ["classifier", "confidence", "fine_tuning"]


def test_the_same_seed_gives_the_same_weights_and_another_one_others() -> None:
    options = toy_options(epochs=1)
    options = replace(options, deep_gamblers=DeepGamblersOptions(reward=1.5, pretraining_epochs=0))
    first, second = (trained("deep_gamblers", options=options)[Method.DEEP_GAMBLERS] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(outputs(first.model), outputs(second.model), strict=True))
    other = train_method(
        "deep_gamblers",
        train=toy_images(64, seed=0),
        validation=toy_images(32, seed=1),
        classes=2,
        options=options,
        seed=6,
    )
    assert not torch.equal(outputs(first.model)[0], outputs(other.model)[0])


def test_what_is_trained_already_is_not_trained_again(tmp_path: Path) -> None:
    first = trained("devries", folder=tmp_path)[Method.DEVRIES]
    written = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.ckpt")}
    again = trained("devries", folder=tmp_path)[Method.DEVRIES]
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.ckpt")} == written
    assert torch.equal(outputs(first.model)[0], outputs(again.model)[0])
    assert again.stages == first.stages


def test_an_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="ensemble") as error:
        trained("ensemble")
    assert "cross_entropy, confidnet, deep_gamblers, devries" in error.value.detail


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (toy_options(class_weights=(1.0, 1.0, 1.0)), "class weights"),
        (replace(toy_options(), deep_gamblers=DeepGamblersOptions(reward=2.2)), "no bet"),
        (toy_options(epochs=1), "No epoch is left"),
    ],
)
def test_options_that_do_not_fit_are_found_before_any_training(options: Options, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        check_options(list(Method), options, classes=2)


def test_labels_that_are_no_class_are_told_by_their_row() -> None:
    bad = replace(toy_images(4), labels=np.array([0, 1, 7, 0]))
    with pytest.raises(SettingsError, match="validation") as error:
        train_method("cross_entropy", train=toy_images(8), validation=bad, classes=2)
    assert "Row 2: found 7" in error.value.detail
