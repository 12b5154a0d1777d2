"""From an image path as a csv writes it to a file strictly below an allowed folder, or to nothing.

A path that comes from data is hostile until it is resolved: it may point anywhere, and it was often written
on another computer. What counts in the end is where the file really lies after following all symbolic links.
Where a folder is not there, a zip of its name in its place is looked into (see `packed`).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from sfvisuals.io.packed import ImageFile, PackedFolder, packed_folder
from sfvisuals.types import BoolArray, Run, RunFormat

Parts: TypeAlias = tuple[str, ...]

# From this many wanted files of one folder on, one listing is cheaper than a look at each file.
LIST_FROM = 32
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:$")


@dataclass(frozen=True, slots=True)
class PathText:
    """A path that is fit to be looked up.

    Attributes:
        absolute: True where it began at the root of some file system (`/...` or `C:/...`).
        parts: its components; never empty, none of them empty, `.` or `..`.
    """

    absolute: bool
    parts: Parts


def parse_path(text: object) -> PathText | None:
    """The path as components, or None where it is no text, empty, or holds anything that could lead astray.

    Refused: the component `..` (two dots inside a name are fine), backslashes, control characters (NUL among
    them) and text that no file system can encode.
    """
    if not isinstance(text, str) or not text or "\\" in text or _CONTROL.search(text):
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    parts = tuple(part for part in text.split("/") if part not in ("", "."))
    if not parts or ".." in parts or text.endswith("/"):
        return None
    return PathText(_is_absolute(text), parts)


@dataclass(frozen=True, slots=True)
class _Map:
    """One beginning of paths and what replaces it, as components."""

    old_is_absolute: bool
    old: Parts
    new_is_absolute: bool
    new: Parts


@dataclass(frozen=True, slots=True)
class Area:
    """The folders that files may come from: where they were named, and where they really lie."""

    named: tuple[Path, ...]
    real: tuple[str, ...]

    @classmethod
    def of(cls, folders: Iterable[Path]) -> Area:
        """The area of these folders, in order of preference."""
        named = tuple(folder.absolute() for folder in folders)
        return cls(named, tuple(os.path.realpath(folder) for folder in named))

    def holds(self, real: str) -> bool:
        """True where the real path (no symbolic link left in it) is one of the folders or below one."""
        return any(real == top or real.startswith(top.rstrip(os.sep) + os.sep) for top in self.real)


class ImagePaths:
    """Looks image paths up below the data roots.

    Args:
        data_roots: folders that images may come from, in order of preference.
        path_maps: (OLD, NEW): a path below OLD is looked for below NEW; a relative OLD also holds for
            relative paths. A NEW that is an absolute folder was named by the person who started the program,
            so files may come from it too; a relative one lies below a data root.
    """

    def __init__(self, data_roots: Sequence[Path], *, path_maps: Sequence[tuple[str, str]] = ()) -> None:
        self._roots = Area.of(data_roots)
        self._maps = tuple(
            _Map(_is_absolute(old), _components(old), new.startswith("/"), _components(new))
            for old, new in path_maps
        )
        mapped = [Path("/", *m.new) for m in self._maps if m.new_is_absolute and m.new]
        self._allowed = Area.of([*data_roots, *mapped])

    def resolve(self, text: object, *, base: Path | None = None) -> ImageFile | None:
        """The real file of that path, or None where there is none that may be read.

        All go through the path maps first. Relative paths are then looked for in `base` (the run's own
        folder, which counts as allowed then) and below each data root; absolute ones by the longest end of
        the path that exists below a data root.
        """
        path = parse_path(text)
        if path is None:
            return None
        allowed = self._allowed_with(base)
        for folder in self._folders(path.absolute, path.parts[:-1], base, allowed):
            if isinstance(folder, PackedFolder):
                packed = folder.find(path.parts[-1])
                if packed is not None:
                    return packed
                continue
            found = _real_file(os.path.join(folder, path.parts[-1]), allowed)  # noqa: PTH118 - a million times
            if found is not None:
                return Path(found)
        return None

    def resolve_many(self, texts: Iterable[object], *, base: Path | None = None) -> BoolArray:
        """(N,) True where `resolve` would find a file; each folder is listed once, not asked per file."""
        wanted: dict[tuple[bool, Parts], list[tuple[int, str]]] = {}
        count = 0
        for row, text in enumerate(texts):
            count = row + 1
            path = parse_path(text)
            if path is not None:
                wanted.setdefault((path.absolute, path.parts[:-1]), []).append((row, path.parts[-1]))
        found = np.zeros(count, dtype=bool)
        allowed = self._allowed_with(base)
        for (absolute, parents), files in wanted.items():
            left = files
            for folder in self._folders(absolute, parents, base, allowed):
                here = _present(folder, [name for _, name in left], allowed)
                found[[row for row, name in left if name in here]] = True
                left = [(row, name) for row, name in left if name not in here]
                if not left:
                    break
        return found

    def packed(self, texts: Iterable[object], *, base: Path | None = None) -> dict[Path, list[str]]:
        """Archive -> its members that `resolve` would look for, whether they are there or not."""
        wanted: dict[tuple[bool, Parts], list[str]] = {}
        for text in texts:
            path = parse_path(text)
            if path is not None:
                wanted.setdefault((path.absolute, path.parts[:-1]), []).append(path.parts[-1])
        found: dict[Path, list[str]] = {}
        allowed = self._allowed_with(base)
        for (absolute, parents), names in wanted.items():
            for folder in self._folders(absolute, parents, base, allowed):
                if isinstance(folder, PackedFolder):
                    found.setdefault(folder.archive, []).extend(folder.inside + name for name in names)
        return found

    def _allowed_with(self, base: Path | None) -> Area:
        if base is None:
            return self._allowed
        extra = Area.of([base])
        return Area(self._allowed.named + extra.named, self._allowed.real + extra.real)

    def _folders(
        self, absolute: bool, parents: Parts, base: Path | None, allowed: Area
    ) -> Iterator[str | PackedFolder]:
        """Real folders, best first, in which a file with these parents may lie; all in the allowed area."""
        for candidate in self._candidates(absolute, parents, base):
            real = os.path.realpath(candidate)
            if not allowed.holds(real):
                continue
            if os.path.isdir(real):  # noqa: PTH112 - Path.is_dir raises on long names
                yield real
            elif (packed := packed_folder(real)) and allowed.holds(os.path.dirname(packed.archive)):  # noqa: PTH120
                yield packed

    def _candidates(self, absolute: bool, parents: Parts, base: Path | None) -> Iterator[Path]:
        for entry in self._maps:
            if parents[: len(entry.old)] == entry.old and (absolute or not entry.old_is_absolute):
                rest = (*entry.new, *parents[len(entry.old) :])
                tops = [Path("/")] if entry.new_is_absolute else self._roots.named
                yield from (top.joinpath(*rest) for top in tops)
        if not absolute:
            yield from (top.joinpath(*parents) for top in ([base] if base else []))
            yield from (top.joinpath(*parents) for top in self._roots.named)
            return
        yield Path("/", *parents)
        for skip in range(len(parents) + 1):
            yield from (top.joinpath(*parents[skip:]) for top in self._roots.named)


def base_of(run: Run) -> Path | None:
    """The folder in which relative image paths of a run are looked for first: the run's own in our format.

    Folders of fd-shifts hold no images; their paths are relative to a data root.
    """
    return run.path if run.format is RunFormat.SFVISUALS else None


def _is_absolute(text: str) -> bool:
    return text.startswith("/") or _DRIVE.match(text.split("/")[0]) is not None


def _components(prefix: str) -> Parts:
    return tuple(part for part in prefix.split("/") if part not in ("", "."))


def _real_file(candidate: str, allowed: Area) -> str | None:
    """The real path of a regular file that lies in the allowed area, else None."""
    try:
        if not stat.S_ISREG(os.stat(candidate).st_mode):  # noqa: PTH116 - a Path per candidate costs more
            return None
        real = os.path.realpath(candidate, strict=True)
    except OSError:  # absent, a loop of links, a name too long, no permission
        return None
    return real if allowed.holds(os.path.dirname(real)) else None  # noqa: PTH120


def _present(folder: str | PackedFolder, names: Sequence[str], allowed: Area) -> frozenset[str]:
    """Which of the names are regular files of the (real, allowed) folder, links leading outside excepted."""
    if isinstance(folder, PackedFolder):
        return frozenset(name for name in set(names) if folder.find(name))
    if len(names) < LIST_FROM:
        return frozenset(n for n in set(names) if _real_file(os.path.join(folder, n), allowed))  # noqa: PTH118
    try:
        with os.scandir(folder) as entries:
            listed = [(e.name, e.is_symlink(), e.is_file(follow_symlinks=False)) for e in entries]
    except OSError:
        return frozenset()
    plain = {name for name, _, is_file in listed if is_file}
    linked = {name for name, is_link, _ in listed if is_link}.intersection(names)
    inside = {n for n in linked if _real_file(os.path.join(folder, n), allowed)}  # noqa: PTH118
    return frozenset((plain | inside).intersection(names))
