"""`sfvisuals train`: the benchmark's methods on one's own images, as a config says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sfvisuals.installed import TRAIN, need

INTERRUPTED = 130


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("config", type=Path, metavar="CONFIG", help="a YAML file; see docs/training.md")
    parser.add_argument("--out", type=Path, metavar="DIR", help="output folder (default: the config's)")
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME",
        help="cross_entropy, confidnet, deep_gamblers, devries (default: the config's)",
    )  # fmt: skip
    parser.add_argument("--seeds", nargs="+", type=int, metavar="N", help="seeds (default: the config's)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (default: auto)")
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything, tell what would be done, and stop"
    )
    parser.add_argument("--no-progress", action="store_true", help="show no progress bars")


def run(arguments: argparse.Namespace) -> int:
    """Do it; returns the exit status.

    Raises SettingsError where something is not installed or the config does not fit, CaptureError where the
    manifest does not.
    """
    need(TRAIN, to="Training", extra="train")
    try:
        return _trained(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Call it again with the same config to go on.\n")
        return INTERRUPTED


def _trained(arguments: argparse.Namespace) -> int:
    """The same once everything is known to be installed."""
    from sfvisuals.training.config import read_train_config

    config = read_train_config(arguments.config)
    from sfvisuals.training.experiment import train

    train(
        config,
        out=arguments.out,
        methods=arguments.methods,
        seeds=arguments.seeds,
        device=arguments.device,
        dry_run=arguments.dry_run,
        progress=not arguments.no_progress,
    )
    return 0
