"""Names in charts are shown letter by letter."""

from __future__ import annotations

import numpy as np

from app.figures.confusion import confusion_figure
from app.figures.frame import literal
from app.figures.severity import severity_figure


def test_what_plotly_would_take_for_its_own_is_spelled_out() -> None:
    assert literal("a & b <b>x</b> %{x} $y$") == "a &amp; b &lt;b&gt;x&lt;/b&gt; %&#123;x} &#36;y&#36;"
    assert literal("Lungs, 50 % / ü") == "Lungs, 50 % / ü"


def test_charts_spell_the_names_of_classes_and_corruptions() -> None:
    figure = confusion_figure(np.eye(2, dtype=np.int64), truths=["<a>", "b"], predictions=["<a>", "b"])
    assert figure.layout.xaxis.ticktext == ("&lt;a&gt;", "b")
    assert figure.data[0].customdata[0][0] == "&lt;a&gt; as &lt;a&gt;: 1"
    (line,) = severity_figure({"<u>": [(1, 0.5)]}, name="AUGRC", percent=False, clean=None).data
    assert (line.name, line.meta) == ("&lt;u&gt;", "<u>")
