"""Files of plain tensors and numbers: what torch saved is read without ever running pickled code."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from sfvisuals.errors import SettingsError

# Whatever bytes that torch.save did not write may lead its reader into.
BROKEN = (OSError, RuntimeError, EOFError, UnpicklingError, IndexError, KeyError, ValueError, AttributeError)


def read_plain(path: Path, *, called: str, hint: str) -> dict[str, Any]:
    """The mapping in the file, on the CPU. Raises SettingsError that names the file where it cannot be read.

    Args:
        called: what the file is, for the error.
        hint: how to mend it.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except BROKEN as error:
        words = str(error).strip().splitlines()
        raise SettingsError(
            f"{called} cannot be read", detail=f"{path}: {words[0] if words else error!r}", hint=hint
        ) from error
    if not isinstance(content, dict):
        raise SettingsError(
            f"{called} cannot be read",
            detail=f"{path}: found {type(content).__name__}; expected a mapping.",
            hint=hint,
        )
    return content
