"""Processes in the background: is it still that one, start one, end one, one caller at a time. POSIX only."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sfvisuals.errors import UnavailableError

PROC: Final = Path("/proc")
POSIX: Final[bool] = os.name == "posix"
START_TIME_FIELD: Final = 19  # of those after the name; field 22 in proc(5)

# A child has to be waited for by its own parent, so which are ours is a fact of the process, not of a caller.
_children: dict[int, subprocess.Popen[bytes]] = {}


def wait_for_ended() -> None:
    """Wait for those of our children that have ended, so that no zombie is left."""
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            _children.pop(pid, None)


def identity(pid: int) -> str | None:
    """What tells a living process from a later one of the same number: its start time. None where it ended.

    A process that ended but was not waited for by its parent (a zombie) has ended.
    """
    wait_for_ended()
    if (PROC / "self" / "stat").exists():
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        if fields[0] not in "ZXx":
            return fields[START_TIME_FIELD]
        wait_for_ended()  # it may be ours and have ended since the call above
        return None
    listed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return None if not listed or listed[0].startswith("Z") else listed[-1].strip()


def start_module(module: str, argument: Path, *, folder: Path, errors: Path) -> int:
    """Run `python -m module argument` in `folder`, its stderr in a file; the number of its own new session.

    The folder it runs in is kept off the import path: a run folder is not code.
    """
    require_posix()
    package_root = Path(__file__).resolve().parents[2]
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(package_root), *([inherited] if inherited else [])])
    with errors.open("wb") as stderr:
        child = subprocess.Popen(
            [sys.executable, "-P", "-X", "faulthandler", "-m", module, str(argument)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
    if not _children:  # one whose threads were still ending at the last look
        atexit.register(wait_for_ended)
    _children[child.pid] = child
    return child.pid


def kill_session(pid: int) -> None:
    """End the session that this process leads, at once. Nothing where it has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


@contextmanager
def one_at_a_time(guard: Path) -> Iterator[None]:
    """Hold the guard file: one thread of one process at a time is inside; the system lets go of the dead."""
    require_posix()
    import fcntl

    with guard.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def require_posix() -> None:
    """Raise UnavailableError where processes cannot be watched as this module does."""
    if not POSIX:
        raise UnavailableError(
            "Work in the background needs Linux or macOS",
            detail=f"This is {sys.platform}.",
            hint="Run sfvisuals in Docker or WSL; the map of PCA needs no background.",
        )
