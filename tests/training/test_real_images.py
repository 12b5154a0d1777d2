from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.bench_poster import config_of, table_of
from benchmarks.real_data import CHEST_XRAY, DERMOSCOPY, patient_of, unpack
from sfvisuals.training.experiment import train

pytestmark = pytest.mark.shared

# Sizes of the sites as the data's own description counts them.
TARGETS = {
    DERMOSCOPY: {"vidir_molemax": 389, "vienna_dias": 184, "external": 247},
    CHEST_XRAY: {"nih": 999, "ieee8023": 526},
}
SOURCES = {DERMOSCOPY: ("source", 832 + 730, "lesion_id"), CHEST_XRAY: ("guangzhou", 1200, "patient_id")}


@pytest.mark.parametrize("name", TARGETS)
def test_no_patient_or_lesion_is_in_two_parts_of_the_source_domain(
    name: str, shared: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(unpack(name, shared / "data", tmp_path))
    iid, images, group = SOURCES[name]
    parts = table[table["study"].isin(["train", "validation", iid])]
    assert len(parts) == images
    assert int(parts.groupby(group)["study"].nunique().max()) == 1
    sizes = parts["study"].value_counts(normalize=True)
    assert sizes["train"] == pytest.approx(0.6, abs=0.05)
    assert {
        study: int(n) for study, n in table["study"].value_counts().items() if study in TARGETS[name]
    } == (TARGETS[name])
    assert set(table["study"]) == {"train", "validation", iid, *TARGETS[name]}


@pytest.mark.parametrize(
    ("file", "patient"),
    [
        ("train/PNEUMONIA/person984_bacteria_2911.jpeg", "person984"),
        ("test/NORMAL/IM-0011-0001-0002.jpeg", "IM-0011"),
        ("train/NORMAL/NORMAL2-IM-0412-0001.jpeg", "NORMAL2-IM-0412"),
        ("Pneumonia/00012158_021.png", "00012158"),
        ("wong-0005.jpg", "wong-0005"),
    ],
)
def test_patients_are_read_from_file_names(file: str, patient: str) -> None:
    assert patient_of(file) == patient


@pytest.mark.slow
@pytest.mark.parametrize(("name", "chance_and_more"), [(DERMOSCOPY, 0.58), (CHEST_XRAY, 0.75)])
def test_a_small_network_is_clearly_better_than_chance_on_unseen_patients(
    name: str, chance_and_more: float, shared: Path, tmp_path: Path
) -> None:
    config = config_of(name, shared / "data", tmp_path)
    quick = replace(config.options, fit=replace(config.options.fit, epochs=6, accelerator="cpu"))
    config = replace(
        config,
        methods=("cross_entropy",),
        options=quick,
        capture=replace(config.capture, mc_passes=0, corruptions="none", train_latents=False),
    )
    train(config, progress=False, tell=lambda _: None)
    found = table_of(config)
    assert found.accuracies["cross_entropy_seed0"]["iid"] > chance_and_more
    assert sorted(found.areas["MSR"]) == ["acq", "iid"]
