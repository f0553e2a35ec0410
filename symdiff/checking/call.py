"""The arguments of a check: given by place and by name, with other arrays in them, at other points."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff.trees import is_container, leaves, with_leaves
from symdiff.arrays import Array
from symdiff.tracing.building import Traced
from symdiff.tracing.values import is_numeric

__all__ = ["Call"]

CLOSE = 0.25
"""Points beside the given one move every element by up to this part of its own size."""


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments by place (``args``) and by name (``named``)."""

    args: tuple[object, ...]
    named: Mapping[str, object]

    def filled(self, traced: Traced) -> tuple[list[object], dict[str, object], dict[str, Array]]:
        """The same arguments with fresh copies of the traced arrays in the place of theirs, and these by name."""
        arrays = {name: np.array(tensor.data) for name, tensor in traced.tensors.items()}
        return *self._with(arrays), arrays

    def with_arrays(self, arrays: Mapping[str, Array]) -> Call:
        """The same arguments with other arrays in the place of theirs."""
        args, named = self._with(arrays)
        return Call(tuple(args), named)

    def _with(self, arrays: Mapping[str, Array]) -> tuple[list[object], dict[str, object]]:
        waiting = iter(list(arrays.values()))
        args = [_filled(each, waiting) for each in self.args]
        named = {}
        for name, each in self.named.items():
            paths = [path for path, _ in leaves(each, name)] if is_container(each) else [name]
            named[name] = _filled(each, iter([arrays[path] for path in paths if path in arrays]))
        return args, named

    def moved(self, seed: int) -> Call:
        """The arguments at another point, the same one every time.

        At even seeds every element is of size 1/4 to 1, with its own sign; at odd ones it is near its own value.
        Whole numbers, masks and labels stay as they are, and so does what a formula may count on: see ``_kept``.
        """
        random = np.random.default_rng(seed)
        args = tuple(_moved(each, random, seed) for each in self.args)
        return Call(args, {name: _moved(each, random, seed) for name, each in self.named.items()})


def called(
    function: Callable[..., Any], front: tuple[object, ...], args: list[object], named: dict[str, object]
) -> Any:
    """What a function gives, the arguments by name as it takes them: by name where it knows them, else by place."""
    try:
        inspect.signature(function).bind(*front, *args, **named)
    except TypeError:
        return function(*front, *args, *named.values())
    except ValueError:
        pass  # it has no signature
    return function(*front, *args, **named)


def _filled(value: object, arrays: Iterator[Array]) -> object:
    if is_container(value):
        return with_leaves(value, arrays, lambda other: other)
    return next(arrays) if is_numeric(value) else value


def _moved(value: object, random: np.random.Generator, seed: int) -> object:
    """A floating input, or a container of some, somewhere else."""
    if is_container(value):
        return with_leaves(value, iter([_moved(leaf, random, seed) for _, leaf in leaves(value)]), lambda other: other)
    array = np.asarray(value) if is_numeric(value) else None
    if array is None or array.dtype.kind != "f" or _is_labels(array):
        return value
    if seed % 2:
        scale = np.where(array == 0, _typical(array), np.abs(array))
        found = array + CLOSE * scale * random.uniform(-1.0, 1.0, size=array.shape)
    else:
        size = random.uniform(0.25, 1.0, size=array.shape)
        found = np.where(np.signbit(array), -size, size)
    return np.asarray(_kept(array, found), dtype=array.dtype)


def is_structured(array: Array) -> bool:
    """Whether a formula may count on what an array is: labels, probabilities, a symmetric or triangular matrix."""
    if array.dtype.kind != "f":
        return False
    if _is_labels(array):
        return True
    if _is_probabilities(array):
        return True
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] < 2:
        return False
    return any(np.array_equal(each, array) for each in (np.swapaxes(array, -1, -2), np.triu(array), np.tril(array)))


def _is_probabilities(array: Array) -> bool:
    if not array.ndim or array.shape[-1] < 2 or not bool((array >= 0).all()):
        return False
    return bool((np.abs(array.sum(axis=-1) - 1) < 1e-6).all())


def _is_labels(array: Array) -> bool:
    """Zeros and ones alone are labels, masks, one-hot rows."""
    return array.size > 1 and bool(np.isin(array, (0.0, 1.0)).all()) and bool((array == 1).any())


def _typical(array: Array) -> float:
    finite = np.abs(array[np.isfinite(array) & (array != 0)])
    return float(np.median(finite)) if finite.size else 1.0


def _kept(array: Array, moved: Array) -> Array:
    """The moved array with what a right formula may count on: probabilities add up to 1, symmetric and triangular
    matrices stay so, what is not finite stays."""
    if _is_probabilities(array):
        moved = np.abs(moved)
        return np.asarray(moved / moved.sum(axis=-1, keepdims=True))
    if array.ndim >= 2 and array.shape[-1] == array.shape[-2] > 1:
        turned = np.swapaxes(array, -1, -2)
        if np.array_equal(array, turned):
            moved = (moved + np.swapaxes(moved, -1, -2)) / 2
        for triangle in (np.triu, np.tril):
            if np.array_equal(triangle(array), array):
                moved = triangle(moved)
    return np.where(np.isfinite(array), moved, array)
