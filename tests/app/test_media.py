"""The routes beside Dash: columns, masks, images, and what they refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.factory import create_app
from app.settings import checked_settings
from own_runs import parts
from sfvisuals import write_run
from sfvisuals.errors import UnavailableError
from sfvisuals.failures import reference_rows, threshold_at_coverage
from sfvisuals.io.images import ImageStore
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

DTYPES = {"u1": "<u1", "u2": "<u2", "u4": "<u4", "i4": "<i4", "f4": "<f4"}


def array_of(client: FlaskClient, path: str) -> np.ndarray[Any, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.data
    return np.frombuffer(answer.data, DTYPES[answer.headers["X-Dtype"]])


def mask_of(client: FlaskClient, run: Run, recipe: dict[str, Any]) -> np.ndarray[Any, Any]:
    answer = client.get(f"/runs/digits/mask?recipe={quote(json.dumps(recipe))}")
    assert answer.status_code == 200, answer.data
    return np.unpackbits(np.frombuffer(answer.data, np.uint8), bitorder="little")[: run.n].astype(bool)


def test_columns_hold_what_the_run_holds(client: FlaskClient, run: Run) -> None:
    assert np.array_equal(array_of(client, "/runs/digits/columns/study"), run.study)
    assert np.array_equal(array_of(client, "/runs/digits/columns/label"), run.label)


def test_a_page_that_was_opened_on_other_files_gets_no_numbers_of_these(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    own, other = run.fingerprint[:12], "0123456789ab"
    recipe = quote(json.dumps({"kind": "rows", "rows": [1]}))
    for path in (
        "columns/label",
        "scores?score=det_mcp",
        "scores/codes?score=det_mcp",
        "projections/pca/coordinates",
        f"mask?recipe={recipe}",
    ):
        joint = "&" if "?" in path else "?"
        assert client.get(f"/runs/digits/{path}{joint}v={own}").status_code == 200
        refused = client.get(f"/runs/digits/{path}{joint}v={other}")
        assert (refused.status_code, refused.get_json()["title"]) == (409, "This run has changed on disk")
    with pytest.raises(UnavailableError, match="changed on disk"):
        workspace.run("digits", version=other)


def test_the_browser_accepts_exactly_what_the_server_accepts(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    for name in ("det_mcp", "mcd_ee"):
        vector = workspace.score(run, name)
        codes = array_of(client, f"/runs/digits/scores/codes?score={name}")
        table = client.get(f"/runs/digits/scores?score={name}").get_json()["table"]
        for target in (0, 1, 500, 950, 999, 1000):
            cut = threshold_at_coverage(vector.values[reference_rows(run).rows], target=target / 1000)
            accepted = codes >= table["code"][target]
            assert np.array_equal(accepted, vector.values >= cut.value), (name, target)
            assert table["achieved"][target] == pytest.approx(cut.achieved)


def test_a_lasso_around_everything_selects_everything(client: FlaskClient, run: Run) -> None:
    coordinates = array_of(client, "/runs/digits/projections/pca/coordinates").reshape(2, run.n)
    low, high = coordinates.min() - 1, coordinates.max() + 1
    square = [[low, low], [high, low], [high, high], [low, high]]
    everything = {"kind": "lasso", "projection": "pca", "polygon": [[float(a), float(b)] for a, b in square]}
    assert mask_of(client, run, everything).all()
    nothing = {"kind": "minus", "of": [everything, everything]}
    assert not mask_of(client, run, nothing).any()


def test_the_concepts_of_a_class_share_its_samples_out(
    client: FlaskClient, run: Run, workspace: Workspace
) -> None:
    concepts = workspace.concepts(run, "digits", 3)
    recipe = {"kind": "concept", "study": "digits", "category": 3, "k": None, "basis": None}
    masks = [mask_of(client, run, {**recipe, "index": i}) for i in range(len(concepts))]
    together = np.sum(masks, axis=0)
    members = (run.label == 3) & (run.study == [s.name for s in run.studies].index("digits"))
    assert np.array_equal(together, members.astype(int))


@pytest.mark.parametrize(
    "recipe",
    [
        "nonsense",
        "[]",
        '{"kind": "everything"}',
        '{"kind": "lasso", "projection": "pca", "polygon": [[0, 0], [1, 1]]}',
        '{"kind": "lasso", "projection": "tsne", "polygon": [[0, 0], [1, 1], [0, 1]]}',
        '{"kind": "rows", "rows": [99999999]}',
        '{"kind": "concept", "study": "nowhere", "category": 0, "index": 0}',
        '{"kind": "concept", "study": "digits", "category": 0, "index": 99}',
    ],
)
def test_a_selection_that_means_nothing_is_refused_in_words(client: FlaskClient, recipe: str) -> None:
    answer = client.get(f"/runs/digits/mask?recipe={quote(recipe)}")
    assert answer.status_code == 404
    assert answer.get_json()["title"]


def test_an_unknown_run_column_or_score_lists_the_known_ones(client: FlaskClient) -> None:
    assert "digits" in client.get("/runs/other/columns/study").get_json()["detail"]
    assert "study" in client.get("/runs/digits/columns/other").get_json()["detail"]
    assert "det_mcp" in client.get("/runs/digits/scores?score=other").get_json()["hint"]


def test_an_image_is_the_file_of_its_row_and_comes_once(client: FlaskClient, run: Run) -> None:
    row = 700
    answer = client.get(f"/runs/digits/images/{row}")
    assert run.image is not None
    assert answer.data == (run.path / str(run.image.iloc[row])).read_bytes()
    again = client.get(f"/runs/digits/images/{row}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_no_image_is_shown_without_asking_whether_it_is_still_the_same(client: FlaskClient) -> None:
    for query in ("", "?size=96", "?v=1", "?size=96&placeholder=1&v=1"):
        answer = client.get(f"/runs/digits/images/700{query}")
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["ETag"].startswith('"'), "a strong tag"
        again = client.get(
            f"/runs/digits/images/700{query}", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
        assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_whole_image_and_its_thumbnails_have_tags_of_their_own(client: FlaskClient) -> None:
    queries = ("", "?size=64", "?size=96", "?size=160", "?size=320")
    tags = {client.get(f"/runs/digits/images/700{query}").headers["ETag"] for query in queries}
    assert len(tags) == 5
    assert client.get("/runs/digits/images/701").headers["ETag"] not in tags


def test_that_an_image_is_the_same_is_said_without_decoding_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/runs/digits/images/700?size=96&placeholder=1&v=1"
    tag = client.get(address).headers["ETag"]
    monkeypatch.setattr(ImageStore, "thumbnail", lambda *_, **__: pytest.fail("made again"))
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_changed_image_is_sent_again_and_one_that_is_gone_is_not_called_the_same(
    tmp_path: Path,
) -> None:
    given = parts()
    for row in range(12):
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.new("L", (20, 20), row).save(tmp_path / f"images/{row}.png")
    write_run(tmp_path / "run", **given)
    settings = checked_settings(tmp_path, cache_dir=tmp_path / "cache")
    client = create_app(settings).server.test_client()
    address = "/runs/run/images/3?size=96&placeholder=1&v=1"
    first = client.get(address)
    Image.new("L", (20, 20), 200).save(tmp_path / "images/3.png")
    second = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    with Image.open(io.BytesIO(second.data)) as image:
        assert image.getpixel((0, 0)) == 200
    (tmp_path / "images/3.png").unlink()
    third = client.get(address, headers={"If-None-Match": second.headers["ETag"]})
    assert (third.status_code, third.mimetype) == (200, "image/svg+xml")
    assert third.headers["Cache-Control"] == "private, no-cache"
    assert "ETag" not in third.headers


def test_a_row_outside_the_run_has_no_image(client: FlaskClient, run: Run) -> None:
    assert client.get(f"/runs/digits/images/{run.n}").status_code == 404
    assert client.get("/runs/digits/images/-1").status_code == 404


def test_another_sites_page_cannot_start_work(client: FlaskClient) -> None:
    assert client.post("/runs/digits/projections/umap/start").status_code == 404


def test_addresses_that_carry_the_version_may_be_kept_for_good(client: FlaskClient) -> None:
    assert "immutable" in client.get("/runs/digits/columns/study?v=1").headers["Cache-Control"]
    assert client.get("/runs/digits/columns/study").headers["Cache-Control"] == "no-cache"


def test_health_counts_the_runs(client: FlaskClient) -> None:
    assert client.get("/health").get_json() == {"status": "ok", "runs": 1}
