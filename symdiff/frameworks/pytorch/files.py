"""A file of PyTorch's lines, run once: a tensor of its top level, explained by the leaves that require grad."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from symdiff.errors import FunctionError, InputError, printable, said_by
from symdiff.frameworks.pytorch.calling import numpy_of, tensors_in
from symdiff.frameworks.pytorch.recording import Record, recorded
from symdiff.frameworks.pytorch.redoing import Redone
from symdiff.language.names import nearest, shown
from symdiff.tracing.sources import function_of, run_module


def loaded(path: Path, name: str, tell: Callable[[str], None]) -> tuple[Any, Mapping[str, Any] | None]:
    """The function of that name and None; or a tensor of that name as a function, and its leaves.

    Raises:
        InputError: there is no such file or name, or the tensor has no derivative.
        FunctionError: the file raises before the name is there.
    """
    record = Record()

    def around(module: Any) -> AbstractContextManager[None]:
        return recorded(record, lambda: vars(module))

    module, raised = run_module(path, around)
    variables = {key: value for key, value in vars(module).items() if not key.startswith("__")}
    found = variables.get(name)
    line = int(name) if name.isdecimal() else 0
    if line in record.backwards:
        found = record.alive[record.backwards[line]]
        name = record.names.get(id(found), f"line_{line}")
    if not isinstance(found, torch.Tensor):
        if raised is None and (found is not None or not _tensors(variables)):
            return function_of(module, path, name), None
        if raised is not None:
            raise _before(path, name, raised, callable(found)) from raised.__cause__
        have = _tensors(variables)
        raise InputError(
            f"{shown(str(path))} has no tensor or function {shown(name) or '(no name given)'}{nearest(name, have)}; "
            f"it has {', '.join(have[:8])}{_lines(path, record)}"
        )
    record.note(variables)
    for key, value in variables.items():
        for inner, tensor in tensors_in(key, value):
            record.alive[id(tensor)] = tensor
            record.names.setdefault(id(tensor), inner)
    _check(path, name, found, record)
    target = Redone(name, id(found), record)
    if id(found) not in record.computed or not target.is_whole:
        raise InputError(
            f"{name} in {shown(str(path))} is computed by what PyTorch does not show call by call (torch.func, a "
            "compiled function); write it as a function, and name that"
        )
    _check_same(path, name, found, target)
    if raised is not None:
        tell(f"symdiff: {_where(path, raised)}; {name} is explained by the lines before it\n")
    return target, target.given


def _lines(path: Path, record: Record) -> str:
    """How what has no name is named: by the line that calls its ``backward()``."""
    lines = sorted(record.backwards)
    if not lines:
        return ""
    said = f"line {lines[0]} calls" if len(lines) == 1 else f"lines {', '.join(map(str, lines[:8]))} call"
    return f"; {said} backward(), which {shown(path.name)}:{lines[-1]} explains"


def _tensors(variables: Mapping[str, Any]) -> list[str]:
    return [key for key, value in variables.items() if isinstance(value, torch.Tensor)]


def _check(path: Path, name: str, found: Any, record: Record) -> None:
    """InputError where a tensor has no derivative by a leaf."""
    place = f"{name} in {shown(str(path))}"
    if found.is_leaf and found.requires_grad:
        raise InputError(f"{place} is a leaf itself; name a tensor that is computed from it{_lines(path, record)}")
    if not found.is_floating_point() and not found.is_complex():
        raise InputError(f"{place} holds {found.dtype}, which has no derivative; name a tensor of floating numbers")
    if not found.requires_grad:
        leaves = dict.fromkeys(name for each, name in record.names.items() if _is_leaf(record.alive.get(each)))
        why = (
            f"it depends on {', '.join(list(leaves)[:8])} not at all, or through detach or no_grad only"
            if leaves
            else "no leaf of the file does; write requires_grad=True, as in torch.arange(4.0, requires_grad=True)"
        )
        raise InputError(f"{place} requires no grad: {why}")


def _is_leaf(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_leaf and value.requires_grad


def _check_same(path: Path, name: str, found: Any, target: Redone) -> None:
    """InputError where the recorded calls do not give the tensor's value again."""
    with torch.enable_grad():
        again = target(**{key: leaf.clone().requires_grad_() for key, leaf in target.given.items()})
    first, second = numpy_of(found), numpy_of(again)
    if first.shape != second.shape or not np.allclose(first, second, 1e-3, 1e-12, equal_nan=True):
        raise InputError(
            f"{name} in {shown(str(path))} has another value when the file's calls are done again (random numbers, or "
            "a write through .data or NumPy); fix what changes"
        )


def _before(path: Path, name: str, raised: FunctionError, is_function: bool) -> FunctionError:
    missing = "" if is_function else f", before {shown(name) or '(no name given)'} is assigned"
    return FunctionError(f"{_where(path, raised)}{missing}")


def _where(path: Path, raised: FunctionError) -> str:
    """Which line of the file raised what."""
    error = raised.__cause__
    assert error is not None
    files = {str(path), str(path.absolute())}
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename in files]
    line = lines[0] if lines else getattr(error, "lineno", None)  # a slip of syntax is in no line that ran
    at = "" if line is None else f", line {line}"
    return printable(f"{shown(path.name)}{at}, raises {type(error).__name__}: {said_by(error, 160).rstrip('.')}")
