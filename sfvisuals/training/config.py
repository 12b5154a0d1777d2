"""The config of `sfvisuals train`: a YAML file that follows data_schema/train.schema.json. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from sfvisuals.capture.records import CorruptionPlan, Preprocessing
from sfvisuals.errors import RunFormatError, SettingsError
from sfvisuals.io.config import read_yaml
from sfvisuals.io.schemas import schema
from sfvisuals.training.config_checks import check_plain, check_repeated
from sfvisuals.training.options import (
    AugmentationOptions,
    BackboneOptions,
    ConfidNetOptions,
    DeepGamblersOptions,
    DevriesOptions,
    FitOptions,
    Options,
)

ALL_METHODS: Final = ("cross_entropy", "confidnet", "deep_gamblers", "devries")


@dataclass(frozen=True)
class CaptureOptions:
    """How a trained model is captured; see the schema."""

    mc_passes: int = 10
    batch_size: int = 64
    workers: int = 0
    train_latents: bool = True
    corruptions: str | tuple[str, ...] = "all"
    severities: tuple[int, ...] = (1, 2, 3, 4, 5)
    subset: int | None = None
    seed: int = 0

    def plan(self) -> CorruptionPlan | None:
        """The corruption studies, or None for none."""
        if self.corruptions == "none":
            return None
        named = None if isinstance(self.corruptions, str) else self.corruptions
        return CorruptionPlan(names=named, severities=self.severities, subset=self.subset, seed=self.seed)


@dataclass(frozen=True)
class TrainConfig:
    """What a config file says, its paths resolved.

    Attributes:
        name: of the experiment.
        manifest: the csv.
        data_roots: folders below which images are looked for.
        out: the output folder.
        classes: names, or None for those of the manifest.
        group: column of patients, lesions or nodules, or None.
        studies: study -> kind, where stated.
        methods: what is trained.
        seeds: once for each.
        options: of the trainings.
        capture: of the captures.
    """

    name: str
    manifest: Path
    data_roots: tuple[Path, ...] = ()
    out: Path = Path("runs")
    classes: tuple[str, ...] | None = None
    group: str | None = None
    studies: Mapping[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ALL_METHODS
    seeds: tuple[int, ...] = (0,)
    options: Options = field(default_factory=Options)
    capture: CaptureOptions = field(default_factory=CaptureOptions)


def read_train_config(path: Path) -> TrainConfig:
    """The config in `path`. Raises SettingsError with the file, the key, what was found and expected."""
    try:
        content = read_yaml(path)
    except RunFormatError as error:
        raise SettingsError(error.title, detail=error.detail, hint="Name a YAML file that exists.") from error
    check_repeated(path)
    errors = sorted(
        Draft202012Validator(schema("train")).iter_errors(content),
        key=lambda error: (list(map(str, error.absolute_path)), error.message),
    )
    if errors:
        raise _told(errors[0], path, more=len(errors) - 1)
    check_plain(content, path)
    return _config(content, path.absolute().parent)


def _told(error: ValidationError, path: Path, *, more: int) -> SettingsError:
    place = ".".join(str(part) for part in error.absolute_path) or "the top level"
    rest = f" ({more} more mistakes)" if more else ""
    rule: Any = error.schema
    found: Any = error.instance
    if error.validator == "additionalProperties":
        known = list(rule["properties"])
        unknown = [key for key in found if key not in known]
        return SettingsError(
            f"{path.name} has an unknown key",
            detail=f"{path}, at {place}: found {', '.join(map(repr, unknown))}; known are"
            f" {', '.join(known)}.{rest}",
            hint="Correct the spelling; docs/training.md explains every key.",
        )
    return SettingsError(
        f"{path.name} does not follow its schema",
        detail=f"{path}, at {place}: found {_short(found)}; expected {_expected(error)}.{rest}",
        hint="Mend the place named above; docs/training.md explains every key. Words such as yes, no, on and"
        " off need quotes in YAML.",
    )


def _expected(error: ValidationError) -> str:
    """What the schema asks for, in words."""
    rule: Any = error.validator_value
    found: Any = error.instance
    match error.validator:
        case "enum":
            return f"one of {', '.join(map(str, rule))}"
        case "type":
            return " or ".join(rule) if isinstance(rule, list) else str(rule)
        case "required":
            missing = [key for key in rule if key not in found]
            return f"also {', '.join(missing)}"
        case "minimum" | "exclusiveMinimum":
            return f"{'at least' if error.validator == 'minimum' else 'more than'} {rule}"
        case "maximum" | "exclusiveMaximum":
            return f"{'at most' if error.validator == 'maximum' else 'less than'} {rule}"
        case "anyOf":
            return " or ".join(
                str(option.get("const", option.get("enum", option.get("type")))) for option in rule
            )
        case _:
            return f"{error.validator} {rule}"


def _short(found: Any) -> str:
    text = repr(found)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _config(content: Mapping[str, Any], folder: Path) -> TrainConfig:
    weights = content.get("backbone", {}).get("weights")
    backbone = dict(content.get("backbone", {})) | ({"weights": str(folder / weights)} if weights else {})
    classes = content.get("classes")
    return TrainConfig(
        name=content["name"],
        manifest=folder / content["manifest"],
        data_roots=(folder / content["images"],) if "images" in content else (),
        out=folder / content.get("out", "runs"),
        classes=None if classes is None else tuple(map(str, classes)),
        group=content.get("group"),
        studies=dict(content.get("studies", {})),
        methods=tuple(content.get("methods", ALL_METHODS)),
        seeds=tuple(content.get("seeds", (0,))),
        options=Options(
            backbone=_record(BackboneOptions, backbone),
            preprocessing=_preprocessing(content.get("preprocessing", {})),
            augmentation=_record(AugmentationOptions, content.get("augmentation", {})),
            fit=_record(FitOptions, content.get("training", {})),
            confidnet=_record(ConfidNetOptions, content.get("confidnet", {})),
            deep_gamblers=_record(DeepGamblersOptions, content.get("deep_gamblers", {})),
            devries=_record(DevriesOptions, content.get("devries", {})),
        ),
        capture=_record(CaptureOptions, content.get("capture", {})),
    )


def _preprocessing(content: Mapping[str, Any]) -> Preprocessing:
    for key in ("mean", "std"):
        numbers, channels = len(content.get(key, (0,))), content.get("channels", 3)
        if numbers not in (1, channels):
            raise SettingsError(
                f"preprocessing.{key} does not fit the channels",
                detail=f"Found {numbers} numbers; expected 1 or {channels}.",
                hint="Give one number for all channels, or one per channel.",
            )
    made: Preprocessing = _record(Preprocessing, content)
    return made


def _record(kind: Any, content: Mapping[str, Any]) -> Any:
    """The dataclass with what the config says, lists as tuples."""
    known = {entry.name for entry in fields(kind)}
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    return kind(**{key: value for key, value in given.items() if key in known})
