"""Whether what an extra brings is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from sfvisuals.errors import SettingsError

TORCH = ("torch", "tqdm")
TRAIN = (*TORCH, "lightning", "monai")


def need(packages: Sequence[str], *, to: str, extra: str) -> None:
    """Raise SettingsError unless all the packages are installed, which `extra` brings.

    `to` says what needs them, as the beginning of a sentence: "Training". Nothing is imported.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"{to} needs {', '.join(missing)}",
            detail="Not installed in this environment.",
            hint=f"pip install 'sfvisuals[{extra}]'",
        )
