"""What passes share is what they would have computed, whatever a model does in place."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from capturing import SmallNet
from sfvisuals.capture.recorder import ModuleRecorder


class Adds(nn.Module):
    """A residual sum in place on the result of a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)
        self.drop, self.last = nn.Dropout(0.5), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        y += self.b(x)
        y = self.b(x) * y
        return self.last(self.drop(y.mean(dim=(2, 3))))


class Ignores(nn.Module):
    """A layer in place whose result is not looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu, self.pool = nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1)
        self.drop, self.last = nn.Dropout(0.5), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        self.relu(y)
        return self.last(self.drop(self.pool(y).flatten(1)))


class Views(nn.Module):
    """A view that is changed in place, and its base that is used afterwards; one layer called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.flatten = nn.Conv2d(3, 3, 3, padding=1), nn.Flatten()
        self.drop, self.last = nn.Dropout(0.5), nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(self.conv(x))
        self.flatten(y).mul_(0.5).relu_()
        return self.last(self.drop(self.conv(y).mean(dim=(2, 3))))


class Blocks(nn.Module):
    """Dropout in every block, blocks in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(inplace=True), nn.Dropout2d(0.3))
            for _ in range(3)
        )
        self.last = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = x + block(x)
        return self.last(x.mean(dim=(2, 3)))


@pytest.mark.parametrize("kind", [SmallNet, Adds, Ignores, Views, Blocks])
def test_passes_are_the_same_number_for_number_with_and_without_reuse(kind: type[nn.Module]) -> None:
    torch.manual_seed(0)
    model = kind().eval()
    batches = [torch.randn(4, 3, 8, 8), torch.randn(3, 3, 8, 8)]
    given = [batch.clone() for batch in batches]
    with torch.no_grad():
        sharing = ModuleRecorder(model, batches[0], latent=None, passes=4, seed=0)
    with torch.inference_mode():
        alone = ModuleRecorder(model, batches[0], latent=None, passes=4, seed=0)
    for batch in batches:
        rows = np.arange(len(batch))
        with torch.no_grad():
            ours = [sharing.plain(batch).logits, *(logits for logits, _ in sharing.dropped(batch, rows))]
        with torch.inference_mode():
            reference = [alone.plain(batch).logits, *(logits for logits, _ in alone.dropped(batch, rows))]
        assert all(torch.equal(a, b) for a, b in zip(ours, reference, strict=True))
        assert not torch.equal(ours[1], ours[2])
    assert all(torch.equal(a, b) for a, b in zip(batches, given, strict=True))
    assert not any("forward" in layer.__dict__ for layer in model.modules())


def test_layers_before_the_first_dropout_run_once_per_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {"conv": 0, "linear": 0}
    conv, linear = nn.Conv2d.forward, nn.Linear.forward

    def count(name: str, layer: nn.Module, given: Tensor) -> Tensor:
        calls[name] += 1
        return (conv if name == "conv" else linear)(layer, given)  # type: ignore[arg-type]

    monkeypatch.setattr(nn.Conv2d, "forward", lambda layer, x: count("conv", layer, x))
    monkeypatch.setattr(nn.Linear, "forward", lambda layer, x: count("linear", layer, x))
    torch.manual_seed(0)
    model = SmallNet().eval()
    batch = torch.randn(4, 3, 8, 8)
    with torch.no_grad():
        recorder = ModuleRecorder(model, batch, latent=None, passes=6, seed=0)
        calls.update(conv=0, linear=0)
        recorder.plain(batch)
        assert len(list(recorder.dropped(batch, np.arange(4)))) == 6
    assert calls == {"conv": 1, "linear": 7}


def test_hooks_of_the_model_run_in_every_pass() -> None:
    model = SmallNet().eval()
    seen: list[int] = []
    model.features[0].register_forward_hook(lambda *_: seen.append(1))
    batch = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        recorder = ModuleRecorder(model, batch, latent=None, passes=3, seed=0)
        seen.clear()
        recorder.plain(batch)
        list(recorder.dropped(batch, np.arange(2)))
    assert len(seen) == 4
