"""Programs in mpmath: arrays of its numbers under NumPy's names, evaluated exactly or with every rounding drawn.

A program is a function ``f(m, *inputs)`` of a namespace and arrays: ``lambda m, x: m.sum(m.tanh(x) * 3.0)``. With ``m``
the engine it is what a user would write; with ``m`` a ``Namespace`` of this module its value is computed from the
tables of ``scalars``, ``arrays`` and ``matrices``. Neither the engine's rules nor the other side's meanings are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

from benchmarks.campaigns.arrays import lifted, objects
from benchmarks.campaigns.composites import COMPOSITES
from benchmarks.campaigns.derivatives import derivative, jacobian
from benchmarks.campaigns.rounding import Rounding
from benchmarks.campaigns.table import OPERATIONS

Objects = np.ndarray[Any, Any]
Function = Callable[..., Any]


class Number:
    """An array of mpf that takes part in one run of a program; its operators are the run's operations."""

    __slots__ = ("array", "run")
    __array_ufunc__ = None  # NumPy's own arrays leave ``array * number`` to us

    def __init__(self, array: Objects, run: Run) -> None:
        self.array, self.run = array, run

    shape = property(lambda self: self.array.shape)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    T = property(lambda self: self.run.apply("transpose", [self]))

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, index: Any) -> Any:
        return self.run.apply("getitem", [self], index=index)

    def __neg__(self) -> Any:
        return self.run.apply("negative", [self])

    def __add__(self, other: Any) -> Any:
        return self.run.apply("add", [self, other])

    def __radd__(self, other: Any) -> Any:
        return self.run.apply("add", [other, self])

    def __sub__(self, other: Any) -> Any:
        return self.run.apply("subtract", [self, other])

    def __rsub__(self, other: Any) -> Any:
        return self.run.apply("subtract", [other, self])

    def __mul__(self, other: Any) -> Any:
        return self.run.apply("multiply", [self, other])

    def __rmul__(self, other: Any) -> Any:
        return self.run.apply("multiply", [other, self])

    def __truediv__(self, other: Any) -> Any:
        return self.run.apply("divide", [self, other])

    def __rtruediv__(self, other: Any) -> Any:
        return self.run.apply("divide", [other, self])

    def __pow__(self, other: Any) -> Any:
        return self.run.apply("power", [self, other])

    def __rpow__(self, other: Any) -> Any:
        return self.run.apply("power", [other, self])

    def __matmul__(self, other: Any) -> Any:
        return self.run.apply("matmul", [self, other])

    def __rmatmul__(self, other: Any) -> Any:
        return self.run.apply("matmul", [other, self])

    def __gt__(self, other: Any) -> Any:
        return self.array > lifted(other)

    def __lt__(self, other: Any) -> Any:
        return self.array < lifted(other)

    def __ge__(self, other: Any) -> Any:
        return self.array >= lifted(other)

    def __le__(self, other: Any) -> Any:
        return self.array <= lifted(other)


class Run:
    """One evaluation of a program."""

    def __init__(self, rounding: Rounding | None = None, memory: dict[Any, Any] | None = None) -> None:
        self.rounding = rounding
        self.memory = {} if memory is None else memory
        self.calls = 0

    def apply(self, name: str, operands: Sequence[Any], **params: Any) -> Any:
        """One operation of the table on operands that are Numbers, arrays or numbers."""
        operation = OPERATIONS[name]
        arrays = [lifted(each) for each in operands]
        if self.rounding is None:
            return self._wrapped(operation.value(self, *arrays, **params))
        call, self.calls = self.calls, self.calls + 1
        self.rounding.spreads |= operation.spreads
        arrays = self.rounding.operands(call, arrays, max(operation.ulps, 1.0), operation.normwise)
        found = operation.value(self, *arrays, **params)
        if isinstance(found, tuple):
            return self._wrapped(found)
        scale = operation.scale(*arrays, **params) if operation.scale else None
        return self._wrapped(self.rounding.result(call, objects(found), operation.ulps, scale))

    def elementwise(self, name: str, function: Function, arrays: Sequence[Objects], **params: Any) -> Objects:
        """A scalar function over broadcast arrays; what was computed before, at the same precision, is remembered."""
        together = np.broadcast_arrays(*arrays)
        out = np.empty(together[0].shape, dtype=object)
        flat = out.reshape(-1)
        flats = [each.reshape(-1) for each in together]
        settings = tuple(sorted(params.items()))
        for k, operands in enumerate(zip(*flats, strict=True)):
            key = (name, settings, mp.prec, *(getattr(each, "_mpf_", each) for each in operands))
            if key not in self.memory:
                self.memory[key] = function(*operands, **params)
            flat[k] = self.memory[key]
        return out

    def _wrapped(self, found: Any) -> Any:
        if isinstance(found, tuple):
            return tuple(self._wrapped(each) for each in found)
        array = np.asarray(found)
        return array if array.dtype == bool else Number(objects(found), self)


class Namespace:
    """The operations of the table by name, for one run: ``m.sum(m.exp(x), axis=0)``."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def einsum(self, subscripts: str, *operands: Any) -> Any:
        return self._run.apply("einsum", operands, subscripts=subscripts)

    def grad(self, function: Function) -> Function:
        """As the engine's: of a function of one array with a number as its result."""
        return lambda x: self._number(jacobian(self._program(function, x), x.array))

    def jacobian(self, function: Function) -> Function:
        return self.grad(function)

    def jvp(self, function: Function, xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
        direction = lifted(vs[0])
        return function(xs[0]), self._number(derivative(self._program(function, xs[0]), xs[0].array, direction))

    def _number(self, array: Objects) -> Number:
        return Number(array, self._run)

    def _program(self, function: Function, x: Number) -> Callable[[Objects], Objects]:
        """A function of Numbers as one of arrays; its roundings, where they are drawn, are those of its own base."""
        outer = self._run.rounding
        rounding = None
        if outer is not None:
            call, self._run.calls = self._run.calls, self._run.calls + 1
            if outer.is_base:
                outer.base.append([])
            rounding = Rounding(outer.seed + 7919 * (call + 1), outer.unit)

        def program(array: Objects) -> Objects:
            run = self._run  # what the function closes over stays in the same run, whose roundings are others meanwhile
            before = run.rounding, run.calls
            run.rounding, run.calls = rounding, 0
            try:
                found: Objects = function(Number(array, run)).array
            finally:
                run.rounding, run.calls = before
            return found

        if rounding is not None:
            program(x.array)
            rounding.is_base = False
        return program

    def norm(self, x: Any, ord: Any = None, axis: Any = None) -> Any:
        if x.ndim == 2 and axis is None and ord in (2, -2, "nuc"):
            return self._run.apply("matrix_norm", [x], ord=ord)
        return self._run.apply("norm", [x], ord=ord, axis=axis)

    def __getattr__(self, name: str) -> Function:
        if name in COMPOSITES:
            return lambda *args, **params: COMPOSITES[name](self, *args, **params)
        if name not in OPERATIONS:
            raise AttributeError(f"the reference has no {name}: add it to benchmarks/campaigns/scalars.py or arrays.py")
        arity = OPERATIONS[name].arity

        def applied(*args: Any, **params: Any) -> Any:
            if arity < 0:  # a sequence of operands
                return self._run.apply(name, list(args[0]), **params)
            return self._run.apply(name, list(args[:arity]), **params, **_named(name, args[arity:]))

        return applied


def _named(name: str, rest: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(OPERATIONS[name].params, rest, strict=False))


def evaluated(
    function: Function,
    inputs: Sequence[Objects],
    rounding: Rounding | None = None,
    memory: dict[Any, Any] | None = None,
) -> Objects:
    """The value of a program at inputs of mpf, at mpmath's present precision."""
    run = Run(rounding, memory)
    result = function(Namespace(run), *(Number(each, run) for each in inputs))
    return result.array if isinstance(result, Number) else lifted(result)


def at_digits(digits: int) -> Any:
    """mpmath's precision for the length of a ``with``."""
    return mpmath.workdps(digits)
