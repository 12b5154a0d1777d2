"""The folder doctor: what every run below a root holds, what it lacks, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals.errors import NotFoundError, RunFormatError, SfvisualsError
from sfvisuals.io import RunRef, discover, read_run
from sfvisuals.io.archives import archive_problems
from sfvisuals.io.findings import findings
from sfvisuals.io.image_paths import ImagePaths, base_of
from sfvisuals.io.report import ImageReport, Report, RunReport, ScoreReport, StudyReport, worst_first
from sfvisuals.types import Level, Problem, Run, StudyKind

ROOTLESS_HINT = (
    "Name the folder that holds the images with --data-root, or replace the beginning of the paths with "
    "--path-map OLD=NEW."
)
ROOTED_HINT = (
    "Check that --data-root names the folder above the images (it may be given several times), or replace "
    "the beginning of the paths with --path-map OLD=NEW."
)


def check(
    root: Path,
    *,
    data_roots: Sequence[Path] = (),
    path_maps: Sequence[tuple[str, str]] = (),
    describe: Path | None = None,
) -> Report:
    """Examine every run below `root`.

    Args:
        root: a folder of runs at any depth, or one run.
        data_roots: folders below which images are looked for; `root` itself where none is given.
        path_maps: (OLD, NEW) beginnings of absolute image paths.
        describe: a sidecar that overrides what the folders say.

    Returns:
        The report. A run that cannot be read is in it, with its error; so is a root without runs.

    Raises:
        NotFoundError: `root` or a data root is no folder.
        SettingsError: `describe` cannot be used.
    """
    for folder in (root, *data_roots):
        if not folder.is_dir():
            raise NotFoundError(
                f"There is no folder {folder}",
                detail="It does not exist, or it is a file.",
                hint="Check the path for typing mistakes, and that its disk is mounted.",
            )
    refs = discover(root)
    if not refs:
        return Report((_no_runs(root),))
    paths = ImagePaths(tuple(data_roots) or (root,), path_maps=path_maps)
    return Report(
        tuple(
            _examined(ref, root=root, describe=describe, paths=paths, rooted=bool(data_roots)) for ref in refs
        )
    )


def _examined(
    ref: RunRef, *, root: Path, describe: Path | None, paths: ImagePaths, rooted: bool
) -> RunReport:
    try:
        run = read_run(ref, root=root, describe=describe)
    except RunFormatError as error:
        return RunReport(run=ref.name, format=str(ref.format), problems=(_problem(error),))
    except OSError as error:
        problem = Problem(Level.ERROR, "The run cannot be opened", str(error), "Check the permissions.")
        return RunReport(run=ref.name, format=str(ref.format), problems=(problem,))
    images, image_problems = _images(run, paths, rooted=rooted)
    try:
        studies, scores = _studies(run), _scores(run)
        content = list(findings(run))
    except SfvisualsError as error:
        studies, scores, content = (), (), [_problem(error)]
    return RunReport(
        run=ref.name,
        format=str(run.format),
        samples=run.n,
        classes=run.n_classes,
        latent_dim=run.latent_dim,
        mc_passes=run.mc_passes,
        studies=studies,
        scores=scores,
        images=images,
        problems=worst_first([*run.problems, *content, *image_problems]),
    )


def _studies(run: Run) -> tuple[StudyReport, ...]:
    from sfvisuals.scores import predictions

    right = ~run.failure(predictions(run).plain)
    samples = np.bincount(run.study, minlength=len(run.studies))
    correct = np.bincount(run.study, weights=right, minlength=len(run.studies))
    return tuple(
        StudyReport(
            name=study.name,
            kind=str(study.kind),
            samples=int(n),
            accuracy=None if study.kind is StudyKind.NEW_CLASS or n == 0 else float(k / n),
        )
        for study, n, k in zip(run.studies, samples, correct, strict=True)
    )


def _scores(run: Run) -> tuple[ScoreReport, ...]:
    from sfvisuals.scores import score_list

    return tuple(ScoreReport(s.name, s.label, s.available, s.why) for s in score_list(run))


def _images(run: Run, paths: ImagePaths, *, rooted: bool) -> tuple[ImageReport, list[Problem]]:
    """How many samples have an image file, each distinct path looked up once."""
    if run.image is None:
        return ImageReport(found=0, missing=0), []
    codes, texts = pd.factorize(run.image.to_numpy(dtype=object), use_na_sentinel=True)
    there = paths.resolve_many(texts, base=base_of(run))
    named = codes >= 0
    found = np.zeros(len(codes), dtype=bool)
    found[named] = there[codes[named]]
    report = ImageReport(found=int(found.sum()), missing=int((named & ~found).sum()))
    packed = list(archive_problems(paths.packed(texts, base=base_of(run))))
    return report, [*packed, *_image_problems(report, [str(t) for t in texts[~there][:3]], rooted=rooted)]


def _image_problems(report: ImageReport, examples: list[str], *, rooted: bool) -> Iterator[Problem]:
    if report.missing:
        yield Problem(
            Level.WARNING,
            "Images are missing",
            f"{report.missing:,} of {report.missing + report.found:,} samples with an image path have no "
            f"such file, for example {', '.join(examples)}.",
            ROOTED_HINT if rooted else ROOTLESS_HINT,
        )


def _problem(error: SfvisualsError) -> Problem:
    return Problem(Level.ERROR, error.title, error.detail, error.hint)


def _no_runs(root: Path) -> RunReport:
    problem = Problem(
        Level.ERROR,
        "No runs found",
        f"Neither {root} nor a folder below it has a child test_results (fd-shifts) or a file run.json.",
        "Name a folder that holds such a folder at any depth, or write one with sfvisuals.write_run.",
    )
    return RunReport(run=root.resolve().name, format=None, problems=(problem,))
