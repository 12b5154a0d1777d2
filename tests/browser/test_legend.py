"""The legend hides and shows exactly the points that an entry names; counted from the samples' own table."""

from __future__ import annotations

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard import Dashboard

pytestmark = pytest.mark.browser

STUDIES = {"digits": "Held-out drawings", "thick_pen": "Thicker pen", "eight_nine": "Digits 8 and 9"}


def entry(page: Page, label: str) -> Locator:
    """The legend's entry of that label."""
    return page.locator("#map-legend .legend-item").filter(
        has=page.get_by_role("button", name=label, exact=True)
    )


def press(page: Page, label: str, button: str | None = None) -> None:
    """Press the entry itself, or the button (only, all) beside it."""
    item = entry(page, label)
    item.hover()
    item.get_by_role("button", name=button or label, exact=True).click()


def test_studies_and_silent_failures_are_hidden_and_shown_alone_to_the_point(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    size = digits_samples.groupby("study").size()
    everything = int(size[list(STUDIES)].sum())
    assert digits_samples[digits_samples["study"] == "thick_pen"]["silent"].any()
    dash = Dashboard(page, digits_url).open(run="digits", colour="study")
    dash.expect_drawn(everything)
    for name, label in STUDIES.items():
        press(page, label)
        dash.expect_drawn(everything - int(size[name]))
        press(page, label)
        dash.expect_drawn(everything)
        press(page, label, "only")
        dash.expect_drawn(int(size[name]))
        press(page, label, "all")
        dash.expect_drawn(everything)

    shown = digits_samples[digits_samples["study"].isin(list(STUDIES))]
    silent = shown[shown["silent"]]
    press(page, "silent failure")
    dash.expect_drawn(len(shown) - len(silent))
    press(page, "silent failure")
    press(page, "silent failure", "only")
    dash.expect_drawn(len(silent))

    press(page, "Thicker pen")
    dash.expect_drawn(int((silent["study"] != "thick_pen").sum()))
    press(page, "silent failure", "all")
    dash.expect_drawn(int((shown["study"] != "thick_pen").sum()))
    expect(page.locator("#stats .figure:nth-child(1) b")).to_have_text(f"{len(shown):,}")


def test_a_value_of_a_column_is_selected_from_the_legend_and_counted(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    dash = Dashboard(page, digits_url).open(
        run="digits", studies=["digits", "faint"], colour="column:severity"
    )
    faint = digits_samples[digits_samples["study"] == "faint"]
    for severity in (5, 1):
        press(page, str(severity), "select")
        part = faint[faint["severity"] == severity]
        expect(page.locator("#selection-says")).to_contain_text(f"severity: {severity}")
        counts = page.locator(".selection-counts")
        expect(counts).to_contain_text(f"{len(part):,} samples")
        expect(counts).to_contain_text(f"{part['wrong'].sum():,} failures")
        expect(counts).to_contain_text(f"{part['silent'].sum():,} silent")
    page.reload()
    dash.wait()
    expect(page.locator("#selection-says")).to_contain_text("severity: 1")
