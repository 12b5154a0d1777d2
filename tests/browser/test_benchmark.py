"""The page Benchmark as a person uses it: from a number to its samples, one threshold for all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from benchmarking import Bench
from browsing import PageLog
from dashboard import Dashboard, eventually
from grave import graves
from sfvisuals.types import Run

pytestmark = pytest.mark.browser

DERMOSCOPY = "dermoscopyall/confidnet_bbsmall_cnn_do1_run1_rew2.2"


def test_the_pages_are_in_the_address_and_back_leads_back(
    page: Page, digits_url: str, artifacts: Path
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    numbers = dash.numbers()
    page.get_by_role("link", name="Benchmark").click()
    bench = Bench(page, digits_url).wait()
    assert bench.state()["page"] == "benchmark"
    expect(page.get_by_role("link", name="Benchmark")).to_have_attribute("aria-current", "page")
    expect(page.locator("#latent-map")).not_to_be_visible()
    page.screenshot(path=artifacts / "benchmark.png")

    page.reload()
    bench.wait()
    page.get_by_role("link", name="Explore").click()
    dash.wait()
    assert "page" not in dash.state()
    assert dash.numbers() == numbers
    page.go_back()
    bench.wait()
    page.go_back()
    dash.wait()
    expect(page.locator("#benchmark")).to_be_hidden()


def test_explore_fetches_nothing_of_the_benchmark(page: Page, page_log: PageLog, digits_url: str) -> None:
    Dashboard(page, digits_url).open(run="digits")
    assert [url for url in page_log.requests if "benchmark.mjs" in url or "plotly" in url] == []
    page.get_by_role("link", name="Benchmark").click()
    Bench(page, digits_url).wait()
    assert any("benchmark.mjs" in url for url in page_log.requests)


def test_a_page_that_does_not_exist_is_said_and_explore_shown(page: Page, digits_url: str) -> None:
    Dashboard(page, digits_url).open(run="digits", page="moon")
    expect(page.locator(".toast")).to_contain_text("There is no page moon")


def test_the_way_from_a_cell_of_the_table_to_the_silent_failures_behind_it(
    page: Page, digits_url: str, digits_samples: pd.DataFrame, artifacts: Path
) -> None:
    bench = Bench(page, digits_url).open()
    cell = bench.cell("MSR", 2)
    expect(cell.locator("button")).to_have_attribute("data-says", re.compile("thick_pen: AURC"))
    cell.hover()
    expect(page.locator("[data-cell-says]")).to_contain_text("MSR, thick_pen: AURC")
    cell.locator("button").click()

    dash = Dashboard(page, digits_url).wait()
    there = digits_samples[digits_samples["study"] == "thick_pen"]
    says = page.locator(".selection-counts")
    expect(says).to_contain_text(f"{len(there)} samples")
    expect(says).to_contain_text(f"{int(there['silent'].sum())} silent")
    row = dash.first_cases(1)[0]
    silent = there[there["silent"]]
    assert digits_samples["confidence"][row] == pytest.approx(silent["confidence"].max())
    assert dash.state()["score"] == "det_mcp"
    page.screenshot(path=artifacts / "benchmark-cell-to-failures.png")
    page.go_back()
    bench.wait()


def test_intervals_and_marks_against_msr_arrive_behind_the_numbers(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open()
    expect(page.locator("[data-part='table'] [data-intervals='ready']")).to_be_attached(timeout=60_000)
    cell = bench.cell("Deep kNN", 0)
    expect(cell.locator("button")).to_have_attribute("data-says", re.compile("95 % interval .* against MSR"))
    expect(cell.locator(".against")).to_contain_text("worse than MSR")
    best = page.locator(".scores td.best").first
    assert best.evaluate("td => getComputedStyle(td.querySelector('.value')).fontWeight") == "700"


def test_another_metric_and_shade_are_in_the_address_and_survive_a_reload(
    page: Page, digits_url: str
) -> None:
    bench = Bench(page, digits_url).open()
    page.get_by_label("metric", exact=True).select_option("augrc")
    expect(bench.cell("MSR", 0).locator("button")).to_have_attribute("data-says", re.compile("AUGRC"))
    page.get_by_label("shade by", exact=True).select_option("value")
    assert bench.state()["bench"] == {"metric": "augrc", "shade": "value"}
    page.reload()
    bench.wait()
    expect(page.get_by_label("metric", exact=True)).to_have_value("augrc")
    expect(bench.cell("MSR", 0).locator("button")).to_have_attribute("data-says", re.compile("AUGRC"))


def test_an_undefined_number_shows_why(page: Page, digits_url: str) -> None:
    Bench(page, digits_url).open(bench={"metric": "cov@5risk"})
    undefined = page.locator(".scores td.undefined").first
    expect(undefined).to_have_attribute("title", re.compile("no threshold has a risk of at most 0.05"))
    expect(page.locator(".reasons li").first).to_be_visible()


def test_one_threshold_drives_every_study_while_it_is_dragged_and_in_explore_too(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    bench = Bench(page, digits_url).open()
    bench.page.locator("[data-part='cockpit']").scroll_into_view_if_needed()
    table = digits_samples.copy()

    def expected(target: float, study: str) -> dict[str, str]:
        validation = np.sort(table["confidence"][table["study"] == "validation"])[::-1]
        cut = validation[int(np.ceil(target * validation.size)) - 1]
        there = table[table["study"] == study]
        taken = there["confidence"] >= cut
        silent = int((taken & there["wrong"]).sum())
        return {
            "silent failures": str(silent),
            "selective risk": f"{100 * silent / taken.sum():.1f} %",
            "generalized risk": f"{100 * silent / len(there):.1f} %",
            "silent per 1,000": f"{1000 * silent / len(there):.1f}",
            "referrals per 1,000": f"{1000 * (~taken).sum() / len(there):.1f}",
        }

    def shown(label: str) -> dict[str, str]:
        found = bench.study(label)
        return {name: found[name] for name in expected(0.95, "motion")}

    assert shown("Thicker pen") == expected(0.95, "thick_pen")
    thumb = page.get_by_role("slider", name="Target coverage in percent")
    thumb.focus()
    box = page.locator("#threshold").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2, steps=4)

    def told() -> float:
        said = page.locator("#threshold-says").inner_text()
        return float(re.search(r"target\s+([\d.]+)", said)[1]) / 100  # type: ignore[index]

    eventually(page, lambda: 0.6 < told() < 0.8, "the slider, still held, is where it was dragged to")
    target = told()
    eventually(
        page, lambda: shown("Thicker pen") == expected(target, "thick_pen"), "the table follows the drag"
    )
    page.mouse.up()
    eventually(page, lambda: bench.state().get("target") == round(1000 * target), "the address takes it")
    silent = int(bench.study("Thicker pen")["silent failures"])
    page.locator("table.cockpit tbody tr", has_text="Thicker pen").locator(".go").click()
    Dashboard(page, digits_url).wait()
    expect(page.locator(".selection-counts")).to_contain_text(f"{silent} silent")


def test_a_guaranteed_risk_sets_the_threshold_and_dragging_takes_it_back(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open()
    before = bench.state()["target"]
    page.get_by_label("chosen by", exact=True).select_option("guarantee")
    says = page.locator("[data-part='cockpit'] .bench-sentence")
    expect(says).to_contain_text("with 95 % confidence the true risk is at most")
    share = re.search(r"at coverage ([\d.]+) %", says.inner_text())[1]  # type: ignore[index]
    expect(page.locator("#threshold-says")).to_contain_text(f"reached {share} %")
    eventually(
        page, lambda: bench.state().get("bench") == {"by": "guarantee"}, "the address takes the choice"
    )
    eventually(page, lambda: bench.state()["target"] != before, "the address takes the threshold")
    state = bench.state()
    page.reload()
    bench.wait()
    expect(says).to_contain_text("with 95 % confidence")
    assert bench.state()["target"] == state["target"]

    page.get_by_role("slider", name="Target coverage in percent").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("chosen by", exact=True)).to_have_value("coverage")


def test_the_threshold_of_least_cost_is_the_one_found_by_trying_all(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    bench = Bench(page, digits_url).open(bench={"by": "cost", "silentCost": "5"})
    expect(page.locator("[data-part='cockpit'] .bench-sentence")).to_contain_text(
        "The least cost on validation"
    )
    there = digits_samples[digits_samples["study"] == "validation"]
    cuts = np.sort(there["confidence"])
    costs = [
        5 * ((there["confidence"] >= c) & there["wrong"]).sum() + (there["confidence"] < c).sum()
        for c in cuts
    ]
    taken = (there["confidence"] >= cuts[int(np.argmin(costs))]).mean()
    eventually(
        page,
        lambda: bench.study("Validation")["coverage"] == f"{100 * taken:.1f} %",
        f"the table stands at the threshold of least cost, coverage {100 * taken:.1f} %",
    )


def test_a_cell_of_the_confusion_matrix_selects_its_samples(
    page: Page, digits_url: str, digits_run: Run
) -> None:
    bench = Bench(page, digits_url).open(bench={"study": "thick_pen"})
    section = bench.part("confusion")
    section.locator("summary", has_text="as a table").click()
    buttons = section.locator(".twin [data-go]")
    counts = [int(text) for text in buttons.all_inner_texts()]
    assert sum(counts) == len(digits_run.rows_of("thick_pen"))
    buttons.nth(1).click()
    Dashboard(page, digits_url).wait()
    expect(page.locator(".selection-counts")).to_contain_text(f"{counts[1]} samples")
    expect(page.locator("#selection-says")).to_contain_text("predicted digit")


def test_a_click_on_a_bar_of_the_upset_plot_and_on_the_universal_number(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open()
    section = bench.part("missed")
    universal = int(section.locator("[data-universal]").get_attribute("data-universal") or "-1")
    assert universal > 0
    bar = section.locator(".plot .bars .point path").first
    n = int(section.locator(".plot .bars .point text").first.text_content() or "-1")
    box = bar.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    Dashboard(page, digits_url).wait()
    expect(page.locator(".selection-counts")).to_contain_text(f"{n} samples")
    page.go_back()
    bench.wait()
    bench.part("missed").locator("[data-universal] .go").click()
    Dashboard(page, digits_url).wait()
    expect(page.locator(".selection-counts")).to_contain_text(f"{universal} samples")
    expect(page.locator(".selection-counts")).to_contain_text(f"{universal} silent")
    expect(page.locator("#selection-says")).to_contain_text("silent failures under 6 scores")


def test_every_chart_is_drawn_has_its_twin_and_can_be_saved(
    page: Page, page_log: PageLog, digits_url: str, tmp_path: Path
) -> None:
    bench = Bench(page, digits_url).open()
    seen = set()
    for name in ("curves", "calibration", "confusion", "severity", "missed"):
        for chart in bench.part(name).locator("[data-chart]").all():
            seen.add(chart.get_attribute("data-chart"))
            expect(chart.locator(".main-svg").first).to_be_visible()
            assert chart.locator(".twin tbody tr").count() > 0
    assert seen == {
        *("selective", "generalized", "histogram", "reliability", "confusion"),
        *("accuracy", "augrc", "silent", "upset"),
    }
    chart = bench.part("curves").locator("[data-chart='selective']")
    files = {}
    for kind in ("SVG", "PNG", "CSV"):
        with page.expect_download() as waiting:
            chart.get_by_role("button", name=kind).click()
        waiting.value.save_as(tmp_path / waiting.value.suggested_filename)
        files[kind] = tmp_path / waiting.value.suggested_filename
        assert files[kind].name == f"digits_selective.{kind.lower()}"
    assert files["SVG"].read_text(encoding="utf-8").lstrip().startswith("<svg")
    assert files["PNG"].read_bytes().startswith(b"\x89PNG")
    lines = list(csv.reader(io.StringIO(files["CSV"].read_text(encoding="utf-8"))))
    assert lines[0] == ["coverage at least", "MSR"]
    assert (len(lines), lines[-1][0]) == (21, "100 %")


def test_the_audit_finds_where_a_guarantee_breaks(page: Page, digits_url: str, artifacts: Path) -> None:
    bench = Bench(page, digits_url).open()
    section = bench.part("audit")
    expect(section.locator("tr", has_text="Held-out drawings").first).to_contain_text("✓ pass")
    expect(section.locator("tr", has_text="Motion blur 5")).to_contain_text("✗ fail")
    page.screenshot(path=artifacts / "benchmark-audit.png")


def test_nothing_grave_in_either_theme_and_nothing_scrolls_sideways(
    open_page: Callable[..., Page], digits_url: str, artifacts: Path
) -> None:
    for width, height, scheme in ((1440, 900, "dark"), (1024, 768, "light")):
        page = open_page(width=width, height=height, color_scheme=scheme)
        bench = Bench(page, digits_url).open(bench={"by": "guarantee"})
        for name in (
            "curves",
            "calibration",
            "confusion",
            "severity",
            "audit",
            "missed",
            "forensics",
            "compare",
        ):
            bench.part(name)
        assert page.evaluate("() => document.querySelector('.bench-parts').scrollWidth") <= width
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert graves(page) == []
        page.screenshot(path=artifacts / f"benchmark-{width}-{scheme}.png")


def test_an_unreadable_benchmark_is_not_shown_in_place_of_an_error(
    page: Page, page_log: PageLog, digits_url: str
) -> None:
    page_log.allow("404")
    bench = Bench(page, digits_url).open(bench={"scope": "run"})
    page.route(
        "**/benchmark/forensics*",
        lambda route: route.fulfill(status=404, body='{"title": "Gone", "detail": "", "hint": ""}'),
    )
    page.locator("[data-part='forensics']").evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
    expect(bench.page.locator("[data-part='forensics'] .empty-inline")).to_contain_text("Gone")


@pytest.mark.shared
def test_two_runs_are_compared_and_the_newly_silent_shown(page: Page, current_url: str) -> None:
    other = "dermoscopyall/devries_bbsmall_cnn_do1_run1_rew2.2"
    bench = Bench(page, current_url).open(DERMOSCOPY, {"other": other})
    section = bench.part("compare")
    newly = section.locator("[data-changes] .is-silent")
    n = int(newly.inner_text().split()[0])
    newly.click()
    Dashboard(page, current_url).wait()
    expect(page.locator(".selection-counts")).to_contain_text(f"{n} samples")
    expect(page.locator(".selection-counts")).to_contain_text(f"{n} silent")
    assert Dashboard(page, current_url).state()["run"] == other


@pytest.mark.shared
def test_the_poster_s_table_is_joined_over_the_runs_of_all_methods(
    page: Page, current_url: str, shared: Path, artifacts: Path
) -> None:
    bench = Bench(page, current_url).open(DERMOSCOPY, {"scope": "methods"})
    known = pd.read_csv(shared / "oracle" / "poster_table" / "dermoscopy_aurc.csv", index_col=0)
    for label, values in known.iterrows():
        for column, expected in enumerate(values):
            button = bench.cell({"DG-Res": "DG-RES"}.get(label, label), column).locator("button")
            says = button.get_attribute("data-says") or ""
            shown = float(re.search(r"AURC ([\d.]+) %", says)[1])  # type: ignore[index]
            assert shown == pytest.approx(expected, abs=0.00006), (label, known.columns[column])
    page.screenshot(path=artifacts / "benchmark-poster.png")
