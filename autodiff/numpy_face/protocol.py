"""NumPy's own functions on tensors: each goes to the operation of its name, or says by its name why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from typing import Any

import numpy as np

from ..declare.guards import frozen
from ..declare.objects import OBJECTS, as_objects
from ..declare.op import TABLE, Op, Operation
from ..record.node import NO_GRADIENT
from ..record.recording import Recorded
from . import differences as differences
from . import linear_algebra as linear_algebra
from . import making as making
from . import statistics as statistics
from . import writing as writing
from .complex_pairs import TRANSFORMS
from .compositions import ACCUMULATED, COMPOSED
from .foreign import TakesNoTensors, instead_of_scipy, refused_by_scipy
from .masked import reduced
from .scipy_special import of_scipy
from .statements import assigns_elements, caller, rebinds
from .ufunc_methods import assign_at, reduceat

# What stands in NumPy's signatures where an option was not given.
NO_VALUE = signature(np.sum).parameters["initial"].default


class NumpyProtocol(Recorded):
    """The part of a tensor that NumPy talks to."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and "out" in options and len(options) == 1:
            (out,) = options["out"]
            if out is inputs[0] and rebinds(caller(1), out):
                made = self.__array_ufunc__(ufunc, method, *inputs)
                if made.shape == out.shape:
                    return made
        if method == "__call__" and not options:
            entry = operations_by_function().get(ufunc)
            if entry is not None:
                return entry(*inputs)
        return with_options(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        entry = operations_by_function().get(function)
        if ("where" in kwargs or "initial" in kwargs) and function is not np.copyto:
            given = {key: value for key, value in kwargs.items() if value is not NO_VALUE}
            if "where" in given or "initial" in given:
                return reduced(function, entry.name if entry else _name_of(function), args, given)
            kwargs = given
        if entry is not None:
            args, kwargs = translated(function, entry, args, kwargs)
            return entry(*args, **kwargs)
        if function in TRANSFORMS:
            return TRANSFORMS[function](*args, **kwargs)
        if function in COMPOSED:
            given = {key: value for key, value in kwargs.items() if value is not NO_VALUE}
            return COMPOSED[function](*args, **given)
        name = _name_of(function)
        if name in VALUES_ONLY:
            return function(*_values(args), **_values(kwargs))
        if name in BLANKS:
            return self.constant(function(*_values(args), **_values(kwargs)))
        return without_gradient(name, function, args, kwargs)

    def constant(self, values: Any) -> Any:
        """Return floating numbers as a tensor that nothing has been computed for yet; its elements can be assigned."""
        if values.dtype.kind != "f":
            return values
        made = object.__new__(type(self))
        made.array, made.node = values, None
        return made

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        node = self.node
        if node is not None and self.array.dtype.kind == "f":
            frame = caller(1)
            if assigns_elements(frame):
                raise TakesNoTensors(ASSIGNED, "elements")
            if asked_by := refused_by_scipy(frame):
                raise TakesNoTensors(instead_of_scipy(asked_by), "numbers")
            if dtype is None or np.dtype(dtype) == OBJECTS:
                return as_objects(self)
            if node.store is not NO_GRADIENT:
                raise TypeError(
                    f"an array of {np.dtype(dtype)} would lose the gradient of a tensor; leave the dtype out, use "
                    "stack, concatenate, autodiff.mean([...]) and the like, or .detach().numpy() for the values alone"
                )
        data = self.array
        if copy or (dtype is not None and dtype != data.dtype):
            return np.array(data, dtype=dtype)
        return frozen(data)


def with_options(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Answer ``ufunc.method(*inputs, **options)``: a reduction, an outer product, or a refusal in words."""
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    if method == "__call__" and not options and (entry := of_scipy(ufunc)) is not None:
        return entry(*inputs)
    if options.get("out") is not None:
        raise TakesNoTensors(f"np.{name}: {ADVICE['out']}", "elements")
    if method == "__call__":
        entry = operations_by_function().get(ufunc) or COMPOSED.get(ufunc)
        if entry is None:
            if name in VALUES_ONLY:
                return ufunc(*_values(inputs), **options)
            return without_gradient(name, ufunc, inputs, options)
        _refuse(name, options)
        return entry(*inputs)
    if method == "outer":
        return _outer(ufunc, name, inputs, options)
    entry = TABLE.get(REDUCTIONS.get((ufunc, method), ""))
    if method == "accumulate" and ufunc in ACCUMULATED:
        axis = options.pop("axis", 0)
        _refuse(name, options)
        return ACCUMULATED[ufunc](inputs[0], axis)
    if method == "reduceat" and (entry := TABLE.get(REDUCTIONS.get((ufunc, "reduce"), ""))) is not None:
        given = dict(zip(("array", "indices", "axis"), inputs, strict=False)) | options
        x, indices, axis = given.pop("array"), given.pop("indices"), given.pop("axis", 0)
        _refuse(name, given)
        return reduceat(entry.name, x, indices, axis)
    if method == "at" and (entry := operations_by_function().get(ufunc)) is not None:
        return assign_at(ufunc.__name__, entry, *inputs)
    if entry is None:
        return without_gradient(name, getattr(ufunc, method), inputs, options)
    axis = options.pop("axis", 0)
    params = {"keepdims": True} if options.pop("keepdims", False) else {}
    _refuse(name, options)
    return entry(inputs[0], axis=axis, **params)


REDUCTIONS: dict[tuple[np.ufunc, str], str] = {
    (np.add, "reduce"): "sum",
    (np.multiply, "reduce"): "prod",
    (np.maximum, "reduce"): "max",
    (np.minimum, "reduce"): "min",
    (np.logaddexp, "reduce"): "logsumexp",
    (np.logical_or, "reduce"): "any",
    (np.logical_and, "reduce"): "all",
    (np.add, "accumulate"): "cumsum",
    (np.multiply, "accumulate"): "cumprod",
}

ADVICE = {
    "out": "out= would write the result into an array and lose its gradient; use the tensor that is returned "
    "(a = a + x rather than a += x)",
    "where": "where= is not supported on tensors; write where(mask, x, other) around the operand",
    "dtype": "dtype= is not supported on tensors; write x.astype(dtype)",
    "initial": "initial= is not supported on tensors; combine it with the result (maximum(result, initial))",
}

# What these compute has no derivative or is not a number: they get the values and return plain arrays.
_QUESTIONS = """
    allclose argpartition argsort argwhere array2string array_equal array_equiv array_repr array_str can_cast
    common_type count_nonzero diag_indices_from digitize einsum_path flatnonzero histogram histogram_bin_edges isclose
    iscomplex iscomplexobj isin isneginf isposinf isreal isrealobj ix_ lexsort linalg.matrix_rank may_share_memory
    min_scalar_type nanargmax nanargmin ndim nonzero result_type searchsorted shape shares_memory signbit size
    tril_indices_from triu_indices_from unravel_index
"""
VALUES_ONLY = frozenset(_QUESTIONS.split())

ASSIGNED = (
    "a tensor assigned to an element of a plain array would lose its gradient; make the array by "
    "np.zeros_like(x, shape=n), where x is a tensor, or collect the elements in a list and stack them"
)

BLANKS = frozenset({"zeros_like", "ones_like", "empty_like"})

# Options that say nothing for a tensor.
_IDLE = {
    "order": ("K", "C", "A", None), "casting": ("same_kind",), "subok": (True, False), "dtype": (None,), "out": (None,),
}  # fmt: skip


@cache
def operations_by_function() -> dict[Any, Operation]:
    """Return the operation for each NumPy function, as the operations themselves declare it."""
    found: dict[Any, Operation] = {}
    for entry in TABLE.values():
        for name in entry.numpy:
            function: Any = np
            for part in name.split("."):
                function = getattr(function, part, None)
            if function is None:
                continue  # a name of a newer NumPy
            found[function] = entry
    return found


@dataclass(frozen=True, slots=True)
class Translation:
    """How a call of NumPy's function becomes one of ours, read from both signatures once.

    ``operands`` is how many of NumPy's first parameters are operands (-1 for all), ``theirs`` the parameters of NumPy's
    function by name, and ``ours`` the names of our parameters.
    """

    operands: int
    theirs: dict[str, Parameter]
    ours: frozenset[str]


@cache
def translation_of(function: Any, entry: Operation) -> Translation:
    theirs = numpy_parameters(function)
    ours = frozenset(signature(entry).parameters)
    if theirs is None or not isinstance(entry, Op):
        return Translation(-1, {}, ours)
    return Translation(1 if entry.sequence else entry.arity or -1, theirs, ours)


def translated(
    function: Any, entry: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the call of ``function`` as a call of ``entry``: NumPy's positions and names become ours.

    ``np.mean(x, 0, None)`` becomes ``mean(x, axis=0)``: a dtype of None says nothing.
    """
    how = translation_of(function, entry)
    first = len(args) if how.operands < 0 else how.operands
    if len(args) == first and how.ours.issuperset(kwargs):
        return args, kwargs
    names = list(how.theirs)
    operands = args[:first]
    if not kwargs and how.ours.issuperset(names[first : len(args)]):
        return operands, dict(zip(names[first:], args[first:], strict=False))
    for place in range(len(operands), first):
        if names[place] in kwargs:
            operands += (kwargs[names[place]],)
            kwargs = {other: value for other, value in kwargs.items() if other != names[place]}
    params = {}
    for key, value in (dict(zip(names[first:], args[first:], strict=False)) | kwargs).items():
        if key == "dtype" and value is not None and getattr(operands[0], "dtype", None) == value:
            continue
        if key in how.ours or not _idle(function, key, value, how.theirs.get(key)):
            params[key] = value
    return operands, params


def _idle(function: Any, key: str, value: Any, parameter: Parameter | None) -> bool:
    """Whether an option that we do not have may be left out; TypeError with the way out where it may not."""
    if value is NO_VALUE or value in _IDLE.get(key, ()) if not _is_array(value) else False:
        return True
    if parameter is not None and not _is_array(value) and value is parameter.default:
        return True
    if key in ADVICE:
        raise TypeError(f"np.{function if isinstance(function, str) else _name_of(function)}: {ADVICE[key]}")
    return False


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | Recorded | list | tuple)


def _refuse(name: str, options: dict[str, Any]) -> None:
    for key, value in options.items():
        if not _idle(name, key, value, None):
            raise TypeError(f"np.{name}: {key}={value!r:.40} is not supported on tensors")


@cache
def numpy_parameters(function: Any) -> dict[str, Parameter] | None:
    try:
        return dict(signature(function).parameters)
    except (TypeError, ValueError):
        return None


def _outer(ufunc: np.ufunc, name: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    _refuse(name, options)
    entry = operations_by_function().get(ufunc)
    if entry is None:
        return without_gradient(name, ufunc.outer, inputs, options)
    x, y = (each if isinstance(each, Recorded) else np.asarray(each) for each in inputs)  # type: Any, Any
    return entry(x.reshape((*x.shape, *(1,) * y.ndim)), y)


def without_gradient(name: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call a function that we do not have on the values, where no gradient can be lost; else TypeError."""
    if any(node is not None for node in _nodes((args, kwargs))):
        raise TypeError(f"np.{name} {REASONS.get(name, NO_RULE)}")
    return function(*_values(args), **_values(kwargs))


NO_RULE = (
    "has no derivative here; compose it from operations that do (see autodiff.TABLE), declare one with autodiff.op, "
    "or use x.detach() where no gradient is wanted"
)

REASONS = {
    "save": "would write a tensor without its gradient; write .detach()",
    "vectorize": "is not there for tensors; NumPy's functions work on whole tensors",
}


def _nodes(value: Any) -> Any:
    if isinstance(value, Recorded):
        yield value.node
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _nodes(each)
    elif isinstance(value, dict):
        yield from _nodes(list(value.values()))


def _values(value: Any) -> Any:
    """Return arguments with arrays in the place of tensors."""
    if isinstance(value, Recorded):
        return value.array
    if isinstance(value, tuple | list):
        return type(value)(_values(each) for each in value)
    if isinstance(value, dict):
        return {key: _values(each) for key, each in value.items()}
    return value


def _name_of(function: Any) -> str:
    module = getattr(function, "__module__", "") or ""
    inner = module.removeprefix("numpy").strip(".")
    return f"{inner}.{function.__name__}" if inner and not inner.startswith(("_", "lib")) else function.__name__
