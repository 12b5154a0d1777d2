"""Networks that make features of images, by name. Weights are random or come from a local file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.training.plain import read_plain

Build = Callable[[int], nn.Module]


class SmallBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut, as in He et al. 2016; the first may halve the size."""

    def __init__(self, given: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = convolution(given, width, stride)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or given != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(given, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(B, given, H, W) to (B, width, H/stride, W/stride)."""
        return torch.relu(self.second(self.first(x)) + self.shortcut(x))


def convolution(given: int, width: int, stride: int) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(given, width, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    )


def small_cnn(channels: int) -> nn.Module:
    """Three convolutions of 32, 64 and 128 channels, each halving the size, and the mean over all places."""
    return nn.Sequential(
        convolution(channels, 32, 2),
        convolution(32, 64, 2),
        convolution(64, 128, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def small_resnet(channels: int) -> nn.Module:
    """A halving convolution and three residual blocks of 32, 64 and 128 channels; for 32 to 128 pixels."""
    return nn.Sequential(
        convolution(channels, 32, 2),
        SmallBlock(32, 32, 1),
        SmallBlock(32, 64, 2),
        SmallBlock(64, 128, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def tiny_resnet(channels: int) -> nn.Module:
    """A halving convolution and three residual blocks of 16, 32 and 64 channels: 64 features."""
    return nn.Sequential(
        convolution(channels, 16, 2),
        SmallBlock(16, 16, 1),
        SmallBlock(16, 32, 2),
        SmallBlock(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def _densenet(name: str) -> Build:
    def build(channels: int) -> nn.Module:
        from monai.networks import nets

        network: Any = getattr(nets, name)(spatial_dims=2, in_channels=channels, out_channels=1)
        network.class_layers.out = nn.Identity()
        built: nn.Module = network
        return built

    return build


def densenet161(channels: int) -> nn.Module:
    """DenseNet161 (Huang et al. 2017): MONAI has the class but not the name."""
    from monai.networks.nets import DenseNet

    network: Any = DenseNet(
        spatial_dims=2,
        in_channels=channels,
        out_channels=1,
        init_features=96,
        growth_rate=48,
        block_config=(6, 12, 36, 24),
    )
    network.class_layers.out = nn.Identity()
    built: nn.Module = network
    return built


def efficientnet_b4(channels: int) -> nn.Module:
    """EfficientNet-B4 (Tan and Le 2019) without its own dropout and last layer."""
    from monai.networks.nets import EfficientNetBN

    network: Any = EfficientNetBN(
        "efficientnet-b4", pretrained=False, spatial_dims=2, in_channels=channels, num_classes=1
    )
    network._dropout, network._fc = nn.Identity(), nn.Identity()
    built: nn.Module = network
    return built


def _resnet(name: str) -> Build:
    def build(channels: int) -> nn.Module:
        from monai.networks import nets

        network: nn.Module = getattr(nets, name)(
            pretrained=False, spatial_dims=2, n_input_channels=channels, conv1_t_stride=2, feed_forward=False
        )
        return network

    return build


BACKBONES: Final[dict[str, Build]] = {
    "small_cnn": small_cnn,
    "small_resnet": small_resnet,
    "tiny_resnet": tiny_resnet,
    "resnet18": _resnet("resnet18"),
    "resnet50": _resnet("resnet50"),
    "densenet121": _densenet("DenseNet121"),
    "densenet161": densenet161,
    "efficientnet_b4": efficientnet_b4,
}
"""Name -> function of the number of input channels; (B, C, H, W) to (B, features)."""


def build_backbone(name: str, *, channels: int, weights: str | Path | None = None) -> nn.Module:
    """The backbone of that name for images of `channels` channels: (B, C, H, W) to (B, features).

    Raises NotFoundError for an unknown name (the known are listed) and SettingsError for weights that do not
    fit.
    """
    if name not in BACKBONES:
        raise NotFoundError(
            f"There is no backbone named {name!r}",
            detail=f"Known: {', '.join(BACKBONES)}.",
            hint="Use one of these names.",
        )
    backbone = BACKBONES[name](channels)
    if weights is not None:
        load_weights(backbone, Path(weights))
    return backbone


def load_weights(module: nn.Module, path: Path) -> None:
    """Put the state dict in `path` into the module; never runs pickled code.

    Raises SettingsError that names the file where it is missing, no state dict, or of another network.
    """
    state = read_plain(
        path,
        called="The weights file",
        hint="Give a file that torch.save(backbone.state_dict(), FILE) wrote.",
    )
    try:
        module.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise SettingsError(
            "The weights are those of another network",
            detail=f"{path} begins with {list(state)[:3]}; expected {list(module.state_dict())[:3]}.",
            hint="Give the state dict of the same backbone with the same number of channels.",
        ) from error


def width_of(backbone: nn.Module, *, channels: int, size: tuple[int, int] = (64, 64)) -> int:
    """Number of features, found by one pass over a blank image of `size`."""
    was_training = backbone.training
    device = next(backbone.parameters()).device
    backbone.eval()
    with torch.no_grad():
        width = int(backbone(torch.zeros(1, channels, *size, device=device)).shape[1])
    backbone.train(was_training)
    return width
