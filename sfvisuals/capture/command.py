"""`sfvisuals capture`: an exported program over the images of a csv."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sfvisuals.errors import SettingsError
from sfvisuals.installed import TORCH, need

if TYPE_CHECKING:
    from sfvisuals.capture.records import CorruptionPlan, Preprocessing

Number = TypeVar("Number", int, float)
ALL, NONE = "all", "none"
INTERRUPTED = 130


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--manifest", type=Path, required=True, metavar="CSV",
        help="one row per image: image, label, study, and any metadata",
    )  # fmt: skip
    parser.add_argument(
        "--model", type=Path, required=True, metavar="FILE",
        help="exported program that returns (logits, latents[, confidence])",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="experiment folder to make")
    parser.add_argument(
        "--data-root", type=Path, action="append", default=[], metavar="DIR",
        help="folder below which images are looked for; may be given several times (default: the csv's)",
    )  # fmt: skip
    parser.add_argument(
        "--classes", metavar="A,B,...",
        help="class names in the order of the outputs (default: the model's, else the csv's, sorted)",
    )  # fmt: skip
    parser.add_argument(
        "--studies", nargs="+", default=[], metavar="NAME=KIND",
        help="kinds of studies: iid, acquisition, manifestation, new_class, corruption, validation, train",
    )  # fmt: skip
    parser.add_argument("--group", metavar="COLUMN", help="column that names patient, lesion or nodule")
    parser.add_argument("--source", metavar="STUDY", help="source domain at first (default: the iid study)")
    _corruption_options(parser)
    _model_options(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace the experiment that is there")
    parser.add_argument("--no-progress", action="store_true", help="show no progress bar")


def _corruption_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corruptions", default=NONE, metavar="NAMES",
        help="corruptions of the iid study: all, none, or names with commas (default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--severities", default="1,2,3,4,5", metavar="1,...,5", help="which severities (default: all)"
    )
    parser.add_argument("--subset", type=int, metavar="N", help="corrupt at most N images of the iid study")
    parser.add_argument(
        "--write-corrupted", type=Path, metavar="DIR",
        help="write corrupted images there as PNG (default: they are made whenever they are shown)",
    )  # fmt: skip


def _model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mc-model", type=Path, metavar="FILE",
        help="program with active dropout (default: NAME.mc.pt2 beside the model, if it is there)",
    )  # fmt: skip
    parser.add_argument("--mc-passes", type=int, default=10, metavar="N", help="dropout passes (default: 10)")
    parser.add_argument("--external-name", choices=["tcp", "dg", "devries"], help="head of the confidence")
    parser.add_argument("--size", metavar="HxW", help="size of the input (default: as the model says)")
    parser.add_argument("--channels", type=int, choices=[1, 3], help="1 grey or 3 colours")
    parser.add_argument("--mean", metavar="M,...", help="subtracted from values of 0 to 1, per channel")
    parser.add_argument("--std", metavar="S,...", help="what they are divided by, per channel")
    parser.add_argument("--batch-size", type=int, default=64, metavar="N", help="images at once (64)")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="processes that read images")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (default: auto)")
    parser.add_argument("--seed", type=int, default=0, help="of dropout and corruptions (default: 0)")


def run(arguments: argparse.Namespace) -> int:
    """Do it; returns the exit status.

    Raises SettingsError where torch is not installed or an option makes no sense, CaptureError where model,
    manifest or images do not fit.
    """
    need(TORCH, to="Capturing", extra="torch")
    try:
        return _captured(arguments)
    except KeyboardInterrupt as interrupt:
        sys.stderr.write(f"{str(interrupt) or 'Interrupted.'}\n")
        return INTERRUPTED


def _captured(arguments: argparse.Namespace) -> int:
    """The same once torch is known to be there; the programs are opened first."""
    from sfvisuals.capture.manifest import parse_manifest
    from sfvisuals.capture.program import load_program
    from sfvisuals.capture.session import capture, say

    program = load_program(arguments.model, mc=arguments.mc_model)
    found = parse_manifest(
        arguments.manifest,
        data_roots=arguments.data_root,
        classes=arguments.classes.split(",") if arguments.classes else program.classes,
        studies=dict(_pair(text) for text in arguments.studies),
        group=arguments.group,
    )
    for warning in found.warnings:
        say(f"warning: {warning}")
    written = capture(
        program,
        found.studies,
        out=arguments.out,
        classes=found.classes,
        mc_passes=arguments.mc_passes,
        device=arguments.device,
        corruptions=_plan(arguments),
        preprocessing=_preprocessing(arguments, program.preprocessing),
        batch_size=arguments.batch_size,
        workers=arguments.workers,
        group=arguments.group,
        source=arguments.source,
        external_name=arguments.external_name,
        seed=arguments.seed,
        overwrite=arguments.overwrite,
        progress=not arguments.no_progress,
    )
    roots = arguments.data_root or [arguments.manifest.absolute().parent]
    options = " ".join(f"--data-root {shlex.quote(str(root))}" for root in roots)
    say(f"Written. To open it: sfvisuals serve {shlex.quote(str(written))} {options}")
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, separator, kind = text.rpartition("=")
    if not separator or not name:
        raise SettingsError(
            f"--studies {text} is not of the form NAME=KIND",
            hint="For example --studies clinic_b=acquisition.",
        )
    return name, kind


def _plan(arguments: argparse.Namespace) -> CorruptionPlan | None:
    """The corruptions that are asked for."""
    from sfvisuals.capture.records import CorruptionPlan

    asked = arguments.corruptions
    if asked == NONE:
        return None
    return CorruptionPlan(
        names=None if asked == ALL else asked.split(","),
        severities=_numbers(arguments.severities, int, "--severities"),
        subset=arguments.subset,
        seed=arguments.seed,
        folder=arguments.write_corrupted,
    )


def _preprocessing(arguments: argparse.Namespace, stated: Preprocessing | None) -> Preprocessing:
    """What the options say, over what the model says."""
    from sfvisuals.capture.records import Preprocessing

    base = stated or Preprocessing()
    mean = base.mean if arguments.mean is None else _numbers(arguments.mean, float, "--mean")
    std = base.std if arguments.std is None else _numbers(arguments.std, float, "--std")
    channels = arguments.channels or base.channels
    for option, values in (("--mean", mean), ("--std", std)):
        if len(values) not in (1, channels):
            raise SettingsError(
                f"{option} has {len(values)} numbers for {channels} channels",
                hint="Give one number, or one per channel.",
            )
    return Preprocessing(base.size if arguments.size is None else _size(arguments.size), channels, mean, std)


def _size(text: str) -> tuple[int, int]:
    height, separator, width = text.lower().partition("x")
    if not (separator and height.isdigit() and width.isdigit() and int(height) and int(width)):
        raise SettingsError(f"--size {text} is not of the form HxW", hint="For example --size 224x224.")
    return int(height), int(width)


def _numbers(text: str, kind: Callable[[str], Number], option: str) -> tuple[Number, ...]:
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError as error:
        raise SettingsError(
            f"{option} {text} is no list of numbers", hint="Separate them with commas, without spaces."
        ) from error
