"""Start `sfvisuals serve` as a person would and wait until it answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

ADDRESS = re.compile(r"http://[\w.]+:(\d+)/")


@contextmanager
def served(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None, patience: float = 60.0
) -> Iterator[str]:
    """Run the command, which prints its address; give `http://127.0.0.1:PORT` once /health answers."""
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if found := ADDRESS.search(line):
                address = f"http://127.0.0.1:{found[1]}"
                wait_for(address, patience=patience)
                yield address
                return
        raise AssertionError(f"it ended with status {process.wait()} and said:\n{''.join(said)}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def wait_for(address: str, *, patience: float) -> None:
    """Return when the health route answers; raise AssertionError when patience (seconds) is over."""
    end = time.monotonic() + patience
    while True:
        try:
            assert fetch_json(f"{address}/health")["status"] == "ok"
            return
        except OSError as error:
            if time.monotonic() > end:
                raise AssertionError(f"{address} does not answer: {error}") from error
            time.sleep(0.2)


def fetch(url: str) -> bytes:
    """The body of an answer with status 200."""
    with urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
    return content


def fetch_json(url: str) -> dict[str, object]:
    """A JSON answer."""
    content: dict[str, object] = json.loads(fetch(url))
    return content
