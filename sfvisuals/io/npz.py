"""Arrays out of npz files: never unpickled, memory-mapped where the archive stores them uncompressed."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from sfvisuals.errors import RunFormatError

AnyArray = npt.NDArray[Any]
MAP_FROM = 2**20
LOCAL_HEADER = 30
# What a damaged archive or an impossible header raises on its way through zipfile and numpy.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    TypeError,
    SyntaxError,
    TokenError,
)


@dataclass(frozen=True, slots=True)
class _Header:
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    length: int


def load_array(path: Path, *, key: str = "arr_0") -> AnyArray:
    """The array `key` of the npz file, numeric; the only array whatever its name, if there is just one.

    Raises RunFormatError naming the file, what was found, and the mend: file cut off, pickled, not numeric,
    key missing.
    """
    return load_arrays(path, keys=(key,))[0]


def load_arrays(path: Path, *, keys: tuple[str, ...]) -> tuple[AnyArray, ...]:
    """The arrays of these keys, in this order (see `load_array`)."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            if len(keys) == 1 and len(members) == 1:
                keys = tuple(members)
            missing = [key for key in keys if key not in members]
            if missing:
                raise RunFormatError(
                    f"{path.name} lacks the array {', '.join(missing)}",
                    detail=f"{path} holds: {', '.join(sorted(members)) or 'nothing'}.",
                    hint=f"Write it again with numpy.savez_compressed({path.name!r}, array).",
                )
            return tuple(_read(path, archive, members[key]) for key in keys)
    except BROKEN as error:
        raise _broken(path, str(error)) from error
    except (OSError, NotImplementedError, RuntimeError) as error:
        raise RunFormatError(
            f"{path.name} cannot be opened",
            detail=f"{path}: {error}",
            hint="Check the file and its permissions.",
        ) from error


def _read(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> AnyArray:
    with archive.open(info) as stream:
        header = _header(cast(BinaryIO, stream))
        if header.dtype.hasobject:
            raise RunFormatError(
                f"{path.name} holds pickled objects",
                detail=f"{path}, array {info.filename}: dtype object. Unpickling runs code from the file, so"
                " it is never done.",
                hint="Save the values as a plain numeric array, for example array.astype('float32').",
            )
        if header.dtype.kind not in "fiub":
            raise RunFormatError(
                f"{path.name} is not numeric",
                detail=f"{path}, array {info.filename}: dtype {header.dtype}; expected floating point"
                " numbers.",
                hint="Save the values as a plain numeric array.",
            )
        size = int(np.prod(header.shape, dtype=np.int64)) * header.dtype.itemsize
        if size + header.length != info.file_size:
            raise _broken(
                path, f"{info.filename} announces {size} bytes, holds {info.file_size - header.length}"
            )
        if info.compress_type == zipfile.ZIP_STORED and size >= MAP_FROM and header.dtype.isnative:
            return _mapped(path, info, header)
        content = stream.read()
    values = np.frombuffer(content, dtype=header.dtype)
    if not header.dtype.isnative:
        values = values.astype(header.dtype.newbyteorder("="))
        values.flags.writeable = False
    return values.reshape(header.shape, order="F" if header.fortran else "C")


def _mapped(path: Path, info: zipfile.ZipInfo, header: _Header) -> AnyArray:
    """A stored member is a plain .npy inside the file, so its bytes can be mapped where they lie."""
    with path.open("rb") as file:
        file.seek(info.header_offset)
        local = file.read(LOCAL_HEADER)
        name_length, extra_length = struct.unpack("<HH", local[26:30])
    offset = info.header_offset + LOCAL_HEADER + name_length + extra_length + header.length
    order = "F" if header.fortran else "C"
    return np.memmap(path, dtype=header.dtype, mode="r", offset=offset, shape=header.shape, order=order)  # type: ignore[call-overload,no-any-return]


def _header(stream: BinaryIO) -> _Header:
    version = npy.read_magic(stream)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"npy version {version} is unknown")
    shape, fortran, dtype = readers[version](stream)
    return _Header(shape=shape, fortran=fortran, dtype=dtype, length=stream.tell())


def _broken(path: Path, reason: str) -> RunFormatError:
    size = os.path.getsize(path) if path.is_file() else 0  # noqa: PTH202
    return RunFormatError(
        f"{path.name} is cut off or damaged",
        detail=f"{path} ({size} bytes) is no complete npz file: {reason}.",
        hint="Copy the file again from where it was written, or run the test step of fd-shifts again.",
    )
