"""The synthetic dermoscopy demo as it ships: unpacked on first use, with its maps already computed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from sfvisuals.demo.folders import check_free, move, writing
from sfvisuals.demo.pack import adopt_projections, unpack
from sfvisuals.errors import SettingsError
from sfvisuals.projection import ProjectionJobs
from sfvisuals.store import Store

PACKED = Path(__file__).with_name("dermoscopy.zip")
NAME = "dermoscopy"


def ensure_dermoscopy(cache_dir: Path, *, packed: Path = PACKED) -> Path:
    """The demo's folder of runs below the cache, unpacked when it is not there yet; its projections are
    in the cache's store.

    Raises SettingsError where it cannot be written or the packed file is damaged.
    """
    place = cache_dir / "demo" / _key(packed) / NAME
    with writing(place):
        if not place.is_dir():
            try:
                write_dermoscopy(place, packed=packed)
            except SettingsError:  # another process was faster
                if not place.is_dir():
                    raise
    return with_maps(place, cache_dir)


def with_maps(folder: Path, cache_dir: Path) -> Path:
    """`folder`, with the projections that lie beside its runs in the cache's store."""
    adopt_projections(folder, ProjectionJobs(Store(cache_dir / "store")))
    return folder


def write_dermoscopy(out: Path, *, packed: Path = PACKED) -> Path:
    """The demo's folder of runs as the new folder `out`, complete or not at all; returns `out`."""
    with writing(out):
        check_free(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name[:40]}-") as stage:
            unpack(packed, Path(stage) / out.name)
            move(Path(stage) / out.name, out)
    return out


def _key(packed: Path) -> str:
    if not packed.is_file():
        raise SettingsError(
            f"The demo's file {packed.name} is not there",
            detail=f"Expected {packed}.",
            hint="Install sfvisuals again, or make the demo anew: sfvisuals demo --rebuild",
        )
    return hashlib.blake2b(packed.read_bytes(), digest_size=6).hexdigest()
