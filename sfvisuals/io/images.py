"""Images of samples: where they are, and a thumbnail, the whole picture or a placeholder as bytes.

Thumbnails are kept on disk under a key of the file's place, size and times, and of how it is corrupted, so a
changed image is never shown from the cache. Nothing is deleted there: one stays for every image, size asked
for and state of the file.
Small images are never enlarged here: the page does that, with hard pixel edges.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from textwrap import wrap
from xml.sax.saxutils import escape

from PIL import Image

from sfvisuals.corruptions import VERSION as FORMULAS
from sfvisuals.corruptions import CorruptionRecipe, known
from sfvisuals.errors import ImageReadError
from sfvisuals.io.corrupted import display_corrupted
from sfvisuals.io.image_paths import ImagePaths
from sfvisuals.io.packed import ImageFile, fault_of
from sfvisuals.io.pixels import Displayed, display, open_pixels
from sfvisuals.io.tiff import Pixels
from sfvisuals.types import BoolArray

VERSION = 2
JPEG_QUALITY = 88
MIME = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
PLACEHOLDER_SIZE = 160


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes that a browser shows as an image.

    Attributes:
        data: the encoded image.
        mime: its media type.
        etag: strong entity tag: equal exactly where `data` is.
        found: False where `data` is a placeholder.
        note: what was done so that it can be shown (window of a 16-bit image, page of a stack), or why it
            cannot be.
    """

    data: bytes
    mime: str
    etag: str
    found: bool = True
    note: str = ""


class ImageStore:
    """Finds image files below the data roots and serves them.

    Args:
        data_roots: folders that images may come from, in order of preference.
        path_maps: (OLD, NEW) beginnings of absolute image paths.
        cache_dir: thumbnails are kept in its folder `thumbnails`.
    """

    def __init__(
        self, data_roots: Sequence[Path], *, cache_dir: Path, path_maps: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._paths = ImagePaths(data_roots, path_maps=path_maps)
        self._cache = cache_dir / "thumbnails"

    def resolve(self, text: object, *, base: Path | None = None) -> ImageFile | None:
        """The file of an image path as the csv writes it, or None (see `ImagePaths.resolve`)."""
        return self._paths.resolve(text, base=base)

    def resolve_many(self, texts: Iterable[object], *, base: Path | None = None) -> BoolArray:
        """(N,) True where `resolve` would find a file; made for a million paths."""
        return self._paths.resolve_many(texts, base=base)

    def absent(self, text: str, *, base: Path | None = None) -> Picture:
        """The placeholder of an image path that leads to no file, and where it was looked for in vain."""
        for archive in self._paths.packed([text], base=base):
            if fault := fault_of(archive):
                return placeholder(f"{archive.name} unreadable", f"{fault[0].upper()}{fault[1:]}.")
        return placeholder("image not found", text)

    def open_pixels(self, path: ImageFile) -> Pixels:
        """The stored pixel values, see `pixels.open_pixels`."""
        return open_pixels(path)

    def thumbnail(
        self, path: ImageFile | None, *, size: int, recipe: CorruptionRecipe | None = None
    ) -> Picture:
        """The image, no side longer than `size` pixels, never enlarged; without one a placeholder.

        With a recipe it is made from the corrupted image in full size.
        """
        return _or_placeholder(path, recipe, lambda file: self._kept(file, size, recipe), size=size)

    def full(self, path: ImageFile | None, *, recipe: CorruptionRecipe | None = None) -> Picture:
        """The whole image: the file itself where a browser can show it, else a PNG; or a placeholder.

        With a recipe it is a PNG of exactly `corrupted.pixels_of(path, recipe)`.
        """
        return _or_placeholder(
            path,
            recipe,
            lambda file: _encoded(file, _display(file, recipe), lossless=True),
            size=PLACEHOLDER_SIZE,
        )

    def etag(
        self, path: ImageFile | None, *, size: int | None, recipe: CorruptionRecipe | None = None
    ) -> str | None:
        """Strong entity tag of what `thumbnail`, or without a size `full`, gives for the file as it is now.

        It costs a look at the file's entry on the disk: nothing is read or decoded. None without a file, and
        for a corruption that is not known.
        """
        try:
            return None if path is None or _unknown(recipe) else _key(path, size, recipe)
        except OSError:
            return None

    def _kept(self, path: ImageFile, size: int, recipe: CorruptionRecipe | None) -> Picture:
        key = _key(path, size, recipe)
        place = self._cache / key[:2] / key[2:]
        kept = _load(place)
        if kept is not None:
            return kept
        whole = _display(path, recipe, at_most=size)
        shown = _smaller(whole, size)
        made = _encoded(path, shown, lossless=shown is whole)
        if not shown.untouched:  # what the file itself gives needs no second copy
            with contextlib.suppress(OSError):  # a full or read-only disk costs time, not the picture
                _save(place, made)
        return made


def placeholder(title: str, detail: str = "", *, size: int = PLACEHOLDER_SIZE) -> Picture:
    """A grey square that says what is wrong; readable in light and dark."""
    lines = [title, *wrap(_drawable(detail), width=24)][:6]
    first = PLACEHOLDER_SIZE // 2 - 8 * (len(lines) - 1)
    weights = [600, *[400] * (len(lines) - 1)]
    text = "".join(
        f'<text x="50%" y="{first + 16 * i}" font-weight="{weight}">{escape(line)}</text>'
        for i, (line, weight) in enumerate(zip(lines, weights, strict=True))
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" fill="#868e96" '
        f'viewBox="0 0 {PLACEHOLDER_SIZE} {PLACEHOLDER_SIZE}" font-family="system-ui, sans-serif" '
        'font-size="12" text-anchor="middle" dominant-baseline="middle">'
        f'<rect x="1" y="1" width="{PLACEHOLDER_SIZE - 2}" height="{PLACEHOLDER_SIZE - 2}" '
        f'fill-opacity=".08" stroke="#868e96" stroke-dasharray="4 4"/>{text}</svg>'
    )
    note = f"{title}: {detail}" if detail else title
    return _picture(svg.encode(), "image/svg+xml", found=False, note=note)


def _or_placeholder(
    path: ImageFile | None,
    recipe: CorruptionRecipe | None,
    made: Callable[[ImageFile], Picture],
    *,
    size: int,
) -> Picture:
    """The picture, or in its place the words why there is none."""
    if path is None:
        return placeholder("image not found", size=size)
    if recipe is not None and _unknown(recipe):
        return placeholder("unknown corruption", f"{recipe.corruption}: not in this version", size=size)
    try:
        return made(path)
    except FileNotFoundError:
        return placeholder("image not found", size=size)
    except ImageReadError as error:
        return placeholder(error.title, error.detail, size=size)


def _unknown(recipe: CorruptionRecipe | None) -> bool:
    return recipe is not None and not known(recipe.corruption)


def _display(path: ImageFile, recipe: CorruptionRecipe | None, *, at_most: int | None = None) -> Displayed:
    return display(path, at_most=at_most) if recipe is None else display_corrupted(path, recipe)


def _key(path: ImageFile, size: int | None, recipe: CorruptionRecipe | None) -> str:
    """Changes whenever the bytes served may: with the file's place, size and times, the size and VERSION, and
    with the corruption, its parameters, its seed and the version of the formulas.

    The time of the last change of the entry (ctime) counts too: a file that was moved here or unpacked over
    another keeps its time of writing.
    """
    facts = path.stat()
    parts: tuple[object, ...] = (VERSION, path, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, size)
    if recipe is not None:
        numbers = json.dumps(
            {name: float(value) for name, value in recipe.parameters.items()}, sort_keys=True
        )
        parts += (FORMULAS, recipe.corruption, numbers, recipe.seed)
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=20).hexdigest()


def _drawable(text: str) -> str:
    """The text without what XML cannot hold: a path from a csv may hold anything."""
    plain = text.encode(errors="replace").decode()
    return "".join(c if c.isprintable() else "?" for c in plain)


def _smaller(shown: Displayed, size: int) -> Displayed:
    """The same within `size` pixels a side."""
    if max(shown.image.size) <= size:
        return shown
    image = shown.image.copy()
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    return Displayed(image, shown.note, untouched=False)


def _encoded(path: ImageFile, shown: Displayed, *, lossless: bool) -> Picture:
    if shown.untouched:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            mime = MIME[str(image.format)]
        return _picture(data, mime, note=shown.note)
    target = io.BytesIO()
    if lossless or shown.image.mode == "RGBA":
        shown.image.save(target, "PNG", compress_level=4)
        return _picture(target.getvalue(), "image/png", note=shown.note)
    shown.image.save(target, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return _picture(target.getvalue(), "image/jpeg", note=shown.note)


def _picture(data: bytes, mime: str, *, found: bool = True, note: str = "") -> Picture:
    return Picture(data, mime, hashlib.blake2b(data, digest_size=16).hexdigest(), found, note)


def _load(place: Path) -> Picture | None:
    """A kept thumbnail, or None where there is none or what is there is not whole."""
    try:
        header, _, data = place.read_bytes().partition(b"\n")
        facts = json.loads(header)
        kept = _picture(data, facts["mime"], note=facts["note"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return kept if kept.etag == facts["etag"] else None


def _save(place: Path, picture: Picture) -> None:
    """Write whole or not at all: another worker may read at any moment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    header = json.dumps({"mime": picture.mime, "note": picture.note, "etag": picture.etag}).encode()
    with NamedTemporaryFile(dir=place.parent, prefix=".", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(header + b"\n" + picture.data)
            file.close()
            temporary.replace(place)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
