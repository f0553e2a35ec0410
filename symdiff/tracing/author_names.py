"""The names that the author of a Python function gave to values: its local variables, read when its frames return."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from autodiff.record.node import Node
from autodiff.tensor import Tensor
from symdiff.deadline import look
from symdiff.errors import printable

_OURS = tuple(str(Path(module.__file__ or "").parent) for module in (sys.modules["autodiff"], sys.modules["symdiff"]))
_LIBRARIES = ("site-packages", "dist-packages")
_STANDARD = (sysconfig.get_path("stdlib"), "<frozen")


@dataclass(slots=True)
class Names:
    """What was seen: for each name the nodes that bore it, outermost frames last."""

    seen: dict[str, list[Any]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    """Given arrays, labels and tables, by the name that they were first seen under."""

    def note(self, variables: Mapping[str, Any]) -> None:
        for name, value in variables.items():
            if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "fiu" and not name.startswith("_"):
                self.arrays.setdefault(name, value)
            node = None if name.startswith("_") else self.node_behind(value)
            if node is not None:
                nodes = self.seen.setdefault(name, [])
                if node not in nodes:
                    nodes.append(node)

    def node_behind(self, value: object) -> Any:
        """What stands for a value in the recording; None where it is no tensor."""
        return value.node if isinstance(value, Tensor) else None

    def of_array(self, value: np.ndarray) -> str | None:
        """The name of a given array; None where it has none, or more than one."""
        found = [name for name, array in self.arrays.items() if array.shape == value.shape and _is_same(array, value)]
        return found[0] if len(found) == 1 else None

    def unambiguous(self, taken: Mapping[str, Node]) -> dict[Node, str]:
        """One name for each node: the outermost one, never one that another node bears as well or that is taken."""
        inputs = set(taken.values())
        found: dict[Node, str] = {}
        for name, nodes in self.seen.items():
            if len(nodes) == 1 and nodes[0] not in inputs and nodes[0].op is not None and name not in taken:
                found[nodes[0]] = name
        return found


@contextmanager
def watched(entered: Callable[[dict[str, Any]], None], names: Names | None = None) -> Iterator[Names]:
    """Collects the names of the tensors in the local variables of every frame of the user's that returns meanwhile.

    ``entered`` is told the names of the module of each frame of the user's that begins. A deadline is looked at.
    """
    names = names or Names()
    is_users: dict[CodeType, bool] = {}

    def at_event(frame: FrameType, event: str, argument: object) -> None:
        look()
        if event in ("call", "return"):
            code = frame.f_code
            if code not in is_users:
                is_users[code] = of_users(code)
            if is_users[code] and event == "call":
                entered(frame.f_globals)
            elif is_users[code]:
                names.note(frame.f_locals)
                names.note({name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals})

    before: Any = sys.getprofile()
    sys.setprofile(at_event)
    try:
        yield names
    finally:
        # cProfile's is no function: it sets itself
        before.enable() if hasattr(before, "enable") else sys.setprofile(before)


def _is_same(array: np.ndarray, value: np.ndarray) -> bool:
    return array is value or bool(np.array_equal(array, value))


def of_users(code: CodeType) -> bool:
    return (code.co_name == "<lambda>" and not code.co_filename) or is_users_file(code.co_filename)


def is_users_file(file: str) -> bool:
    """Whether what stands in a file is the user's: not ours, no library's, not Python's own."""
    return not file.startswith((*_OURS, *_STANDARD)) and not any(part in file for part in _LIBRARIES)


def function_name(function: Callable[..., Any]) -> str:
    """How a callable is called in errors and titles."""
    inner = getattr(function, "func", function)
    name = getattr(inner, "__name__", None)
    name = name if isinstance(name, str) and name else type(inner).__name__
    return "function" if name == "<lambda>" else printable(name)
