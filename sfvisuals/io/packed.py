"""Images out of a zip that stands in place of their folder: `images.zip` where `images/` is not there.

A zip of thousands of small images is copied and opened in a moment, where as many files take seconds. Nothing
is ever unpacked to the disk, so no name in it can lead anywhere; a name counts where it is exactly the one
asked for. The format is that of PKWARE's APPNOTE 6.3, members stored as they are or deflated.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from sfvisuals.errors import ImageReadError

SUFFIX: Final = ".zip"
MOST_DEEP: Final = 16
MOST_BYTES: Final = 1 << 30
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_LOCAL_MARK: Final = b"PK\x03\x04"
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file inside a zip. It answers what reading an image asks of a path.

    It is spelled as the path that it stands for: as if the zip were unpacked into the folder of its name.
    """

    archive: Path
    member: str

    def __str__(self) -> str:
        return str(self.archive.with_suffix("") / self.member)

    def absolute(self) -> Path:
        """The path that it stands for."""
        return Path(str(self)).absolute()

    def stat(self) -> os.stat_result:
        """Facts about the zip: whenever it changes, its members may have."""
        return self.archive.stat()

    def open(self, _mode: str = "rb") -> BinaryIO:
        """Its content as a file. Raises what `read_bytes` raises."""
        return io.BytesIO(self.read_bytes())

    def read_bytes(self) -> bytes:
        """Its content, checked. Raises ImageReadError, and FileNotFoundError where it is gone."""
        entry = listing(self.archive).get(self.member)
        if entry is None:
            raise FileNotFoundError(str(self))
        _check(entry)
        with self.archive.open("rb") as file:
            file.seek(entry.header_offset)
            head = file.read(_LOCAL_HEADER.size)
            if len(head) < _LOCAL_HEADER.size or not head.startswith(_LOCAL_MARK):
                raise ImageReadError("cannot be read", detail="the zip that it lies in is damaged")
            _, name, extra = _LOCAL_HEADER.unpack(head)
            file.seek(name + extra, os.SEEK_CUR)
            content = _content(file.read(entry.compress_size), entry)
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise ImageReadError("cannot be read", detail="damaged in the zip that it lies in")
        return content


ImageFile: TypeAlias = Path | PackedFile


@dataclass(frozen=True, slots=True)
class PackedFolder:
    """A folder that lies in a zip: `inside` is its path there, "" or ending in a slash."""

    archive: Path
    inside: str

    def find(self, name: str) -> PackedFile | None:
        """The file of that name, or None."""
        member = self.inside + name
        return PackedFile(self.archive, member) if member in listing(self.archive) else None


def packed_folder(folder: str) -> PackedFolder | None:
    """The zip in place of the first folder that is not there on the way to `folder`, or None.

    Its archive is a real path; whether files may come from there is for the caller to say.
    """
    here, inside = folder, ""
    for _ in range(MOST_DEEP):
        above, name = os.path.split(here)
        if not name:
            return None
        if os.path.isdir(above):  # noqa: PTH112 - Path.is_dir raises on long names
            return _at(here + SUFFIX, inside)
        here, inside = above, f"{name}/{inside}"
    return None


def _at(candidate: str, inside: str) -> PackedFolder | None:
    try:
        archive = os.path.realpath(candidate, strict=True)
        regular = stat.S_ISREG(os.stat(archive).st_mode)  # noqa: PTH116 - once per folder of a million paths
    except OSError:  # absent, a loop of links, a name too long, no permission
        return None
    return PackedFolder(Path(archive), inside) if regular else None


def listing(archive: Path) -> Mapping[str, zipfile.ZipInfo]:
    """Name -> member of the zip as it now is; nothing where it cannot be read as one."""
    return _now(archive)[0]


def fault_of(archive: Path) -> str:
    """Why the zip as it now is cannot be read, "" where it can."""
    return _now(archive)[1]


def _now(archive: Path) -> tuple[Mapping[str, zipfile.ZipInfo], str]:
    try:
        facts = archive.stat()
    except OSError as error:
        return {}, error.strerror or str(error)
    return _listing(archive, (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino))


@lru_cache(maxsize=8)
def _listing(archive: Path, _version: tuple[int, ...]) -> tuple[Mapping[str, zipfile.ZipInfo], str]:
    try:
        with zipfile.ZipFile(archive) as opened:
            return {entry.filename: entry for entry in opened.infolist() if not entry.is_dir()}, ""
    except OSError as error:
        return {}, error.strerror or str(error)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        return {}, _why(archive, error)


def _why(archive: Path, error: Exception) -> str:
    """What is wrong with a file that is taken for a zip, in words."""
    with archive.open("rb") as file:
        head = file.read(len(_LOCAL_MARK))
        size = file.seek(0, os.SEEK_END)
    if not size:
        return "the file is empty"
    if not head.startswith(b"PK"):
        return f"it is no zip (its first bytes are {head!r})"
    return f"it is cut off or damaged: its list of files is not at the end of its {size:,} bytes ({error})"


def _check(entry: zipfile.ZipInfo) -> None:
    """Raise ImageReadError unless the member can be read without filling the memory."""
    if max(entry.file_size, entry.compress_size) > MOST_BYTES:
        raise ImageReadError("cannot be read", detail=f"{entry.file_size:,} bytes in a zip are too many")
    if entry.flag_bits & _ENCRYPTED:
        raise ImageReadError("cannot be read", detail="encrypted in the zip that it lies in")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ImageReadError("cannot be read", detail="packed in a way that is not stored and not deflated")


def _content(packed: bytes, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type == zipfile.ZIP_STORED:
        return packed
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, entry.file_size + 1)
    except zlib.error:
        raise ImageReadError("cannot be read", detail="damaged in the zip that it lies in") from None
