"""Make the synthetic dermoscopy demo from its seed: draw, train, capture, project (extra `train`)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from PIL import Image

from sfvisuals.capture.records import CaptureStudy, CorruptionPlan, ImageArray, Preprocessing
from sfvisuals.corruptions.recipe import Pixels8
from sfvisuals.demo.dermoscopy.draw import draw
from sfvisuals.demo.dermoscopy.plan import CLASSES, plan
from sfvisuals.demo.folders import check_free, move, writing
from sfvisuals.demo.pack import SIDECAR, write_projection, write_zip
from sfvisuals.types import FloatArray, StudyKind

if TYPE_CHECKING:
    from torch import nn

    from sfvisuals.training import LabelledImages, Options

QUALITY: Final = 90
EPOCHS: Final = 12
METHODS: Final = ("confidnet", "deep_gamblers", "devries")
PREPROCESSING: Final = Preprocessing(mean=(0.5,), std=(0.25,))
HIDDEN_COLUMNS: Final = ("study", "seed", "lesion_seed", "true_label")
# what was planted where, so that no explanation is the answer itself
ANSWERS: Final = ("cause", "cause_*", "true_class")
ROWS: Final = {
    "confidnet": {
        "MSR": "det_mcp",
        "PE": "det_pe",
        "MCD-MSR": "mcd_mcp",
        "MCD-PE": "mcd_pe",
        "MCD-EE": "mcd_ee",
        "ConfidNet": "tcp",
    },
    "deep_gamblers": {"DG-MCD-MSR": "mcd_mcp", "DG-RES": "dg"},
    "devries": {"Devries et al.": "devries"},
}
PROVENANCE: Final = {
    "data": "synthetic: every image is drawn by sfvisuals.demo.dermoscopy, no patient stands behind it",
    "model": "residual network with 64 features, trained on 4,000 images of clinic A",
}
IMAGES: Final = "images"
CORRUPTED: Final = 200
PER_FOLDER: Final = 500


@dataclass(frozen=True, slots=True)
class Place:
    """A study of the demo: its name in the plan, its kind, and what a person reads."""

    name: str
    kind: StudyKind
    label: str


STUDIES: Final[Sequence[Place]] = (
    Place("train", StudyKind.TRAIN, "Training"),
    Place("validation", StudyKind.VALIDATION, "Validation, clinic A"),
    Place("clinic_a", StudyKind.IID, "Clinic A"),
    Place("clinic_b", StudyKind.ACQUISITION, "Clinic B, a second camera"),
    Place("clinic_c", StudyKind.ACQUISITION, "Clinic C"),
    Place("amelanotic", StudyKind.MANIFESTATION, "Amelanotic melanoma"),
)


def through_webp(pixels: Pixels8) -> tuple[tuple[bytes, ...], Pixels8]:
    """The images as WebP files, and the pixels that such a file gives back: what a model is to see.

    WebP's lossy decoder is exact by its specification, so these are the same everywhere.
    """
    files, seen = [], np.empty_like(pixels)
    for position, image in enumerate(pixels):
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "WEBP", quality=QUALITY, method=6)
        files.append(stream.getvalue())
        with Image.open(stream) as decoded:
            seen[position] = np.asarray(decoded.convert("RGB"))
    return tuple(files), seen


def image_name(position: int) -> str:
    """The image of a row of the plan, relative to the demo's folder."""
    return f"{IMAGES}/{position // PER_FOLDER:02d}/{position:05d}.webp"


def write_images(folder: Path, table: pd.DataFrame, files: Sequence[bytes]) -> None:
    """The images of everything that is shown (not those of training), packed in place of their folder."""
    shown = np.flatnonzero((table["study"] != "train").to_numpy())
    folder.mkdir(parents=True, exist_ok=True)
    members = ((image_name(position), files[position]) for position in shown.tolist())
    write_zip(folder / f"{IMAGES}.zip", ((name.removeprefix(f"{IMAGES}/"), file) for name, file in members))


def rebuild(
    out: Path, *, seed: int = 0, scale: float = 1.0, epochs: int = EPOCHS, progress: bool = True
) -> Path:
    """Make the demo anew as the folder of runs `out`, complete or not at all; returns `out`.

    Args:
        out: a folder that does not exist, or is empty.
        seed: of the images, the trainings and the corruptions.
        scale: size of each study relative to the demo that ships.
        epochs: of each training.
        progress: show bars on stderr.

    Raises SettingsError where `out` cannot be written.
    """
    with writing(out):
        check_free(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name[:40]}-") as stage:
            folder = Path(stage) / out.name
            table = plan(seed, scale=scale)
            files, pixels = through_webp(draw(table))
            write_images(folder, table, files)
            for method, model, external_name in trained(
                table, pixels, seed=seed, epochs=epochs, progress=progress
            ):
                captured = capture_run(
                    model,
                    table,
                    pixels,
                    out=Path(stage) / method,
                    external_name=external_name,
                    seed=seed,
                    progress=progress,
                )
                write_compact(captured, folder / method)
                write_maps(folder, method)
            write_sidecar(folder)
            write_attributes(folder)
            move(folder, out)
    return out


def trained(
    table: pd.DataFrame, pixels: Pixels8, *, seed: int, epochs: int, progress: bool
) -> Iterator[tuple[str, nn.Module, str | None]]:
    """(method, model, name of its confidence head) for each of the demo's three methods."""
    from sfvisuals.training import train_method

    parts = [labelled(table, pixels, study) for study in ("train", "validation")]
    for method in METHODS:
        done = train_method(
            method,
            train=parts[0],
            validation=parts[1],
            classes=len(CLASSES),
            options=options(epochs=epochs, progress=progress),
            seed=seed,
        )
        yield method, done.model, done.external_name


def options(*, epochs: int, progress: bool) -> Options:
    """What the demo's networks are trained with."""
    from sfvisuals.training import (
        AugmentationOptions,
        BackboneOptions,
        ConfidNetOptions,
        DeepGamblersOptions,
        FitOptions,
        Options,
    )

    return Options(
        backbone=BackboneOptions("tiny_resnet", dropout=0.2),
        preprocessing=PREPROCESSING,
        augmentation=AugmentationOptions(flip_horizontal=True, flip_vertical=True, shift=0.04),
        fit=FitOptions(
            epochs=epochs,
            learning_rate=3e-3,
            warmup_epochs=min(1, epochs - 1),
            class_weights="balanced",
            progress=progress,
        ),
        confidnet=ConfidNetOptions(epochs=epochs, fine_tuning_epochs=max(1, epochs // 4), hidden=(64, 64)),
        deep_gamblers=DeepGamblersOptions(
            reward=1.8, pretraining_epochs=min(max(1, epochs // 4), epochs - 1)
        ),
    )


def labelled(table: pd.DataFrame, pixels: Pixels8, study: str) -> LabelledImages:
    """Images of one study with their recorded labels."""
    from sfvisuals.training import LabelledImages

    rows = np.flatnonzero((table["study"] == study).to_numpy())
    return LabelledImages(ImageArray(pixels[rows]), table["label"].to_numpy()[rows])


def capture_run(
    model: nn.Module,
    table: pd.DataFrame,
    pixels: Pixels8,
    *,
    out: Path,
    external_name: str | None,
    seed: int,
    progress: bool,
) -> Path:
    """Every study of the demo through one model, with all corruptions of some images of clinic A."""
    from sfvisuals.capture import capture

    image = pd.Series([image_name(row) for row in range(len(table))])
    known = table.drop(columns=list(HIDDEN_COLUMNS)).assign(
        true_class=[CLASSES[label] for label in table["true_label"]], image=image
    )
    studies = [
        CaptureStudy(
            place.name,
            place.kind,
            known.iloc[rows].reset_index(drop=True),
            ImageArray(pixels[rows]),
            label=place.label,
        )
        for place in STUDIES
        for rows in [np.flatnonzero((table["study"] == place.name).to_numpy())]
    ]
    return capture(
        model,
        studies,
        out=out,
        classes=CLASSES,
        corruptions=CorruptionPlan(subset=CORRUPTED, seed=seed),
        preprocessing=PREPROCESSING,
        group="patient",
        source="clinic_a",
        external_name=external_name,
        provenance=PROVENANCE | {"seed": str(seed)},
        seed=seed,
        progress=progress,
    )


def write_compact(captured: Path, out: Path) -> None:
    """The run with what is large in half the precision, as it ships. The logits stay exact: they rank."""
    from sfvisuals.io import discover, read_run
    from sfvisuals.io.convert import convert

    (ref,) = discover(captured)
    run = read_run(ref)
    halved = replace(
        run,
        name=out.name,
        latents=_half(run.latents),
        train_latents=_half(run.train_latents),
        mc_logits=_half(run.mc_logits),
        external_mc=_half(run.external_mc),
    )
    convert(halved, out)


def _half(values: FloatArray | None) -> FloatArray | None:
    return None if values is None else values.astype(np.float16)


def write_maps(folder: Path, run: str) -> None:
    """Every projection of the run's latents as they ship, beside the runs."""
    from sfvisuals.projection import ProjectionKind, UmapSettings, compute_projection

    latents = np.load(folder / run / "latents.npy", allow_pickle=False)
    settings = UmapSettings()
    for kind in ProjectionKind:
        projection = compute_projection(latents, kind, settings=settings)
        write_projection(folder, run, projection, settings)


def write_attributes(folder: Path) -> None:
    """The attributes of the images, which all runs share, measured and put beside the runs."""
    from sfvisuals.image_attributes import export_table, measured_table
    from sfvisuals.workspace import Workspace

    with TemporaryDirectory() as cache:
        workspace = Workspace(folder, cache_dir=Path(cache))
        run = workspace.run(METHODS[0])
        measured_table(workspace, run)
        export_table(workspace, run, folder)


def write_sidecar(folder: Path) -> None:
    """Which run and score give which row of the benchmark, and which columns are the answer."""
    import yaml

    rows = {
        label: {"run": run, "score": score} for run, scores in ROWS.items() for label, score in scores.items()
    }
    text = yaml.safe_dump({"methods": rows, "leave_out": list(ANSWERS)}, sort_keys=False)
    (folder / SIDECAR).write_text(text, encoding="utf-8")
