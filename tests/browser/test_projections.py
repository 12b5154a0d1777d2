"""UMAP is made once, says how far it is and can be stopped; trust, images and 3-D on the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from browsing import PageLog
from dashboard import CANVAS, PATIENCE, Dashboard
from holding import held

pytestmark = pytest.mark.browser

Serve = Callable[..., str]
AT_FIRST = ("digits", "thick_pen", "eight_nine")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder in which nothing is kept yet."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def address(serve: Serve, few_digits: Path, kept: Path) -> str:
    """The dashboard on few digits, nothing projected so far."""
    return serve(few_digits, "--cache-dir", str(kept))


@pytest.fixture(scope="module")
def study(few_digits: Path) -> pd.Series:
    """The study of every row."""
    return pd.read_parquet(few_digits / "few" / "samples.parquet")["study"]


def expect_map(page: Page, kind: str) -> None:
    """The map shows that projection."""
    expect(page.locator(f"#map-host[data-projection='{kind}']")).to_be_visible(timeout=PATIENCE)


def posts(log: PageLog, kind: str) -> list[str]:
    """Requests that started or cancelled a projection."""
    return [url for url in log.requests if f"/projections/{kind}/start" in url]


def test_umap_shows_its_progress_is_cancelled_started_again_and_kept_for_the_next_server(
    page: Page,
    open_page: Callable[..., Page],
    page_log: PageLog,
    serve: Serve,
    address: str,
    few_digits: Path,
    kept: Path,
) -> None:
    status = page.locator("#projection-status")
    bounds = [-1.0, 1.0, -1.0, 1.0]
    cancel = status.get_by_role("button", name="Cancel")
    with held("sfvisuals.projection.worker", kept):
        dash = Dashboard(page, address).open(run="few", projection="umap")
        expect_map(page, "pca")
        expect(status.get_by_role("progressbar", name="UMAP progress")).to_be_visible(timeout=PATIENCE)
        expect(status).to_contain_text("PCA shown · UMAP")
        cancel.focus()
        for _ in range(2):  # the page asks again once it has written what it was told: the keyboard stays
            with page.expect_response(lambda answer: urlsplit(answer.url).path.endswith("/projections/umap")):
                pass
        expect(cancel).to_be_focused()
        page.keyboard.press("Enter")
        expect(status).to_contain_text("UMAP was cancelled; PCA is shown.", timeout=PATIENCE)
    expect_map(page, "pca")

    status.get_by_role("button", name="Start").click()
    expect_map(page, "umap")
    expect(status).to_be_empty()
    assert page.evaluate(f"() => {CANVAS}.count") == dash.column("few", "columns/study").size
    made = dash.column("few", "projections/umap/coordinates")
    assert np.isfinite(made).all()
    assert np.unique(made).size > made.size // 2

    # What was looked at on one map is nothing on another.
    page.get_by_text("PCA", exact=True).click()
    expect_map(page, "pca")
    page.evaluate(f"([x0, x1, y0, y1]) => {CANVAS}.setView({{ x0, x1, y0, y1 }})", bounds)
    page.wait_for_function("() => decodeURIComponent(location.search).includes('\"map\"')")
    page.get_by_text("UMAP", exact=True).click()
    expect_map(page, "umap")
    assert "map" not in dash.state()
    check_everything_is_seen(dash, made)

    page_log.requests.clear()
    other = open_page()
    again = Dashboard(other, serve(few_digits, "--cache-dir", str(kept))).open(run="few", projection="umap")
    expect_map(other, "umap")
    expect(other.locator("#projection-status")).to_be_empty()
    assert posts(page_log, "umap") == []
    assert not any("/projections/pca/coordinates" in url for url in page_log.requests), (
        "no stand-in was needed"
    )
    assert np.array_equal(again.column("few", "projections/umap/coordinates"), made)


def check_everything_is_seen(dash: Dashboard, coordinates: np.ndarray) -> None:
    """The map's view holds every point of the studies that are shown at first."""
    names = ["validation", "digits", "faint", "noise", "motion", "thick_pen", "eight_nine"]
    shown = np.isin(dash.column("few", "columns/study"), [names.index(name) for name in AT_FIRST])
    x, y = coordinates.reshape(2, -1)[:, shown]
    view = dash.page.evaluate(f"() => {CANVAS}.view()")
    assert view["x0"] < x.min() < x.max() < view["x1"]
    assert view["y0"] < y.min() < y.max() < view["y1"]


def test_trust_in_pca_is_said_to_be_measured_and_then_shown_as_a_ramp(page: Page, address: str) -> None:
    dash = Dashboard(page, address).open(run="few")
    dash.choose("Colour by", "Trust in the map")
    legend = page.locator("#map-legend")
    expect(legend).to_contain_text("trust in this map is being measured")
    expect(legend.locator(".legend-ramp")).to_be_visible(timeout=PATIENCE)
    expect(legend).to_contain_text("share of nearest latent neighbours kept")
    expect(legend).not_to_contain_text("being measured")


def test_images_of_representatives_appear_on_the_map_where_it_is_zoomed_in(page: Page, address: str) -> None:
    dash = Dashboard(page, address).open(run="few")
    thumbs = page.locator(".concept-images [data-row]").all()
    representatives = {int(thumb.get_attribute("data-row") or -1) for thumb in thumbs}
    assert page.evaluate(f"() => {CANVAS}.imagesShown()") == []
    page.get_by_role("button", name="Images", exact=True).click()

    coordinates = dash.column("few", "projections/pca/coordinates").reshape(2, -1)
    row = min(representatives)
    x, y = coordinates[:, row].tolist()
    wide = 0.02 * float(np.ptp(coordinates[0]))
    page.evaluate(
        f"([x, y, w]) => {CANVAS}.setView({{ x0: x - w, x1: x + w, y0: y - w, y1: y + w }})", [x, y, wide]
    )
    page.wait_for_function(f"() => {CANVAS}.imagesShown().length > 0")
    page.evaluate(f"() => {CANVAS}.settled()")
    shown = page.evaluate(f"() => {CANVAS}.imagesShown()")
    assert set(shown) <= representatives
    page.get_by_role("button", name="Images", exact=True).click()
    page.wait_for_function(f"() => {CANVAS}.imagesShown().length === 0")


def test_three_dimensions_come_on_request_with_every_shown_point_and_leave_no_webgl_behind(
    page: Page, address: str, study: pd.Series
) -> None:
    Dashboard(page, address).open(run="few")
    page.get_by_text("UMAP 3-D", exact=True).click()
    graph = page.locator("#space .js-plotly-plot")
    expect(graph.locator("canvas").first).to_be_visible(timeout=PATIENCE)
    shown = int(study.isin(AT_FIRST).sum())
    page.wait_for_function(
        """(n) => document.querySelector('#space .js-plotly-plot')._fullData
                  .flatMap((trace) => Array.from(trace.x ?? [])).filter(Number.isFinite).length === n""",
        arg=shown,
    )
    expect(page.locator("#space")).to_contain_text(f"{shown:,} of {shown:,} points")
    expect(page.locator("#map-host")).to_be_hidden()

    page.get_by_text("PCA", exact=True).click()
    expect_map(page, "pca")
    expect(page.locator("#space canvas")).to_have_count(0)
    assert page.evaluate("() => document.querySelectorAll('.js-plotly-plot').length") == 0


def test_the_first_map_does_not_wait_behind_the_images_of_the_cases(
    page: Page, page_log: PageLog, digits_url: str
) -> None:
    Dashboard(page, digits_url).open(run="digits", projection="pca")
    expect_map(page, "pca")
    expect(page.locator("#case-grid .case-cell:not([hidden]) img[src]").first).to_be_visible()
    asked = page_log.requests
    coordinates = next(i for i, url in enumerate(asked) if "/projections/pca/coordinates" in url)
    assert coordinates < next(i for i, url in enumerate(asked) if "/images/" in url)
