"""`sfvisuals.yaml`: what a person adds to a run folder that the folder does not say about itself.

The file is looked for in the run's folder and in each parent up to the root; the nearest one is used, whole.
`--describe FILE` goes before all of them. Fields: `classes`, `group`, `source`, `leave_out`, `studies`
(name -> kind, corruption, severity, label), `methods`; data_schema/sidecar.schema.json is the truth. A
sidecar that was found and is broken is an error of the run, which is then read without it; one given by hand
is refused at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
from jsonschema import Draft202012Validator

from sfvisuals.errors import RunFormatError, SettingsError
from sfvisuals.io import names
from sfvisuals.io.config import read_yaml
from sfvisuals.io.notes import Notes
from sfvisuals.io.schemas import schema
from sfvisuals.types import Study, StudyKind


@dataclass(frozen=True, slots=True)
class StudyNote:
    """What a sidecar says about one study; None where it says nothing."""

    kind: StudyKind | None = None
    corruption: str | None = None
    severity: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A sidecar; empty if there is none (path None)."""

    path: Path | None = None
    classes: tuple[str, ...] | None = None
    group: str | None = None
    source: str | None = None
    leave_out: tuple[str, ...] = ()
    studies: dict[str, StudyNote] = field(default_factory=dict)
    methods: dict[str, dict[str, Any]] = field(default_factory=dict)


def find_sidecar(folder: Path, *, root: Path | None = None) -> Path | None:
    """The nearest sidecar in `folder` and its parents up to `root` (only `folder` itself without a root)."""
    folder = folder.absolute()
    places = [folder]
    top = None if root is None else root.absolute()
    if top is not None and top in folder.parents:
        places += [parent for parent in folder.parents if parent == top or top in parent.parents]
    return next((place / names.SIDECAR for place in places if (place / names.SIDECAR).is_file()), None)


def read_sidecar(path: Path) -> Sidecar:
    """The sidecar at `path`. Raises RunFormatError that names the place of the first mistake."""
    content = read_yaml(path)
    if content is None:
        return Sidecar(path=path)
    errors = sorted(
        Draft202012Validator(schema("sidecar")).iter_errors(content),
        key=lambda error: (list(map(str, error.path)), error.message),
    )
    if errors:
        place = ".".join(str(part) for part in errors[0].absolute_path) or "top level"
        raise RunFormatError(
            f"{path.name} does not follow its schema",
            detail=f"{path}, at {place}: {errors[0].message}"
            + (f" ({len(errors) - 1} more mistakes)" if len(errors) > 1 else ""),
            hint="Mend the place named above. Words such as yes, no, on and off need quotes in YAML. The"
            " fields are classes, group, source, leave_out, studies and methods (docs/data-format.md).",
        )
    return _sidecar(path, content)


def sidecar_for(folder: Path, *, root: Path | None, describe: Path | None, notes: Notes) -> Sidecar:
    """The sidecar that applies to the run in `folder`.

    Raises SettingsError if `describe` cannot be read; a broken sidecar that was found is noted as an error.
    """
    if describe is not None:
        try:
            return read_sidecar(describe)
        except RunFormatError as error:
            raise SettingsError(error.title, detail=error.detail, hint=error.hint) from error
    path = find_sidecar(folder, root=root)
    if path is None:
        return Sidecar()
    try:
        return read_sidecar(path)
    except RunFormatError as error:
        notes.error(error.title, f"{error.detail} The run is read without it.", error.hint)
        return Sidecar()


def describe_studies(studies: tuple[Study, ...], sidecar: Sidecar, notes: Notes) -> tuple[Study, ...]:
    """The studies with what the sidecar says about them; a name it does not know is a warning."""
    known = [study.name for study in studies]
    unknown = sorted(set(sidecar.studies) - set(known))
    if unknown:
        notes.warning(
            f"{names.SIDECAR} describes studies this run lacks",
            f"{sidecar.path}: {', '.join(unknown)}. Known here: {', '.join(known)}.",
            "Use the names of the data sets as this list gives them.",
        )
    return tuple(_described(study, sidecar.studies.get(study.name)) for study in studies)


def class_names(sidecar: Sidecar, *, d: int, notes: Notes) -> tuple[str, ...]:
    """d class names: the sidecar's, else "class 0", ..., which is noted."""
    plain = tuple(f"class {number}" for number in range(d))
    if sidecar.classes is None:
        notes.info(
            "Class names are assumed",
            "The folder does not name its classes; they are called"
            f" {', '.join(plain[:3])}{', ...' if d > 3 else ''}.",
            f"Write `classes: [...]` into an {names.SIDECAR} in the run's folder or above it.",
        )
        return plain
    if len(sidecar.classes) != d:
        notes.warning(
            f"{names.SIDECAR} names {len(sidecar.classes)} classes, the outputs have {d}",
            f"{sidecar.path}: {', '.join(sidecar.classes)}. The names are not used.",
            "Name every class, in the order of the outputs.",
        )
        return plain
    return sidecar.classes


def source_study(
    sidecar: Sidecar, studies: tuple[Study, ...], *, default: str | None, notes: Notes
) -> str | None:
    """Name of the source study: the sidecar's, else `default`."""
    known = [study.name for study in studies]
    if sidecar.source is None or sidecar.source in known:
        return sidecar.source or default
    notes.warning(
        f"{names.SIDECAR} names a source study this run lacks",
        f"{sidecar.path}: {sidecar.source}. Known here: {', '.join(known)}. {default or 'None'} is used.",
        "Use the names of the data sets as this list gives them.",
    )
    return default


def left_out(sidecar: Sidecar, metadata: pd.DataFrame, notes: Notes) -> tuple[str, ...]:
    """The columns that the sidecar leaves out of explanations; a name that no column has is a warning."""
    columns = [str(column) for column in metadata.columns]
    unmet = [name for name in sidecar.leave_out if not any(_means(name, c) for c in columns)]
    if unmet:
        notes.warning(
            f"{names.SIDECAR} leaves out columns this run lacks",
            f"{sidecar.path}: {', '.join(unmet)}. Columns here: {', '.join(columns) or 'none'}.",
            "Use the names of the columns; * stands for anything.",
        )
    return tuple(c for c in columns if any(_means(name, c) for name in sidecar.leave_out))


def _means(pattern: str, column: str) -> bool:
    """Whether the pattern, in which only * is special, is the whole name of the column."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), column, re.DOTALL) is not None


def _described(study: Study, note: StudyNote | None) -> Study:
    if note is None:
        return study
    kind = note.kind or (StudyKind.CORRUPTION if note.corruption else study.kind)
    corrupted = kind is StudyKind.CORRUPTION
    return replace(
        study,
        kind=kind,
        label=note.label or study.label,
        corruption=note.corruption or (study.corruption if corrupted else None),
        severity=note.severity or (study.severity if corrupted and not note.corruption else None),
        assumed=study.assumed and note.kind is None and note.corruption is None,
    )


def _sidecar(path: Path, content: dict[str, Any]) -> Sidecar:
    classes = content.get("classes")
    return Sidecar(
        path=path,
        classes=None if classes is None else tuple(str(name) for name in classes),
        group=content.get("group"),
        source=content.get("source"),
        leave_out=tuple(content.get("leave_out", ())),
        studies={
            str(name): StudyNote(
                kind=StudyKind(entry["kind"]) if "kind" in entry else None,
                corruption=entry.get("corruption"),
                severity=entry.get("severity"),
                label=entry.get("label"),
            )
            for name, entry in content.get("studies", {}).items()
        },
        methods={
            str(row): {"run": entry} if isinstance(entry, str) else dict(entry)
            for row, entry in content.get("methods", {}).items()
        },
    )
