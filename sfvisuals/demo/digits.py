"""The built-in demo: a real experiment on scikit-learn's handwritten digits, made in seconds, no download.

A small network learns the digits 0 to 7. It is tested on held-out drawings, on corrupted ones in five
severities, on drawings with a thicker pen, and on 8 and 9, which it never saw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.datasets import load_digits

from sfvisuals.demo.corruptions import CORRUPTIONS, SEVERITIES, thick
from sfvisuals.demo.folders import check_free, move, writing
from sfvisuals.demo.network import passes_with_dropout, train
from sfvisuals.errors import SettingsError
from sfvisuals.io.own_write import write_run
from sfvisuals.types import FloatArray, IntArray, Rows, Study, StudyKind

VERSION = 1
KNOWN = 8
TRAINING, VALIDATION = 700, 300
CORRUPTED = 240
ENLARGED = 4
IID = "digits"


@dataclass(frozen=True, eq=False)
class Part:
    """Some samples of the demo that share study, corruption and severity.

    Attributes:
        study: name of the study.
        images: (n, 8, 8) ink from 0 to 1.
        drawing: (n,) position of the original drawing in scikit-learn's data.
        corruption: its name, or None.
        severity: 1 to 5, or 0 where it is not corrupted.
    """

    study: str
    images: FloatArray
    drawing: Rows
    corruption: str | None = None
    severity: int = 0


def ensure_digits(cache_dir: Path, *, seed: int = 0) -> Path:
    """The demo's run folder below the cache; it is made when it is not there yet.

    Raises SettingsError where it cannot be written.
    """
    key = hashlib.blake2b(f"digits {VERSION} {seed}".encode(), digest_size=6).hexdigest()
    place = cache_dir / "demo" / key / "digits"
    with writing(place):
        if not (place / "run.json").is_file():
            try:
                build_digits(place, seed=seed)
            except SettingsError:  # another process was faster
                if not (place / "run.json").is_file():
                    raise
    return place


def build_digits(out: Path, *, seed: int = 0) -> Path:
    """Train, test and write the demo as a run folder with its images; returns `out`.

    The folder appears complete or not at all. Raises SettingsError where something is there already, or where
    it cannot be written.
    """
    with writing(out):
        check_free(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name[:40]}-") as stage:
            move(write_digits(Path(stage) / out.name, seed=seed), out)
    return out


def write_digits(out: Path, *, seed: int) -> Path:
    """Train and test, then write the run with its images; returns `out`."""
    digits = load_digits()
    ink, labels = digits.images / 16.0, digits.target.astype(np.int64)
    chance = np.random.default_rng(seed)
    known = chance.permutation(np.flatnonzero(labels < KNOWN))
    training, rest = known[:TRAINING], known[TRAINING:]
    network = train(ink[training], labels[training], seed=seed)
    parts = all_parts(ink, labels, rest, chance)
    images = np.concatenate([part.images for part in parts])
    latents = network.latents(images)
    passes = passes_with_dropout(network, latents, chance)
    written = write_run(
        out,
        name="digits",
        samples=sample_table(parts, labels),
        classes=[f"digit {number}" for number in range(KNOWN)],
        studies=STUDIES,
        logits=network.logits(latents),
        latents=latents,
        mc_logits=passes.logits,
        external=network.confidence(latents),
        external_mc=passes.confidence,
        external_name="tcp",
        train_latents=network.latents(ink[training]),
        train_labels=labels[training],
        last_layer=(network.weights[-1].T, network.biases[-1]),
        group="drawing",
        source=IID,
        provenance=PROVENANCE | {"seed": str(seed)},
    )
    write_images(written, images)
    return written


STUDIES: Sequence[Study] = (
    Study("validation", StudyKind.VALIDATION, "Validation"),
    Study(IID, StudyKind.IID, "Held-out drawings"),
    *(Study(name, StudyKind.CORRUPTION, label, corruption=name) for name, label, _ in CORRUPTIONS),
    Study("thick_pen", StudyKind.ACQUISITION, "Thicker pen"),
    Study("eight_nine", StudyKind.NEW_CLASS, "Digits 8 and 9"),
)
PROVENANCE = {
    "data": "scikit-learn's load_digits: 8 x 8 pixels, UCI Optical Recognition of Handwritten Digits",
    "model": "MLP 64-64-32-8 trained on 700 drawings of the digits 0 to 7; latents are its last hidden layer",
    "mc": "10 passes that drop 30 % of the last hidden layer; the network was trained without dropout",
    "external": "a regression of the probability of the true class on the latents",
}


def all_parts(ink: FloatArray, labels: IntArray, rest: Rows, chance: np.random.Generator) -> tuple[Part, ...]:
    """Every study of the demo in the order of its rows.

    Args:
        ink: (n, 8, 8) all drawings.
        labels: (n,) their digits.
        rest: known digits that were not trained on, in random order.
        chance: source of the noise.
    """
    validation, test = rest[:VALIDATION], rest[VALIDATION:]
    some = test[:CORRUPTED]
    foreign = np.flatnonzero(labels >= KNOWN)
    return (
        Part("validation", ink[validation], validation),
        Part(IID, ink[test], test),
        *(
            Part(name, corrupted(ink[some], severity, chance), some, name, severity)
            for name, _, corrupted in CORRUPTIONS
            for severity in SEVERITIES
        ),
        Part("thick_pen", thick(ink[test]), test),
        Part("eight_nine", ink[foreign], foreign),
    )


def sample_table(parts: Sequence[Part], labels: IntArray) -> pd.DataFrame:
    """One row per sample: study, label, image, corruption, severity, source row, drawing and ink."""
    first = len(parts[0].images)
    row_of_drawing = {int(drawing): first + i for i, drawing in enumerate(parts[1].drawing)}
    tables = [
        pd.DataFrame(
            {
                "study": part.study,
                "label": labels[part.drawing],
                "corruption": part.corruption,
                "severity": part.severity,
                "source": [row_of_drawing[int(d)] if part.corruption else -1 for d in part.drawing],
                "drawing": [f"drawing {d}" for d in part.drawing],
                "ink": np.round(part.images.mean(axis=(1, 2)), 3),
            }
        ).astype({"corruption": object})
        for part in parts
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(image=[image_name(row) for row in range(len(table))])


def image_name(row: int) -> str:
    """The image of a row, relative to the run folder."""
    return f"images/{row // 1000:02d}/{row:05d}.png"


def write_images(folder: Path, images: FloatArray) -> None:
    """One PNG per row: what the network saw, every pixel as a square of 4 x 4."""
    grey = np.rint(images * 255).astype(np.uint8).repeat(ENLARGED, axis=1).repeat(ENLARGED, axis=2)
    for row, picture in enumerate(grey):
        path = folder / image_name(row)
        if row % 1000 == 0:
            path.parent.mkdir(parents=True)
        Image.fromarray(picture).save(path, compress_level=1)
