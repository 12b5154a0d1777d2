"""The dashboard, from the command to the page and under the mouse.

python -m benchmarks.bench_app [ROOT --data-root DIR]     one folder; the digits demo where none is given
python -m benchmarks.bench_app --synthetic 1000000        a synthetic run of that many samples x 64
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.chromium import Wire, chromium, drag_threshold, lasso, new_page, open_view, pan, settle, zoom
from benchmarks.dashboard import dashboard
from benchmarks.report import Figure, machine, table
from benchmarks.synthetic import ensure_synthetic

MEGABYTE = 1e6
UNASKED_UMAP = 50_000
GEOMETRY = ("/coordinates",)
COLUMNS = ("/columns/", "/scores", "/colours", "/projections/")
TARGETS = {
    "folder": {"interactive": 6.0, "lasso": 300.0, "memory": 500.0},
    "synthetic": {"interactive": 15.0, "lasso": 1000.0, "frames": 20.0, "updates": 10.0, "geometry": 10.0},
}


class Measured:
    """Values by name, in the order in which they came."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        """One more value of that name."""
        self.values.setdefault(name, []).append(value)

    def figure(
        self, name: str, words: str, unit: str, target: float | None = None, **options: bool
    ) -> Figure:
        """The figure of that name."""
        return Figure(words, tuple(self.values[name]), unit, target, **options)


def warm(browser: Browser, root: Path, cache: Path, data_roots: Sequence[Path], *, umap: bool) -> None:
    """Fill the store as a first visit does."""
    with dashboard(root, cache=cache, data_roots=data_roots) as served:
        page = new_page(browser)
        open_view(page, served.url, projection="pca")
        settle(page)
        if umap:
            open_view(page, served.url, projection="umap")
        page.context.close()


def measure(
    browser: Browser, root: Path, cache: Path, data_roots: Sequence[Path], found: Measured, *, umap: bool
) -> None:
    """One fresh process on a warm store."""
    with dashboard(root, cache=cache, data_roots=data_roots) as served:
        page = new_page(browser)
        wire = Wire(page)
        found.add("interactive", open_view(page, served.url, projection="pca") - served.started)
        settle(page)
        found.add("geometry", wire.bytes_of(*GEOMETRY) / MEGABYTE)
        found.add("columns", wire.bytes_of(*COLUMNS) / MEGABYTE)
        gestures(page, found)
        found.add("memory", served.memory() / MEGABYTE)
        found.add("peak", served.peak / MEGABYTE)
        page.context.close()
    if umap:
        with dashboard(root, cache=cache, data_roots=data_roots) as served:
            page = new_page(browser)
            found.add("umap", open_view(page, served.url, projection="umap") - served.started)
            page.context.close()


def gestures(page: Page, found: Measured) -> None:
    """Lasso, move and threshold, with the mouse."""
    for share in (0.12, 0.22, 0.33):  # clear of the tools above and the legend below
        times = lasso(page, share=share, turn=random.uniform(0, 6))
        found.add("lasso", times["grid"])
        found.add("images", times["images"])
    page.keyboard.press("Escape")
    moved, zoomed = pan(page), zoom(page)
    found.add("pan", min(moved.frames, moved.pictures))
    found.add("zoom", min(zoomed.frames, zoomed.pictures))
    found.add("picture", moved.ms)
    page.keyboard.press("0")
    page.wait_for_timeout(500)
    dragged = drag_threshold(page)
    found.add("updates", min(dragged.updates, dragged.pictures))


def figures(found: Measured, targets: dict[str, float], *, images: bool) -> list[Figure]:
    """The table's lines."""
    lines = [
        found.figure("interactive", "command to PCA map drawn", "s", targets.get("interactive")),
        found.figure("lasso", "lasso released to grid shown", "ms", targets.get("lasso")),
        found.figure("pan", "map frames while panning", "/s", targets.get("frames"), at_least=True),
        found.figure("zoom", "map frames while zooming", "/s", targets.get("frames"), at_least=True),
        found.figure("picture", "time of one moving picture", "ms"),
        found.figure("updates", "threshold dragged", "updates/s", targets.get("updates"), at_least=True),
        found.figure("geometry", "geometry on the wire", "MB", targets.get("geometry")),
        found.figure("columns", "geometry and columns on the wire", "MB"),
        found.figure("memory", "server memory at the end", "MB"),
        found.figure("peak", "server memory at most", "MB", targets.get("memory")),
    ]
    if "umap" in found.values:
        lines.insert(1, found.figure("umap", "command to UMAP map drawn", "s", targets.get("interactive")))
    if images:
        lines.insert(3, found.figure("images", "lasso released to thumbnails shown", "ms"))
    return lines


def run(
    root: Path, data_roots: Sequence[Path], *, title: str, targets: dict[str, float], umap: bool, times: int
) -> str:
    """Measure one folder; returns the table."""
    found = Measured()
    with tempfile.TemporaryDirectory(prefix="sfvisuals-bench-") as cache, chromium() as browser:
        began = time.perf_counter()
        warm(browser, root, Path(cache), data_roots, umap=umap)
        first = time.perf_counter() - began
        for _ in range(times):
            measure(browser, root, Path(cache), data_roots, found, umap=umap)
    lines = figures(found, targets, images=bool(data_roots))
    lines.append(Figure("first start with an empty store, all maps and concepts made", (first,), "s"))
    return f"{table(title, lines)}\nMeasured on {machine()}.\n"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, help="folder of experiments")
    parser.add_argument("--data-root", type=Path, action="append", default=[])
    parser.add_argument("--synthetic", type=int, metavar="N", help="a synthetic run of N samples instead")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "sfvisuals-bench")
    parser.add_argument("--times", type=int, default=3, help="fresh processes per figure")
    parser.add_argument("--no-umap", action="store_true", help="leave UMAP out")
    arguments = parser.parse_args()
    if arguments.synthetic:
        root, title, kind = (
            ensure_synthetic(arguments.work, samples=arguments.synthetic),
            f"Synthetic run of {arguments.synthetic:,} samples x 64",
            "synthetic",
        )
    elif arguments.root:
        root, title, kind = arguments.root, arguments.root.name, "folder"
    else:
        from sfvisuals.demo.digits import ensure_digits

        root, title, kind = ensure_digits(arguments.work), "Digits demo", "folder"
    umap = kind == "folder" and not arguments.no_umap
    print(
        run(
            root,
            arguments.data_root,
            title=title,
            targets=TARGETS[kind],
            umap=umap,
            times=arguments.times,
        )
    )


if __name__ == "__main__":
    main()
