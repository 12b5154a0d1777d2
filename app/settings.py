"""What a person may set, from the command line or the environment; checked once, then frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sfvisuals.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one server.

    Attributes:
        root: folder of runs, or one run.
        data_roots: folders below which images are looked for.
        path_maps: (OLD, NEW) prefixes of image paths.
        describe: a sidecar file that overrides what the folders say.
        cache_dir: where projections, thumbnails and answers are kept.
        host: address to bind; 127.0.0.1 keeps the server private to this machine.
        port: TCP port; 0 takes a free one.
    """

    root: Path
    data_roots: tuple[Path, ...] = ()
    path_maps: tuple[tuple[str, str], ...] = ()
    describe: Path | None = None
    cache_dir: Path = Path(platformdirs.user_cache_dir("sfvisuals"))
    host: str = "127.0.0.1"
    port: int = 8050


def parse_path_map(text: str) -> tuple[str, str]:
    """Split OLD=NEW, NEW from the current folder where that is a folder there, else as it is.

    Raises SettingsError where there is no `=` or OLD is empty.
    """
    old, separator, new = text.partition("=")
    if not separator or not old:
        raise SettingsError(
            f"--path-map {text!r} is not of the form OLD=NEW",
            detail="OLD is the beginning of the image paths in the csv files, NEW is what replaces it.",
            hint="For example --path-map /cluster/data=/mnt/data",
        )
    folder = Path(new)
    return old, str(folder.absolute()) if new and folder.is_dir() else new


def checked_settings(
    root: Path,
    *,
    data_roots: Sequence[Path] = (),
    path_maps: Sequence[str] = (),
    describe: Path | None = None,
    cache_dir: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8050,
) -> Settings:
    """Settings whose folders exist; raises SettingsError that names the one that does not."""
    for option, folder in [("ROOT", root), *(("--data-root", d) for d in data_roots)]:
        if not folder.is_dir():
            found = "it is a file" if folder.exists() else "nothing is there"
            raise SettingsError(
                f"{option} {folder} is not a folder", detail=f"Found: {found}.", hint="Check the spelling."
            )
    if describe is not None and not describe.is_file():
        raise SettingsError(f"--describe {describe} is not a file", hint="It takes an sfvisuals.yaml.")
    return Settings(
        root=root.resolve(),
        data_roots=tuple(d.absolute() for d in data_roots),
        path_maps=tuple(parse_path_map(m) for m in path_maps),
        describe=describe,
        cache_dir=(cache_dir or Path(platformdirs.user_cache_dir("sfvisuals"))).absolute(),
        host=host,
        port=port,
    )


def settings_from_environment(env: Mapping[str, str] = os.environ) -> Settings:
    """Settings for a WSGI server: SFVISUALS_ROOT, _DATA_ROOTS and _PATH_MAPS (os.pathsep between), _DESCRIBE,
    _CACHE_DIR."""
    root = env.get("SFVISUALS_ROOT")
    if not root:
        raise SettingsError(
            "SFVISUALS_ROOT is not set",
            hint="Set it to the folder of experiments before starting the server.",
        )
    split = {
        key: [part for part in env.get(f"SFVISUALS_{key}", "").split(os.pathsep) if part]
        for key in ("DATA_ROOTS", "PATH_MAPS")
    }
    describe, cache = env.get("SFVISUALS_DESCRIBE"), env.get("SFVISUALS_CACHE_DIR")
    return checked_settings(
        Path(root),
        data_roots=[Path(part) for part in split["DATA_ROOTS"]],
        path_maps=split["PATH_MAPS"],
        describe=Path(describe) if describe else None,
        cache_dir=Path(cache) if cache else None,
    )
