"""Names of devices."""

from __future__ import annotations

import pytest
import torch

from sfvisuals.capture.devices import device_of
from sfvisuals.errors import CaptureError


def test_the_cpu_is_always_there() -> None:
    assert device_of("cpu") == torch.device("cpu")
    assert device_of("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("name", ["cuda:97", "meta", "gpux", "hpu"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(CaptureError, match=f"There is no device {name}"):
        device_of(name)


def test_the_gpus_that_are_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(CaptureError) as caught:
        device_of("cuda:2")
    assert "2 GPUs: cuda:0, cuda:1." in caught.value.detail
