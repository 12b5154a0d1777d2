"""The device that a name stands for, found to be there before anything runs on it."""

from __future__ import annotations

import torch

from sfvisuals.errors import CaptureError

HINT = "Name cpu, cuda, cuda:NUMBER or mps, or auto for a GPU if there is one."


def device_of(wanted: str | torch.device) -> torch.device:
    """The device of that name; `auto` is a GPU if there is one.

    Raises CaptureError where there is none of that name on this machine.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except (RuntimeError, TypeError) as error:
        raise _missing(wanted, str(error)) from error
    gpus = gpu_count()
    if device.type == "cuda" and (device.index or 0) >= gpus:
        raise _missing(wanted, f"torch {torch.__version__} finds {gpus} GPUs" + numbered(gpus))
    try:
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError, ImportError) as error:
        raise _missing(wanted, str(error)) from error
    return device


def gpu_count() -> int:
    """How many CUDA GPUs torch can use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def numbered(gpus: int) -> str:
    """Their names, as the rest of a sentence."""
    return ": " + ", ".join(f"cuda:{number}" for number in range(gpus)) + "." if gpus else "."


def _missing(wanted: str | torch.device, why: str) -> CaptureError:
    return CaptureError(f"There is no device {wanted}", detail=why.strip().splitlines()[0][:300], hint=HINT)
