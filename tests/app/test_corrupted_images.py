"""The image of a corrupted sample is made when asked for, and is what the model saw, pixel for pixel."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.factory import create_app, create_workspace
from app.settings import checked_settings
from corrupted_runs import CLEAN, IID, corrupted_run, recipe_at
from own_runs import edited
from sfvisuals.case import describe_case
from sfvisuals.corruptions import CATALOGUE, SEVERITIES, CorruptionRecipe
from sfvisuals.io.corrupted import pixels_of
from sfvisuals.workspace import Workspace

FIRST = 2 * IID
"""The first corrupted row: brightness_down, severity 1, of the first image."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corrupted_run(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def samples(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "samples.parquet")


@pytest.fixture(scope="module")
def workspace(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return create_workspace(checked_settings(folder.parent, cache_dir=tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def client(folder: Path, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = checked_settings(folder.parent, cache_dir=tmp_path_factory.mktemp("cache"))
    return create_app(settings, workspace).server.test_client()


def decoded(content: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


@pytest.mark.parametrize("corruption", CATALOGUE, ids=lambda corruption: corruption.name)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_served_png_holds_exactly_the_corrupted_pixels(
    client: FlaskClient, folder: Path, samples: pd.DataFrame, corruption: Any, severity: int
) -> None:
    meant = (samples["corruption"] == corruption.name) & (samples["severity"] == severity)
    rows = np.flatnonzero(meant.fillna(False))
    assert len(rows) == len(CLEAN)
    for row in rows:
        answer = client.get(f"/runs/run/images/{row}")
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        expected = pixels_of(folder / samples["image"][row], recipe_at(samples, row))
        assert np.array_equal(decoded(answer.data), expected)


def test_a_clean_sample_is_served_as_its_file(client: FlaskClient, folder: Path) -> None:
    answer = client.get(f"/runs/run/images/{IID + 1}")
    assert answer.data == (folder / "images" / CLEAN[1]).read_bytes()


def test_a_thumbnail_is_made_from_the_corrupted_image(
    client: FlaskClient, folder: Path, samples: pd.DataFrame
) -> None:
    # The large image, 500 x 420, under the strongest noise: reduced by 500 / 160 the noise is weaker.
    row = int(np.flatnonzero((samples["corruption"] == "gaussian_noise").fillna(False))[-1])
    shown = decoded(client.get(f"/runs/run/images/{row}?size=160").data)
    assert shown.shape == (134, 160, 3)

    def distance(recipe: CorruptionRecipe | None) -> float:
        whole = Image.fromarray(pixels_of(folder / samples["image"][row], recipe))
        whole.thumbnail((160, 160), Image.Resampling.LANCZOS)
        return float(np.abs(shown.astype(float) - np.asarray(whole)).mean())

    # Nothing but JPEG lies between them: the noise is the same, point for point.
    assert distance(recipe_at(samples, row)) < 0.4 * distance(None)


def test_a_small_thumbnail_is_the_corrupted_image_itself(
    client: FlaskClient, folder: Path, samples: pd.DataFrame
) -> None:
    expected = pixels_of(folder / samples["image"][FIRST], recipe_at(samples, FIRST))
    for _ in range(2):  # made, then kept
        answer = client.get(f"/runs/run/images/{FIRST}?size=96")
        assert np.array_equal(decoded(answer.data), expected)


def test_entity_tags_differ_by_corruption_severity_and_size(client: FlaskClient) -> None:
    addresses = [
        f"/runs/run/images/{row}{query}"
        for row in (IID, *range(FIRST, FIRST + 180, len(CLEAN)))  # one image, clean and 30 times corrupted
        for query in ("", "?size=96", "?size=160")
    ]
    tags = [client.get(address).headers["ETag"] for address in addresses]
    assert len(set(tags)) == len(addresses) == 31 * 3
    again = client.get(addresses[3], headers={"If-None-Match": tags[3]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(addresses[4], headers={"If-None-Match": tags[3]}).status_code == 200


def test_a_changed_clean_image_changes_the_tag_and_the_thumbnail(tmp_path: Path) -> None:
    out = corrupted_run(tmp_path)
    client = served(tmp_path)
    before = client.get(f"/runs/run/images/{FIRST}?size=96")
    Image.new("RGB", (60, 48), (200, 100, 50)).save(out / "images" / CLEAN[0])
    after = client.get(f"/runs/run/images/{FIRST}?size=96", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert np.all(decoded(after.data) == [160, 80, 40])  # brightness_down 1 leaves .8 of the light


def served(root: Path) -> FlaskClient:
    """A dashboard over the folder."""
    settings = checked_settings(root, cache_dir=root.parent / f"{root.name}-cache")
    return create_app(settings, create_workspace(settings)).server.test_client()


def test_other_recorded_parameters_are_what_is_applied(tmp_path: Path) -> None:
    out = corrupted_run(tmp_path)
    client = served(tmp_path)
    first = client.get(f"/runs/run/images/{FIRST}").headers["ETag"]
    edited(out, lambda d: d["corruption_parameters"]["brightness_down"][0].update(factor=0.0))
    other = served(tmp_path).get(f"/runs/run/images/{FIRST}", headers={"If-None-Match": first})
    assert other.status_code == 200
    assert np.all(decoded(other.data) == 0)


def test_a_corruption_of_another_version_has_a_placeholder_that_says_so(tmp_path: Path) -> None:
    out = corrupted_run(tmp_path)
    samples = pd.read_parquet(out / "samples.parquet")
    samples["corruption"] = samples["corruption"].replace("motion_blur", "fog <2>")
    samples.to_parquet(out / "samples.parquet")
    edited(out, lambda d: d["corruption_parameters"].update({"fog <2>": [{"density": 0.1}] * 5}))
    client = served(tmp_path)
    row = int(np.flatnonzero((samples["corruption"] == "fog <2>").fillna(False))[0])
    for query in ("", "?size=96"):
        answer = client.get(f"/runs/run/images/{row}{query}")
        assert (answer.status_code, answer.mimetype) == (404, "image/svg+xml")
        assert b"unknown corruption" in answer.data
        assert b"fog &lt;2&gt;: not in this" in answer.data
        assert "ETag" not in answer.headers
    assert client.get(f"/runs/run/images/{row}?placeholder=1").status_code == 200


def test_a_missing_or_damaged_clean_image_has_a_placeholder(tmp_path: Path) -> None:
    out = corrupted_run(tmp_path)
    client = served(tmp_path)
    (out / "images" / CLEAN[0]).write_bytes(b"no image")
    (out / "images" / CLEAN[1]).unlink()
    for query in ("?placeholder=1", "?placeholder=1&size=96"):
        assert b"cannot be read" in client.get(f"/runs/run/images/{FIRST}{query}").data
        assert b"image not found" in client.get(f"/runs/run/images/{FIRST + 1}{query}").data


def test_a_clean_image_outside_the_data_roots_is_not_corrupted_either(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    out = corrupted_run(tmp_path / "root")
    Image.new("RGB", (8, 8)).save(tmp_path / "secret.png")
    samples = pd.read_parquet(out / "samples.parquet")
    samples["image"] = samples["image"].replace(f"images/{CLEAN[0]}", "../../secret.png")
    samples.to_parquet(out / "samples.parquet")
    answer = served(tmp_path / "root").get(f"/runs/run/images/{FIRST}")
    assert (answer.status_code, answer.mimetype) == (404, "image/svg+xml")


def test_the_case_says_that_the_named_file_is_the_clean_one(workspace: Workspace) -> None:
    run = workspace.run("run")
    facts = dict(describe_case(workspace, run, FIRST, score="det_mcp").metadata)
    assert facts["corruption"] == "brightness_down"
    assert facts["image"] == "the clean file, corrupted as the model saw it"
    assert "image" not in dict(describe_case(workspace, run, IID, score="det_mcp").metadata)
