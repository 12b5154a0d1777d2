"""Exported programs: they give what the module gives, and a file that could run code is not opened."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from capturing import CLASSES, SmallNet, WithConfidence, array
from sfvisuals.capture import CaptureStudy, Preprocessing, capture, export, load_program
from sfvisuals.errors import CaptureError
from sfvisuals.io import discover, read_run

QUIET = {"progress": False, "device": "cpu", "classes": CLASSES, "mc_passes": 3}
EXAMPLE = torch.zeros(1, 3, 16, 20)


@pytest.mark.parametrize("kind", [SmallNet, WithConfidence])
def test_a_program_gives_the_arrays_of_its_module(
    kind: type[nn.Module], studies: list[CaptureStudy], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = kind()
    export(model, EXAMPLE, out=tmp_path / "model.pt2")
    module = capture(model, studies, out=tmp_path / "module", **QUIET)
    program = capture(load_program(tmp_path / "model.pt2"), studies, out=tmp_path / "program", **QUIET)
    arrays = sorted(path.stem for path in module.glob("*.npy"))
    assert sorted(path.stem for path in program.glob("*.npy")) == arrays
    assert "mc_logits" in arrays
    for name in arrays:
        np.testing.assert_allclose(array(program, name), array(module, name), rtol=1e-5, atol=1e-5)


def test_what_export_is_told_travels_in_the_file(net: SmallNet, tmp_path: Path) -> None:
    ready = Preprocessing(size=(16, 20), mean=(0.5, 0.4, 0.3), std=(0.2,))
    files = export(
        net,
        EXAMPLE,
        out=tmp_path / "model.pt2",
        classes=CLASSES,
        preprocessing=ready,
        external_name="tcp",
    )
    assert [file.name for file in files] == ["model.pt2", "model.mc.pt2"]
    program = load_program(tmp_path / "model.pt2")
    assert program.classes == CLASSES
    assert program.preprocessing == ready
    assert program.external_name == "tcp"


def test_export_leaves_the_model_as_it_was(net: SmallNet, tmp_path: Path) -> None:
    net.train()
    export(net, EXAMPLE, out=tmp_path / "model.pt2")
    assert all(layer.training for layer in net.modules())
    assert "forward" not in net.head[0].__dict__
    assert net(torch.zeros(2, 3, 8, 8)).requires_grad


def test_without_the_second_program_there_is_no_mc_and_the_reason_is_kept(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    assert len(export(net, EXAMPLE, out=tmp_path / "model.pt2", mc=False)) == 1
    folder = capture(load_program(tmp_path / "model.pt2"), studies, out=tmp_path / "run", **QUIET)
    run = read_run(discover(folder)[0])
    assert run.mc_logits is None
    assert "no program for Monte-Carlo dropout" in run.absent["mc_logits"]


class Drops(nn.Module):
    """A program of somebody else: dropout from torch's own stream, latents as second output."""

    def __init__(self, net: SmallNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        latents = self.net.features(images)
        return self.net.head[1](nn.functional.dropout(latents, 0.5, training=True)), latents


def test_a_foreign_program_with_dropout_is_seeded(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    export(net, EXAMPLE, out=tmp_path / "model.pt2", mc=False)
    batch = torch.export.Dim("batch", min=1)
    foreign = torch.export.export(
        Drops(net).eval(), (EXAMPLE.repeat(2, 1, 1, 1),), dynamic_shapes=({0: batch},)
    )
    torch.export.save(foreign, tmp_path / "foreign.pt2")
    program = load_program(tmp_path / "model.pt2", mc=tmp_path / "foreign.pt2")
    state = torch.random.get_rng_state()
    first = capture(program, studies, out=tmp_path / "a", **QUIET)
    again = capture(program, studies, out=tmp_path / "b", **QUIET)
    passes = array(first, "mc_logits")
    np.testing.assert_array_equal(passes, array(again, "mc_logits"))
    assert not np.array_equal(passes[..., 0], passes[..., 1])
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_model_that_torch_cannot_export_says_why(tmp_path: Path) -> None:
    class Fickle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(3, 2)

        def forward(self, images: Tensor) -> Tensor:
            means = images.mean(dim=(2, 3))
            return self.last(means if float(means.sum()) > 0 else -means)

    with pytest.raises(CaptureError, match="cannot export the model"):
        export(Fickle(), EXAMPLE, out=tmp_path / "model.pt2")
    assert list(tmp_path.iterdir()) == []


def test_a_program_for_another_size_of_image_says_what_it_got(
    net: SmallNet, make_study: Callable[..., CaptureStudy], tmp_path: Path
) -> None:
    from sfvisuals.types import StudyKind

    export(nn.Sequential(nn.Flatten(), nn.Linear(960, 3)), EXAMPLE, out=tmp_path / "model.pt2")
    other = make_study("iid", StudyKind.IID, 3, size=(8, 8))
    with pytest.raises(CaptureError, match="cannot take the images") as caught:
        capture(load_program(tmp_path / "model.pt2"), [other], out=tmp_path / "run", **QUIET)
    assert "(1, 3, 8, 8)" in caught.value.detail


# -- hostile files -----------------------------------------------------------------------------------------


class Bomb:
    """Leaves a mark when it is unpickled."""

    mark = ""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (f"open({self.mark!r}, 'w').close()",)


def rewritten(
    source: Path, target: Path, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes]
) -> Path:
    """The archive with changed, dropped (None) and further files."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        top = old.namelist()[0].split("/")[0]
        for name in old.namelist():
            data = change(name.partition("/")[2], old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in extra.items():
            new.writestr(f"{top}/{name}", data)
    return target


@pytest.fixture
def good(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return export(SmallNet(), EXAMPLE, out=tmp_path / "good.pt2", mc=False)[0]


def in_graph(edit: Callable[[dict[str, Any]], None]) -> Callable[[str, bytes], bytes]:
    """Changes the graph of the program."""

    def change(name: str, data: bytes) -> bytes:
        if name != "models/model.json":
            return data
        program = json.loads(data)
        edit(program)
        return json.dumps(program).encode()

    return change


def call_the_shell(program: dict[str, Any]) -> None:
    program["graph_module"]["graph"]["nodes"][0]["target"] = "torch.os.system"


def evaluate_a_size(program: dict[str, Any]) -> None:
    for value in program["graph_module"]["graph"]["tensor_values"].values():
        for size in value["sizes"]:
            if "as_expr" in size:
                size["as_expr"]["expr_str"] = "__import__('os').getpid()"


def quote_a_name(program: dict[str, Any]) -> None:
    specs = program["graph_module"]["signature"]["input_specs"]
    specs[0]["parameter"]["parameter_name"] = 'a"), print("'


def name_a_class(program: dict[str, Any]) -> None:
    call = program["graph_module"]["module_call_graph"][0]["signature"]
    call["in_spec"] = call["in_spec"].replace("builtins.tuple", "os.system", 1)


@pytest.mark.parametrize("edit", [call_the_shell, evaluate_a_size, quote_a_name, name_a_class])
def test_a_graph_that_is_more_than_operators_on_tensors_is_refused(
    edit: Callable[[dict[str, Any]], None], good: Path, tmp_path: Path
) -> None:
    bad = rewritten(good, tmp_path / "bad.pt2", in_graph(edit), {})
    with pytest.raises(CaptureError, match=r"bad\.pt2 is not opened"):
        load_program(bad)


def test_code_among_the_guards_is_never_executed(good: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def add_code(program: dict[str, Any]) -> None:
        program["guards_code"] = [f"__import__('os').mkdir({str(mark)!r}) is None"]

    bad = rewritten(good, tmp_path / "bad.pt2", in_graph(add_code), {})
    torch.export.load(bad).module()(EXAMPLE)
    assert mark.exists(), "torch itself executes it"
    mark.rmdir()
    program = load_program(bad)
    program.exported.module(check_guards=False)(EXAMPLE)
    assert not mark.exists()


def pickled_weight(name: str, data: bytes) -> bytes:
    """The first weight as a pickle, as the list says."""
    if name == "data/weights/model_weights_config.json":
        config = json.loads(data)
        next(iter(config["config"].values()))["use_pickle"] = True
        return json.dumps(config).encode()
    return pickle.dumps(Bomb()) if name == "data/weights/weight_0" else data


def pickled_constant(name: str, data: bytes) -> bytes:
    """A constant that is an object of Python."""
    if name == "data/constants/model_constants_config.json":
        entry = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
        return json.dumps({"config": {"thing": entry}}).encode()
    return data


@pytest.mark.parametrize("change", [pickled_weight, pickled_constant])
def test_pickles_are_refused_before_anything_is_unpickled(
    change: Callable[[str, bytes], bytes], good: Path, tmp_path: Path
) -> None:
    Bomb.mark = str(tmp_path / "mark")
    extra = {"data/constants/opaque_obj_0": pickle.dumps(Bomb())} if change is pickled_constant else {}
    bad = rewritten(good, tmp_path / "bad.pt2", change, extra)
    with pytest.raises(CaptureError, match="as a pickle"):
        load_program(bad)
    assert not (tmp_path / "mark").exists()


def test_pickled_example_inputs_are_left_out(good: Path, tmp_path: Path) -> None:
    Bomb.mark = str(tmp_path / "mark")
    bomb = pickle.dumps(Bomb())
    bad = rewritten(
        good, tmp_path / "bad.pt2", lambda n, d: bomb if n.startswith("data/sample_inputs") else d, {}
    )
    load_program(bad)
    assert not (tmp_path / "mark").exists()


def test_compiled_libraries_are_refused(good: Path, tmp_path: Path) -> None:
    bad = rewritten(
        good, tmp_path / "bad.pt2", lambda _, d: d, {"data/aotinductor/model/code.so": b"\x7fELF"}
    )
    with pytest.raises(CaptureError, match="is not opened"):
        load_program(bad)


def test_a_pickled_model_is_no_program(tmp_path: Path) -> None:
    torch.save(SmallNet(), tmp_path / "model.pt")
    for path in (tmp_path / "model.pt", tmp_path / "notes.pt2"):
        path.exists() or path.write_text("hello")
        with pytest.raises(CaptureError, match="is no exported program"):
            load_program(path)
    with pytest.raises(CaptureError, match="There is no file"):
        load_program(tmp_path / "none.pt2")


ABOUT_NAME = "extra/sfvisuals.json"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("{nope", "no JSON"),
        ("[1]", "found list; expected an object"),
        ('{"classes": 5}', "classes: found 5; expected a list of names"),
        ('{"classes": ["a", 1]}', "classes: found"),
        ('{"last_layer": 3}', "last_layer: found 3"),
        ('{"external_name": "zz"}', "external_name: found zz; expected one of tcp, dg, devries"),
        ('{"external_name": [1]}', "external_name: found [1]"),
        ('{"preprocessing": {"size": "x"}}', "preprocessing: "),
        ('{"preprocessing": {"size": [0, 0]}}', "preprocessing's size makes no sense"),
        ('{"preprocessing": {"channels": 7}}', "channels makes no sense. Found 7"),
        ('{"preprocessing": [1]}', "preprocessing: "),
    ],
)
def test_facts_that_are_broken_are_told(good: Path, tmp_path: Path, facts: str, words: str) -> None:
    def change(name: str, data: bytes) -> bytes:
        return facts.encode() if name == ABOUT_NAME else data

    broken = rewritten(good, tmp_path / "broken.pt2", change, {})
    with pytest.raises(CaptureError, match=r"The facts in broken\.pt2 are broken") as caught:
        load_program(broken)
    assert words.lower() in caught.value.detail.lower()


def test_export_refuses_what_a_capture_would_refuse(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="named 'mine'"):
        export(SmallNet(), EXAMPLE, out=tmp_path / "a.pt2", external_name="mine")
    with pytest.raises(CaptureError, match="same name"):
        export(SmallNet(), EXAMPLE, out=tmp_path / "a.pt2", classes=["a", "b", "a"])
    with pytest.raises(CaptureError, match=r"no nn\.Module"):
        export(SmallNet().state_dict(), EXAMPLE, out=tmp_path / "a.pt2")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
