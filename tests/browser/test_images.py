"""The image on the page is the file of that very row, whatever the view, selection, score and run.

Which file belongs to a row is read here with numpy and pandas alone, by ../shared/formats.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from dashboard import Dashboard, pixels_of_file, pixels_shown

pytestmark = [pytest.mark.shared, pytest.mark.browser]

CONFIDNET = "confidnet_bbsmall_cnn_do1_run1_rew2.2"
DEEP_GAMBLERS = "dg_bbsmall_cnn_do1_run1_rew1.5"
DEVRIES = "devries_bbsmall_cnn_do1_run1_rew2.2"
# With train encodings on, attributions0.csv is the training set and all others are one further on.
OFFSET = {CONFIDNET: 1, DEEP_GAMBLERS: 1, DEVRIES: 0}


@dataclass(frozen=True)
class Folder:
    """A run's folder, read without the program."""

    experiments: Path
    group: str
    method: str

    @property
    def name(self) -> str:
        """The run's name."""
        return f"{self.group}/{self.method}"

    @property
    def results(self) -> Path:
        """Where its outputs lie."""
        return self.experiments / "current" / self.group / self.method / "test_results"

    @cached_property
    def outputs(self) -> np.ndarray[Any, Any]:
        """(N, classes + 2): logits, label, position of the set."""
        with np.load(self.results / "raw_logits.npz", allow_pickle=False) as arrays:
            return np.asarray(arrays["arr_0"], dtype=np.float64)

    @cached_property
    def set_of(self) -> np.ndarray[Any, Any]:
        """(N,) position of each row's set."""
        return self.outputs[:, -1].astype(int)

    @cached_property
    def wrong(self) -> np.ndarray[Any, Any]:
        """(N,) where the plain prediction is not the label."""
        return self.outputs[:, :-2].argmax(axis=1) != self.outputs[:, -2]

    def file(self, row: int) -> Path:
        """The image of that row."""
        own = self.set_of[row]
        table = pd.read_csv(self.results / f"attributions{own + OFFSET[self.method]}.csv")
        place = int((self.set_of[:row] == own).sum())
        return self.experiments / "images" / table["filepath"][place]


@pytest.fixture
def folder(shared: Path, request: pytest.FixtureRequest) -> Folder:
    """The folder that the parameter names."""
    return Folder(shared / "experiments", *request.param)


def check_focus(dash: Dashboard, folder: Folder, row: int) -> None:
    """The large image is that row's file, to the last pixel, and not the next row's."""
    dash.expect_focus(row)
    shown = pixels_shown(dash.page.locator(f"img[data-case-row='{row}']"))
    assert np.array_equal(shown, pixels_of_file(dash.page, folder.file(row)))
    assert not np.array_equal(shown, pixels_of_file(dash.page, folder.file(row + 1)))


def check_first(dash: Dashboard, folder: Folder, *, places: tuple[int, ...] = (0,)) -> list[int]:
    """Focus the cases at these places of the grid and compare each; returns their rows."""
    rows = dash.first_cases(max(places) + 1)
    chosen = [rows[place] for place in places]
    for row in chosen:
        dash.focus_case(row)
        check_focus(dash, folder, row)
    return chosen


@pytest.mark.parametrize(
    ("folder", "studies", "dropped", "other", "score"),
    [
        (
            ("dermoscopyall", CONFIDNET),
            {1: "dermoscopyall", 5: "dermoscopyallcorrbrhighhigh", 11: "dermoscopyallviennadias"},
            "viennadias",
            DEVRIES,
            "MCD-EE",
        ),
        (
            ("xray_chestall", CONFIDNET),
            {1: "xray_chestall", 11: "xray_chestallnih14", 13: "xray_chestallactualmed"},
            "actualmed",
            DEEP_GAMBLERS,
            "MCD-EE",
        ),
    ],
    indirect=["folder"],
    ids=["dermoscopyall", "xray_chestall"],
)
def test_the_image_in_focus_is_the_file_of_its_row_through_filters_lasso_score_and_run(
    page: Page,
    current_url: str,
    folder: Folder,
    studies: dict[int, str],
    dropped: str,
    other: str,
    score: str,
) -> None:
    view = {"source": studies[1], "studies": list(studies.values()), "tab": "failures"}
    dash = Dashboard(page, current_url).open(run=folder.name, **view)
    check_first(dash, folder, places=(0, 3, 7))

    rows = dash.first_cases(6)
    dash.focus_case(rows[0])
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator(f"[data-verdict='{rows[5]}']")).to_be_visible()
    check_focus(dash, folder, rows[5])

    page.get_by_label(dropped, exact=True).uncheck()
    kept = [place for place, name in studies.items() if not name.endswith(dropped)]
    expected = int((np.isin(folder.set_of, kept) & folder.wrong).sum())
    expect(page.locator("#stats .figure:nth-child(4) b")).to_have_text(f"{expected:,}")
    assert folder.set_of[check_first(dash, folder, places=(1,))[0]] in kept

    dash.choose("Classes", "negative")
    page.keyboard.press("Escape")
    benign = np.isin(folder.set_of, kept) & (folder.outputs[:, -2] == 0)
    expect(page.locator("#stats .figure:nth-child(1) b")).to_have_text(f"{int(benign.sum()):,}")
    row = check_first(dash, folder, places=(2,))[0]
    assert benign[row]

    dash.lasso_around(row, radius=60)
    selected = check_first(dash, folder, places=(0, 1))
    assert benign[selected].all()

    before = page.locator("#stats .judged").inner_text()
    dash.choose("Confidence score", score)
    expect(page.locator("#stats .judged")).not_to_have_text(before)
    check_first(dash, folder, places=(0, 1))

    dash.choose("Run", f"{folder.group}/{other}")
    expect(page.locator(f"#page[data-run='{folder.group}/{other}']")).to_be_attached()
    dash.wait()
    page.get_by_text("PCA", exact=True).click()  # a UMAP that comes in between is not what is tested
    expect(page.locator("#map-host[data-projection='pca']")).to_be_visible()
    check_first(dash, Folder(folder.experiments, folder.group, other), places=(0, 2))


def check_thumbnail(folder: Folder, row: int, image: Locator, others: list[int]) -> None:
    """The address names the row, and the picture is its file and nobody else's."""
    address = urlsplit(image.get_attribute("src") or "")
    assert unquote(address.path).endswith(f"runs/{folder.name}/images/{row}")
    shown = pixels_shown(image)[..., :3].astype(float)

    def distance(other: int) -> float:
        with Image.open(folder.file(other)) as stored:
            small = stored.convert("RGB").resize(shown.shape[1::-1], Image.Resampling.LANCZOS)
        return float(np.abs(shown - np.asarray(small, dtype=float)).mean())

    own = distance(row)
    assert own < 4
    assert all(distance(other) > 2 * own + 2 for other in others)


@pytest.mark.parametrize("folder", [("dermoscopyall", DEVRIES), ("xray_chestall", CONFIDNET)], indirect=True)
def test_every_thumbnail_shows_the_row_that_it_stands_for(
    page: Page, current_url: str, folder: Folder
) -> None:
    dash = Dashboard(page, current_url).open(run=folder.name, tab="failures")
    cases = dash.first_cases(6)
    for row in cases:
        image = page.locator(f".case-cell[data-row='{row}']:not([hidden]) img")
        check_thumbnail(folder, row, image, [other for other in cases if other != row][:3])

    thumbs = page.locator(".concept-images [data-row]")
    places = np.linspace(0, thumbs.count() - 1, 8).astype(int).tolist()
    rows = {place: int(thumbs.nth(place).get_attribute("data-row") or -1) for place in places}
    for place, row in rows.items():
        others = [other for other in rows.values() if other != row][:3]
        check_thumbnail(folder, row, thumbs.nth(place).locator("img"), others)
