"""`train`: from a config to captured run folders, one per method and seed, and a sidecar that names them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from sfvisuals.capture.manifest import Manifest
from sfvisuals.capture.records import CaptureStudy
from sfvisuals.errors import SettingsError
from sfvisuals.training.checks import check_writable, checked_manifest, unwritable
from sfvisuals.training.config import CaptureOptions, TrainConfig
from sfvisuals.training.devices import on_device
from sfvisuals.training.images import LabelledImages
from sfvisuals.training.methods import Bench, Method, Trained, check_options, method_named
from sfvisuals.training.rows import write_rows
from sfvisuals.types import StudyKind

CHECKPOINTS: Final = "checkpoints"
SETTINGS: Final = "settings.json"
KEY: Final = "training settings"
# What may differ between two calls without changing what is trained.
MACHINE: Final = ("accelerator", "devices", "strategy", "workers", "memory_mb", "progress")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """One method with one seed."""

    method: Method
    seed: int
    run: Path

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.method}, seed {self.seed}"


def say(text: str) -> None:
    """A word to the person who waits, on stderr."""
    sys.stderr.write(text + "\n")


def train(
    config: TrainConfig,
    *,
    out: Path | None = None,
    methods: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    device: str = "auto",
    dry_run: bool = False,
    progress: bool = True,
    tell: Say = say,
) -> list[Path]:
    """Train every method with every seed and capture each into OUT/NAME/METHOD_seedK.

    Everything is checked before the first training starts. Runs that are there already are kept; an
    interrupted training or capture goes on where it stopped.

    Args:
        config: as `read_train_config` reads it.
        out: instead of the config's.
        methods: instead of the config's.
        seeds: instead of the config's.
        device: auto, cpu, gpu or cuda, mps, or cuda:1 for one of several.
        dry_run: check and tell what would be done, and stop.
        progress: show bars.
        tell: is given each line of what happens.

    Returns:
        The run folders.

    Raises:
        CaptureError: the manifest does not fit; file and row are named.
        SettingsError: options do not fit, or what is there was made with other settings.
    """
    folder = (out or config.out) / config.name
    fitting = on_device(replace(config.options.fit, progress=progress), device)
    config = replace(config, options=replace(config.options, fit=fitting))
    found = checked_manifest(config, tell)
    asked = [method_named(name) for name in (methods or config.methods)]
    check_options(asked, config.options, classes=len(found.classes))
    jobs = [
        Job(method, seed, folder / f"{method}_seed{seed}")
        for seed in (config.seeds if seeds is None else seeds)
        for method in sorted(asked, key=list(Method).index)
    ]
    settings = _settings(config, found)
    _check_checkpoints(folder / CHECKPOINTS, settings)
    key = _digest(settings, config.capture)
    done = [job for job in jobs if _is_done(job, key)]
    check_writable(folder)
    _tell_plan(found, jobs, done, tell)
    if dry_run:
        return [job.run for job in jobs]
    _work(config, found, [job for job in jobs if job not in done], folder, settings, device, tell)
    write_rows(folder)
    return [job.run for job in jobs]


def _work(
    config: TrainConfig,
    found: Manifest,
    left: Sequence[Job],
    folder: Path,
    settings: dict[str, Any],
    device: str,
    tell: Say,
) -> None:
    if not left:
        return
    place = folder / CHECKPOINTS
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise unwritable(place, str(error)) from error
    bench = _bench(config, found)
    classifiers: dict[int, Trained] = {}
    for job in left:
        tell(f"{job.words}: training")
        trained = bench.with_seed(job.seed).trained(
            job.method, classifier=classifiers.get(job.seed), folder=place / f"seed{job.seed}"
        )
        if job.method is Method.CROSS_ENTROPY:
            classifiers[job.seed] = trained
        tell(f"{job.words}: balanced accuracy on validation {trained.balanced_accuracy:.3f}; capturing")
        _capture(trained, job, config, found, _digest(settings, config.capture), device)
        tell(f"{job.words}: {job.run}")


def _capture(trained: Trained, job: Job, config: TrainConfig, found: Manifest, key: str, device: str) -> None:
    from sfvisuals.capture.session import capture

    chosen = config.capture
    studies = [s for s in found.studies if chosen.train_latents or s.kind is not StudyKind.TRAIN]
    capture(
        trained.model,
        studies,
        out=job.run,
        classes=found.classes,
        mc_passes=chosen.mc_passes,
        device="cuda" if device == "gpu" else device,
        corruptions=chosen.plan(),
        preprocessing=config.options.preprocessing,
        batch_size=chosen.batch_size,
        workers=chosen.workers,
        group=config.group,
        external_name=trained.external_name,
        name=f"{config.name} {job.method} seed {job.seed}",
        provenance={
            "method": str(job.method),
            "training seed": str(job.seed),
            "backbone": config.options.backbone.name,
            "epoch kept": str(trained.stages["classifier"].kept),
            KEY: key,
        },
        seed=job.seed,
        progress=config.options.fit.progress,
    )


def _bench(config: TrainConfig, found: Manifest) -> Bench:
    train, validation = (
        _labelled(next(study for study in found.studies if study.kind is kind))
        for kind in (StudyKind.TRAIN, StudyKind.VALIDATION)
    )
    return Bench.of(train, validation, classes=len(found.classes), options=config.options, seed=0)


def _labelled(study: CaptureStudy) -> LabelledImages:
    return LabelledImages(study.images, study.samples["label"].to_numpy(np.int64))  # type: ignore[arg-type]


def _settings(config: TrainConfig, found: Manifest) -> dict[str, Any]:
    """Everything that a training depends on, as plain JSON."""
    options = asdict(config.options)
    options["fit"] = {key: value for key, value in options["fit"].items() if key not in MACHINE}
    weights = config.options.backbone.weights
    if weights is not None:
        options["backbone"]["weights"] = hashlib.sha256(Path(weights).read_bytes()).hexdigest()
    content = {
        "classes": list(found.classes),
        "studies": {study.name: str(study.kind) for study in found.studies},
        "manifest": hashlib.sha256(config.manifest.read_bytes()).hexdigest(),
        "options": options,
    }
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return plain


def _digest(settings: dict[str, Any], capture: CaptureOptions) -> str:
    """A key of all that a run's content depends on."""
    content = {"training": settings, "capture": asdict(replace(capture, batch_size=0, workers=0))}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _is_done(job: Job, key: str) -> bool:
    """True where the run is there. Raises SettingsError where it was made with other settings."""
    document = job.run / "run.json"
    if not document.is_file():
        return False
    made_with = json.loads(document.read_text(encoding="utf-8")).get("provenance", {}).get(KEY)
    if made_with != key:
        raise SettingsError(
            f"The run {job.run.name} was made with other settings",
            detail=f"{document}, {KEY}: found {made_with}; expected {key}.",
            hint="Give another --out or another name, or delete the old run. What was trained with the same"
            " settings is not trained again but only captured.",
        )
    return True


def _check_checkpoints(folder: Path, settings: dict[str, Any]) -> None:
    """Raise SettingsError where the checkpoints of an interrupted training come from other settings."""
    file = folder / SETTINGS
    if not file.is_file():
        return
    before = json.loads(file.read_text(encoding="utf-8"))
    if before != settings:
        old, new = dict(_flat(before)), dict(_flat(settings))
        changed = [
            f"{key}: then {old.get(key)}, now {new.get(key)}"
            for key in sorted(old.keys() | new.keys())
            if old.get(key) != new.get(key)
        ]
        raise SettingsError(
            "The checkpoints were made with other settings",
            detail=f"{file}: {'; '.join(changed)}.",
            hint=f"Give another --out or another name, or delete {folder}.",
        )


def _flat(content: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, value) of nested mappings."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _tell_plan(found: Manifest, jobs: Sequence[Job], done: Sequence[Job], tell: Say) -> None:
    tell("classes: " + ", ".join(found.classes))
    for study in found.studies:
        counts = np.bincount(study.samples["label"].to_numpy(np.int64), minlength=len(found.classes))
        tell(f"study {study.name} ({study.kind}): {len(study.samples)} images, per class {counts.tolist()}")
    for job in jobs:
        tell(f"{job.words}: {'is there and kept' if job in done else 'to be trained'}: {job.run}")
