"""Take the pictures of docs/tour.md (`make tour`): each story told on the built-in demo in a Chromium."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY / "tests" / "support"), str(REPOSITORY / "tests")]

from conftest import CHROMIUM_FLAGS, chromium_executable  # noqa: E402

from dashboard import Dashboard  # noqa: E402
from serving import served  # noqa: E402

RUN, SOURCE = "confidnet", "clinic_a"
SIZE = {"width": 1440, "height": 900}


def overview(dash: Dashboard) -> None:
    """What `make demo` opens."""
    dash.open(run=RUN, projection="umap")


def acquisition(dash: Dashboard) -> None:
    """Story A: the most silent failure of the second camera, on the map and among its neighbours."""
    dash.open(run=RUN, studies=[SOURCE, "clinic_b"], projection="umap", colour="class")
    dash.focus_case(first_case(dash, truth="malignant"))


def shortcut(dash: Dashboard) -> None:
    """Story B: benign lesions with a ruler, selected from the legend."""
    dash.open(run=RUN, studies=[SOURCE, "clinic_c"], classes=["0"], projection="umap", colour="column:ruler")
    select_value(dash.page, "True")
    dash.focus_case(dash.first_cases(1)[0])


def corruption(dash: Dashboard) -> None:
    """Story C: one malignant image that the clean network knows, through five steps of brightness."""
    dash.open(run=RUN, studies=[SOURCE, "brightness_up"], classes=["1"], projection="umap")
    for row in dash.first_cases(60):
        dash.focus_case(row)
        same = dash.page.locator("#case section", has_text="The same image")
        if "wrong" not in (same.locator(".neighbour").first.get_attribute("class") or ""):
            break
    same.scroll_into_view_if_needed()


def manifestation(dash: Dashboard) -> None:
    """Story D: the subclass that training lacks lies among the benign lesions."""
    dash.open(run=RUN, studies=[SOURCE, "amelanotic"], projection="umap", colour="column:subclass")
    select_value(dash.page, "amelanotic melanoma")
    dash.focus_case(dash.first_cases(1)[0])


def concepts_acquisition(dash: Dashboard) -> None:
    """Story A on Concepts: the target concept that moved beside the source concepts."""
    open_part(dash, "matches", studies=[SOURCE, "clinic_b"])


def slices_shortcut(dash: Dashboard) -> None:
    """Story B on Concepts: the first slice of silent failures."""
    open_part(dash, "slices", studies=[SOURCE, "clinic_c"])


def causes_manifestation(dash: Dashboard) -> None:
    """Story D on Concepts: what the failures of the unseen subclass look like."""
    recipe = {"kind": "value", "column": "subclass", "value": "amelanotic melanoma"}
    failed = {"kind": "outcome", "outcome": "silent", "score": "det_mcp", "target": 950}
    chosen = {"kind": "and", "of": [recipe, failed]}
    open_part(dash, "triage", studies=[SOURCE, "amelanotic"], sel=chosen)


def open_part(dash: Dashboard, part: str, **state: object) -> None:
    """The page Concepts at one of its parts, which stands."""
    dash.go(run=RUN, page="causes", **state)
    section = dash.page.locator(f"#causes [data-part='{part}']")
    section.wait_for()
    for _ in range(3):  # the parts above it fill meanwhile
        section.evaluate("part => part.scrollIntoView({ block: 'start', behavior: 'instant' })")
        section.locator(".bench-body[data-ready][aria-busy='false']").wait_for(timeout=120_000)
        dash.page.wait_for_timeout(1500)


def operating_point(dash: Dashboard) -> None:
    """Story E: coverage, risk and silent failures of every study at one threshold."""
    dash.open(run=RUN, projection="umap", score="mcd_ee", target=800)
    dash.page.get_by_role("link", name="Benchmark").or_(
        dash.page.get_by_role("button", name="Benchmark")
    ).first.click()
    dash.page.get_by_text("Operating point", exact=True).first.click()
    dash.page.wait_for_timeout(4000)


STORIES: tuple[Callable[[Dashboard], None], ...] = (
    overview,
    acquisition,
    shortcut,
    corruption,
    manifestation,
    operating_point,
    concepts_acquisition,
    slices_shortcut,
    causes_manifestation,
)


def first_case(dash: Dashboard, *, truth: str) -> int:
    """The most silent failure of that true class."""
    cell = dash.page.locator(".case-cell:not([hidden])", has_text=f"is {truth}").first
    return int(cell.get_attribute("data-row") or -1)


def select_value(page: Page, value: str) -> None:
    """Press `select` beside the legend's entry of that value."""
    entry = page.locator("#map-legend .legend-item").filter(
        has=page.get_by_role("button", name=value, exact=True)
    )
    entry.hover()
    entry.get_by_role("button", name="select", exact=True).click()
    page.locator(".selection-counts").wait_for()


def main() -> None:
    """One WebP per story beside this file."""
    with TemporaryDirectory() as cache, sync_playwright() as playwright:
        options = ("--port", "0", "--no-browser", "--cache-dir", cache)
        with served([sys.executable, "-m", "app.cli", "demo", *options], cwd=REPOSITORY) as address:
            browser = playwright.chromium.launch(
                executable_path=chromium_executable(), args=list(CHROMIUM_FLAGS)
            )
            for story in STORIES:
                page = browser.new_context(viewport=SIZE).new_page()  # type: ignore[arg-type]
                story(Dashboard(page, f"{address}/"))
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1500)
                shot = Image.open(io.BytesIO(page.screenshot()))
                shot.save(HERE / f"{story.__name__}.webp", quality=82, method=6)
                page.context.close()
            browser.close()


if __name__ == "__main__":
    main()
