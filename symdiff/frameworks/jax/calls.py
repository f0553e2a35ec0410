"""The calls that a function of JAX's made, each by itself: those with a rule of their own, and primitives."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import vjp

from symdiff.frameworks.jax.named import of_jax
from symdiff.frameworks.jax.values import numpy_of
from symdiff.frameworks.single import Place, Single

__all__ = ["MOST", "Called", "single_of", "written_in"]

NOWHERE = Place()
MOST = 400
"""So many calls are remembered."""


@dataclass(frozen=True, eq=False)
class Called:
    """A call that was seen: what can be called again, at which operands, and which of them are differentiated."""

    name: str
    again: Callable[..., Any]
    operands: tuple[Any, ...]
    moving: tuple[int, ...]
    names: Sequence[str]
    called: Place
    written: Place = NOWHERE
    is_users: bool = False


class _Alone:
    """A call as a function of those of its operands that are differentiated."""

    def __init__(self, call: Called) -> None:
        self.__name__ = call.name
        self._call = call
        names = [call.names[place] if place < len(call.names) else "" for place in call.moving]
        known = all(name.isidentifier() for name in names) and len(set(names)) == len(names)
        default = ["x"] if len(names) == 1 else [f"x_{k}" for k in range(1, len(names) + 1)]
        self.__signature__ = Signature(
            [Parameter(each, Parameter.POSITIONAL_OR_KEYWORD) for each in (names if known else default)]
        )

    def __call__(self, *arrays: Any) -> Any:
        given = list(self._call.operands)
        for place, array in zip(self._call.moving, arrays, strict=True):
            given[place] = array
        found = self._call.again(*given)
        if not isinstance(found, list | tuple):
            return found
        return found[0] if len(found) == 1 else tuple(found)

    def pull(self, cotangent: Any, *arrays: Any) -> Any:
        """What JAX sends back to each array."""
        found = self._pulled(cotangent, arrays)
        return found[0] if len(arrays) == 1 else found

    def _pulled(self, cotangent: Any, arrays: Sequence[Any]) -> Any:
        results, back = vjp(self, *arrays)
        if not isinstance(results, tuple):
            return back(jnp.asarray(cotangent, results.dtype))
        weights = [
            jnp.asarray(weight, each.dtype)
            if jnp.issubdtype(each.dtype, jnp.floating)
            else np.zeros(each.shape, jax.dtypes.float0)
            for each, weight in zip(results, cotangent, strict=True)
        ]
        return back(tuple(weights))


def single_of(call: Called) -> Single:
    """A call that was seen as one that can be checked."""
    alone = _Alone(call)
    arrays = tuple(numpy_of(call.operands[place]) for place in call.moving)
    # a program of primitives is one for these lengths
    return Single(call.name, alone, alone.pull, arrays, call.is_users, call.called, call.written, holds_arrays=True)


def written_in(params: Any) -> tuple[Place, list[str], bool]:
    """Where the rule of a function's own stands, the function's parameters, and whether it is a user's, not JAX's."""
    program = params["call_jaxpr"].jaxpr
    rule = params["bwd"] if "bwd" in params else params.get("jvp_jaxpr_fun")
    found = _definition(getattr(rule, "debug_info", None))
    written = Place() if found is None else Place(found[0], _returns(found[1]))
    function = _definition(program.debug_info)
    names = [] if function is None else [each.arg for each in (*function[1].args.posonlyargs, *function[1].args.args)]
    return written, names, not of_jax(program)


def _definition(info: Any) -> tuple[str, Any] | None:
    """The file and the syntax of a function that JAX has traced, by what JAX says of where it stands."""
    name, _, place = str(getattr(info, "func_src_info", None) or "").rpartition(" at ")
    file, _, line = place.rpartition(":")
    if not line.isdigit():
        return None
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(each.lineno for each in decorators)])
            if first == int(line) and getattr(node, "name", "<lambda>") == name:
                return file, node
    return None


def _returns(function: Any) -> int:
    """Where a function returns; where it begins, if it returns in several places."""
    if isinstance(function, ast.Lambda):
        return int(function.lineno)
    lines = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Return)]
    return int(lines[0] if len(lines) == 1 else function.lineno)
