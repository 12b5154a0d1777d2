"""The file that the demo travels in: one zip with a folder of runs, its images and finished projections.

Layout below the root of the archive: run folders of our own format, `images.zip` in place of the folder
`images` (thousands of small files would take seconds to create), and `projections/<run>/` with `<kind>.npz`
and `settings.json`. The same content always gives the same bytes.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath

import numpy as np

from sfvisuals.errors import SettingsError
from sfvisuals.io.fingerprint import fingerprint
from sfvisuals.projection import Projection, ProjectionJobs, ProjectionKind, UmapSettings

PROJECTIONS = "projections"
SETTINGS = "settings.json"
SIDECAR = "sfvisuals.yaml"
STORED = frozenset({".webp", ".png", ".npz", ".zip"})
EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path, out: Path) -> Path:
    """Put everything below `folder` into one zip, in a fixed order and without dates; returns `out`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return write_zip(out, ((file.relative_to(folder).as_posix(), file.read_bytes()) for file in files))


def write_zip(out: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    """A zip of these members in order, without dates; what is packed already is stored; returns `out`."""
    draft = out.with_name(f".{out.name}.draft")
    with zipfile.ZipFile(draft, "w") as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            packed = PurePosixPath(name).suffix in STORED
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compresslevel=9)
    draft.replace(out)
    return out


def unpack(file: Path, out: Path) -> None:
    """The content of a packed demo as the new folder `out`; SettingsError where the file is damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            archive.extractall(out)
    except (zipfile.BadZipFile, FileNotFoundError) as error:
        raise SettingsError(
            f"The demo's file {file.name} cannot be read", detail=str(error), hint="Install sfvisuals again."
        ) from error


def write_projection(folder: Path, run: str, projection: Projection, settings: UmapSettings) -> None:
    """Put a finished projection of a run beside it. Its trust must have been measured."""
    assert projection.trust is not None  # a projection without it is not finished
    place = folder / PROJECTIONS / run
    place.mkdir(parents=True, exist_ok=True)
    words = {"trust_label": projection.trust_label, "seed": projection.seed, "note": projection.note}
    np.savez_compressed(
        place / f"{projection.kind}.npz",
        coordinates=projection.coordinates,
        trust=projection.trust.astype(np.float16),
        words=np.array(json.dumps(words)),
    )
    (place / SETTINGS).write_text(json.dumps(asdict(settings)) + "\n", encoding="utf-8")


def read_projections(folder: Path) -> Iterator[tuple[str, Projection, UmapSettings]]:
    """(run, projection, the settings it was computed with) for all that lie beside the runs of `folder`."""
    for record in sorted((folder / PROJECTIONS).glob(f"*/{SETTINGS}")):
        settings = UmapSettings(**json.loads(record.read_text(encoding="utf-8")))
        for file in sorted(record.parent.glob("*.npz")):
            with np.load(file, allow_pickle=False) as arrays:
                words = json.loads(str(arrays["words"]))
                projection = Projection(
                    kind=ProjectionKind(file.stem),
                    coordinates=arrays["coordinates"],
                    trust=arrays["trust"].astype(np.float32),
                    trust_label=words["trust_label"],
                    seed=words["seed"],
                    note=words["note"],
                )
            yield record.parent.name, projection, settings


def adopt_projections(folder: Path, jobs: ProjectionJobs) -> int:
    """Give the store of `jobs` every projection that lies beside the runs; returns how many it took.

    The key is that of the run as the page reads it, the sidecar beside it included; nothing is opened for it.
    """
    sidecar = folder / SIDECAR
    extra = (sidecar,) if sidecar.is_file() else ()
    keys: dict[str, str] = {}
    taken = 0
    for run, projection, settings in read_projections(folder):
        if run not in keys:
            keys[run] = fingerprint(folder / run, extra=extra)
        taken += jobs.adopt(keys[run], projection, settings)
    return taken
