"""The Docker image: it builds, runs as nobody special, serves pages and images, and says that it is well."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from needs import in_ci, missing
from serving import fetch, fetch_json, wait_for

REPOSITORY = Path(__file__).resolve().parents[1]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
NAME = "localhost/sfvisuals:test"
RUN = "pneumonia/dg_mcd_run1"

pytestmark = [pytest.mark.image, pytest.mark.shared, pytest.mark.slow]


@pytest.fixture(scope="module")
def tools(shared: Path) -> Path:
    """Scripts that build and run an image without a Docker engine; they need root and minutes."""
    if not in_ci() and os.environ.get("SFVISUALS_IMAGE_TEST") != "1":
        pytest.skip("building the image takes minutes: it runs in CI, or with SFVISUALS_IMAGE_TEST=1")
    if os.geteuid() != 0:
        missing("building the image needs root")
    return shared / "tools"


@pytest.fixture(scope="module")
def image(tools: Path) -> str:
    """The name of the image, built from the checkout."""
    command = [str(tools / "build_image.sh"), str(REPOSITORY), NAME]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert done.stdout.strip() == NAME
    return NAME


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def instruction(name: str) -> list[str]:
    """The JSON list of the Dockerfile's last CMD or of the one of HEALTHCHECK."""
    pattern = rf"^{name}(?: --\S+)*(?: \\\n)?\s*(?:CMD )?(\[.*\])$"
    words: list[str] = json.loads(re.findall(pattern, DOCKERFILE, re.MULTILINE)[-1])
    return words


@pytest.fixture(scope="module")
def container(image: str, tools: Path, shared: Path) -> Iterator[str]:
    """Address of a container that runs the image's own command on another port, all of it read-only."""
    port = free_port()
    words = [word.replace("8050", str(port)) for word in instruction("CMD")]
    images = shared / "experiments/images"
    process = subprocess.Popen(
        [str(tools / "run_image.sh"), image, str(shared / "experiments/current"), "/experiments", *words],
        env={**os.environ, "SFIMG_RUN_ARGS": f"-v {images}:/images:ro --read-only --tmpfs /tmp"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, patience=120)
        yield address
    finally:
        process.terminate()
        _, said = process.communicate(timeout=60)
        print(said)


def test_it_runs_as_nobody_special(image: str, tools: Path) -> None:
    done = subprocess.run(
        [str(tools / "run_image.sh"), image, "-", "-", "-u"],
        env={**os.environ, "SFIMG_RUN_ARGS": "--entrypoint id"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "10001"


def test_it_serves_the_page_and_finds_the_runs(container: str, shared: Path) -> None:
    runs = sum(1 for _ in (shared / "experiments/current").rglob("test_results"))
    assert fetch_json(f"{container}/health") == {"status": "ok", "runs": runs}
    assert "sfvisuals" in fetch(container).decode()


def test_it_serves_an_image_and_a_projection(container: str) -> None:
    assert fetch(f"{container}/runs/{RUN}/images/1000").startswith(b"\x89PNG")
    coordinates = fetch(f"{container}/runs/{RUN}/projections/pca/coordinates")
    assert len(coordinates) == 16_468 * 2 * 4


def test_its_health_check_tells_well_from_gone(container: str) -> None:
    _, option, code = instruction("HEALTHCHECK")
    for port, status in ((container.rpartition(":")[2], 0), (str(free_port()), 1)):
        done = subprocess.run(
            [sys.executable, option, code.replace("8050", port)], capture_output=True, check=False
        )
        assert done.returncode == status


def test_it_stops_when_it_is_told_to(image: str, tools: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    port = free_port()
    words = ["serve", "/experiments", "--host", "127.0.0.1", "--port", str(port), "--no-browser"]
    process = subprocess.Popen(
        [str(tools / "run_image.sh"), image, str(tmp_path), "/experiments", *words], stdout=subprocess.DEVNULL
    )
    wait_for(f"http://127.0.0.1:{port}", patience=120)
    started = time.monotonic()
    process.terminate()
    assert process.wait(timeout=60) == 0
    assert time.monotonic() - started < 8, "Docker kills after ten seconds"
