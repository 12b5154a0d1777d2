"""A corrupted sample of a run that stores no corrupted image: the page shows what the library gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from corrupted_runs import CLEAN, IID, corrupted_run, recipe_at
from dashboard import Dashboard, pixels_shown
from sfvisuals.io.corrupted import pixels_of

pytestmark = pytest.mark.browser


def expected_pixels(folder: Path, samples: pd.DataFrame, row: int) -> np.ndarray:
    """(H, W, 4) as a canvas has them."""
    pixels = pixels_of(folder / samples["image"][row], recipe_at(samples, row))
    colours = np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else pixels
    return np.dstack([colours, np.full(pixels.shape[:2], 255, np.uint8)])


def test_the_image_in_focus_and_its_versions_are_what_the_model_saw(
    page: Page, serve: Callable[..., str], tmp_path: Path
) -> None:
    folder = corrupted_run(tmp_path / "root")
    samples = pd.read_parquet(folder / "samples.parquet")
    blurred = np.flatnonzero((samples["corruption"] == "motion_blur").fillna(False))
    trail = [int(row) for row in blurred if samples["image"][row] == f"images/{CLEAN[0]}"]
    dash = Dashboard(page, serve(tmp_path / "root")).open(run="run", row=trail[2], tab="failures")

    dash.expect_focus(trail[2])
    shown = pixels_shown(page.locator(f"img[data-case-row='{trail[2]}']"))
    assert np.array_equal(shown, expected_pixels(folder, samples, trail[2]))

    # The clean image and five severities, each a small picture, so the thumbnail is the image itself.
    versions = page.locator("#case section", has_text="The same image").locator(".neighbour")
    expect(versions).to_have_count(6)
    rows = [int(versions.nth(place).get_attribute("data-row") or -1) for place in range(6)]
    assert rows == [IID, *trail]
    for place, row in enumerate(rows):
        shown = pixels_shown(versions.nth(place).locator("img"))
        assert np.array_equal(shown, expected_pixels(folder, samples, row)), row

    versions.nth(5).click()
    dash.expect_focus(trail[4])
    shown = pixels_shown(page.locator(f"img[data-case-row='{trail[4]}']"))
    assert np.array_equal(shown, expected_pixels(folder, samples, trail[4]))
