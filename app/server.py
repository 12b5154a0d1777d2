"""Serve the dashboard from the command line: one process, several threads, this machine only by default."""

from __future__ import annotations

import atexit
import contextlib
import logging
import signal
import threading
import webbrowser
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from app.factory import create_app, create_workspace
from app.settings import Settings
from app.warming import start_warming
from sfvisuals.errors import SettingsError


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 with connections kept open; requests are not logged one by one."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the terminal is for problems."""


def serve(settings: Settings, *, browser: bool = True) -> int:
    """Serve until interrupted; returns 0.

    Raises SettingsError where the port is taken or the address is not this machine's.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    workspace = create_workspace(settings)
    atexit.register(workspace.jobs.cancel_all)
    atexit.register(workspace.measuring.cancel_all)
    app = create_app(settings, workspace)
    try:
        server = make_server(
            settings.host, settings.port, app.server, threaded=True, request_handler=QuietHandler
        )
    except (OSError, SystemExit) as error:
        raise SettingsError(
            f"Cannot listen on {settings.host}:{settings.port}",
            detail=str(error),
            hint="Another program may use the port: choose another with --port, or --port 0 for a free one.",
        ) from error
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::1") else settings.host
    address = f"http://{shown}:{server.server_port}/"
    print(f"sfvisuals is at {address}  (Ctrl+C stops it)", flush=True)  # noqa: T201
    start_warming(workspace)
    if browser:
        threading.Thread(target=_open, args=(address,), daemon=True).start()  # it is listening already
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()
    return 0


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _open(address: str) -> None:
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(address)
