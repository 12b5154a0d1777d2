"""The page "Concepts and slices" as a person uses it: stories A, B and D of the demo, told by clicking."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard import Dashboard
from grave import graves
from sfvisuals.demo.shipped import write_dermoscopy

pytestmark = pytest.mark.browser
PATIENCE = 120_000
# what docs/demo.md says of it: bright and warm, of low contrast, blurred
SECOND_CAMERA = {"device", *(f"image:{name}" for name in ("brightness", "warmth", "contrast", "sharpness"))}


@pytest.fixture(scope="module")
def dermoscopy_url(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The dashboard on the built-in demo."""
    return serve(write_dermoscopy(tmp_path_factory.mktemp("demo-root") / "dermoscopy"))


@dataclass(frozen=True)
class Causes:
    """The page in one tab."""

    page: Page
    url: str

    def open(self, **state: Any) -> Causes:
        asked = {"run": "confidnet", "page": "causes", "projection": "pca", **state}
        self.page.goto(f"{self.url}?s={quote(json.dumps(asked))}")
        expect(self.page.locator("#causes")).to_be_visible(timeout=PATIENCE)
        return self

    def part(self, name: str) -> Locator:
        """Scroll to a part and wait until it stands."""
        section = self.page.locator(f"#causes [data-part='{name}']")
        section.evaluate("part => part.scrollIntoView({ block: 'start', behavior: 'instant' })")
        expect(section.locator(".bench-body[data-ready]")).to_be_attached(timeout=PATIENCE)
        expect(section.locator(".bench-body")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
        return section

    def findings(self) -> list[str]:
        """The features of the explanation, the strongest first."""
        rows = self.part("explain").locator(".finding-list").first.locator("[data-feature]")
        return [str(row.get_attribute("data-feature")) for row in rows.all()]


def number(text: str) -> int:
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_story_a_a_target_concept_that_moved_stands_first_and_is_explained(
    page: Page, dermoscopy_url: str, artifacts: Path
) -> None:
    causes = Causes(page, dermoscopy_url).open(studies=["clinic_a", "clinic_b"])
    first = causes.part("matches").locator(".match").first
    expect(first).to_have_attribute("data-flag", "moved")
    expect(first.locator("h3")).to_contain_text("malignant, Clinic B")
    expect(first.locator(".match-side.other small")).to_contain_text("source, benign")
    expect(first.locator(".match-side").first.locator("img")).to_have_count(6)
    silent = number(first.locator(".is-silent").inner_text())
    page.screenshot(path=artifacts / "causes-story-a.png")

    first.get_by_role("button", name="Explain").click()
    found = causes.findings()
    assert SECOND_CAMERA & set(found[:3]), found
    expect(causes.part("explain").locator(".explained .is-silent")).to_contain_text(f"{silent} silent")

    device = causes.part("explain").locator("[data-feature=device]").first
    device.get_by_role("button", name="Test").click()
    tested = page.locator("#causes [data-part='hypothesis']")
    expect(tested.locator("[data-recipe-says]")).to_have_text("device: device 2", timeout=PATIENCE)
    expect(tested.locator(".bench-sentence").nth(1)).to_contain_text("did not suggest it")
    expect(tested.locator(".bench-sentence").nth(1)).to_contain_text("p < 0.0001.")
    malignant = tested.locator("tbody tr", has_text="malignant").locator("td").all_inner_texts()
    with_it, without = (float(malignant[i].split("·")[1].strip(" %")) for i in (1, 5))
    assert with_it > 50 > without, malignant


def test_story_b_a_slice_of_rulers_is_confirmed_and_leads_to_its_images(
    page: Page, dermoscopy_url: str, artifacts: Path
) -> None:
    causes = Causes(page, dermoscopy_url).open(studies=["clinic_a", "clinic_c"])
    slices = causes.part("slices").locator(".slice[data-confirmed='1']")
    titles = slices.locator("h3").all_inner_texts()[:5]
    place = next(i for i, title in enumerate(titles) if "ruler = True" in title or "traight" in title)
    one = slices.nth(place)
    members = number(one.locator(".slice-rates span").first.inner_text().split(" of ")[1])
    page.screenshot(path=artifacts / "causes-story-b.png")
    one.get_by_role("button", name="On the map").click()
    expect(page.locator(".selection-counts")).to_contain_text(f"{members:,} samples", timeout=PATIENCE)
    assert Dashboard(page, dermoscopy_url).state()["sel"]["kind"] == "slice"

    page.locator("#selection-says").get_by_role("button", name="explain").click()
    found = causes.findings()
    assert {"ruler", "image:straight_lines"} & set(found[:3]), found


def test_cards_of_slices_tell_their_attributes_as_they_come_into_view_and_lead_to_all_of_them(
    page: Page, dermoscopy_url: str, artifacts: Path
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "causes/telling" in request.url else None)
    causes = Causes(page, dermoscopy_url).open(studies=["clinic_a", "clinic_c"])
    section = causes.part("slices")
    cards = section.locator(".slice[data-confirmed='1']")
    first = cards.first
    expect(first.locator(".slice-telling")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
    expect(first.locator(".tells-line[data-feature]").first).to_contain_text(re.compile(r"\.\d\d|1\.00"))
    expect(first.locator(".tells-line").nth(1)).to_contain_text(re.compile(r"(d|OR) [−<>]* ?\d"))
    expect(first.locator(".slice-tested")).to_contain_text(re.compile(r"p .* · q .* independent"))
    expect(first.locator(".slice-examples")).to_contain_text("nearest training samples")
    page.screenshot(path=artifacts / "slice-cards.png")
    assert len(asked) < section.locator("[data-telling]").count(), "cards far away have not been asked for"
    last = cards.last
    last.evaluate("card => card.scrollIntoView({ block: 'center', behavior: 'instant' })")
    expect(last.locator(".slice-telling")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
    assert len(asked) == len(set(asked)), "each card is asked for once"

    told = str(first.locator("[data-feature]").first.get_attribute("data-feature"))
    first.get_by_role("button", name="more").click()
    assert told in causes.findings()[:3]


def test_story_d_the_unseen_subclass_has_moved_and_says_so(page: Page, dermoscopy_url: str) -> None:
    causes = Causes(page, dermoscopy_url).open(studies=["clinic_a", "amelanotic"])
    first = causes.part("matches").locator(".match").first
    expect(first.locator("h3")).to_contain_text("malignant, Amelanotic")
    expect(first.locator(".match-flag")).to_be_visible()
    first.get_by_role("button", name="Explain").click()
    assert "subclass" in causes.findings()[:3]
    expect(causes.part("triage").locator(".triage-line").first).to_be_visible()
    selected = Dashboard(page, dermoscopy_url).state()["sel"]
    page.locator(".triage-case .thumb").first.click()
    expect(page.locator("[data-case-row]")).to_be_visible(timeout=PATIENCE)
    state = Dashboard(page, dermoscopy_url).state()
    assert state["sel"] == selected, "a case of the selection is opened within it"
    assert state["studies"] == ["clinic_a", "amelanotic"]
    assert "keep" not in state


def test_a_concept_keeps_the_name_that_a_person_gave_it(page: Page, dermoscopy_url: str) -> None:
    causes = Causes(page, dermoscopy_url).open(studies=["clinic_a", "clinic_b"])
    first = causes.part("matches").locator(".match").first
    first.locator(".cause-name input").fill("washed out")
    first.locator(".cause-name input").press("Enter")
    expect(first.locator("h3")).to_have_text("washed out")
    page.reload()
    expect(causes.part("matches").locator(".match h3").first).to_have_text("washed out")


def test_a_failure_in_explore_leads_to_what_it_looks_like(page: Page, dermoscopy_url: str) -> None:
    dash = Dashboard(page, dermoscopy_url).open(run="confidnet", studies=["clinic_a", "clinic_b"])
    row = dash.first_cases(1)[0]
    dash.focus_case(row)
    page.locator(f"[data-why='{row}']").click()
    causes = Causes(page, dermoscopy_url)
    case = causes.part("triage").locator(".triage-case")
    expect(case).to_have_count(1)
    expect(case.locator(f"[data-thumb-row='{row}']")).to_be_visible()
    case.locator(f"[data-thumb-row='{row}']").click()
    dash.expect_focus(row)


def test_the_page_and_its_settings_are_in_the_address(page: Page, dermoscopy_url: str) -> None:
    causes = Causes(page, dermoscopy_url).open(studies=["clinic_a", "clinic_b"])
    causes.part("matches")
    page.get_by_label("found by", exact=True).first.select_option("gaussian")
    page.wait_for_function("() => document.location.search.includes('gaussian')")
    causes.part("matches")
    page.reload()
    expect(page.get_by_label("found by", exact=True).first).to_have_value("gaussian")
    page.go_back()
    expect(page.get_by_label("found by", exact=True).first).to_have_value("kmeans")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_grave_for_those_who_do_not_see_or_point(
    open_page: Callable[..., Page], dermoscopy_url: str, scheme: str
) -> None:
    page = open_page(color_scheme=scheme)
    failed = {"kind": "outcome", "outcome": "silent", "score": "det_mcp", "target": 950}
    recipe = {"kind": "and", "of": [failed, {"kind": "attributes", "studies": ["clinic_b"]}]}
    causes = Causes(page, dermoscopy_url).open(
        studies=["clinic_a", "clinic_b"],
        sel=recipe,
        causes={"rule": {"kind": "value", "column": "device", "value": "device 2"}},
    )
    for name in ("matches", "concepts", "slices", "explain", "hypothesis", "triage"):
        causes.part(name)
    assert graves(page) == []


def test_nothing_is_wider_than_a_small_screen(open_page: Callable[..., Page], dermoscopy_url: str) -> None:
    page = open_page(width=1024, height=768)
    causes = Causes(page, dermoscopy_url).open(studies=["clinic_a", "clinic_b"])
    for name in ("matches", "concepts", "slices"):
        causes.part(name)
    wide = page.locator(".bench-parts:visible").evaluate("part => part.scrollWidth - part.clientWidth")
    assert wide <= 0
