"""The cockpit of the page Benchmark: how long its table takes to follow the threshold while it is dragged.

python -m benchmarks.bench_cockpit [--samples 1000000]

Each figure is the time from a movement of the mouse to the frame in which the table of all studies shows the
new counts; the server is not asked.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.chromium import chromium, new_page, open_view
from benchmarks.dashboard import dashboard
from benchmarks.report import Figure, machine, table
from benchmarks.synthetic import ensure_synthetic

TARGET = 100.0
STEPS = 30
WATCH = """() => {
  const table = document.querySelector(".cockpit").closest("section, div[id]") ?? document.body;
  window.followed = [];
  let moved = null;
  addEventListener("pointermove", (event) => { moved ??= event.timeStamp; }, { capture: true });
  new MutationObserver(() => {
    if (moved === null) return;
    const since = moved;
    moved = null;
    requestAnimationFrame(() => setTimeout(() => window.followed.push(performance.now() - since), 0));
  }).observe(table, { childList: true, subtree: true, characterData: true });
}"""


def drag(page: Page) -> tuple[float, ...]:
    """Milliseconds of every step of a drag of the header's threshold."""
    box = page.locator("#threshold").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.evaluate(WATCH)
    page.mouse.move(box["x"] + 0.95 * box["width"], middle)
    page.mouse.down()
    for step in range(STEPS):
        page.mouse.move(box["x"] + box["width"] * (0.9 - 0.02 * step), middle)
        page.wait_for_timeout(250)
    page.mouse.up()
    return tuple(page.evaluate("window.followed"))


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "sfvisuals-bench")
    asked = parser.parse_args()
    root = ensure_synthetic(asked.work, samples=asked.samples)
    with (
        tempfile.TemporaryDirectory(prefix="sfvisuals-bench-") as cache,
        chromium() as browser,
        dashboard(root, cache=Path(cache)) as served,
    ):
        page = new_page(browser)
        open_view(page, served.url, projection="pca")
        page.get_by_text("Benchmark", exact=True).first.click()
        page.locator(".cockpit").first.wait_for(timeout=600_000)
        # until what opening the page asked for has come
        page.locator(".scores td.cell").first.wait_for(timeout=600_000)
        page.wait_for_timeout(5000)
        page.wait_for_load_state("networkidle")
        followed = drag(page)
    lines = [Figure("threshold moved to cockpit shown", followed, "ms", TARGET)]
    print(f"{table(f'Cockpit, {asked.samples:,} samples', lines)}\nMeasured on {machine()}.\n")


if __name__ == "__main__":
    main()
