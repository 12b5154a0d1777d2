"""The controls of the page Benchmark: weights, groups, scores that take part, legends, progress, CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, Route, expect

from benchmarking import Bench
from browsing import PageLog
from dashboard import Dashboard
from grave import graves

pytestmark = pytest.mark.browser


def test_a_cost_typed_in_the_menu_weighs_the_table_the_curves_and_the_operating_point(
    page: Page, digits_url: str, digits_samples: pd.DataFrame, artifacts: Path
) -> None:
    bench = Bench(page, digits_url).open()
    before = bench.study("Thicker pen")
    menu = page.locator("[data-part='table'] [data-weights]")
    menu.locator("summary").click()
    box = menu.locator(".bench-weights").bounding_box()
    assert box is not None
    assert 0 <= box["x"] < box["x"] + box["width"] <= 1440, "the menu lies inside the page"
    assert graves(page) == []
    page.screenshot(path=artifacts / "benchmark-weights.png")
    menu.get_by_label("cost of digit 3").fill("5")
    menu.get_by_label("prevalence of digit 1").fill("40")
    page.keyboard.press("Tab")
    expect(menu.locator("summary")).to_have_text("cost and prevalence")
    assert bench.state()["bench"] == {"cost": "3:5", "prevalence": "1:40"}
    said = "Weighted by cost of a mistake (digit 3: 5) and prevalence (digit 1: 40 %)."
    for name in ("table", "curves", "cockpit", "severity"):
        page.locator(f"[data-part='{name}']").scroll_into_view_if_needed()
        expect(page.locator(f"[data-part='{name}'] [data-weighted]")).to_contain_text(said)

    there = digits_samples[digits_samples["study"] == "thick_pen"]
    iid = digits_samples[(digits_samples["study"] == "digits") & (digits_samples["label"] != 1)]
    share = (60 * iid["label"].value_counts() / len(iid)).to_dict() | {1: 40.0}
    here = there["label"].value_counts(normalize=True).to_dict()
    people = there["label"].map(lambda k: share[k] / here[k])
    every = people * np.where(there["label"] == 3, 5.0, 1.0)
    validation = np.sort(digits_samples.loc[digits_samples["study"] == "validation", "confidence"])[::-1]
    taken = there["confidence"] >= validation[int(np.ceil(0.95 * validation.size)) - 1]
    after = bench.study("Thicker pen")
    assert after["silent failures"] == before["silent failures"], "a number of samples"
    silent = taken & there["wrong"]
    assert after["coverage"] == f"{100 * every[taken].sum() / every.sum():.1f} %"
    assert after["selective risk"] == f"{100 * every[silent].sum() / every[taken].sum():.1f} %"
    assert after["generalized risk"] == f"{100 * every[silent].sum() / every.sum():.1f} %"
    assert after["silent per 1,000"] == f"{1000 * people[silent].sum() / people.sum():.1f}"
    assert after["referrals per 1,000"] == f"{1000 * people[~taken].sum() / people.sum():.1f}"

    page.reload()
    bench.wait()
    expect(page.locator("[data-part='table'] [data-weighted]")).to_contain_text(said)
    menu.locator("summary").click()
    expect(menu.get_by_label("cost of digit 3")).to_have_value("5")
    menu.get_by_role("button", name="All alike again").click()
    for name in ("table", "cockpit", "curves"):
        page.locator(f"[data-part='{name}']").scroll_into_view_if_needed()
        expect(page.locator(f"[data-part='{name}'] [data-weighted]")).to_have_count(0)
    assert "bench" not in bench.state()
    assert bench.study("Thicker pen") == before


def test_the_weights_are_set_by_keyboard_alone(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open()
    page.locator("[data-part='cockpit'] [data-weights] summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-part='cockpit']").get_by_label("cost of digit 0")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("4")
    page.keyboard.press("Tab")
    expect(page.locator("[data-part='cockpit'] [data-weighted]")).to_contain_text("digit 0: 4")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "prevalence of digit 0"
    assert bench.state()["bench"] == {"cost": "0:4"}


def test_groups_are_drawn_as_a_whole_when_chosen(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open()
    page.get_by_label("resample", exact=True).select_option("drawing")
    expect(page.locator("[data-part='table'] [data-intervals='ready']")).to_be_attached(timeout=60_000)
    expect(page.locator("[data-part='table'] .bench-key")).to_contain_text(
        "resamples of whole drawing groups"
    )
    assert bench.state()["bench"] == {"group": "drawing"}


def test_the_scores_that_take_part_in_what_all_miss_are_chosen(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open()
    section = bench.part("missed")
    expect(section.locator("[data-universal]")).to_contain_text("missed by all 6 scores")
    menu = section.locator("[data-checks='among']")
    menu.locator("summary").click()
    for name in ("PE", "MCD-MSR", "MCD-PE", "MCD-EE"):
        menu.get_by_label(name, exact=True).uncheck()
    expect(section.locator("[data-universal]")).to_contain_text("missed by all 2 scores")
    assert bench.state()["bench"] == {"among": ["det_mcp", "tcp"]}
    universal = section.locator("[data-universal]").get_attribute("data-universal")
    section.locator("[data-universal] .go").click()
    Dashboard(page, digits_url).wait()
    expect(page.locator(".selection-counts")).to_contain_text(f"{universal} samples")


def test_one_legend_hides_a_corruption_in_all_three_charts_of_equal_height(
    page: Page, digits_url: str
) -> None:
    section = Bench(page, digits_url).open().part("severity")
    heights = section.locator(".chart").evaluate_all("charts => charts.map((c) => c.offsetHeight)")
    assert len(heights) == 3
    assert len(set(heights)) == 1
    expect(section.locator(".legend")).to_have_count(0)
    lines = section.locator(".scatterlayer .trace")
    expect(lines).to_have_count(9)
    section.get_by_role("button", name="Noise").click()
    expect(lines).to_have_count(6)
    expect(section.get_by_role("button", name="Noise")).to_have_attribute("aria-pressed", "false")
    section.get_by_role("button", name="Noise").click()
    expect(lines).to_have_count(9)

    entries = section.locator(".bench-legend").get_by_role("button")
    for place in range(entries.count()):
        entries.nth(place).click()
    expect(lines).to_have_count(0)
    expect(section.locator(".chart").first.locator(".ytick text").last).to_have_text("100%")


def test_forensics_look_at_any_study(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open()
    section = bench.part("forensics")
    expect(section.locator(".bench-sentence")).to_contain_text("on Held-out drawings")
    section.get_by_label("study", exact=True).select_option("thick_pen")
    expect(section.locator(".bench-sentence")).to_contain_text("on Thicker pen")


def test_every_table_is_saved_as_csv(page: Page, digits_url: str, tmp_path: Path) -> None:
    bench = Bench(page, digits_url).open(bench={"other": "again/digits", "intervals": "0"})
    heads = {
        "table": ("digits_aurc.csv", "metric"),
        "cockpit": ("digits_cockpit.csv", "study"),
        "audit": ("digits_audit.csv", "study"),
        "forensics": ("digits_forensics.csv", "score"),
        "compare": ("digits_compare.csv", "study"),
    }
    for name, (file, head) in heads.items():
        section = page.locator(f"[data-part='{name}']") if name == "cockpit" else bench.part(name)
        with page.expect_download() as waiting:
            section.locator("[data-table-csv]").click()
        assert waiting.value.suggested_filename == file
        waiting.value.save_as(tmp_path / file)
        lines = list(csv.reader(io.StringIO((tmp_path / file).read_text(encoding="utf-8"))))
        assert lines[0][0] == head
        assert len(lines) > 3
        assert {len(line) for line in lines} == {len(lines[0])}


def test_a_bar_shows_how_far_a_long_table_is(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open(bench={"intervals": "0"})
    told = iter([0.25, 0.75])

    def answer(route):  # type: ignore[no-untyped-def]
        share = next(told, 0.75)
        route.fulfill(body=json.dumps({"share": share, "words": "digits: noise_3"}))

    held: list[Route] = []  # the table waits until its progress has been looked at
    page.route(re.compile("benchmark/table.*e-aurc(?!.*progress)"), lambda route: held.append(route))
    page.route(re.compile("benchmark/table.*progress=1"), answer)
    page.get_by_label("metric", exact=True).select_option("e-aurc")
    bar = page.locator("[data-part='table'] [role='progressbar']")
    expect(bar).to_have_attribute("aria-valuenow", re.compile("25|75"))
    expect(page.locator("[data-part='table'] .bench-waits")).to_contain_text("digits: noise_3")
    held.pop().continue_()
    expect(bench.cell("MSR", 0).locator("button")).to_have_attribute("data-says", re.compile("e-AURC"))
    expect(bar).to_have_count(0)


def test_every_cell_opens_the_map_with_its_run_score_and_studies(page: Page, digits_url: str) -> None:
    bench = Bench(page, digits_url).open(bench={"columns": "all", "intervals": "0"})
    ways = page.locator(".scores [data-go]").evaluate_all(
        "cells => cells.map((c) => [c.dataset.says, c.dataset.go])"
    )
    assert len(ways) > 300
    for says in (
        "MCD-EE, cor:",
        "ViM, motion_4:",
        "PE, eight_nine_proposed:",
        "MSR, iid:",
        "ReAct MSR, validation:",
    ):
        (go,) = [json.loads(go) for text, go in ways if text.startswith(says)]
        page.locator(f".scores [data-says^='{says}']").click()
        dash = Dashboard(page, digits_url).wait()
        state = dash.state()
        assert (state["run"], state["score"]) == ("digits", go["score"]), says
        assert set(go["studies"]) <= set(state["studies"]), says
        assert "page" not in state
        page.go_back()
        bench.wait()


def test_a_part_whose_request_is_lost_says_so_and_comes_when_asked_again(
    page: Page, page_log: PageLog, digits_url: str
) -> None:
    page_log.allow("ERR_FAILED")
    bench = Bench(page, digits_url).open()
    page.route("**/benchmark/forensics*", lambda route: route.abort())
    section = page.locator("[data-part='forensics']")
    section.evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
    expect(section.locator(".empty-inline")).to_contain_text("The server does not answer")
    page.unroute("**/benchmark/forensics*")
    section.get_by_label("study", exact=True).select_option("thick_pen")
    expect(section.locator("table")).to_be_visible()
    assert bench.state()["bench"] == {"study": "thick_pen"}


def test_the_lists_behind_the_page_follow_a_slider_only_when_it_is_let_go(
    page: Page, digits_url: str
) -> None:
    Bench(page, digits_url).open()
    expect(page.locator("[data-intervals='ready']")).to_be_attached(timeout=60_000)
    page.wait_for_load_state("networkidle")
    box = page.locator("#threshold").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    asked: list[str] = []
    page.on("request", lambda request: "_dash-update" in request.url and asked.append(request.url))
    page.mouse.move(box["x"] + 0.95 * box["width"], middle)
    page.mouse.down()
    for share in (0.8, 0.7):
        page.mouse.move(box["x"] + share * box["width"], middle, steps=3)
        page.wait_for_timeout(600)
    assert asked == []
    with page.expect_request("**/_dash-update-component*"):
        page.mouse.up()
    target = float(re.search(r"target\s+([\d.]+)", page.locator("#threshold-says").inner_text())[1])  # type: ignore[index]
    page.wait_for_function("new URLSearchParams(location.search).get('s')?.includes('\"target\":')")
    dash = Dashboard(page, digits_url)
    assert dash.state()["target"] == round(10 * target)
