"""``FILE.py:NAME``: a function, or a tensor that the lines of a PyTorch file computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from symdiff.errors import InputError
from symdiff.tracing.sources import load_function, parts_of

_IMPORTS_TORCH = re.compile(rb"^\s*(import|from)\s+([\w., ]+,\s*)?torch\b", re.MULTILINE)


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
    if not may_name_tensor(text):
        return Loaded(load_function(text), at)
    pytorch = import_module("symdiff.frameworks.pytorch.files")
    target, leaves = pytorch.loaded(path, name, tell)
    if leaves is None:
        return Loaded(target, at)
    if at:
        raise InputError(f"--at {next(iter(at))}=...: {name} is computed by the file's lines; write the value there")
    return Loaded(target, leaves, holds_values=True)


def may_name_tensor(text: str) -> bool:
    """Whether ``FILE.py:NAME`` may be a tensor: the file imports PyTorch, which is installed."""
    path, _ = parts_of(text)
    # where it is not installed the file says so when it is run
    return _imports_torch(path) and find_spec("torch") is not None


def _imports_torch(path: Path) -> bool:
    try:
        return path.is_file() and _IMPORTS_TORCH.search(path.read_bytes()) is not None
    except (OSError, ValueError):  # said where the file is loaded
        return False
