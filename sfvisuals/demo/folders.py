"""Where a demo is written: complete or not at all, and with words where that is impossible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sfvisuals.errors import SettingsError


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Say in words that `out` cannot be written, and how to mend it."""
    try:
        yield
    except OSError as error:
        raise SettingsError(
            f"Cannot write the demo into {out}",
            detail=str(error),
            hint="Name a folder in which you may write: with --out, or with --cache-dir to open it at once.",
        ) from error


def check_free(out: Path) -> None:
    """Raise SettingsError unless `out` is nothing or an empty folder."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise SettingsError(f"{out} is there already", hint="Name a folder that does not exist, or is empty.")


def move(written: Path, out: Path) -> None:
    """Put the finished folder in its place in one step."""
    check_free(out)
    try:
        written.rename(out)
    except OSError as error:
        raise SettingsError(f"Cannot write {out}", detail=str(error)) from error
