"""The arguments of a framework's function: what is an input, what is passed on, what the parameters are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass, replace
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any

import numpy as np

from autodiff.trees import is_container
from symdiff.arrays import Array
from symdiff.errors import FunctionError


class Kept:
    """A Python number or list beside a framework's arrays: an option, no input."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


def kept_beside_arrays(value: object) -> object:
    """What is no array, and holds none, wrapped so that it is passed on as it is."""
    return value if isinstance(value, np.ndarray | np.generic) or is_container(value) else Kept(value)


def plain_call(
    target: Callable[..., Any], name: str, parameters: Sequence[Parameter] | None, change: Callable[[Any], Any]
) -> Callable[..., Any]:
    """A function with the name and parameters that the target's user sees, which calls it with its own arrays."""

    def call(*args: object, **kwargs: object) -> Any:
        given = (changed(opened(arg), change) for arg in args)
        named = {key: changed(opened(value), change) for key, value in kwargs.items()}
        return target(*given, **named)

    call.__name__ = name
    if parameters is not None:
        call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call


def parameters_seen(target: Callable[..., Any], count: int) -> list[Parameter]:
    """The target's parameters; of one that does not say them, ``x`` or ``x_1``, ``x_2``, ..."""
    try:
        return list(signature(target).parameters.values())
    except (ValueError, TypeError):
        names = ["x"] if count == 1 else [f"x_{place}" for place in range(1, count + 1)]
        any_other = Parameter("options", Parameter.VAR_KEYWORD)
        return [*(Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names), any_other]


def opened(value: object) -> object:
    """What was passed on as it is, without its wrapping."""
    return value.value if isinstance(value, Kept) else value


def opening(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that is given what is passed on as it was."""

    @wraps(function)
    def call(*args: object, **kwargs: object) -> Any:
        return function(*map(opened, args), **{name: opened(value) for name, value in kwargs.items()})

    return call


def signature_seen(target: Callable[..., Any], parameters: Sequence[Parameter]) -> Signature:
    """The signature of a target's parameters."""
    return Signature(list(parameters))


def changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """``value`` with every array in it changed, through lists, tuples, dicts, named tuples and dataclasses."""
    if isinstance(value, dict):
        return {key: changed(each, change) for key, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(changed(each, change) for each in value))
    if type(value) in (list, tuple):
        return type(value)(changed(each, change) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = [name for name, field in value.__dataclass_fields__.items() if field.init]
        return replace(value, **{name: changed(getattr(value, name), change) for name in names})
    return change(value)


def tried(arrays: Mapping[str, Array], exact: bool, narrow: bool) -> Iterator[dict[str, Array]]:
    """The dtypes in which values are tried that are given as numbers: float64, float32, and whole numbers as they are.

    A framework's own arrays are tried as they are, alone.
    """
    if exact:
        yield dict(arrays)
        return
    for whole in (False, True):
        for dtype in (np.float32,) if narrow else (np.float64, np.float32):
            yield {
                name: array if array.dtype == bool or (whole and array.dtype.kind in "iu") else array.astype(dtype)
                for name, array in arrays.items()
            }


def first_that_runs(
    arrays: Mapping[str, Array], exact: bool, run: Callable[[dict[str, Array]], Any], narrow: bool = False
) -> Any:
    """The first run, in the dtypes that are tried, in which the function does not raise; else the first one's error."""
    first: FunctionError | None = None
    seen: list[dict[str, Any]] = []
    for given in tried(arrays, exact, narrow):
        dtypes = {name: array.dtype for name, array in given.items()}
        if dtypes in seen:
            continue
        seen.append(dtypes)
        try:
            return run(given)
        except FunctionError as error:
            first = first or error
    assert first is not None
    raise first
