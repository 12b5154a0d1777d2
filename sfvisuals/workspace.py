"""The one handle the app gets: runs, scores, projections, concepts, failures and images below one root.

A workspace keeps a few runs and their derived arrays in memory, and everything dear in the store on disk. It
knows nothing about users: any worker process answers any request with the same result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sfvisuals.errors import NotFoundError, UnavailableError
from sfvisuals.memory import LeastRecentlyUsed, held_bytes
from sfvisuals.recipes import NEW_CLASS, ConceptMembers, Recipe
from sfvisuals.types import (
    BoolArray,
    ClusterMethod,
    FloatArray,
    IntArray,
    Judge,
    Rows,
    Run,
    ScoreVector,
)

if TYPE_CHECKING:
    from sfvisuals.concepts import Concept, ConceptCard, ConceptMatch
    from sfvisuals.io import RunRef
    from sfvisuals.io.images import Picture
    from sfvisuals.io.packed import ImageFile

T = TypeVar("T")
RUNS_IN_MEMORY = {"size": 24, "sure": 4, "budget": 256 * 2**20}
DERIVED_IN_MEMORY = 64
FRESH_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Predictions:
    """The prediction a view follows, and what makes it wrong."""

    prediction: IntArray
    failure: BoolArray


class Workspace:
    """Runs below one root, with everything computed from them.

    Args:
        root: folder of runs at any depth, or one run.
        data_roots: folders below which images are looked for; the root itself where none is given.
        path_maps: (OLD, NEW) prefixes of image paths.
        describe: a sidecar that overrides what the folders say.
        cache_dir: folder of the store.
    """

    def __init__(
        self,
        root: Path,
        *,
        cache_dir: Path,
        data_roots: Sequence[Path] = (),
        path_maps: Sequence[tuple[str, str]] = (),
        describe: Path | None = None,
    ) -> None:
        from sfvisuals.image_attributes import MeasuringJobs
        from sfvisuals.io import discover
        from sfvisuals.io.images import ImageStore
        from sfvisuals.projection import ProjectionJobs
        from sfvisuals.store import Store

        self.root = root
        self.describe = describe
        self.store = Store(cache_dir / "store")
        self.images = ImageStore(tuple(data_roots) or (root,), path_maps=path_maps, cache_dir=cache_dir)
        self.jobs = ProjectionJobs(self.store)
        self.measuring = MeasuringJobs(self.store)
        self._discover: Callable[[Path], tuple[RunRef, ...]] = discover
        self._runs = LeastRecentlyUsed(**RUNS_IN_MEMORY, weigh=held_bytes)
        self._derived = LeastRecentlyUsed(DERIVED_IN_MEMORY)
        self._looks: dict[Hashable, tuple[float, Any]] = {}

    # -- runs ----------------------------------------------------------------------------------------------

    def run_names(self) -> tuple[str, ...]:
        """Names of all runs below the root, sorted; looked up anew every second, since labs add runs."""
        return tuple(ref.name for ref in self._refs())

    def _refs(self) -> tuple[RunRef, ...]:
        return self._lately("refs", lambda: self._discover(self.root))

    def _lately(self, key: Hashable, look: Callable[[], T]) -> T:
        """What the disk said at most a second ago: one page asks dozens of times at once."""
        seen = self._looks.get(key)
        if seen is None or time.monotonic() - seen[0] > FRESH_SECONDS:
            seen = self._looks[key] = (time.monotonic(), look())
        found: T = seen[1]
        return found

    def run(self, name: str, *, version: str = "") -> Run:
        """The run of that name, read anew if one of its files changed since.

        With `version`, the beginning of a fingerprint, only the run as it was then: a page that was opened on
        other files must not mix the two.

        Raises NotFoundError that lists the known names, RunFormatError where it cannot be read, and
        UnavailableError where its files are no longer those of that version.
        """
        from sfvisuals.io import read_run
        from sfvisuals.io.stamp import folder_stamp

        refs = {ref.name: ref for ref in self._refs()}
        if name not in refs:
            raise NotFoundError(
                f"There is no run {name!r}",
                detail=f"Runs here: {', '.join(refs) or 'none'}.",
                hint="Choose one of the runs in the list.",
            )
        ref = refs[name]
        stamp = self._lately(
            ("stamp", name), lambda: folder_stamp(ref.path, root=self.root, describe=self.describe)
        )
        run = self._runs.get((name, stamp), lambda: read_run(ref, root=self.root, describe=self.describe))
        if not run.fingerprint.startswith(version):
            raise UnavailableError(
                "This run has changed on disk",
                detail=f"The files of {name} are not those that this page was opened on.",
                hint="Reload the page.",
            )
        return run

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """A derived value kept in memory under a key that holds the run's fingerprint."""
        return self._derived.get(key, make)

    # -- scores --------------------------------------------------------------------------------------------

    def score(self, run: Run, name: str) -> ScoreVector:
        """One confidence score of the run (see scores.compute_score)."""
        from sfvisuals.scores import compute_score

        return self._derived.get((run.fingerprint, "score", name), lambda: compute_score(run, name))

    def score_at_hand(self, run: Run, name: str) -> bool:
        """Whether that score was computed before and is still in memory."""
        return (run.fingerprint, "score", name) in self._derived

    def accepted(self, run: Run, name: str, *, target: float) -> BoolArray:
        """(N,) True where the score reaches the threshold of this target coverage (0..1) on validation."""
        from sfvisuals.failures import accepted_at, reference_rows, threshold_at_coverage

        values = self.score(run, name).values
        cut = threshold_at_coverage(values[reference_rows(run).rows], target=target).value
        return accepted_at(values, cut)

    def judged(self, run: Run, judge: Judge) -> Predictions:
        """The plain or the MC-mean prediction and where it is wrong."""
        from sfvisuals.scores import predictions

        made = self._derived.get((run.fingerprint, "predictions"), lambda: predictions(run))
        chosen = made.plain if judge is Judge.PLAIN else made.mc_mean
        if chosen is None:
            raise UnavailableError("This run has no MC-dropout passes", detail=run.absent.get("mc", ""))
        return Predictions(chosen, run.failure(chosen))

    # -- concepts ------------------------------------------------------------------------------------------

    def members_of(self, run: Run, study: str, category: int | str, basis: Judge | None) -> Rows:
        """Rows of one class in one study, by true label (`basis` None) or by a prediction."""
        in_study = run.study == run.position_of(study)
        if basis is not None:
            return np.flatnonzero(in_study & (self.judged(run, basis).prediction == category)).astype(
                np.int64
            )
        if category == NEW_CLASS:
            return np.flatnonzero(in_study & run.new_class).astype(np.int64)
        return np.flatnonzero(in_study & ~run.new_class & (run.label == category)).astype(np.int64)

    def concepts(
        self,
        run: Run,
        study: str,
        category: int | str,
        *,
        k: int | None = None,
        basis: Judge | None = None,
        method: ClusterMethod = ClusterMethod.KMEANS,
    ) -> tuple[Concept, ...]:
        """Concepts (clusters of the latents) of one class in one study, largest first; kept in the store."""
        from sfvisuals.concepts.of_run import clustering_of

        return clustering_of(self, run, study, category, method=method, k=k, basis=basis).concepts

    def concept_cards(self, run: Run, **asked: Any) -> tuple[ConceptCard, ...]:
        """What is said of the concepts of one class in one study (see concepts.concept_cards)."""
        from sfvisuals.concepts import concept_cards

        return concept_cards(self, run, **asked)

    def concept_matches(self, run: Run, **asked: Any) -> tuple[ConceptMatch, ...]:
        """The concepts of other studies beside those of the source (see concepts.matches)."""
        from sfvisuals.concepts import matches

        return matches(self, run, **asked)

    def concept_places(
        self, run: Run, projection: str, cells: Sequence[ConceptMembers]
    ) -> list[dict[str, Any]]:
        """Where concepts lie on a flat map (see concepts.places)."""
        from sfvisuals.concepts.places import concept_places

        return concept_places(self, run, projection, cells)

    # -- projections ---------------------------------------------------------------------------------------

    def coordinates(self, run: Run, projection: str) -> FloatArray:
        """(N, 2|3) float32 coordinates; PCA is made at once, others must be ready in the store."""
        from sfvisuals.projection import ProjectionKind

        if projection not in tuple(ProjectionKind):
            raise NotFoundError(
                f"There is no projection {projection!r}", detail=f"Known: {', '.join(ProjectionKind)}."
            )
        kind = ProjectionKind(projection)
        if kind is ProjectionKind.PCA:
            return self._derived.get((run.fingerprint, "pca"), lambda: self._pca(run))
        found = self.projection(run, kind)
        if found is None:
            raise UnavailableError(f"{projection} is not computed yet", hint="Wait until it is ready.")
        coordinates: FloatArray = found.coordinates
        return coordinates

    def _pca(self, run: Run) -> FloatArray:
        from sfvisuals.projection import pca_projection

        if run.latents is None:
            raise UnavailableError(
                "This run has no latents, so there is no map", detail=run.absent.get("latents", "")
            )
        latents = run.latents
        key = self.store.key("pca", run.fingerprint)

        def make() -> tuple[dict[str, Any], dict[str, Any]]:
            return {"coordinates": pca_projection(latents).coordinates}, {}

        entry = self.store.get_or_make("pca", key, make)
        return np.asarray(entry.arrays["coordinates"])

    def projection(self, run: Run, kind: Any) -> Any:
        """The finished projection of that kind, or None."""
        return self._derived_if_made(
            (run.fingerprint, "projection", kind), lambda: self.jobs.load(run.fingerprint, kind)
        )

    def _derived_if_made(self, key: Hashable, load: Callable[[], T | None]) -> T | None:
        found = load()
        return None if found is None else self._derived.get(key, lambda: found)

    def projection_status(self, run: Run, kind: Any) -> dict[str, Any]:
        """State of a projection: absent, running, ready, failed or cancelled, with progress and words."""
        from sfvisuals.projection import ProjectionKind

        if run.latents is None:
            why = run.absent.get("latents", "")
            return {"state": "unavailable", "progress": 0.0, "message": why, "trust": ""}
        if kind is ProjectionKind.PCA:
            # Its coordinates are there at once; its trust once a background job has measured it.
            measured = self.projection(run, kind)
            trust = "" if measured is None else measured.trust_label
            return {"state": "ready", "progress": 1.0, "message": "", "trust": trust}
        status = self.jobs.status(run.fingerprint, kind)
        words = {
            "state": str(status.state),
            "progress": status.progress,
            "message": status.error or status.message,
            "trust": "",
        }
        if words["state"] == "ready" and (found := self.projection(run, kind)) is not None:
            words["trust"] = found.trust_label
            words["message"] = found.note
        return words

    def start_projection(self, run: Run, kind: Any) -> None:
        """Start the background job of that projection, or join the one that runs."""
        if run.latents is None:
            raise UnavailableError("This run has no latents", detail=run.absent.get("latents", ""))
        self.jobs.start(run.fingerprint, kind, run.latents)

    def cancel_projection(self, run: Run, kind: Any) -> None:
        """Stop the background job of that projection."""
        self.jobs.cancel(run.fingerprint, kind)

    # -- selections ----------------------------------------------------------------------------------------

    def resolve(self, run: Run, recipe: Recipe) -> BoolArray:
        """(N,) True where the sample is meant by the recipe; exact, vectorised."""
        from sfvisuals.selection import resolve

        return resolve(self, run, recipe)

    def neighbours(self, run: Run, row: int, *, k: int = 5) -> tuple[Rows, FloatArray]:
        """The k nearest samples in the latents (not on the map), nearest first, and their distances."""
        from sfvisuals.failures import nearest

        if run.latents is None:
            raise UnavailableError("This run has no latents", detail=run.absent.get("latents", ""))
        return nearest(run.latents, row, k=k)

    # -- images --------------------------------------------------------------------------------------------

    def image_text(self, run: Run, row: int) -> str | None:
        """The image path of that row as the folder writes it, or None."""
        if not 0 <= row < run.n:
            raise NotFoundError(f"There is no sample {row}", detail=f"The run has rows 0 to {run.n - 1}.")
        text = None if run.image is None else run.image.iloc[row]
        return text if isinstance(text, str) and text else None

    def image(self, run: Run, row: int, *, size: int | None = None) -> Picture:
        """The sample's image, whole or as a thumbnail of about `size` pixels; else a placeholder with why."""
        from sfvisuals.io.corrupted import recipe_of
        from sfvisuals.io.image_paths import base_of
        from sfvisuals.io.images import placeholder

        text, path = self.image_text(run, row), self._image_file(run, row)
        if text is None:
            return placeholder("no image", run.absent.get("image", "This sample has no image path."))
        if path is None:
            return self.images.absent(text, base=base_of(run))
        recipe = recipe_of(run, row)
        if size is None:
            return self.images.full(path, recipe=recipe)
        return self.images.thumbnail(path, size=size, recipe=recipe)

    def image_tag(self, run: Run, row: int, *, size: int | None = None) -> str | None:
        """Entity tag of that image as it now lies on the disk, told without opening it; None without one."""
        from sfvisuals.io.corrupted import recipe_of

        return self.images.etag(self._image_file(run, row), size=size, recipe=recipe_of(run, row))

    def _image_file(self, run: Run, row: int) -> ImageFile | None:
        from sfvisuals.io.image_paths import base_of

        text = self.image_text(run, row)
        return None if text is None else self.images.resolve(text, base=base_of(run))
