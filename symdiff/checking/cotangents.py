"""Functions of several results, or of an array, as the scalar that a vector-Jacobian product is the gradient of."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.runs import called
from autodiff.trees import is_container, leaves, with_leaves
from symdiff.errors import InputError
from symdiff.frameworks.trace import Bridge
from symdiff.tracing.author_names import function_name

__all__ = ["Weighted", "default_cotangent", "takes_cotangent"]


class Weighted:
    """A function whose results, each times its cotangent, are summed; ``cotangent`` is what they were multiplied by.

    Without a cotangent of the caller's it is one that is not uniform, of every result's shape.
    """

    def __init__(self, function: Callable[..., Any], cotangent: object = None, factor: float = 1.0) -> None:
        self.function, self.given, self.factor = function, cotangent, factor
        self.cotangent: Any = None

    def as_function(self) -> Callable[..., Any]:
        """The scalar function, with the name and the parameters of the function."""

        if isinstance(self.function, Bridge):
            return self.function.scalar(lambda result: self._given(result)[1])

        @functools.wraps(self.function)
        def scalar(*args: Any, **named: Any) -> Any:
            return self._weighted(called(self.function, args, named))

        return scalar

    def _weighted(self, result: Any) -> Any:
        total: Any = 0.0
        for each, cotangent in zip(*self._given(result), strict=True):
            total = total + ad.sum(ad.multiply(each, cotangent))
        return total

    def _given(self, result: Any) -> tuple[list[Any], list[Any]]:
        """The arrays of a result, and what each is multiplied by."""
        results = [each for _, each in leaves(result, ".")] if is_container(result) else [result]
        given = [_of_kind(g, each) for g, each in zip(self._cotangents(results, result), results, strict=True)]
        waiting = iter(given)
        self.cotangent = with_leaves(result, waiting, lambda other: other) if is_container(result) else given[0]
        return results, given

    def _cotangents(self, results: Sequence[Any], result: Any) -> list[Any]:
        shapes = [np.shape(each) for each in results]
        if not results:
            raise InputError(f"{function_name(self.function)} returns no array to differentiate")
        if self.given is None:
            return [self.factor * default_cotangent(shape, place) for place, shape in enumerate(shapes)]
        given = [each for _, each in leaves(self.given, ".")] if is_container(self.given) else [self.given]
        if (len(given) == 1 and is_container(result) and len(results) > 1) or len(given) != len(results):
            raise InputError(f"cotangent: {len(given)} are given for {len(results)} results; give one for each")
        arrays = [self.factor * np.asarray(each, dtype=float) for each in given]
        for array, shape in zip(arrays, shapes, strict=True):
            if array.shape != shape:
                raise InputError(
                    f"cotangent: it has shape {array.shape}, and the result {shape}; give one of its shape"
                )
        return arrays


def _of_kind(cotangent: Any, result: Any) -> Any:
    """The cotangent in its result's precision."""
    dtype = getattr(result, "dtype", None)
    return cotangent.astype(dtype) if getattr(dtype, "kind", "") == "f" else cotangent


def default_cotangent(shape: tuple[int, ...], place: int = 0) -> Any:
    """A cotangent that is not uniform: both signs, sixteenths, the same every time; for a scalar neither 1 nor -1."""
    random = np.random.default_rng((2024, place))
    sizes = random.integers(5, 33, size=shape) / 16
    signs = np.where(random.random(size=shape) < 0.3, -1.0, 1.0) if shape else 1.0
    return np.asarray(sizes * signs + (sizes == 1) / 16)


def takes_cotangent(gradient: object, count: int) -> bool:
    """Whether a gradient function asks for one argument more than there are: the cotangent, in front."""
    if not callable(gradient):
        return False
    try:
        parameters = inspect.signature(gradient).parameters.values()
    except (TypeError, ValueError):
        return False
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [p for p in parameters if p.kind in by_place and p.default is inspect.Parameter.empty]
    return len(required) == count + 1
