"""Names with commas, quotes, slashes, tags, per cent signs and letters of any script, from page to page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from benchmarking import Bench
from dashboard import PATIENCE, Dashboard
from odd_names import CLASSES, GROUP, RUN, SCORE, STUDIES, odd_run

pytestmark = pytest.mark.browser
NAMES = list(STUDIES.values())
VIEW = {"run": RUN, "studies": NAMES, "source": STUDIES["clinic"], "score": SCORE}
# planted_run: 40 shortcuts and 25 shifted ones among 265 of the site `elsewhere`, all wrong
ELSEWHERE = ("265 samples", "65 failures")


@pytest.fixture(scope="module")
def odd_url(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The dashboard on the run of odd names."""
    root = tmp_path_factory.mktemp("odd-root")
    odd_run(root)
    return serve(root)


@pytest.fixture(autouse=True)
def nothing_ran(page: Page) -> Iterator[None]:
    """No name was taken for markup: the script in one of them would have changed the title."""
    yield
    assert page.title() == "sfvisuals"
    assert page.locator("main b:text-is('x'), main u, main script").count() == 0


def test_explore_shows_selects_and_shares_odd_names(page: Page, odd_url: str) -> None:
    dash = Dashboard(page, odd_url).open(**VIEW, colour="column:scanner & %")
    assert dash.numbers()["shown"] == "1,149"
    assert dash.state()["score"] == SCORE
    for name in NAMES:
        expect(page.locator(".study-row", has_text=name)).to_have_count(1)
    row = dash.first_cases(1)[0]
    dash.focus_case(row)
    case = page.locator("#case")
    for name in (SCORE, *CLASSES, GROUP):
        expect(case).to_contain_text(name, ignore_case=True)

    # one of the two values of the column, by the legend: two rows of three are of the first scanner
    item = page.locator("#map-legend .legend-item").filter(has_text="A, <b>")
    item.hover()
    item.get_by_role("button", name="select", exact=True).click()
    expect(page.locator("#selection-says")).to_contain_text("scanner & %: A, <b>")
    expect(page.locator(".selection-counts").first).to_contain_text("766 samples")
    page.reload()
    dash.wait()
    assert dash.numbers()["shown"] == "1,149"


def test_the_benchmark_reckons_with_odd_names_and_leads_to_their_samples(page: Page, odd_url: str) -> None:
    bench = Bench(page, odd_url).open(**VIEW, bench={"group": GROUP})
    expect(page.locator(".scores").get_by_role("rowheader", name=SCORE, exact=True)).to_be_visible()
    for part, words in {
        "curves": SCORE,
        "calibration": STUDIES["clinic"],
        "confusion": CLASSES[1],
        "severity": '"thick" <u>',
        "audit": STUDIES["validation"],
        "missed": "MSR",
        "forensics": STUDIES["clinic"],
    }.items():
        expect(bench.part(part)).to_contain_text(words, timeout=PATIENCE)
    ticks = page.locator("[data-part='confusion'] .ytick text")
    assert sorted(ticks.all_text_contents()) == sorted(CLASSES)

    line = page.locator("[data-part='severity'] [data-line]").first
    line.click()
    expect(page.locator("[data-part='severity'] .scatterlayer .trace")).to_have_count(0)
    line.click()
    expect(page.locator("[data-part='severity'] .scatterlayer .trace").first).to_be_attached()

    page.locator("table.cockpit tbody tr", has_text=STUDIES["elsewhere"]).locator("button").last.click()
    expect(page.locator("#selection-says")).to_contain_text(STUDIES["elsewhere"])
    for words in ELSEWHERE:
        expect(page.locator(".selection-counts").first).to_contain_text(words)
    assert bench.state()["sel"]["studies"] == [STUDIES["elsewhere"]]


def test_concepts_and_slices_explain_odd_names(page: Page, odd_url: str) -> None:
    causes = Dashboard(page, odd_url).go(**VIEW, page="causes")
    shown = page.locator("#causes")
    for part, words in {
        "matches": STUDIES["elsewhere"],
        "concepts": CLASSES[0],
        "slices": "6 studies",
    }.items():
        section = shown.locator(f"[data-part='{part}']")
        section.evaluate("part => part.scrollIntoView({ block: 'start', behavior: 'instant' })")
        expect(section.locator(".bench-body")).to_contain_text(words, timeout=PATIENCE)
    causes.go(**VIEW, page="causes", sel={"kind": "attributes", "studies": [STUDIES["elsewhere"]]})
    section = shown.locator("[data-part='explain']")
    section.evaluate("part => part.scrollIntoView({ block: 'start', behavior: 'instant' })")
    expect(section.locator(".bench-body")).to_contain_text(STUDIES["elsewhere"], timeout=PATIENCE)
