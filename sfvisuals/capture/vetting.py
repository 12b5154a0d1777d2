"""An exported program is looked through before torch opens it: nothing in it may be Python code or a pickle.

`torch.export.load` itself (torch 2.13) is not safe on files of strangers: it unpickles weights, constants
and example inputs where the file says so, executes the Python text of `guards_code`, resolves the name of
every operator below `torch`, `math` and `_operator` by attribute, hands size expressions to `sympy.sympify`,
which evaluates them, and loads compiled libraries. Here a file is read with zipfile and json alone, refused
where it needs any of that, and written anew in memory with only what was understood; torch sees that copy.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from sfvisuals.errors import CaptureError

MODEL = "models/model.json"
SAMPLE_INPUTS = "data/sample_inputs/model.pt"
CONFIGS = {
    "data/weights/": "data/weights/model_weights_config.json",
    "data/constants/": "data/constants/model_constants_config.json",
}
PLAIN = {"archive_format", "archive_version", "byteorder", ".data/version", ".data/serialization_id"}
EXTRA = "extra/"
OPERATOR = re.compile(r"torch\.ops\.(aten|prims|prim|torchvision|quantized_decomposed)\.\w+(\.\w+)?")
SYMBOLIC = re.compile(
    r"_operator\.(getitem|add|sub|mul|truediv|floordiv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_|not_)"
    r"|math\.(ceil|floor|trunc|sqrt)|torch\.sym_(int|float|max|min|not|ite|sum|sqrt)"
    r"|torch\.ops\.higher_order\.(wrap_with_set_grad_enabled|wrap_with_autocast)"
)
QUALIFIED = re.compile(r"\w+(\.\w+)*")
EMPTY = ("custom_obj_values", "treespec_namedtuple_fields", "as_custom_obj", "as_operator")
CONTAINERS = (None, "builtins.tuple", "builtins.list", "builtins.dict")
SYMBOL = re.compile(r"z?[suf]f?\d+")
CALLS = re.compile(
    r"Symbol|Integer|Float|Rational|Max|Min|Mod|Eq|Ne|Lt|Le|Gt|Ge|Abs|And|Or|Not|Add|Mul|Pow|floor|ceiling"
    r"|FloorDiv|ModularIndexing|Where|PythonMod|CleanDiv|CeilToInt|FloorToInt|CeilDiv|LShift|RShift"
    r"|PowByNatural|FloatPow|FloatTrueDiv|IntTrueDiv|TruncToFloat|TruncToInt|RoundToInt|RoundDecimal|ToFloat"
    r"|Identity"
)
NODES = (
    ast.Expression, ast.Call, ast.Name, ast.Constant, ast.keyword, ast.BinOp, ast.UnaryOp, ast.Compare,
    ast.BoolOp, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context,
)  # fmt: skip
MOST_BYTES = 2**36
UNREADABLE = (
    zipfile.BadZipFile, OSError, ValueError, KeyError, TypeError, IndexError, RecursionError, SyntaxError,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Vetted:
    """A program that was looked through.

    Attributes:
        archive: the file as torch may read it.
        extra: the texts beside the program, by name.
    """

    archive: io.BytesIO
    extra: dict[str, str]


def vetted(path: Path) -> Vetted:
    """Look through a file and copy what was understood.

    Raises CaptureError, naming what is wrong, where it is no exported program or holds what could run code.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _copied(archive, path)
    except FileNotFoundError as error:
        raise CaptureError(
            f"There is no file {path}", hint="sfvisuals.capture.export(model, example, out=...) makes one."
        ) from error
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        SyntaxError,
    ) as error:
        raise CaptureError(
            f"{path.name} is no exported program",
            detail=f"It cannot be read: {error}.",
            hint="A state dict or a pickled model is never opened: make a program of it with"
            " sfvisuals.capture.export(model, example).",
        ) from error


def _copied(archive: zipfile.ZipFile, path: Path) -> Vetted:
    names = archive.namelist()
    if len(set(names)) != len(names) or sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
        _refuse(path, "the archive repeats a file, or announces an impossible size")
    tops = {PurePosixPath(name).parts[0] for name in names}
    parts = {name.partition("/")[2]: name for name in names}
    if len(tops) != 1 or MODEL not in parts or any(config not in parts for config in CONFIGS.values()):
        raise CaptureError(
            f"{path.name} is no exported program that can be opened here",
            detail=f"It lacks {MODEL} or the lists of its weights; found {', '.join(names[:6])}.",
            hint="Export the model again with sfvisuals.capture.export and this version of torch.",
        )
    payload = {
        name for top, config in CONFIGS.items() for name in _payload(archive, parts, top, config, path)
    }
    copied = io.BytesIO()
    extra: dict[str, str] = {}
    with zipfile.ZipFile(copied, "w", zipfile.ZIP_STORED) as target:
        for part, name in parts.items():
            if part == MODEL:
                target.writestr(name, json.dumps(_graph(json.loads(archive.read(name)), path)))
            elif part == SAMPLE_INPUTS:
                target.writestr(name, b"")
            elif part.startswith(EXTRA):
                extra[part.removeprefix(EXTRA)] = archive.read(name).decode("utf-8")
            elif part in PLAIN or part in payload or part in CONFIGS.values():
                target.writestr(name, archive.read(name))
            else:
                _refuse(path, f"it holds {part}, which is neither a tensor nor the graph of the program")
        if SAMPLE_INPUTS not in parts:
            target.writestr(f"{next(iter(tops))}/{SAMPLE_INPUTS}", b"")
    copied.seek(0)
    return Vetted(copied, extra)


def _payload(
    archive: zipfile.ZipFile, parts: dict[str, str], top: str, config: str, path: Path
) -> Iterator[str]:
    """Files of raw tensors that a list names; refused where one is a pickle or no tensor."""
    listed = json.loads(archive.read(parts[config]))["config"]
    for name, entry in listed.items():
        file = str(entry["path_name"])
        plain = entry["use_pickle"] is False and re.fullmatch(r"(weight|tensor)_\d+", file) is not None
        if not plain or entry["tensor_meta"] is None:
            _refuse(path, f"{name!r} is kept as a pickle or as another object than a tensor")
        if f"{top}{file}" in parts:
            yield f"{top}{file}"


def _graph(program: dict[str, Any], path: Path) -> dict[str, Any]:
    """The program without the texts that torch would execute; refused where an operator is none."""
    program["guards_code"] = []
    program["graph_module"]["metadata"] = {}
    waiting: list[Any] = [program]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        if not isinstance(part, dict):
            continue
        if "target" in part and "inputs" in part:
            _check_operator(part["target"], path)
            part["metadata"] = {}
        if "expr_str" in part:
            _check_expression(str(part["expr_str"]), path)
        for key, value in part.items():
            if isinstance(value, str) and (key == "name" or key.endswith("_name")):
                if value and not QUALIFIED.fullmatch(value):
                    _refuse(path, f"it names something {value[:60]!r}")
            elif key in ("in_spec", "out_spec") and value:
                _check_shape(value, path)
            elif key in EMPTY and value:
                _refuse(path, f"it holds {key}")
        waiting.extend(part.values())
    return program


def _check_operator(target: Any, path: Path) -> None:
    text = str(target)
    if not (OPERATOR.fullmatch(text) or SYMBOLIC.fullmatch(text)):
        _refuse(path, f"it calls {text[:80]!r}, which is no operator on tensors")


def _check_expression(text: str, path: Path) -> None:
    """Refuse an expression of sizes that is more than arithmetic on symbols."""
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        fine = isinstance(node, NODES)
        if isinstance(node, ast.Name):
            fine = (CALLS.fullmatch(node.id) or SYMBOL.fullmatch(node.id)) is not None
        if isinstance(node, ast.Call):
            fine = isinstance(node.func, ast.Name) and CALLS.fullmatch(node.func.id) is not None
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            fine = isinstance(node.value, str) and SYMBOL.fullmatch(node.value) is not None
        if not fine:
            _refuse(path, f"a size is {text[:80]!r}, which is more than arithmetic")


def _check_shape(text: Any, path: Path) -> None:
    """Refuse inputs and outputs that are held in anything else than tuples, lists and dictionaries."""
    _, whole = json.loads(text)
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        context = json.loads(part["context"] or "null")
        words = isinstance(context, list) and all(isinstance(word, str) for word in context)
        if part["type"] not in CONTAINERS or not (context is None or words):
            _refuse(path, f"its inputs or outputs are held in {str(part['type'])[:60]!r}")
        waiting.extend(part["children_spec"])


def _refuse(path: Path, what: str) -> NoReturn:
    raise CaptureError(
        f"{path.name} is not opened",
        detail=f"A program may hold tensors and operators on tensors only, but {what}.",
        hint="Export the model again with sfvisuals.capture.export, without custom objects.",
    )
