"""Whether what `capture` is told makes sense, before anything is opened or made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from os import PathLike
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd
from torch import nn

from sfvisuals.capture.program import Program
from sfvisuals.capture.records import CaptureStudy, CorruptionPlan, ImageFiles, Preprocessing, ScoreFunction
from sfvisuals.errors import CaptureError
from sfvisuals.io.config import EXTERNAL_NAMES

LEAST: Final = {"mc_passes": 0, "batch_size": 1, "workers": 0, "seed": 0}
STUDIES: Final = (
    'studies=[CaptureStudy("clinic A", StudyKind.IID, samples, images)], or what read_manifest gives'
)
CLASSES: Final = 'classes=["benign", "malignant"]'
PROVENANCE: Final = 'provenance={"training data": "clinic A, 2019 to 2021"}'


def check_model(model: Any) -> None:
    """Raise CaptureError where it is neither an nn.Module nor a program."""
    if isinstance(model, nn.Module | Program):
        return
    hint = "Give an nn.Module, or what load_program opens."
    if isinstance(model, Mapping):
        hint = (
            "These are weights without a model: build the module and load_state_dict into it, and give that."
        )
    elif isinstance(model, type):
        hint = "This is a class: make a model of it, and give that."
    elif callable(model):
        hint = "Wrap the function in an nn.Module whose forward calls it."
    raise CaptureError(
        "The model is no nn.Module", detail=f"Found {type(model).__name__}; expected an nn.Module.", hint=hint
    )


def check_numbers(**given: int) -> None:
    """Raise CaptureError for a number below the least that makes sense, or no whole one."""
    for name, value in given.items():
        if not _whole(value) or value < LEAST[name]:
            raise CaptureError(
                f"{name} {value!r} makes no sense",
                detail=f"Expected a whole number of at least {LEAST[name]}.",
                hint=f"On the command line it is --{name.replace('_', '-')}.",
            )


def check_kinds(
    *,
    studies: Any,
    scores: Any,
    corruptions: Any,
    preprocessing: Any,
    group: Any,
    provenance: Any,
) -> None:
    """Raise CaptureError for an argument of another type than it has to have."""
    listed = isinstance(studies, Sequence) and not isinstance(studies, str | bytes)
    if not listed or not all(isinstance(study, CaptureStudy) for study in studies):
        _refuse("studies", studies, "a list of CaptureStudy", STUDIES)
    for study in studies:
        _check_study(study)
    if scores is not None and not isinstance(scores, Mapping):
        _refuse("scores", scores, "a mapping of name to function", 'scores={"margin": function}')
    for name, score in (scores or {}).items():
        function = score.function if isinstance(score, ScoreFunction) else score
        if not isinstance(name, str) or not callable(function):
            found = name if callable(function) else function
            line = f"scores={{{str(name)!r}: lambda batch: batch.logits.max(axis=1)}}"
            _refuse("scores", found, "a name with a function of a CapturedBatch", line)
    if corruptions is not None:
        _check_plan(corruptions)
    check_preprocessing(preprocessing)
    if group is not None and not isinstance(group, str):
        _refuse("group", group, "the name of a column", 'group="patient"')
    if provenance is not None and not isinstance(provenance, Mapping):
        _refuse("provenance", provenance, "a mapping of text to text", PROVENANCE)


def check_preprocessing(preprocessing: Any) -> None:
    """Raise CaptureError where it is none."""
    if preprocessing is not None and not isinstance(preprocessing, Preprocessing):
        line = "preprocessing=Preprocessing(size=(224, 224)); what it cannot do belongs into your Dataset"
        _refuse("preprocessing", preprocessing, "a Preprocessing", line)


def _check_plan(plan: Any) -> None:
    if not isinstance(plan, CorruptionPlan):
        _refuse("corruptions", plan, "a CorruptionPlan", "corruptions=CorruptionPlan(), for all of them")
    names: Any = plan.names
    severities: Any = plan.severities
    folder: Any = plan.folder
    if names is not None and not (_several(names) and all(isinstance(name, str) for name in names)):
        _refuse("names", names, "a list of names", 'CorruptionPlan(names=["brightness_up"])')
    if not _several(severities) or not all(_whole(severity) for severity in severities):
        _refuse("severities", severities, "a list of whole numbers", "CorruptionPlan(severities=[1, 3, 5])")
    if plan.subset is not None and not _whole(plan.subset):
        _refuse("subset", plan.subset, "a whole number", "CorruptionPlan(subset=200)")
    if not _whole(plan.seed) or plan.seed < 0:
        _refuse("seed", plan.seed, "a whole number of at least 0", "CorruptionPlan(seed=0)")
    if folder is not None and not isinstance(folder, str | PathLike):
        _refuse("folder", folder, "a path", 'CorruptionPlan(folder=Path("corrupted"))')


def _several(given: Any) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, str | bytes)


def _whole(given: Any) -> bool:
    return isinstance(given, int | np.integer) and not isinstance(given, bool)


def _check_study(study: CaptureStudy) -> None:
    samples: Any = study.samples
    name: Any = study.name
    if not isinstance(name, str) or not name.strip():
        _refuse("the name of a study", name, "a name that can be read", 'CaptureStudy("clinic A", ...)')
    if not isinstance(samples, pd.DataFrame):
        line = 'CaptureStudy(..., samples=pandas.DataFrame({"label": [0, 1, 0]}))'
        _refuse(f"the table of study {name!r}", samples, "a DataFrame", line)
    if not samples.columns.is_unique:
        repeated = ", ".join(map(repr, samples.columns[samples.columns.duplicated()]))
        raise CaptureError(
            f"The table of study {name!r} repeats a column", detail=f"Twice: {repeated}.", hint="Rename one."
        )
    images: Any = study.images
    inside = images.paths if isinstance(images, ImageFiles) else getattr(images, "pixels", ())
    by_position = hasattr(images, "__getitem__") or hasattr(images, "__iter__")
    if not by_position or not hasattr(inside, "__len__"):
        line = "CaptureStudy(..., images=ImageFiles(paths)), ImageArray(pixels) or a Dataset"
        _refuse(f"the images of study {name!r}", images, "images by position", line)


def check_classes(classes: Any) -> None:
    """Raise CaptureError where it is no list of names."""
    if isinstance(classes, Set | bytes) or not isinstance(classes, Iterable):
        _refuse("classes", classes, "one name per output of the model", CLASSES)


def _refuse(name: str, found: Any, expected: str, line: str) -> NoReturn:
    shape = getattr(found, "shape", None)
    words = f"of shape {tuple(shape)}" if isinstance(shape, tuple) and shape else f"({repr(found)[:60]})"
    raise CaptureError(
        f"{name[0].upper()}{name[1:]} is not {expected}"
        if name.startswith("the ")
        else f"{name} is not {expected}",
        detail=f"Found {type(found).__name__} {words}.",
        hint=f"Write {line}.",
    )


def check_names(classes: Sequence[str], *, external_name: str | None) -> None:
    """Raise CaptureError for classes of one name, and for a head of confidence that is not known."""
    if isinstance(classes, str):
        raise CaptureError(
            f"classes is one text, {classes!r}",
            detail="Its letters would become the classes; expected one name per output of the model.",
            hint='Give a list: classes=["benign", "malignant"].',
        )
    check_classes(classes)
    names = [str(name) for name in classes]
    if not all(isinstance(name, str | int | np.generic) and str(name).strip() for name in classes):
        _refuse("classes", classes, "one name per output of the model", CLASSES)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CaptureError(
            "Two classes have the same name",
            detail=", ".join(map(repr, repeated)),
            hint="Give every output of the model a name of its own.",
        )
    if external_name is not None and external_name not in EXTERNAL_NAMES:
        raise CaptureError(
            f"There is no head of confidence named {external_name!r}",
            detail=f"external_name: expected one of {', '.join(EXTERNAL_NAMES)}, or None.",
            hint="Name the one that the model has, or leave it out.",
        )
