"""``FILE.py:NAME``: a function, or a tensor that the lines of a PyTorch file computed.

A function of a file of JAX's is called with the file's own arrays, where none are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import Parameter
from pathlib import Path
from typing import Any, NamedTuple

from symdiff.errors import InputError
from symdiff.frameworks.arguments import parameters_seen
from symdiff.frameworks.recognising import framework_of_value
from symdiff.tracing.sources import function_of, load_function, load_module, parts_of

_IMPORTS = {
    name: re.compile(rb"^\s*(import|from)\s+([\w., ]+,\s*)?" + name.encode() + rb"\b", re.MULTILINE)
    for name in ("torch", "jax")
}


class Loaded(NamedTuple):
    """What is explained, and at which values; ``holds_values`` where these are the file's own."""

    target: Any
    at: Mapping[str, Any]
    holds_values: bool = False


def loaded(text: str, at: Mapping[str, Any], tell: Callable[[str], None]) -> Loaded:
    """What ``FILE.py:NAME`` names, ready to be explained, and the values at which; the file is run once.

    A tensor becomes a function of the leaves that it was computed from, which does again what the file did. ``tell``
    is told, in a sentence, where the file raised after the tensor was there.

    Raises:
        InputError: there is no such file, function or tensor, or the tensor has no derivative.
        FunctionError: the file raises before the name is there.
    """
    path, name = parts_of(text)
    if not _imports(path, "torch"):
        return _of_jax(path, name, at) if _imports(path, "jax") else Loaded(load_function(text), at)
    try:
        pytorch = import_module("symdiff.frameworks.pytorch.files")
    except ImportError:  # PyTorch is not installed, and the file says so when it is run
        return Loaded(load_function(text), at)
    target, leaves = pytorch.loaded(path, name, tell)
    if leaves is None:
        return Loaded(target, at)
    if at:
        raise InputError(f"--at {next(iter(at))}=...: {name} is computed by the file's lines; write the value there")
    return Loaded(target, leaves, holds_values=True)


def _of_jax(path: Path, name: str, at: Mapping[str, Any]) -> Loaded:
    """A function, at the values given or else at the file's own of its parameters' names."""
    module = load_module(path)
    variables = vars(module)
    if framework_of_value(variables.get(name)) == "jax" and not callable(variables[name]):
        raise InputError(
            f"{name} in {path} is an array of JAX's, which does not say how it was computed; write its lines as a "
            "function of what it depends on, and name that"
        )
    target = function_of(module, path, name)
    if at:
        return Loaded(target, at)
    wanted = [each for each in parameters_seen(target, 1) if each.default is Parameter.empty]
    own = {each.name: variables[each.name] for each in wanted if each.name in variables}
    if len(own) < len(wanted) or not any(framework_of_value(each) for each in own.values()):
        return Loaded(target, at)
    return Loaded(target, own, holds_values=True)


def _imports(path: Path, name: str) -> bool:
    try:
        return path.is_file() and _IMPORTS[name].search(path.read_bytes()) is not None
    except (OSError, ValueError):  # said where the file is loaded
        return False
