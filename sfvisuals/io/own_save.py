"""Put a checked run folder of our own format on disk, all or nothing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from sfvisuals.errors import RunFormatError
from sfvisuals.io.own_folder import CSV, PARQUET, RUN, SCORES, Folder, shortened
from sfvisuals.io.schemas import schema


def save(folder: Folder, out: Path, *, overwrite: bool = False) -> Path:
    """Write a checked folder: everything into a hidden folder beside `out`, which takes its place at the end.

    What else lies in a folder that is replaced (images, a sidecar, notes) is kept.

    Raises RunFormatError where `out` is in the way or the disk refuses.
    """
    check_place(out, overwrite=overwrite)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _beside(out) as draft:
            for file, array in folder.arrays.items():
                np.save(draft / file, array, allow_pickle=False)
            if folder.scores is not None:
                folder.scores.to_parquet(draft / SCORES, index=False)
            if folder.table == CSV:
                folder.samples.to_csv(draft / CSV, index=False)
            else:
                folder.samples.to_parquet(draft / PARQUET, index=False)
            # run.json comes last: only with it a folder is a run.
            text = json.dumps(folder.document, indent=2, ensure_ascii=False)
            (draft / RUN).write_text(text + "\n", encoding="utf-8")
            _exchange(draft, out)
    except OSError as error:
        raise _refused(out, error) from error
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise RunFormatError(
            "The table cannot be written",
            detail=str(error),
            hint="Give every metadata column one plain type: numbers, Unicode text, dates or truth values.",
        ) from error
    return out


def publish(draft: Path, out: Path, *, overwrite: bool = False) -> Path:
    """Put a finished and checked folder, which lies on the same disk, in the place of `out`, as `save` does.

    Raises RunFormatError where `out` is in the way or the disk refuses; the draft is there still then.
    """
    check_place(out, overwrite=overwrite)
    try:
        _exchange(draft, out)
    except OSError as error:
        raise _refused(out, error) from error
    return out


def check_place(out: Path, *, overwrite: bool) -> None:
    """Raise RunFormatError where something is at `out` that may not be replaced, or nothing can ever be."""
    try:
        free = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    except OSError as error:
        raise _refused(out, error) from error
    if free:
        return
    if not overwrite:
        raise RunFormatError(
            f"{out.name} exists already",
            detail="It is a file." if out.is_file() else "It is a folder with something in it.",
            hint="Choose another folder, or allow it to be replaced (overwrite=True).",
        )
    if not (out / RUN).is_file():
        raise RunFormatError(
            f"{out.name} is not replaced",
            detail=f"It holds no {RUN}, so it is not a run in this format.",
            hint="Choose another folder, or remove it yourself.",
        )


def _refused(out: Path, error: OSError) -> RunFormatError:
    return RunFormatError(
        f"{shortened(out.name)} cannot be written",
        detail=str(error),
        hint="Choose a folder that you may write to, on a disk with room for it.",
    )


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A new hidden folder beside `out`, gone afterwards if it is still there."""
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".draft", dir=out.parent))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _exchange(draft: Path, out: Path) -> None:
    """Put the finished draft in the place of `out`."""
    for file in (*draft.iterdir(), draft):
        _to_disk(file)
    if out.exists():
        _carry_over(out, draft)
    mask = os.umask(0)
    os.umask(mask)
    draft.chmod(0o777 & ~mask)
    with _beside(out) as old:
        replaced = old / out.name
        if out.exists():
            out.rename(replaced)
        try:
            draft.rename(out)
        except OSError:
            if replaced.exists():
                replaced.rename(out)
            raise


def _carry_over(out: Path, draft: Path) -> None:
    """Put what is no file of the format into the draft too, as second names of the same files.

    So `out` is whole at any moment, whatever fails. Raises OSError where a file can neither be linked nor
    copied; nothing is replaced then.
    """
    ours = {RUN, PARQUET, CSV, SCORES, *schema("arrays")["properties"]}
    for entry in sorted(out.iterdir()):
        place = draft / entry.name
        if place.is_dir():
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, place, symlinks=True, copy_function=_linked)
        elif entry.is_symlink() and entry.name not in ours:
            place.symlink_to(entry.readlink())
        elif entry.name not in ours:
            _linked(str(entry), str(place))


def _linked(source: str, target: str) -> str:
    """A second name of a file, or a copy where the disk knows no such names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _to_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
