"""What the first page will ask for, made while the browser still reads its scripts."""

from __future__ import annotations

import contextlib
import threading

from app import ids
from app.columns import score_columns
from app.loading import FIELDS, load_page
from sfvisuals.errors import SfvisualsError
from sfvisuals.projection import ProjectionKind
from sfvisuals.types import Judge
from sfvisuals.workspace import Workspace


def warm(workspace: Workspace) -> None:
    """Read the run that opens first and make its columns; the page tells what fails here when it asks."""
    with contextlib.suppress(SfvisualsError):
        values = dict(zip(FIELDS, load_page(workspace, ""), strict=True))
        run = workspace.run(values[ids.RUN, "value"])
        workspace.judged(run, Judge.PLAIN)
        score_columns(workspace, run, values[ids.SCORE, "value"])
        workspace.projection_status(run, ProjectionKind.UMAP)


def start_warming(workspace: Workspace) -> None:
    """`warm` beside the server."""
    threading.Thread(target=warm, args=(workspace,), name="warming", daemon=True).start()
