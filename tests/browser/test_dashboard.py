"""The dashboard in a real browser: linked regions, threshold, URL, two tabs, keyboard, small and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from browsing import PageLog
from dashboard import CANVAS, Dashboard
from sfvisuals.failures import reference_rows, threshold_at_coverage
from sfvisuals.scores import compute_score
from sfvisuals.types import Run

pytestmark = pytest.mark.browser
SILENT = "#stats .figure:nth-child(5) b"


def expected_numbers(run: Run, score: str, target: float, studies: list[str]) -> dict[str, str]:
    """The header line by the library, not by the browser's code."""
    vector = compute_score(run, score)
    cut = threshold_at_coverage(vector.values[reference_rows(run).rows], target=target).value
    shown = np.isin(run.study, [i for i, s in enumerate(run.studies) if s.name in studies])
    accepted = vector.values >= cut
    return {
        "shown": f"{shown.sum():,}",
        "accuracy": f"{100 * (1 - vector.failure[shown].mean()):.1f} %",
        "coverage": f"{100 * accepted[shown].mean():.1f} %",
        "failures": f"{(shown & vector.failure).sum():,}",
        "silent": f"{(shown & vector.failure & accepted).sum():,}",
    }


@pytest.mark.parametrize("score", ["det_mcp", "mcd_ee", "ext_waic"])
def test_the_header_counts_what_the_arrays_say(
    page: Page, digits_url: str, digits_run: Run, score: str
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", score=score, target=900)
    assert dash.numbers() == expected_numbers(digits_run, score, 0.9, dash.state()["studies"])


def test_dragging_the_threshold_moves_counts_and_cases_together(
    page: Page, digits_url: str, digits_run: Run
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    studies = dash.state()["studies"]
    slider = page.get_by_role("slider", name="Target coverage in percent")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("#threshold-says")).to_contain_text("target 0.0 %")
    assert dash.numbers() == expected_numbers(digits_run, "det_mcp", 0.0, studies)
    page.keyboard.press("End")
    expect(page.locator("#threshold-says")).to_contain_text("target 100.0 %")
    assert dash.numbers() == expected_numbers(digits_run, "det_mcp", 1.0, studies)
    page.wait_for_function("() => decodeURIComponent(location.search).includes('\"target\":1000')")


def test_switching_scores_back_and_forth_gives_the_same_numbers(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", score="det_mcp")
    first, cases = dash.numbers(), dash.first_cases()
    for label in ("MCD-EE", "PE", "MCD-MSR"):
        dash.choose("Confidence score", label)
        expect(page.locator("#stats .judged")).to_contain_text(label)
    assert dash.numbers() != first
    dash.choose("Confidence score", "MSR")
    expect(page.locator("#stats .judged")).to_contain_text("MSR judges the plain")
    assert dash.numbers() == first
    assert dash.first_cases() == cases


def test_the_cases_come_most_silent_first(page: Page, digits_url: str, digits_run: Run) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    vector = compute_score(digits_run, "det_mcp")
    shown = np.isin(
        digits_run.study, [i for i, s in enumerate(digits_run.studies) if s.name in dash.state()["studies"]]
    )
    rows = np.flatnonzero(shown & vector.failure)
    best = rows[np.lexsort((rows, -vector.values[rows]))][:6]
    assert dash.first_cases() == best.tolist()


def test_a_lasso_narrows_map_cases_and_counts_and_shift_adds(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    rows = dash.first_cases(2)
    dash.lasso_around(rows[0], radius=50)
    first = page.locator(".selection-counts").inner_text()
    assert rows[0] in dash.first_cases(200)
    dash.lasso_around(rows[1], radius=50, modifier="Shift")
    expect(page.locator("#selection-says")).to_contain_text("2 regions")
    assert page.locator(".selection-counts").inner_text() != first
    page.keyboard.press("Escape")
    expect(page.locator(".selection-counts")).to_have_count(0)


def test_the_server_decides_what_a_lasso_contains(page: Page, digits_url: str, digits_run: Run) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", studies=[s.name for s in digits_run.studies])
    x, y = dash.column("digits", "projections/pca/coordinates").reshape(2, -1)
    centre = float(np.median(x))
    low, high = float(y.min()) - 1, float(y.max()) + 1
    polygon = [[float(x.min()) - 1, low], [centre, low], [centre, high], [float(x.min()) - 1, high]]
    page.evaluate(f"(polygon) => {CANVAS}.lasso(polygon, 'replace')", polygon)
    kept = dash_polygon(page)
    left = int((x < kept).sum())
    expect(page.locator(".selection-counts")).to_contain_text(f"{left:,} samples")


def dash_polygon(page: Page) -> float:
    """The right edge of the polygon as it came into the address bar (rounded for the URL)."""
    page.wait_for_function("() => decodeURIComponent(location.search).includes('\"polygon\"')")
    return float(max(corner[0] for corner in Dashboard(page, "").state()["sel"]["polygon"]))


def test_a_click_on_a_point_puts_that_row_in_focus(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    row = dash.first_cases(1)[0]
    x, y = dash.screen_of(row)
    hit = int(page.evaluate(f"([x, y]) => {CANVAS}.rowAt(x, y)", [x, y]))
    assert hit >= 0
    page.mouse.click(x, y)
    dash.expect_focus(hit)


def test_arrow_keys_go_through_the_cases(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    rows = dash.first_cases(4)
    dash.focus_case(rows[0])
    page.keyboard.press("ArrowRight")
    dash.expect_focus(rows[1])
    page.keyboard.press("ArrowRight")
    dash.expect_focus(rows[2])
    page.keyboard.press("ArrowLeft")
    dash.expect_focus(rows[1])


def test_reload_back_and_a_pasted_link_land_on_the_same_picture(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", score="mcd_mcp", target=800, colour="class")
    row = dash.first_cases(1)[0]
    dash.focus_case(row)
    dash.lasso_around(row, radius=70)
    link, seen = page.url, (dash.numbers(), page.locator("#selection-says").inner_text())
    page.reload()
    dash.wait().expect_focus(row)
    expect(page.locator(".selection-counts")).to_be_visible()
    assert (dash.numbers(), page.locator("#selection-says").inner_text()) == seen

    dash.choose("Confidence score", "MSR")
    expect(page.locator("#stats .judged")).to_contain_text("MSR judges the plain")
    page.go_back()
    expect(page.locator("#stats .judged")).to_contain_text("MCD-MSR")
    assert dash.numbers() == seen[0]

    other = page.context.new_page()
    other.goto(link)
    pasted = Dashboard(other, digits_url).wait()
    pasted.expect_focus(row)
    expect(other.locator(".selection-counts")).to_be_visible()
    assert (pasted.numbers(), other.locator("#selection-says").inner_text()) == seen


def test_two_tabs_on_different_runs_do_not_disturb_each_other(
    page: Page, digits_url: str, page_log: PageLog
) -> None:
    one = Dashboard(page, digits_url).open(run="digits")
    before = (one.numbers(), one.first_cases())
    second = page.context.new_page()
    page_log.watch(second)
    two = Dashboard(second, digits_url).open(run="again/digits", score="det_pe")
    second_before = (two.numbers(), two.first_cases())
    one.focus_case(one.first_cases(1)[0])
    two.lasso_around(two.first_cases(1)[0], radius=60)
    assert (one.numbers(), one.first_cases()) == before
    page.reload()
    assert (one.wait().numbers(), one.first_cases()) == before
    second.keyboard.press("Escape")
    assert two.numbers() == second_before[0]


def test_choosing_another_run_opens_it_and_back_returns(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    first = dash.numbers()
    dash.choose("Run", "again/digits")
    expect(page.locator("#page[data-run='again/digits']")).to_be_attached()
    page.wait_for_function(
        "(f) => document.querySelector('#stats .figure:nth-child(4) b').textContent !== f",
        arg=first["failures"],
    )
    page.go_back()
    expect(page.locator("#page[data-run='digits']")).to_be_attached()
    page.wait_for_function(
        "(f) => document.querySelector('#stats .figure:nth-child(4) b').textContent === f",
        arg=first["failures"],
    )
    assert dash.numbers() == first


def test_a_legend_entry_hides_its_points_and_only_shows_them_alone(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    everything = page.evaluate(f"() => {CANVAS}.drawnCount()")
    legend = page.locator("#map-legend")
    legend.get_by_role("button", name="silent failure").first.click()
    page.wait_for_function(f"(n) => {CANVAS}.drawnCount() === n", arg=everything - dash.silent())
    legend.get_by_role("button", name="silent failure").first.click()
    page.wait_for_function(f"(n) => {CANVAS}.drawnCount() === n", arg=everything)
    item = legend.locator(".legend-item", has_text="silent failure")
    item.hover()
    item.get_by_role("button", name="only").click()
    page.wait_for_function(f"(n) => {CANVAS}.drawnCount() === n", arg=dash.silent())
    item.get_by_role("button", name="all").click()
    legend.get_by_role("button", name="target").click()
    first = page.locator(".stats-table tbody tr").first.locator("td").first
    source = int((first.text_content() or "").replace(",", ""))
    assert 0 < source < everything
    page.wait_for_function(f"(n) => {CANVAS}.drawnCount() === n", arg=source)


def test_every_colour_can_be_chosen(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    for colour in (
        "Domain: source or target",
        "Study",
        "True class",
        "Prediction",
        "Correctness",
        "Confidence",
        "Confusion",
    ):
        dash.choose("Colour by", colour)
        expect(page.locator("#map-legend .legend-item").first).to_be_visible()
    expect(page.get_by_label("Label of the pair").locator("visible=true").first).to_be_visible()


def test_new_class_samples_are_failures_and_say_so(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", classes=["new"])
    numbers = dash.numbers()
    assert numbers["accuracy"] == "0.0 %"
    assert numbers["failures"] == numbers["shown"]
    expect(page.locator(".case-cell:not([hidden])").first).to_contain_text("is new class (")


def test_on_a_small_screen_the_inspector_is_a_drawer_and_nothing_scrolls_sideways(
    open_page: Callable[..., Page], digits_url: str, artifacts: Path
) -> None:
    page = open_page(width=1024, height=768)
    Dashboard(page, digits_url).open(run="digits")
    inspector = page.locator("#inspector")
    expect(inspector).to_be_hidden()
    page.get_by_role("button", name="Show or hide the inspector").click()
    expect(inspector).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    ends = "[...document.querySelector('.top').children].map((part) => part.getBoundingClientRect().right)"
    assert page.evaluate(f"() => Math.max(...{ends})") <= 1024, "the whole header is seen"
    score = page.get_by_label("Confidence score", exact=True).locator("visible=true").first
    assert score.evaluate("field => field.clientWidth") >= 120, "the name of the score has room"
    page.screenshot(path=artifacts / "small.png")


def test_dark_mode_darkens_page_and_map(
    open_page: Callable[..., Page], digits_url: str, artifacts: Path
) -> None:
    page = open_page(color_scheme="dark")
    Dashboard(page, digits_url).open(run="digits")
    page.evaluate(f"() => {CANVAS}.settled()")
    page.screenshot(path=artifacts / "dark.png")
    pixel = page.evaluate(
        "() => [...document.getElementById('latent-map').getContext('2d').getImageData(3, 3, 1, 1).data]"
    )
    assert max(pixel[:3]) < 60
    page.get_by_role("button", name="Light or dark").click()
    page.wait_for_function("() => document.documentElement.dataset.mantineColorScheme === 'light'")
    page.wait_for_function(
        "() => document.getElementById('latent-map').getContext('2d').getImageData(3, 3, 1, 1).data[0] > 200"
    )


def test_a_thousand_cases_need_a_few_dozen_cells(page: Page, digits_url: str, digits_run: Run) -> None:
    dash = Dashboard(page, digits_url).open(
        run="digits", studies=[s.name for s in digits_run.studies], tab="rejected", target=0
    )
    page.wait_for_function("() => document.querySelector('.case-stage').offsetHeight > 20000")
    grid = page.locator("#case-grid")
    grid.evaluate("(host) => { host.scrollTop = host.scrollHeight; }")
    page.wait_for_function("() => [...document.querySelectorAll('.case-cell:not([hidden])')].length > 3")
    assert page.locator(".case-cell").count() < 80
    assert dash.state()["tab"] == "rejected"


def test_a_selection_that_no_longer_exists_is_said_in_the_page_and_nothing_is_lost(
    page: Page, digits_url: str, page_log: PageLog
) -> None:
    page_log.allow("404")
    recipe = {"kind": "concept", "study": "digits", "category": 0, "index": 999, "k": None, "basis": None}
    dash = Dashboard(page, digits_url).open(run="digits", sel=recipe)
    expect(page.locator(".toast")).to_contain_text("no concept")
    assert dash.silent() > 0
