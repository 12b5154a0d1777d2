"""What the synthetic studies consist of: one row per image, with its truth and the planted causes of failure.

Nothing is drawn here. Shares are met exactly (rounded), not on average, so that small plans have every group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import pandas as pd
from numpy.random import Generator

from sfvisuals.demo.dermoscopy import causes
from sfvisuals.demo.dermoscopy.case import HAIR, SKIN_TYPES
from sfvisuals.demo.dermoscopy.diagnoses import BODY_SITES, DIAGNOSES, Diagnosis

CLASSES: Final = ("benign", "malignant")
CAUSES: Final = causes.CAUSES
T = TypeVar("T")

IMAGES_OF_A_PATIENT: Final = (0.58, 0.24, 0.12, 0.06)
SAME_LESION: Final = 0.45
STRAY_LIGHT: Final = ((0.07, 0.05), (0.04, 0.04))
"""Mean and standard deviation, benign and malignant: suspicious lesions are photographed with more care."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """How a study is made up.

    Attributes:
        name: of the study.
        images: how many at scale 1.
        malignant: share of its lesions.
        site: the clinic.
        devices: camera -> share of the images.
        rulers: share of images with a ruler, benign and malignant.
        diagnoses: subclasses it may have; every one that training has if empty.
    """

    name: str
    images: int
    malignant: float
    site: str
    devices: dict[str, float]
    rulers: tuple[float, float]
    diagnoses: tuple[str, ...] = ()


_SOURCE: Final = {"device 1": 0.7, "device 3": 0.3}
STUDIES: Final = (
    StudyPlan("train", 4000, 0.42, "clinic A", _SOURCE, (0.04, 0.55)),
    StudyPlan("validation", 500, 0.42, "clinic A", _SOURCE, (0.04, 0.55)),
    StudyPlan("clinic_a", 1100, 0.42, "clinic A", _SOURCE, (0.04, 0.55)),
    StudyPlan("clinic_b", 800, 0.42, "clinic B", {"device 1": 0.4, "device 2": 0.6}, (0.04, 0.04)),
    StudyPlan("clinic_c", 700, 0.42, "clinic C", {"device 4": 1.0}, (0.45, 0.45)),
    StudyPlan(
        "amelanotic",
        400,
        0.5,
        "clinic A",
        _SOURCE,
        (0.04, 0.04),
        ("dermal nevus", "dermatofibroma", "amelanotic melanoma"),
    ),
)


def plan(seed: int = 0, *, scale: float = 1.0) -> pd.DataFrame:
    """Every image of every study, the training data included; nothing is drawn yet.

    One row per image; the columns are listed in docs/demo.md. The same seed and scale give the same plan.

    Args:
        seed: of all that is drawn by lot.
        scale: size of each study relative to the full demo; at least 8 images each remain.
    """
    parts = []
    for position, study in enumerate(STUDIES):
        chance = np.random.default_rng([seed, position])
        parts.append(_study(study, max(8, round(study.images * scale)), chance))
    table = pd.concat(parts, ignore_index=True)
    for column, letter in (("patient", "P"), ("lesion", "L")):
        codes = pd.factorize(table["study"] + " " + table[column].astype(str))[0]
        table[column] = [f"{letter}{code + 1:04d}" for code in codes]
    return causes.marked(table, np.random.default_rng([seed, len(STUDIES)]))


def _study(study: StudyPlan, images: int, chance: Generator) -> pd.DataFrame:
    """One study: patients have 1 to 4 images, of one lesion or several."""
    patient = _patients(images, chance)
    new_patient = np.diff(patient, prepend=-1) > 0
    lesion = np.cumsum(new_patient | (chance.random(images) >= SAME_LESION)) - 1
    lesions = _lesions(study, int(lesion[-1]) + 1, chance)
    people = _people(lesions["label"].to_numpy()[lesion][new_patient], chance)
    table = pd.concat(
        [lesions.iloc[lesion].reset_index(drop=True), people.iloc[patient].reset_index(drop=True)], axis=1
    )
    table.insert(0, "study", study.name)
    table["patient"], table["lesion"], table["site"] = patient, lesion, study.site
    table["true_label"] = table["label"]
    table["device"] = _by_share(list(study.devices), list(study.devices.values()), images, chance)
    table["ruler"] = False
    for label, share in enumerate(study.rulers):
        table.loc[causes.some(table["label"].to_numpy() == label, share, chance), "ruler"] = True
    everyone = np.ones(images, np.bool_)
    for column, share in (("ink", 0.07), ("gel_bubbles", 0.12), ("dark_border", 0.14)):
        table[column] = causes.some(everyone, share, chance)
    table["hair"] = _by_share(list(HAIR), [0.62, 0.27, 0.11], images, chance)
    usual, spread = np.array(STRAY_LIGHT)[table["label"]].T
    table["stray_light"] = np.round(np.clip(chance.normal(usual, spread), 0, 0.25), 3)
    table["seed"] = chance.integers(0, 2**31, images)
    return table


def _patients(images: int, chance: Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """(images,) number of each image's patient, ascending from 0."""
    counts = chance.choice(len(IMAGES_OF_A_PATIENT), images, p=IMAGES_OF_A_PATIENT) + 1
    return np.repeat(np.arange(images), counts)[:images]


def _lesions(study: StudyPlan, count: int, chance: Generator) -> pd.DataFrame:
    """Label, diagnosis, atypia and place of `count` lesions."""
    label = _by_share([0, 1], [1 - study.malignant, study.malignant], count, chance)
    found: list[Diagnosis | None] = [None] * count
    for value in (0, 1):
        kinds = [d for d in DIAGNOSES if d.label == value and _belongs(d, study)]
        rows = np.flatnonzero(np.array(label) == value)
        drawn = _by_share(kinds, [d.share for d in kinds], len(rows), chance)
        for row, kind in zip(rows, drawn, strict=True):
            found[row] = kind
    kinds = [kind for kind in found if kind is not None]
    return pd.DataFrame(
        {
            "label": label,
            "subclass": [kind.name for kind in kinds],
            "atypia": [round(float(chance.beta(*kind.atypia)), 3) for kind in kinds],
            "body_site": [str(chance.choice(BODY_SITES[kind.places])) for kind in kinds],
            "lesion_seed": chance.integers(0, 2**31, count),
        }
    )


def _belongs(diagnosis: Diagnosis, study: StudyPlan) -> bool:
    return diagnosis.name in study.diagnoses if study.diagnoses else diagnosis.trained


def _people(label: np.ndarray[tuple[int], np.dtype[np.int64]], chance: Generator) -> pd.DataFrame:
    """Age, sex and skin type of one patient per entry of `label`, the class of the patient's first lesion."""
    count = len(label)
    age = np.where(label == 1, chance.normal(61, 14, count), chance.normal(47, 16, count))
    return pd.DataFrame(
        {
            "age": np.clip(np.round(age), 18, 92).astype(np.int64),
            "sex": _by_share(["female", "male"], [0.5, 0.5], count, chance),
            "skin_type": _by_share(list(SKIN_TYPES), [0.12, 0.38, 0.33, 0.12, 0.05], count, chance),
        }
    )


def _by_share(values: list[T], shares: list[float], count: int, chance: Generator) -> list[T]:
    """`count` values in random order, each as often as its share says, rounded."""
    edges = np.round(np.cumsum(shares) / np.sum(shares) * count).astype(np.int64)
    positions = np.searchsorted(edges, np.arange(count), side="right")
    return [values[position] for position in chance.permutation(positions)]
