"""What the folder doctor found, as records and as the JSON that `sfvisuals check --json` prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sfvisuals.types import Level, Problem

SEVERITY: Final = {Level.INFO: 0, Level.WARNING: 1, Level.ERROR: 2}


@dataclass(frozen=True, slots=True)
class StudyReport:
    """One study: `accuracy` is that of the plain argmax, None for new classes and without samples."""

    name: str
    kind: str
    samples: int
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """One score: `why` says why it is not available, "" where it is."""

    name: str
    label: str
    available: bool
    why: str


@dataclass(frozen=True, slots=True)
class ImageReport:
    """Samples with an image path whose file was found, and was not."""

    found: int
    missing: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run; the numbers are None where it could not be read.

    Attributes:
        run: posix path below the root; the folder's name if the root is the run.
        format: the layout, None where there is no run at all.
        samples: N.
        classes: d.
        latent_dim: l, 0 without latents.
        mc_passes: M, 0 without Monte-Carlo dropout.
        studies: in the run's order.
        scores: every score of the catalogue and the run's own.
        images: how many image files were found.
        problems: the worst first.
    """

    run: str
    format: str | None
    samples: int | None = None
    classes: int | None = None
    latent_dim: int | None = None
    mc_passes: int | None = None
    studies: tuple[StudyReport, ...] = ()
    scores: tuple[ScoreReport, ...] = ()
    images: ImageReport | None = None
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The run's entry under "runs"."""
        images = self.images
        return {
            "run": self.run,
            "format": self.format,
            "samples": self.samples,
            "classes": self.classes,
            "latent_dim": self.latent_dim,
            "mc_passes": self.mc_passes,
            "studies": [
                {"name": s.name, "kind": s.kind, "samples": s.samples, "accuracy": s.accuracy}
                for s in self.studies
            ],
            "scores": [{"name": s.name, "available": s.available, "why": s.why} for s in self.scores],
            "images": {
                "found": None if images is None else images.found,
                "missing": None if images is None else images.missing,
            },
            "problems": [
                {"level": str(p.level), "title": p.title, "detail": p.detail, "hint": p.hint}
                for p in self.problems
            ],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All runs below a root, sorted by name."""

    runs: tuple[RunReport, ...]

    @property
    def exit_code(self) -> int:
        """0 clean or info only, 1 warnings, 2 errors: the worst over all runs."""
        return max((SEVERITY[p.level] for run in self.runs for p in run.problems), default=0)

    def to_json(self) -> dict[str, Any]:
        """The whole report; json.dumps takes it as it is."""
        return {"runs": [run.to_json() for run in self.runs]}

    def render(self, *, width: int = 100) -> str:
        """Plain text for a terminal of so many columns."""
        from sfvisuals.io.report_text import render

        return render(self, width=width)


def worst_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Errors, warnings, infos; in the order of finding among equals, each once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda problem: -SEVERITY[problem.level]))
