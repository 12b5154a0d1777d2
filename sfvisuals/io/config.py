"""What a run's config.yaml says about its outputs: classes, studies, validation, external score, encodings.

Reading rules:

- The config is `hydra/config.yaml`, else `config.yaml` beside `test_results`, else inside it. A top-level key
  `config` holds everything in newer ones.
- It is read with a safe loader; a tag it does not know (`!!python/object...`, `!anything`) gives the plain
  value below it. Whatever is no YAML, or no mapping, is a RunFormatError.
- `${a.b}` is resolved within the config where it can be, also inside a name; `${data.dataset}` is the
  training set. The iid set that stays unresolved is called "iid", another one by its text.
- `eval.query_studies`: the iid study first, then the others in the order of the keys. An entry is a name, a
  list, or a mapping with `dataset`; null, empty, `{dataset: null}` or a mapping without `dataset` takes no
  index.
- `eval.val_tuning: true` gives index 0 to the validation set. Where the key is missing the data decide (one
  more index than there are studies).
- `subsample_corruptions` of the noise study is its own, else that of `data`, else 10 (the writer's default).
- `compute_train_encodings` is looked for under `test`, then `eval`, then at the top; it moves the numbers of
  the attribution files by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from sfvisuals.errors import RunFormatError
from sfvisuals.io import names

INTERPOLATION = re.compile(r"\$\{([^${}]+)\}")
IID_KEY = "iid_study"
ENCODINGS_KEY = "compute_train_encodings"
MAX_DEPTH = 8
MOST_ENTRIES = 10_000
NOISE_KEY = "noise_study"
DEFAULT_STRIDE = 10
EXTERNAL_NAMES = ("tcp", "dg", "devries")


@dataclass(frozen=True, slots=True)
class ConfigStudy:
    """One entry of query_studies: its data set, the key it stands under, its stride of corruptions."""

    name: str
    key: str
    subsample: int | None = None


@dataclass(frozen=True, slots=True)
class RunConfig:
    """The part of a config that reading needs; None where it says nothing.

    Attributes:
        path: the file, or None if the run has no config.
        nested: True if everything lies below a top-level `config` key.
        studies: in the order of their index, without the validation set; None if the config names none.
        val_tuning: whether index 0 is the validation set.
        train_encodings: whether the training set was encoded too.
        encodings_stated: whether the config says so itself.
    """

    path: Path | None = None
    nested: bool = False
    studies: tuple[ConfigStudy, ...] | None = None
    val_tuning: bool | None = None
    train_encodings: bool = False
    encodings_stated: bool = False
    num_classes: int | None = None
    dataset: str | None = None
    external_name: str | None = None
    version: str | None = None


class _PlainLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that reads an unknown tag as the plain value below it."""


def _plain(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_PlainLoader.add_multi_constructor("", _plain)


def read_yaml(path: Path) -> Any:
    """The plain content of a YAML file. Raises RunFormatError with the place of the mistake."""
    try:
        return yaml.load(path.read_bytes(), Loader=_PlainLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RunFormatError(
            f"{path.name} is not YAML",
            detail=f"{path}: {' '.join(str(error).split())}",
            hint="Mend the place named above, or copy the file again from where the run was written.",
        ) from error
    except OSError as error:
        raise RunFormatError(
            f"{path.name} cannot be opened", detail=f"{path}: {error}", hint="Check the file's permissions."
        ) from error


def read_config(folder: Path) -> RunConfig:
    """What the config of the run in `folder` says; an empty RunConfig if there is none.

    Raises RunFormatError if the file is no YAML or holds no mapping.
    """
    path = names.config_file(folder)
    if path is None:
        return RunConfig()
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise RunFormatError(
            f"{path.name} is no config",
            detail=f"{path} holds {_kind(content)}; expected a mapping with `data` and `eval`.",
            hint="Copy the config.yaml that fd-shifts wrote for this run.",
        )
    nested = isinstance(content.get("config"), dict)
    root = content["config"] if nested else content
    data, evaluation, test = (_mapping(root.get(key)) for key in ("data", "eval", "test"))
    dataset = _text(_resolve(data.get("dataset"), root))
    given = (part[ENCODINGS_KEY] for part in (test, evaluation, root) if ENCODINGS_KEY in part)
    encodings = _flag(_resolve(next(given, None), root))
    return RunConfig(
        path=path,
        nested=nested,
        studies=_studies(evaluation.get("query_studies"), root, dataset),
        val_tuning=_flag(_resolve(evaluation.get("val_tuning"), root)),
        train_encodings=bool(encodings),
        encodings_stated=encodings is not None,
        num_classes=_count(_resolve(data.get("num_classes"), root)),
        dataset=dataset,
        external_name=_text(_resolve(evaluation.get("ext_confid_name"), root)),
        version=_text(root.get("pkgversion")),
    )


def _studies(query: Any, root: dict[Any, Any], dataset: str | None) -> tuple[ConfigStudy, ...] | None:
    query = _resolve(query, root)
    if not isinstance(query, dict):
        return None
    default = (
        _count(_resolve(_mapping(root.get("data")).get("subsample_corruptions"), root)) or DEFAULT_STRIDE
    )
    keys = sorted(query, key=lambda key: str(key) != IID_KEY)
    found: list[ConfigStudy] = []
    seen = count()
    for key in keys:
        for name, subsample in _entries(query[key], root, seen):
            name = INTERPOLATION.sub(lambda match: _inside(match, root, dataset), name)
            if INTERPOLATION.search(name) and key == IID_KEY:
                name = dataset or "iid"
            stride = default if subsample is None and key == NOISE_KEY else subsample
            found.append(ConfigStudy(name=name, key=str(key), subsample=stride))
    return tuple(found)


def _inside(match: re.Match[str], root: dict[Any, Any], dataset: str | None) -> str:
    """What a reference within a name stands for; its own text where that is nothing."""
    if match[1].strip() == "data.dataset":
        return dataset or "iid"
    found = _text(_resolve(match[0], root))
    return match[0] if found is None else found


def _entries(
    entry: Any, root: dict[Any, Any], seen: Iterator[int], depth: int = 0
) -> list[tuple[str, int | None]]:
    """(name, stride of the corruptions) of every data set an entry names, in order; `seen` counts them."""
    if depth > MAX_DEPTH:
        raise RunFormatError(
            "The studies of the config are nested too deeply",
            detail=f"query_studies goes more than {MAX_DEPTH} levels down.",
            hint="List the data sets by name.",
        )
    if next(seen) >= MOST_ENTRIES:
        raise RunFormatError(
            "The config names too many studies",
            detail=f"query_studies has more than {MOST_ENTRIES:,} entries, with those that anchors repeat.",
            hint="List every data set once, by name.",
        )
    entry = _resolve(entry, root)
    if isinstance(entry, list):
        return [found for part in entry for found in _entries(part, root, seen, depth + 1)]
    if isinstance(entry, dict):
        stride = _count(_resolve(entry.get("subsample_corruptions"), root))
        return [(name, stride) for name, _ in _entries(entry.get("dataset"), root, seen, depth + 1)]
    name = _text(entry)
    return [(name, None)] if name else []


def _resolve(value: Any, root: dict[Any, Any]) -> Any:
    """`${a.b}` replaced by what stands there; the value itself where that is nothing or again a reference."""
    for _ in range(MAX_DEPTH):
        match = INTERPOLATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            return value
        target: Any = root
        for part in match[1].strip().split("."):
            target = target.get(part) if isinstance(target, dict) else None
        if target is None:
            return value
        value = target
    return value


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value).strip() or None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, str) and value.strip().lower() in {"true", "false", "yes", "no"}:
        return value.strip().lower() in {"true", "yes"}
    return value if isinstance(value, bool) else None


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else f"the text {str(value)[:60]!r}"
