"""Where a training runs, found to be there before it starts."""

from __future__ import annotations

from dataclasses import replace

from sfvisuals.errors import SettingsError
from sfvisuals.training.options import FitOptions


def on_device(fitting: FitOptions, device: str) -> FitOptions:
    """The options with the accelerator that `--device` names.

    Raises SettingsError for an unknown name, and where this machine lacks what options or device name.
    """
    if device != "auto":
        kind, _, number = device.partition(":")
        if kind not in ("cpu", "gpu", "cuda", "mps") or (number and not number.isdigit()):
            raise SettingsError(
                f"There is no device {device!r}",
                detail="Known: auto, cpu, gpu, cuda, cuda:NUMBER, mps.",
                hint="Name one of them; several GPUs are asked for by training.devices in the config.",
            )
        accelerator = "gpu" if kind == "cuda" else kind
        numbers = (int(number),) if number else fitting.devices
        fitting = replace(fitting, accelerator=accelerator, devices=numbers)
    named = f"--device {device}" if device != "auto" else f"training.accelerator: {fitting.accelerator}"
    _check_there(fitting, named)
    return fitting


def _check_there(fitting: FitOptions, named: str) -> None:
    import torch

    from sfvisuals.capture.devices import gpu_count, numbered

    kind, gpus, mps = fitting.accelerator, gpu_count(), torch.backends.mps.is_available()
    if kind == "cpu" or (kind == "auto" and not gpus):
        return
    if mps and (kind == "mps" or not gpus):
        return
    devices = fitting.devices
    highest = devices if isinstance(devices, int) else 1 if devices == "auto" else 1 + max(map(int, devices))
    if kind == "mps" or gpus < highest:
        raise SettingsError(
            f"This machine has no such device: {named}",
            detail=f"training.devices is {devices!r}; torch {torch.__version__} finds {gpus} GPUs"
            + numbered(gpus),
            hint="Name auto or cpu, or a GPU that is there; a GPU needs a torch that is built for it.",
        )
