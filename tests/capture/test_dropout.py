"""Monte-Carlo dropout: only dropout layers, the same masks for a sample whatever its batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from capturing import CLASSES, SmallNet, array
from sfvisuals.capture import CaptureStudy, capture
from sfvisuals.capture.dropout import ALPHA, Keys, active_dropout, dropout_layers, kept_mask, pass_keys

QUIET = {"progress": False, "device": "cpu", "classes": CLASSES}


def dropped(layer: nn.Module, given: Tensor, *, seed: int = 0) -> Tensor:
    """The layer's output under active dropout in the first pass of rows 0, 1, ..."""
    keys = Keys(torch.from_numpy(pass_keys(range(len(given)), passes=1, seed=seed))[:, 0])
    with active_dropout(layer, keys):
        out: Tensor = layer(given)
    return out


def test_the_share_of_dropped_elements_is_the_probability() -> None:
    layer = nn.Dropout(0.3).eval()
    out = dropped(layer, torch.ones(500, 400))
    share = float((out == 0).float().mean())
    assert share == pytest.approx(0.3, abs=0.005)  # five standard errors of 200,000 draws
    np.testing.assert_allclose(out[out != 0].numpy(), 1 / 0.7, rtol=1e-6)
    per_row = (out == 0).float().mean(dim=1)
    assert float(per_row.std()) == pytest.approx((0.3 * 0.7 / 400) ** 0.5, rel=0.15)
    per_column = (out == 0).float().mean(dim=0)
    assert float(per_column.std()) == pytest.approx((0.3 * 0.7 / 500) ** 0.5, rel=0.15)


def test_masks_of_neighbouring_rows_passes_and_layers_are_unrelated() -> None:
    keys = torch.from_numpy(pass_keys(range(200), passes=2, seed=0))
    shape = torch.Size((200, 300))
    first = kept_mask(keys[:, 0], shape, layer=0, probability=0.5).float().flatten()
    others = [
        kept_mask(keys[:, 1], shape, layer=0, probability=0.5),
        kept_mask(keys[:, 0], shape, layer=1, probability=0.5),
        kept_mask(keys[:, 0].roll(1), shape, layer=0, probability=0.5),
    ]
    for other in others:
        correlation = torch.corrcoef(torch.stack([first, other.float().flatten()]))[0, 1]
        assert abs(float(correlation)) < 0.02  # five standard errors of 60,000 pairs


@pytest.mark.parametrize("make", [nn.Dropout2d, nn.FeatureAlphaDropout])
def test_feature_dropout_drops_whole_maps(make: Callable[[float], nn.Module]) -> None:
    out = dropped(make(0.5).eval(), torch.ones(20, 30, 4, 5))
    flat = out.flatten(2)
    assert bool((flat == flat[:, :, :1]).all())
    assert len(torch.unique(flat)) == 2


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    torch.manual_seed(0)
    out = dropped(nn.AlphaDropout(0.2).eval(), torch.randn(400, 500))
    assert float(out.mean()) == pytest.approx(0, abs=0.02)
    assert float(out.std()) == pytest.approx(1, abs=0.02)
    a = (0.8 * (1 + 0.2 * ALPHA**2)) ** -0.5
    lowest = -0.8 * ALPHA * a  # what a dropped element becomes, by the paper's formula
    assert float((torch.isclose(out, torch.tensor(lowest))).float().mean()) == pytest.approx(0.2, abs=0.01)


def test_everything_is_dropped_at_probability_one() -> None:
    assert float(dropped(nn.Dropout(1.0).eval(), torch.ones(3, 50)).abs().sum()) == 0


def test_only_dropout_layers_are_in_train_mode_and_only_within() -> None:
    seen: dict[str, list[bool]] = {}
    net = SmallNet().eval()
    for name, layer in net.named_modules():
        layer.register_forward_pre_hook(
            lambda layer, _, name=name: seen.setdefault(name, []).append(layer.training)
        )
    dropped(net, torch.randn(2, 3, 8, 8))
    assert {name for name, modes in seen.items() if modes == [True]} == {"features.3", "head.0"}
    assert not any(layer.training for layer in net.modules())


def test_batch_norm_keeps_its_statistics(net: SmallNet, studies: list[CaptureStudy], tmp_path: Path) -> None:
    norm = net.features[1]
    before = [norm.running_mean.clone(), norm.running_var.clone(), norm.num_batches_tracked.clone()]
    capture(net, studies, out=tmp_path / "run", mc_passes=3, **QUIET)
    after = [norm.running_mean, norm.running_var, norm.num_batches_tracked]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_layer_that_drops_nothing_gives_no_passes() -> None:
    assert dropout_layers(nn.Sequential(nn.Dropout(0.0), nn.Linear(2, 2))) == {}


def test_passes_are_the_same_for_every_batch_size_and_another_seed_changes_them(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    runs = {
        size: capture(net, studies, out=tmp_path / str(size), batch_size=size, **QUIET) for size in (1, 5, 64)
    }
    passes = array(runs[64], "mc_logits")
    assert passes.shape == (32, 3, 10)
    assert np.unique(passes[0, 0]).size > 1
    for folder in runs.values():
        np.testing.assert_allclose(array(folder, "mc_logits"), passes, rtol=1e-4, atol=1e-4)
    other = capture(net, studies, out=tmp_path / "other", seed=1, **QUIET)
    assert not np.allclose(array(other, "mc_logits"), passes)
    np.testing.assert_array_equal(array(other, "logits"), array(runs[64], "logits"))


def test_the_mean_over_many_passes_of_a_linear_model_is_its_plain_output() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(40, 3)).eval()
    given = torch.rand(1, 40)
    keys = Keys()
    drawn = torch.from_numpy(pass_keys([0], passes=4000, seed=0))
    with torch.no_grad(), active_dropout(net, keys):
        outputs = []
        for number in range(4000):
            keys.rows = drawn[:, number]
            outputs.append(net(given))
    stack = torch.cat(outputs)
    with torch.no_grad():
        plain = net(given)[0]
    error = stack.std(dim=0) / 4000**0.5
    assert bool(((stack.mean(dim=0) - plain).abs() < 4 * error).all())


def test_patches_as_samples_of_their_own_get_the_masks_of_their_image() -> None:
    keys = torch.from_numpy(pass_keys(range(4), passes=1, seed=0))[:, 0]
    whole = kept_mask(keys, torch.Size((12, 7)), layer=0, probability=0.5)
    part = kept_mask(keys[2:], torch.Size((6, 7)), layer=0, probability=0.5)
    assert whole.shape == (4, 21)
    assert torch.equal(whole[2:], part)
