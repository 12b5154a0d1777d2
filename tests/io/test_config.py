"""Every form of config.yaml met in the wild gives the studies in the order of their index."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfvisuals.errors import RunFormatError
from sfvisuals.io.config import RunConfig, read_config


def given(folder: Path, text: str, *, place: str = "hydra/config.yaml") -> RunConfig:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_config(folder)


def studies(config: RunConfig) -> list[tuple[str, str]]:
    assert config.studies is not None
    return [(study.key, study.name) for study in config.studies]


QUERY = "data: {{dataset: toy, num_classes: 3}}\neval: {{val_tuning: true, query_studies: {}}}\n"


def test_the_2022_form_with_unresolved_references_is_read(tmp_path: Path) -> None:
    config = given(
        tmp_path,
        "exp: {group_name: derm_run_1, name: confidnet_mcd}\n"
        "data: {dataset: derm, num_classes: 2}\n"
        "eval:\n  val_tuning: true\n  ext_confid_name: tcp\n"
        "  confidence_measures: {test: '${eval.other}'}\n"
        "  query_studies: {iid_study: '${data.dataset}', in_class_study: [dermmskcc]}\n",
    )
    assert studies(config) == [("iid_study", "derm"), ("in_class_study", "dermmskcc")]
    assert (config.nested, config.num_classes, config.external_name) == (False, 2, "tcp")
    assert (config.val_tuning, config.train_encodings) == (True, False)


def test_the_current_form_lies_below_a_config_key(tmp_path: Path) -> None:
    config = given(
        tmp_path,
        "config:\n  data: {dataset: cifar10, num_classes: 10}\n  eval:\n    val_tuning: true\n"
        "    ext_confid_name: tcp\n    query_studies:\n      iid_study: cifar10\n"
        "      noise_study: {dataset: corrupt_cifar10, subsample_corruptions: 7}\n      in_class_study: []\n"
        "      new_class_study: [{dataset: cifar100}, {dataset: svhn}]\n"
        "  test: {compute_train_encodings: true}\n",
    )
    assert studies(config) == [
        ("iid_study", "cifar10"),
        ("noise_study", "corrupt_cifar10"),
        ("new_class_study", "cifar100"),
        ("new_class_study", "svhn"),
    ]
    assert config.nested
    assert config.train_encodings
    assert config.studies is not None
    assert config.studies[1].subsample == 7


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("a", ["a"]),
        ("[a, b]", ["a", "b"]),
        ("{dataset: a, num_workers: 4}", ["a"]),
        ("[{dataset: a}, {dataset: b}]", ["a", "b"]),
        ("[a, {dataset: b}, null, {}, {dataset: null}]", ["a", "b"]),
        ("{num_workers: 4}", []),
        ("{dataset: null}", []),
        ("null", []),
        ("[]", []),
        ("{}", []),
        ("''", []),
    ],
)
def test_an_entry_takes_an_index_for_each_data_set_it_names(
    tmp_path: Path, entry: str, expected: list[str]
) -> None:
    config = given(
        tmp_path, QUERY.format(f"{{iid_study: toy, in_class_study: {entry}, new_class_study: last}}")
    )
    assert [name for _, name in studies(config)] == ["toy", *expected, "last"]


def test_the_iid_study_comes_first_and_the_others_in_the_order_of_the_keys(tmp_path: Path) -> None:
    config = given(
        tmp_path, QUERY.format("{new_class_study: n, noise_study: c, iid_study: toy, in_class_study: a}")
    )
    assert [name for _, name in studies(config)] == ["toy", "n", "c", "a"]


def test_a_reference_that_cannot_be_resolved_means_iid(tmp_path: Path) -> None:
    config = given(
        tmp_path, "eval: {query_studies: {iid_study: '${data.dataset}', new_class_study: '${x.y}'}}"
    )
    assert [name for _, name in studies(config)] == ["iid", "${x.y}"]


def test_a_reference_inside_a_name_is_replaced_there(tmp_path: Path) -> None:
    names = "['${data.dataset}corrbrlow', 'to_${data.num_classes}', '${x.y}_far']"
    config = given(tmp_path, QUERY.format(f"{{iid_study: toy, in_class_study: {names}}}"))
    assert [name for _, name in studies(config)] == ["toy", "toycorrbrlow", "to_3", "${x.y}_far"]


def test_studies_that_anchors_multiply_are_refused(tmp_path: Path) -> None:
    # Seven levels of ten times the level below: ten million entries out of eight lines.
    lines = ["l0: &l0 [a]"]
    lines += [f"l{k}: &l{k} [{', '.join([f'*l{k - 1}'] * 10)}]" for k in range(1, 8)]
    text = "\n".join([*lines, "eval: {query_studies: {iid_study: toy, in_class_study: *l7}}"])
    with pytest.raises(RunFormatError, match="names too many studies"):
        given(tmp_path, text)


def test_a_reference_loop_ends(tmp_path: Path) -> None:
    config = given(tmp_path, "a: '${b}'\nb: '${a}'\neval: {query_studies: {iid_study: '${a}'}}")
    assert config.studies is not None
    assert len(config.studies) == 1


def test_unknown_tags_are_plain_data_and_nothing_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    config = given(
        tmp_path,
        f"bad: !!python/object/apply:os.system ['touch {marker}']\n"
        "data: !custom {dataset: !name toy, num_classes: 2}\n"
        "eval: {query_studies: {iid_study: !thing toy, in_class_study: !!python/tuple [a, b]}}\n",
    )
    assert not marker.exists()
    assert [name for _, name in studies(config)] == ["toy", "a", "b"]
    assert config.dataset == "toy"


@pytest.mark.parametrize("place", ["hydra/config.yaml", "config.yaml", "test_results/config.yaml"])
def test_the_config_is_found_in_every_place(tmp_path: Path, place: str) -> None:
    assert given(tmp_path, QUERY.format("{iid_study: toy}"), place=place).dataset == "toy"


def test_without_a_config_nothing_is_known(tmp_path: Path) -> None:
    assert read_config(tmp_path) == RunConfig()


@pytest.mark.parametrize(
    "text",
    ["eval: {query_studies: [unclosed", "a: b: c", "\tx: 1", "when: 2022-99-99", "&a [*a]", "a: \x00"],
    ids=["bracket", "colons", "tab", "date", "alias", "zero byte"],
)
def test_a_config_that_is_not_yaml_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(RunFormatError) as refused:
        given(tmp_path, text)
    assert "config.yaml" in refused.value.title
    assert str(tmp_path) in refused.value.detail
    assert refused.value.hint


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b"])
def test_a_config_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RunFormatError, match="is no config"):
        given(tmp_path, text)


def test_studies_that_contain_themselves_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFormatError):
        given(tmp_path, "eval: {query_studies: {iid_study: toy, in_class_study: &a [b, *a]}}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("test: {compute_train_encodings: true}", True),
        ("test: {compute_train_encodings: false}", False),
        ("eval: {compute_train_encodings: true}", True),
        ("compute_train_encodings: true", True),
        ("test: {}", False),
    ],
)
def test_the_training_encodings_are_found_wherever_the_config_says_them(
    tmp_path: Path, text: str, expected: bool
) -> None:
    assert given(tmp_path, text).train_encodings is expected


@pytest.mark.shared
def test_the_stock_configs_of_the_reference_are_read(shared: Path) -> None:
    samples = shared / "experiments" / "config_samples"
    found = {
        path.parents[1].name: read_config(path.parents[1]) for path in samples.glob("*/*/hydra/config.yaml")
    }
    assert {name: [study.name for study in config.studies or ()] for name, config in found.items()} == {
        "confidnet_bbvgg13_do1_run1_rew2.2": [
            "cifar100",
            "corrupt_cifar100",
            "cifar10",
            "svhn",
            "tinyimagenet_resize",
        ],
        "dg_bbsvhn_small_conv_do1_run1_rew2.2": ["svhn", "cifar10", "cifar100", "tinyimagenet_resize"],
        "breeds_modeldg_bbvit_lr0.001_bs128_run0_do0_rew10": ["breeds_384", "breeds_ood_test"],
    }
    assert all(config.val_tuning for config in found.values())
