"""`sfvisuals demo`: which demo, and where it comes from."""

from __future__ import annotations

import argparse
from pathlib import Path

from sfvisuals.errors import SettingsError
from sfvisuals.installed import TRAIN, need

DERMOSCOPY, DIGITS = "dermoscopy", "digits"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command, but for those of the server."""
    parser.add_argument(
        "name", nargs="?", choices=[DERMOSCOPY, DIGITS], default=DERMOSCOPY,
        help="synthetic dermoscopy with planted causes of failure (default), or handwritten digits",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, help="write the demo's experiments into this folder and stop")
    parser.add_argument(
        "--rebuild", action="store_true",
        help="draw, train and capture the dermoscopy demo anew instead of unpacking it (extra train)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of --rebuild (default: 0, as it ships)")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of --rebuild: size of every study (default: 1, as it ships)"
    )
    parser.add_argument(
        "--epochs", type=int, default=None, help="of --rebuild: of each training (default: as it ships)"
    )


def demo_folder(arguments: argparse.Namespace, *, cache_dir: Path) -> Path:
    """The folder of runs that the arguments ask for, made where it is not there yet.

    Raises SettingsError where it cannot be written, or where something is not installed.
    """
    if arguments.rebuild:
        return _rebuilt(arguments, cache_dir)
    if arguments.name == DIGITS:
        from sfvisuals.demo.digits import build_digits, ensure_digits

        return ensure_digits(cache_dir) if arguments.out is None else build_digits(arguments.out)
    from sfvisuals.demo.shipped import ensure_dermoscopy, write_dermoscopy

    return ensure_dermoscopy(cache_dir) if arguments.out is None else write_dermoscopy(arguments.out)


def _rebuilt(arguments: argparse.Namespace, cache_dir: Path) -> Path:
    if arguments.name == DIGITS:
        raise SettingsError(
            "The digits demo is always made anew",
            detail="--rebuild trains and captures the dermoscopy demo, which ships ready.",
            hint="Leave --rebuild out: sfvisuals demo digits",
        )
    if not 0 < arguments.scale <= 10 or (arguments.epochs is not None and arguments.epochs < 1):
        raise SettingsError(
            "The demo cannot be made in this size",
            detail=f"Found --scale {arguments.scale:g}, --epochs {arguments.epochs}; expected a scale above 0"
            " and at most 10, and one epoch or more.",
            hint="A small one to try: sfvisuals demo --rebuild --scale 0.05 --epochs 2",
        )
    need(TRAIN, to="Making the demo anew", extra="train")
    from sfvisuals.demo.rebuild import EPOCHS, rebuild
    from sfvisuals.demo.shipped import with_maps

    epochs = arguments.epochs or EPOCHS
    name = f"rebuilt-{arguments.seed}-{arguments.scale:g}-{epochs}"
    place = arguments.out or cache_dir / "demo" / name / DERMOSCOPY
    if arguments.out is not None:
        return rebuild(place, seed=arguments.seed, scale=arguments.scale, epochs=epochs)
    if not place.is_dir():
        rebuild(place, seed=arguments.seed, scale=arguments.scale, epochs=epochs)
    return with_maps(place, cache_dir)
