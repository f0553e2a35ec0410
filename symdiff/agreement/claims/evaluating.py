"""The array that a claim gives at a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from symdiff.agreement.claims.reading import Claim, Element
from symdiff.arrays import Array
from symdiff.errors import InputError
from symdiff.language import LIMITS, run, tree
from symdiff.language.names import shown

__all__ = ["claimed"]


def claimed(claim: Claim, values: Mapping[str, Any], shape: tuple[int, ...]) -> Array:
    """The claimed gradient, of the input's shape; a number stands for all its elements.

    Raises:
        InputError: an index is out of range, or the formula's value has another shape.
    """
    grids = _grids(claim, values, shape)
    names = {**values, **grids}
    for called, element in claim.reads:
        names[called] = _read(claim, element, values, grids)
    program = replace(claim.program, result=_with_axes(claim.program.result, claim, len(shape)))
    with np.errstate(all="ignore"):
        found = np.asarray(run(program, names, limits=LIMITS), dtype=np.float64)
    if claim.bound:
        found = found.reshape(found.shape[: len(shape)]) if found.ndim > len(shape) else found
    if found.ndim == 0 or (claim.letters and found.shape != shape and _stretches(found.shape, shape)):
        found = np.broadcast_to(found, shape)
    if found.shape != shape:
        raise InputError(
            f"claim {shown(claim.text, 60)}: its value has shape {found.shape}, and {claim.name} has shape {shape}"
        )
    return np.array(found)


def _stretches(given: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(given) == len(wanted) and all(a in (1, b) for a, b in zip(given, wanted, strict=True))


def _grids(claim: Claim, values: Mapping[str, Any], shape: tuple[int, ...]) -> dict[str, Array]:
    """By letter its numbers, from 1, along an axis of its own: those of the gradient's axes, then those summed over."""
    rank = len(claim.letters)
    found = {}
    for axis, letter in enumerate(claim.letters):
        length = _range(claim, letter, values) if letter in claim.bound else shape[axis]
        found[letter] = np.arange(1, length + 1).reshape([-1 if k == axis else 1 for k in range(rank)])
    return found


def _range(claim: Claim, letter: str, values: Mapping[str, Any]) -> int:
    """How far a letter that is summed over runs: as far as an axis that it alone is the index of."""
    for _, element in claim.reads:
        for axis, index in enumerate(element.indices):
            if isinstance(index, tree.Name) and index.id == letter:
                return int(np.shape(values[element.array])[axis])
    raise InputError(
        f"claim {shown(claim.text, 60)}: the sum over {letter} has no end; use it as an index, x[{letter}]"
    )


def _read(claim: Claim, element: Element, values: Mapping[str, Any], grids: Mapping[str, Array]) -> Array:
    array = np.asarray(values[element.array], dtype=np.float64)
    if array.ndim != len(element.indices):
        raise InputError(
            f"claim {shown(claim.text, 60)}: {element.array} has {array.ndim} axes, and is given "
            f"{len(element.indices)} indices"
        )
    places = []
    for axis, index in enumerate(element.indices):
        program = tree.Program("", (), index, ())
        place = np.asarray(run(program, {**values, **grids}, limits=LIMITS))
        numbers = np.asarray(np.rint(place), dtype=np.int64)
        if numbers.size and (numbers.min() < 1 or numbers.max() > array.shape[axis]):
            raise InputError(
                f"claim {shown(claim.text, 60)}: an index of {element.array} runs from {numbers.min()} to "
                f"{numbers.max()}, and its axis {axis + 1} has {array.shape[axis]}; mathematics counts from 1"
            )
        places.append(numbers - 1)
    return array[tuple(places)]


def _with_axes(node: tree.Expression, claim: Claim, rank: int) -> tree.Expression:
    """Sums over a letter as sums over its axis, which stays, one long."""
    match node:
        case tree.Call("sum", (inner,), (("over", tree.Name(letter)),)):
            axis = tree.Constant(claim.letters.index(letter), "")
            keep = tree.Constant(True, "True")
            return replace(
                node, arguments=(_with_axes(inner, claim, rank),), keywords=(("axis", axis), ("keepdims", keep))
            )
        case tree.Unary():
            return replace(node, operand=_with_axes(node.operand, claim, rank))
        case tree.Binary() | tree.Compare():
            left, right = (_with_axes(each, claim, rank) for each in (node.left, node.right))
            return replace(node, left=left, right=right)
        case tree.Call():
            return replace(node, arguments=tuple(_with_axes(each, claim, rank) for each in node.arguments))
    return node
