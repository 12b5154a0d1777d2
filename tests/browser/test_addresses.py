"""What an address asks for and is not there is named; what cannot be read shows everything, in words."""

from __future__ import annotations

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from dashboard import CANVAS, Dashboard

pytestmark = pytest.mark.browser
AT_FIRST = ("digits", "thick_pen", "eight_nine")


def shown_at_first(samples: pd.DataFrame) -> int:
    """Samples of the studies that the demo shows unasked: its source, its shift and its new class."""
    return int(samples["study"].isin(AT_FIRST).sum())


def test_an_unknown_run_is_named_and_the_first_run_is_shown_instead(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="gone/elsewhere", score="det_pe")
    notice = page.locator(".toast.notice")
    expect(notice).to_contain_text("The address names what is not here")
    expect(notice).to_contain_text("run gone/elsewhere")
    expect(page.locator("#page")).to_have_attribute("data-run", "again/digits")
    assert dash.state()["score"] == "det_mcp", "the score was chosen for another run"


def test_an_unknown_score_study_and_class_are_named_and_the_rest_is_kept(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(
        run="digits", score="no_such_score", studies=["digits", "mars"], classes=[0, 77], target=800
    )
    notice = page.locator(".toast.notice")
    for words in ("score no_such_score", "study mars", "class 77"):
        expect(notice).to_contain_text(words)
    state = dash.state()
    assert (state["score"], state["studies"], state["classes"], state["target"]) == (
        "det_mcp",
        ["digits"],
        [0],
        800,
    )


def test_a_malformed_selection_shows_everything_and_says_so(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", sel={"kind": "and", "of": [None]})
    expect(page.locator(".toast")).to_contain_text("The selection in the address cannot be read")
    expect(page.locator(".toast")).to_contain_text("Everything is shown instead.")
    expect(page.locator("#selection-says")).to_contain_text("Everything shown")
    dash.expect_drawn(shown_at_first(digits_samples))
    assert "sel" not in dash.state()


def test_a_malformed_piece_of_the_map_shows_the_whole_map_and_says_so(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", map=[5, -5, 0, 1])
    x, y = dash.column("digits", "projections/pca/coordinates").reshape(2, -1)
    seen = dash.page.evaluate(f"() => {CANVAS}.view()")
    shown = digits_samples["study"].isin(AT_FIRST).to_numpy()
    assert seen["x0"] < x[shown].min() < x[shown].max() < seen["x1"]
    assert seen["y0"] < y[shown].min() < y[shown].max() < seen["y1"]
    assert "map" not in dash.state()
    expect(page.locator(".toast")).to_contain_text("cannot be read")


def test_an_address_that_is_no_state_at_all_opens_the_first_view_and_says_so(
    page: Page, digits_url: str
) -> None:
    page.goto(f"{digits_url}?s=%5B1%5D")
    Dashboard(page, digits_url).wait()
    expect(page.locator(".toast.notice")).to_contain_text("an unreadable state")


def test_more_classes_of_concepts_are_asked_for_and_survive_a_reload(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    rows = page.locator(".concept-class")
    expect(rows).to_have_count(8)
    expect(rows.last.locator("h3")).to_have_text("new class")
    page.get_by_role("button", name="Show more classes (1 left)").click()
    expect(rows).to_have_count(9)
    assert dash.state()["classRows"] == 16
    titles = rows.locator("h3").all_inner_texts()
    page.reload()
    dash.wait()
    expect(rows).to_have_count(9)
    assert rows.locator("h3").all_inner_texts() == titles
