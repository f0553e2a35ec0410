"""One run on boxes of autograd's own, each primitive seen: what takes no tensors is one operation of no meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import Any

import numpy as np
from autograd.core import VJPNode, make_vjp
from autograd.tracer import Node, isbox, new_box, notrace_primitives, trace_stack

import autodiff as ad
from autodiff.tensor import Tensor
from symdiff.arrays import Array
from symdiff.deadline import look
from symdiff.frameworks.arguments import parameters_seen
from symdiff.frameworks.hips.calling import taking_tensors
from symdiff.frameworks.missing import opaque
from symdiff.frameworks.single import Place, Single, users_line
from symdiff.tracing.function_trace import Call

__all__ = ["Applied", "applied", "followed", "single_of"]


class Applied(Node):
    """A primitive that was applied: to which values, and which of them depend on an input."""

    __slots__ = ("argnums", "args", "fun", "kwargs", "ours", "parents", "place", "value")

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        look()
        self.value, self.fun, self.args, self.kwargs = value, fun, tuple(args), dict(kwargs)
        self.argnums, self.parents = tuple(parent_argnums), tuple(parents)
        self.ours: Any = None
        self.place = users_line()

    def initialize_root(self, value: Any, ours: Any = None) -> None:
        """An input."""
        self.value, self.fun, self.args, self.kwargs = value, None, (), {}
        self.argnums, self.parents = (), ()
        self.ours = ours

    @property
    def name(self) -> str:
        """The primitive's name."""
        return str(getattr(self.fun, "__name__", self.fun))

    @property
    def is_of_arrays(self) -> bool:
        """Whether what depends on an input are arrays: not the containers that autograd boxes as well."""
        return all(isinstance(self.args[place], np.ndarray | np.floating | float) for place in self.argnums)

    @property
    def raw(self) -> Callable[..., Any]:
        """The function that the primitive wraps."""
        found: Callable[..., Any] = self.fun.fun
        return found


# masks and whole numbers have no derivative: autograd boxes none, and we have no box for a truth value either
notrace_primitives[Applied] = notrace_primitives[VJPNode]

_OTHERS = ("autograd", "numpy", "scipy")

_SCIPY: Mapping[str, Callable[..., Any]] = {"logsumexp": ad.logsumexp}
"""Functions of SciPy's that are no ufuncs, and have one of ours by the same name and parameters."""


def applied(call: Call, arrays: Mapping[str, Array], tensors: Mapping[str, Any] | None = None) -> tuple[Any, list[Any]]:
    """What a call returns on boxes, and what was applied, the operands before the results."""
    with trace_stack.new_trace() as level:
        given: dict[str, Any] = {}
        for name, array in arrays.items():
            root = Applied.new_root(array, None if tensors is None else tensors[name])
            given[name] = new_box(array, level, root) if array.dtype.kind == "f" else array
        returned = call(given)
    node = returned._node if isbox(returned) else None
    return node, [] if node is None else _ordered(node)


def _ordered(last: Any) -> list[Any]:
    found: dict[int, Any] = {}
    waiting: list[tuple[Any, bool]] = [(last, False)]
    while waiting:
        node, is_done = waiting.pop()
        if id(node) in found:
            continue
        if is_done:
            found[id(node)] = node
        else:
            waiting.append((node, True))
            waiting += [(parent, False) for parent in node.parents]
    return [each for each in found.values() if each.fun is not None]


def followed(call: Call, arrays: Mapping[str, Array], tensors: Mapping[str, Tensor]) -> Any:
    """The result of a call on our tensors, primitive by primitive; None where it depends on no input."""
    last, nodes = applied(call, arrays, tensors)
    with taking_tensors():
        for node in nodes:
            node.ours = _ours(node)
    return None if last is None else last.ours


def _ours(node: Applied) -> Any:
    given: list[Any] = list(node.args)
    for place, parent in zip(node.argnums, node.parents, strict=True):
        given[place] = parent.ours
    entry = _SCIPY.get(node.name) if node.raw.__module__.startswith("scipy") else None
    try:
        found = (entry or node.raw)(*given, **node.kwargs)
    except Exception:  # whatever does not take tensors says so in its own way
        found = None
    shape = np.shape(node.value)
    if isinstance(found, Tensor) and found.shape == shape and np.allclose(found.data, node.value, 1e-6, equal_nan=True):
        return found
    if isinstance(found, tuple) and all(isinstance(each, Tensor) for each in found):
        return found
    operands = [each for each in given if isinstance(each, Tensor)]
    return opaque(node.name, operands, np.asarray(node.value, dtype=float))


class _Alone:
    """A primitive as a function of those of its arguments that depend on an input."""

    def __init__(self, node: Applied) -> None:
        self.__name__ = node.name
        self._node = node
        names = [each.name for each in parameters_seen(node.raw, len(node.args))]
        names = [names[place] if place < len(names) else "" for place in node.argnums]
        known = all(names) and len(set(names)) == len(names)
        default = ["x"] if len(names) == 1 else [f"x_{k}" for k in range(1, len(names) + 1)]
        self.__signature__ = Signature(
            [Parameter(each, Parameter.POSITIONAL_OR_KEYWORD) for each in (names if known else default)]
        )

    def __call__(self, *arrays: Any) -> Any:
        given = list(self._node.args)
        for place, array in zip(self._node.argnums, arrays, strict=True):
            given[place] = array
        return self._node.fun(*given, **self._node.kwargs)

    def pull(self, cotangent: Any, *arrays: Any) -> Any:
        """What autograd sends back to each array."""
        back, _ = make_vjp(lambda given: self(*(given[k] for k in range(len(arrays)))), arrays)
        found = tuple(back(cotangent))
        return found[0] if len(arrays) == 1 else found


def single_of(node: Applied) -> Single:
    """A primitive that was applied, as a call that can be checked."""
    alone = _Alone(node)
    arrays = tuple(np.asarray(node.args[place]) for place in node.argnums)
    module = str(getattr(node.raw, "__module__", None) or "numpy").partition(".")[0]
    others = [each for place, each in enumerate(node.args) if place not in node.argnums]
    holds = any(np.ndim(each) for each in others if isinstance(each, np.ndarray))
    return Single(node.name, alone, alone.pull, arrays, module not in _OTHERS, node.place, Place(), holds)
