from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.training.backbones import BACKBONES, build_backbone, width_of

# The papers' widths: Huang et al. 2017, Tan and Le 2019, He et al. 2016.
WIDTHS = {
    "small_cnn": 128,
    "small_resnet": 128,
    "tiny_resnet": 64,
    "resnet18": 512,
    "resnet50": 2048,
    "densenet121": 1024,
    "densenet161": 2208,
    "efficientnet_b4": 1792,
}
# Millions of weights without the last layer for three channels, as torchvision counts them.
MILLIONS = {
    "densenet121": 6.95,
    "densenet161": 26.47,
    "resnet18": 11.18,
    "resnet50": 23.51,
    "efficientnet_b4": 17.55,
}


@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_has_the_width_and_the_weights_of_its_paper(name: str) -> None:
    with torch.device("meta"):
        backbone = build_backbone(name, channels=3)
    assert width_of(backbone, channels=3) == WIDTHS[name]
    if name in MILLIONS:
        found = sum(weight.numel() for weight in backbone.parameters()) / 1e6
        assert found == pytest.approx(MILLIONS[name], abs=0.02)


@pytest.mark.parametrize("name", ["small_cnn", "small_resnet", "tiny_resnet", "resnet18"])
def test_grey_images_of_any_size_give_features(name: str) -> None:
    backbone = build_backbone(name, channels=1).eval()
    assert backbone(torch.rand(2, 1, 50, 64)).shape == (2, WIDTHS[name])


def test_an_unknown_backbone_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="vgg13") as error:
        build_backbone("vgg13", channels=3)
    assert "densenet121" in error.value.detail


def test_weights_come_from_a_local_file(tmp_path: Path) -> None:
    given = build_backbone("small_cnn", channels=3)
    torch.save(given.state_dict(), tmp_path / "weights.pt")
    loaded = build_backbone("small_cnn", channels=3, weights=tmp_path / "weights.pt")
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in given.state_dict().items())


def test_weights_of_another_network_or_none_are_refused_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    torch.save(build_backbone("small_cnn", channels=1).state_dict(), file)
    with pytest.raises(SettingsError, match="another network") as error:
        build_backbone("small_cnn", channels=3, weights=file)
    assert str(file) in error.value.detail
    file.write_bytes(b"no weights")
    with pytest.raises(SettingsError, match="cannot be read"):
        build_backbone("small_cnn", channels=3, weights=file)


def test_pickled_code_in_a_weights_file_never_runs(tmp_path: Path) -> None:
    file, mark = tmp_path / "weights.pt", tmp_path / "mark"
    torch.save({"weight": Touch(mark)}, file)
    with pytest.raises(SettingsError, match="cannot be read"):
        build_backbone("small_cnn", channels=3, weights=file)
    assert not mark.exists()


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)
