"""The page Benchmark on runs of many kinds: seeds, other orders, planted pathologies, runs lacking things."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

import sfvisuals
from app.benchmark_parts import PARTS
from app.factory import create_app, create_workspace
from app.panels.benchmark_charts import most_confused
from app.panels.benchmark_severity import spell
from app.settings import checked_settings
from bench_tree import cells, meant, nodes, part, words
from sfvisuals import ScoreColumn
from sfvisuals.metrics.forensics import Pathology
from sfvisuals.workspace import Workspace

STUDIES = {
    "validation": "validation",
    "iid": "iid",
    "noise": "corruption",
    "clinic": "acquisition",
}
Opened = tuple[FlaskClient, Workspace]


@pytest.fixture
def served(tmp_path: Path) -> Callable[[], Opened]:
    """The dashboard over `tmp_path / "root"`."""

    def opened() -> Opened:
        settings = checked_settings(tmp_path / "root", cache_dir=tmp_path / "cache")
        workspace = create_workspace(settings)
        return create_app(settings, workspace).server.test_client(), workspace

    return opened


def written(
    root: Path,
    name: str,
    *,
    seed: int = 0,
    n: int = 400,
    classes: int = 2,
    studies: dict[str, Any] | None = None,
    order: Any = None,
    scores: dict[str, ScoreColumn] | None = None,
    strength: float = 2.0,
    **rest: Any,
) -> pd.DataFrame:
    """Writes a run of n samples over the studies; `order` picks rows. Samples are the same for every seed."""
    named = STUDIES if studies is None else studies
    chance, noise = np.random.default_rng(7), np.random.default_rng(100 + seed)
    label = chance.integers(0, classes, n)
    study = np.array(list(named))[np.arange(n) * len(named) // n]
    table = pd.DataFrame({"study": study, "label": label, "image": [f"{i}.png" for i in range(n)]})
    table["patient"] = [f"p{i // 4}" for i in range(n)]
    logits = noise.normal(size=(n, classes)) + strength * np.eye(classes)[label]
    rows = np.arange(n) if order is None else np.asarray(order)
    kept = table.iloc[rows].reset_index(drop=True)
    sfvisuals.write_run(
        root / name,
        samples=kept,
        classes=[f"class {i}" for i in range(classes)],
        studies={key: kind for key, kind in named.items() if key in set(kept["study"])},
        logits=logits[rows],
        scores=scores,
        group="patient",
        **rest,
    )
    return kept


def test_seeds_of_a_method_show_their_mean_and_standard_deviation_in_the_cell(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    for seed in range(3):
        written(tmp_path / "root", f"lesions/plain_run{seed}", seed=seed)
    client, workspace = served()
    first, *_ = names = workspace.run_names()
    answer = part(client, "table", run=first, metric="accuracy", scope="methods")
    errors = []
    for name in names:
        run = workspace.run(name)
        errors.append(1 - workspace.score(run, "det_mcp").failure[run.rows_of("iid")].mean())
    mean, spread = 100 * np.mean(errors), 100 * np.std(errors, ddof=1)
    (cell,) = [n for n in nodes(answer["tree"]) if n.get("data-says", "").startswith("MSR, iid:")]
    shown = [words(child) for child in cell["children"]]
    assert shown[0].startswith(f"{mean:#.3g}")
    assert shown[1] == f"±\u202f{spread:#.3g}"
    assert f"± {spread:.4f} % over 3 runs" in cell["data-says"]
    assert f"opens {first}" in cell["data-says"]
    assert "± is the standard deviation over the runs of a method" in words(answer["tree"])


def test_marks_against_msr_stand_in_the_joined_table_too(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    n = 400
    noise = ScoreColumn(np.random.default_rng(0).random(n), "high", label="Noise")
    written(tmp_path / "root", "lesions/plain", scores={"noise": noise})
    written(tmp_path / "root", "lesions/other_dg", seed=1, external=np.zeros(n), external_name="dg")
    client, _ = served()
    tree = part(client, "table", run="lesions/plain", scope="methods", intervals="1")["tree"]
    (cell,) = [n for n in nodes(tree) if n.get("data-says", "").startswith("Noise, iid:")]
    assert "worse than MSR" in words(cell["children"])


def test_the_poster_s_scores_take_part_in_what_all_miss_until_others_are_chosen(client: FlaskClient) -> None:
    about = part(client, "about")["facts"]
    assert about["among"] == ["det_mcp", "det_pe", "mcd_mcp", "mcd_pe", "mcd_ee", "tcp"]
    usual = part(client, "missed", target="950")
    assert len(usual["figures"]["upset"]["layout"]["yaxis2"]["tickvals"]) == 6
    two = part(client, "missed", target="950", scores='["det_mcp", "dknn"]')
    assert "missed by all 2 scores" in words(two["tree"])
    none = part(client, "missed", target="950", scores='["gone"]')
    assert "No score takes part" in words(none["tree"])


def test_forensics_look_at_the_chosen_study_and_all_planted_pathologies_are_named(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    n = 4000
    sound = np.random.default_rng(3).random(n)
    even = np.arange(n) % 2 == 0
    clinic = np.arange(n) >= 3 * n // 4
    planted = {
        Pathology.MISSING: np.where(np.arange(n) % 50 == 0, np.nan, sound),
        Pathology.CONSTANT: np.full(n, 0.5),
        Pathology.TIED: np.round(sound * 50) / 50,
        Pathology.SATURATED: np.minimum(sound, 0.9),
        Pathology.FLOAT16: sound.astype(np.float16).astype(np.float64),
        Pathology.PIECEWISE: np.where(even, sound, sound + 4),
        Pathology.SHIFTED: np.where(clinic, sound + 7, sound),
    }
    scores = {str(k).replace(" ", "_"): ScoreColumn(v, "high") for k, v in planted.items()}
    # the model's own confidence with the sign turned: wrong predictions score higher
    written(tmp_path / "root", "one", n=n)
    client, workspace = served()
    turned = -workspace.score(workspace.run("one"), "det_mcp").values
    scores["reversed_sign"] = ScoreColumn(turned, "high")
    written(tmp_path / "root", "one", n=n, scores=scores, overwrite=True)
    client, _ = served()
    for study in ("", "clinic"):
        found = part(client, "forensics", run="one", study=study)["facts"]["findings"]
        for kind in Pathology:
            assert kind in found[str(kind).replace(" ", "_")], (study, kind)
        assert found["det_mcp"] == []


def test_the_level_of_a_study_is_compared_with_the_chosen_one(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    level = np.where(np.arange(400) >= 300, 7.0, 0.0) + np.random.default_rng(3).random(400)
    written(tmp_path / "root", "one", scores={"level": ScoreColumn(level, "high")})
    client, _ = served()
    said = words(part(client, "forensics", run="one", study="clinic")["tree"])
    assert "on clinic. AURC counts" in said
    assert "every score of iid lies below every score of clinic" in said


def test_two_runs_in_another_order_are_compared_on_the_samples_they_share(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    written(tmp_path / "root", "here")
    order = np.random.default_rng(5).permutation(400)[:380]
    written(tmp_path / "root", "there", seed=1, order=order)
    client, workspace = served()
    tree = part(client, "compare", run="here", other="there", score="det_mcp", target="950")["tree"]
    (how,) = [n for n in nodes(tree) if "data-matched" in n]
    assert words(how["children"]) == (
        "Samples are matched by study and their images. "
        "Left out: 20 of 400 samples here and 0 of 380 there have no partner."
    )
    here, there = workspace.run("here"), workspace.run("there")
    wrong_here = workspace.score(here, "det_mcp").failure[order]
    wrong_there = workspace.score(there, "det_mcp").failure
    silent_here = wrong_here & workspace.accepted(here, "det_mcp", target=0.95)[order]
    silent_there = wrong_there & workspace.accepted(there, "det_mcp", target=0.95)
    tested = there.study != [s.name for s in there.studies].index("validation")
    (line,) = [n for n in nodes(tree) if "data-changes" in n]
    assert words(line["children"]).startswith(
        f"{tested.sum()} test samples: {(wrong_here & ~wrong_there & tested).sum()} fixed · "
        f"{(~wrong_here & wrong_there & tested).sum()} broken · "
        f"{(~silent_here & silent_there & tested).sum()} newly silent · "
        f"{(silent_here & ~silent_there & tested).sum()} no longer silent"
    )
    for link in [n for n in nodes(line["children"]) if "data-go" in n]:
        view = json.loads(link["data-go"])
        n = int(words(link["children"]).split()[0])
        assert meant(workspace, workspace.run(view["run"]), view).sum() == n > 0, link["title"]


def test_runs_that_share_nothing_say_why_they_cannot_be_compared(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    written(tmp_path / "root", "here")
    written(tmp_path / "root", "there", studies={"elsewhere": "iid"}, n=40)
    client, _ = served()
    said = words(part(client, "compare", run="here", other="there", score="det_mcp")["tree"])
    assert said.startswith("These two runs cannot be compared sample by sample")
    assert "no sample has the same study and image in both" in said


def test_an_aggregate_leads_to_its_samples_without_those_that_have_no_level(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    severity = [None] * 200 + [0, 1, 2, 3] * 25 + [None] * 100
    chance = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "study": np.repeat(list(STUDIES), 100),
            "label": chance.integers(0, 2, 400),
            "corruption": [None if not s else "fog" for s in severity],
            "severity": [s or None for s in severity],
        }
    )
    sfvisuals.write_run(
        tmp_path / "root" / "one",
        samples=table,
        classes=["a", "b"],
        studies=STUDIES,
        logits=chance.normal(size=(400, 2)),
    )
    client, workspace = served()
    says = cells(part(client, "table", run="one", columns="all")["tree"])
    (view,) = [view for text, view in says.items() if text.startswith("MSR, cor:")]
    assert meant(workspace, workspace.run("one"), view).sum() == 75


KINDS: dict[str, dict[str, Any]] = {
    "without validation": {"studies": {"iid": "iid", "clinic": "acquisition"}},
    "a single study": {"studies": {"iid": "iid"}},
    "only shifts": {"studies": {"clinic": "acquisition", "noise": "corruption"}},
    "ten samples": {"n": 10},
    "one class": {"classes": 1},
    "no failures": {"strength": 50.0},
    "many classes": {"classes": 1139, "n": 2400},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_answers_for_runs_that_lack_things(
    kind: str, tmp_path: Path, served: Callable[[], Opened]
) -> None:
    for name in ("one", "two"):
        written(tmp_path / "root", name, seed=len(name), **KINDS[kind])
    client, _ = served()
    query = {"score": "det_mcp", "target": "950", "other": "two", "scores": '["det_mcp"]', "intervals": "1"}
    for name in PARTS:
        for more in ({}, {"cost": "0:5", "prevalence": "0:100"}, {"scope": "methods", "group": "patient"}):
            content = part(client, name, run="one", **query, **more)
            assert content["tree"] or content["facts"], (name, more)


def test_two_failures_of_300_are_told_with_their_intervals(
    tmp_path: Path, served: Callable[[], Opened]
) -> None:
    label = np.arange(300) % 2
    logits = np.where(np.eye(2)[label] > 0, 3.0, -3.0) + np.random.default_rng(0).normal(size=(300, 2)) / 9
    logits[[120, 200]] *= -1
    studies = ["validation"] * 100 + ["iid"] * 100 + ["clinic"] * 100
    sfvisuals.write_run(
        tmp_path / "root" / "one",
        samples=pd.DataFrame({"study": studies, "label": label}),
        classes=["a", "b"],
        studies={"validation": "validation", "iid": "iid", "clinic": "acquisition"},
        logits=logits,
    )
    client, _ = served()
    says = cells(part(client, "table", run="one", metric="aurc", intervals="1")["tree"])
    (line,) = [text for text in says if text.startswith("MSR, iid:")]
    assert "100 samples, 1 failures" in line


def test_corruptions_have_names_that_people_read() -> None:
    assert spell("brlow") == "Brightness down"
    assert spell("gaussian_noise") == "Gaussian noise"
    assert spell("lens_fog_v2") == "Lens fog v2"


def test_of_very_many_classes_those_that_are_confused_most_are_drawn() -> None:
    counts = np.array([[5, 0, 0, 1], [0, 9, 0, 0], [3, 0, 2, 0], [0, 0, 4, 0]])
    # mistakes as true or predicted class: 1 + 3 of class 0, none of 1, 3 + 4 of 2, 1 of 3
    rows, guesses = most_confused(counts, [0, 1, 2, "new"], 4, most=2)
    assert (rows.tolist(), guesses.tolist()) == ([0, 2, 3], [0, 2])
    rows, guesses = most_confused(counts, [0, 1, 2, "new"], 4)
    assert (rows.tolist(), guesses.tolist()) == ([0, 1, 2, 3], [0, 1, 2, 3])
