"""Paths in a table and names in an address are hostile: none of them brings out a file from elsewhere."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.factory import create_app
from app.settings import checked_settings
from own_runs import parts
from sfvisuals import write_run

SECRET = 201  # the grey of the image outside; the ones inside are 10
INSIDE = 10
OUTSIDE = "OUTSIDE"  # stands for the absolute path of the folder beside the root

LEADS_ASTRAY = {
    "up": "../outside/secret.png",
    "up from the run": "../../outside/secret.png",
    "down and up": "images/../../outside/secret.png",
    "down and up to the inside": "images/../images/plain.png",
    "only up": "..",
    "ends in up": "images/..",
    "absolute": f"{OUTSIDE}/secret.png",
    "absolute with up": f"{OUTSIDE}/../outside/secret.png",
    "double slash": f"/{OUTSIDE}/secret.png",
    "file address": f"file://{OUTSIDE}/secret.png",
    "drive": "C:/../outside/secret.png",
    "backslashes": "..\\outside\\secret.png",
    "mixed slashes": "..\\../outside/secret.png",
    "link to a file": "images/link.png",
    "link to a folder": "images/linked/secret.png",
    "chain of links": "images/chain.png",
    "loop of links": "images/loop.png",
    "percent": "%2e%2e/outside/secret.png",
    "percent throughout": "%2e%2e%2foutside%2fsecret.png",
    "percent twice": "%252e%252e/outside/secret.png",
    "overlong UTF-8 in percent": "%c0%ae%c0%ae/outside/secret.png",
    "full-width dots": "\uff0e\uff0e/outside/secret.png",
    "two-dot leader": "\u2025/outside/secret.png",
    "full-width slash": "..\uff0foutside\uff0fsecret.png",
    "zero-width space": ".\u200b./outside/secret.png",
    "NUL at the end": "../outside/secret.png\0",
    "NUL in the middle": "images/plain.png\0/../../outside/secret.png",
    "line break": "images/plain.png\n../outside/secret.png",
    "very long name": "x" * 5_000,
    "very long path": "images/" * 3_000 + "plain.png",
    "many ups": "../" * 500 + "etc/passwd",
    "home": "~/secret.png",
    "system file": "/etc/passwd",
    "process": "/proc/self/environ",
    "device": "/dev/zero",
    "folder": "images",
    "pipe": "images/pipe.png",
    "dot": ".",
    "slash": "/",
}
GOOD = {
    "plain": "images/plain.png",
    "two dots in a name": "images/a..b.png",
    "a name that begins with two dots": "images/..c.png",
    "a name of three dots": "images/.../plain.png",
    "a link that stays inside": "images/inside.png",
    "from another computer": "/cluster/of/somebody/images/plain.png",
    "percent in a name": "images/%2e%2e.png",
    "letters of any script": "images/ä ö\u4e2d.png",
}


@dataclass(frozen=True)
class Site:
    """A server over one run whose table names these images, and what must never come out of it."""

    client: FlaskClient
    rows: dict[str, int]
    secret: bytes

    def address(self, what: str, query: str = "") -> str:
        return f"/runs/run/images/{self.rows[what]}{query}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    top = tmp_path_factory.mktemp("site")
    outside, images = top / "outside", top / "root/images"
    for folder in (outside, images, images / "..."):
        folder.mkdir(parents=True)
    Image.new("L", (8, 8), SECRET).save(outside / "secret.png")
    for name in ("plain.png", "a..b.png", "..c.png", ".../plain.png", "%2e%2e.png", "ä ö\u4e2d.png"):
        Image.new("L", (8, 8), INSIDE).save(images / name)
    (images / "link.png").symlink_to(outside / "secret.png")
    (images / "linked").symlink_to(outside)
    (images / "chain.png").symlink_to(images / "link.png")
    (images / "loop.png").symlink_to(images / "loop.png")
    (images / "inside.png").symlink_to(images / "plain.png")
    os.mkfifo(images / "pipe.png")
    texts = {what: text.replace(OUTSIDE, str(outside)) for what, text in (LEADS_ASTRAY | GOOD).items()}
    n = 4 * len(texts)
    given = parts(n)
    given["samples"]["image"] = pd.Series([*texts.values()] * 4, dtype=object)
    write_run(top / "root/run", **given)
    app = create_app(checked_settings(top / "root", cache_dir=top / "cache"))
    rows = {what: row for row, what in enumerate(texts)}
    return Site(app.server.test_client(), rows, (outside / "secret.png").read_bytes())


def grey_of(content: bytes) -> int:
    with Image.open(io.BytesIO(content)) as image:
        return int(np.asarray(image)[0, 0])


@pytest.mark.parametrize("query", ["", "?size=64"])
@pytest.mark.parametrize("what", LEADS_ASTRAY)
def test_a_path_that_leads_astray_is_not_found_and_shows_nothing(site: Site, what: str, query: str) -> None:
    answer = site.client.get(site.address(what, query))
    assert answer.status_code == 404
    assert answer.mimetype == "image/svg+xml"
    assert "ETag" not in answer.headers
    assert site.secret not in answer.data
    assert b"root:" not in answer.data, "the beginning of /etc/passwd"


@pytest.mark.parametrize("what", LEADS_ASTRAY)
def test_where_the_page_asks_for_a_placeholder_it_gets_that_and_no_image(site: Site, what: str) -> None:
    for query in ("?placeholder=1", "?size=320&placeholder=1&v=1"):
        answer = site.client.get(site.address(what, query), headers={"If-None-Match": "*"})
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert site.secret not in answer.data
        assert b"<script" not in answer.data


@pytest.mark.parametrize("what", GOOD)
def test_a_strange_name_inside_the_root_is_served(site: Site, what: str) -> None:
    for query in ("", "?size=64"):
        answer = site.client.get(site.address(what, query))
        assert answer.status_code == 200
        assert grey_of(answer.data) == INSIDE


@pytest.mark.parametrize(
    "address",
    [
        "/runs/../images/0",
        "/runs/../../outside/images/0",
        "/runs/%2e%2e/images/0",
        "/runs/..%2f..%2foutside/images/0",
        "/runs/%252e%252e/images/0",
        "/runs/%EF%BC%8E%EF%BC%8E/images/0",
        "/runs/run%00/images/0",
        "/runs/run%0a/images/0",
        "/runs/./run/images/0",
        "/runs/run/../run/images/0",
        "/runs/%ff%fe/images/0",
        "/runs/C:%5coutside/images/0",
        f"/runs/{'x' * 5_000}/images/0",
        f"/runs/{'../' * 500}images/0",
        "/runs/run/images/../../outside/secret.png",
        "/runs/run/images/..%2f..%2foutside%2fsecret.png",
        "/runs/run/images/secret.png",
        "/runs/run/images/-1",
        "/runs/run/images/+0",
        "/runs/run/images/0.0",
        "/runs/run/images/0x0",
        "/runs/run/images/1e3",
        "/runs/run/images/0%00",
        "/runs/run/images/nan",
        "/runs/run/images/",
        "/runs/run/images/0/../../outside/secret.png",
        "/runs/run/images/999999999999999999999999",
        f"/runs/run/images/{'9' * 5_000}",
    ],
)
def test_a_run_or_row_that_does_not_exist_is_not_found(site: Site, address: str) -> None:
    answer = site.client.get(address)
    assert answer.status_code == 404
    assert site.secret not in answer.data
    assert answer.mimetype in ("application/json", "text/html")


@pytest.mark.parametrize("size", ["0", "-5", "1e9", "nan", "64;rm", "%00", "9" * 5_000, "\uff16\uff14", ""])
def test_a_strange_size_gives_an_image_of_an_ordinary_one(site: Site, size: str) -> None:
    answer = site.client.get(site.address("plain", f"?size={size}"))
    assert answer.status_code == 200
    assert grey_of(answer.data) == INSIDE
