"""Einstein's summation: any sum of products, its letters read, checked and made explicit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..axes import shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import COLUMN, CUBE, MATRIX, OTHER_MATRIX, OTHER_ROW, ROW, SQUARE, at
from .diagonals import diagonal
from .moving import broadcast_to, expand_dims

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def lengths(terms: list[str], shapes: list[tuple[int, ...]]) -> dict[str, int]:
    """The length of each letter's axis; one of length 1 is stretched."""
    found: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for letter, n in zip(term, shape, strict=True):
            known = found.get(letter, 1)
            if known != n and known != 1 and n != 1:
                raise ValueError(f"einsum: {letter!r} is {known} long in one operand and {n} in another")
            found[letter] = n if known == 1 else known
    return found


def contraction_rule(g: Any, y: Any, *operands: Any, subscripts: str) -> tuple[Any, ...]:
    """Each operand gets the contraction of the cotangent with the other operands."""
    inputs, result = subscripts.split("->")
    terms = inputs.split(",")
    sizes = lengths(terms, [x.shape for x in operands])
    return tuple(factor_cotangent(g, operands, terms, result, sizes, place) for place in range(len(operands)))


def factor_cotangent(
    g: Any, operands: tuple[Any, ...], terms: list[str], result: str, sizes: dict[str, int], place: int
) -> Any:
    """The cotangent of one factor: letters it has alone are repeated, letters it was stretched along summed."""
    shape, term = operands[place].shape, terms[place]
    others = terms[:place] + terms[place + 1 :]
    elsewhere = set(result).union(*others)
    kept = "".join(c for c, n in zip(term, shape, strict=True) if c in elsewhere and n == sizes[c])
    rest = operands[:place] + operands[place + 1 :]
    part = contraction(g, *rest, subscripts=",".join([result, *others]) + "->" + kept)
    missing = tuple(k for k, c in enumerate(term) if c not in kept)
    return broadcast_to(expand_dims(part, missing), shape) if missing else part


@op(
    meaning=Structure(lambda m, *operands, subscripts: m.einsum(subscripts, *operands)),
    vjp=contraction_rule,
    numpy=(),
    language=False,
    torch_name="EinsumBackward0",
    samples=[
        at(MATRIX, MATRIX.T, subscripts="ij,jk->ik"), at(ROW, subscripts="i->"),
        at(CUBE, MATRIX, ROW, subscripts="ijk,jk,k->ij"), at(ROW, OTHER_ROW, subscripts="i,j->ji"),
        at(MATRIX[:1], OTHER_MATRIX, subscripts="ij,ij->j"), at(MATRIX, ROW, subscripts="ij,k->k"),
        at(MATRIX, COLUMN[:, 0], subscripts="ij,i->i"),
    ],
)  # fmt: skip
def contraction(*operands, subscripts):
    """The sum of products that explicit ``subscripts`` name; no operand names a letter twice."""
    if len(operands) == 2:
        return pair(operands[0], operands[1], subscripts)
    return np.einsum(subscripts, *operands, optimize=len(operands) > 2)


def pair(a: Any, b: Any, subscripts: str) -> Any:
    """The contraction of two operands, as one matrix product where it is one."""
    inputs, result = subscripts.split("->")
    left, right = inputs.split(",")
    common = [c for c in left if c in right]
    if set(common) & set(result) or sorted(result) != sorted(c for c in left + right if c not in common):
        return np.einsum(subscripts, a, b)
    axes = [left.index(c) for c in common], [right.index(c) for c in common]
    if any(a.shape[i] != b.shape[j] for i, j in zip(*axes, strict=True)):
        return np.einsum(subscripts, a, b)
    product = np.tensordot(a, b, axes)
    order = [c for c in left + right if c not in common]
    return product if order == list(result) else product.transpose([order.index(c) for c in result])


@function(
    samples=[
        at("ij,jk->ik", MATRIX, MATRIX.T), at("ij,jk", MATRIX, MATRIX.T), at("ii", SQUARE), at("ii->i", SQUARE),
        at("...i,i->...", CUBE, ROW), at("ij->ji", MATRIX), at("i,j,k->kji", ROW, OTHER_ROW[:2], MATRIX[0, :3]),
        at("b...k,...kj->b...j", CUBE[:, None], OTHER_MATRIX.T), at("ij->", MATRIX),
        at("ij,ij->ij", MATRIX[:1], OTHER_MATRIX), at("bij,bij->b", CUBE, CUBE[:1]),
        at("iij,jkk->ik", CUBE[:, :2], CUBE.transpose(2, 0, 1)[:, :, :2]),
    ],
)  # fmt: skip
def einsum(subscripts: Any, *operands: Any, optimize: Any = None) -> Any:
    """The sum of products named by ``subscripts``, as in ``einsum("ij,jk->ik", a, b)``; ``...`` stands for any axes.

    The order of the products is found by itself; ``optimize`` is there as NumPy has it.
    """
    if not isinstance(subscripts, str):
        subscripts, operands = from_lists((subscripts, *operands))
    shapes = tuple([shape_of(x) for x in operands])
    if (known := _written_out(subscripts, shapes)) is not None:
        return contraction(*operands, subscripts=known)
    terms, result = explicit(subscripts, list(shapes))
    arrays = list(operands)
    for place in range(len(terms)):
        while len(set(terms[place])) < len(terms[place]):
            arrays[place], terms[place] = without_repeat(arrays[place], terms[place])
    lengths(terms, [shape_of(x) for x in arrays])
    return contraction(*arrays, subscripts=",".join(terms) + "->" + result)


@lru_cache(256)
def _written_out(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> str | None:
    """The subscripts without dots and with a result, once for operands of these shapes; None with a repeated letter."""
    terms, result = explicit(subscripts, list(shapes))
    if any(len(set(term)) < len(term) for term in terms):
        return None
    lengths(terms, list(shapes))
    return ",".join(terms) + "->" + result


def from_lists(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The subscripts and operands of ``einsum(x, [0, 1], y, [1, 2], [0, 2])``, where numbers name the axes."""
    *pairs, last = arguments if len(arguments) % 2 else (*arguments, None)
    operands, lists = tuple(pairs[::2]), pairs[1::2]
    if not operands or not all(isinstance(each, list | tuple) for each in lists):
        raise TypeError(
            'einsum: the first argument is the subscripts as text, such as "ij,jk->ik"; or each operand is followed by '
            "the list of its axes, einsum(x, [0, 1], y, [1, 2], [0, 2])"
        )
    named = sorted({label for each in (*lists, last or ()) for label in each if label is not Ellipsis})
    if len(named) > len(LETTERS):
        raise ValueError(f"einsum: {len(named)} axes are named; there can be {len(LETTERS)}")
    letters: dict[Any, str] = dict(zip(named, LETTERS, strict=False))
    terms = ["".join("..." if label is Ellipsis else letters[label] for label in each) for each in (*lists, last or ())]
    text = ",".join(terms[: len(lists)])
    if last is not None:
        return f"{text}->{''.join(terms[len(lists) :])}", operands
    return text, operands


def without_repeat(x: Any, term: str) -> tuple[Any, str]:
    """The diagonal along two axes that have the same letter."""
    letter = next(c for c in term if term.count(c) > 1)
    first = term.index(letter)
    second = term.index(letter, first + 1)
    shape = shape_of(x)
    if shape[first] != shape[second]:
        raise ValueError(f"einsum: {letter!r} is {shape[first]} long and {shape[second]} long in shape {shape}")
    return diagonal(x, 0, first, second), term[:first] + term[first + 1 : second] + term[second + 1 :] + letter


def explicit(subscripts: str, shapes: list[tuple[int, ...]]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with the ellipsis and an implied result written out."""
    text = subscripts.replace(" ", "")
    inputs, arrow, result = text.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"einsum({subscripts!r}): {len(terms)} operands named, {len(shapes)} given")
    for part in [*terms, result]:
        if set(part.replace("...", "", 1)) - set(LETTERS):
            raise ValueError(f"einsum({subscripts!r}): {part!r} is not made of letters (and one '...')")
    free = [c for c in LETTERS if c not in text]
    widest = 0
    for k, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        named = len(term.replace("...", ""))
        extra = len(shape) - named
        if extra < 0 or (extra and "..." not in term):
            raise ValueError(f"einsum({subscripts!r}): {term!r} names {named} axes of shape {shape}")
        widest = max(widest, extra if "..." in term else 0)
        terms[k] = term.replace("...", "".join(free[:extra][::-1]))
    dots = "".join(free[:widest][::-1])
    if not arrow:
        all_letters = "".join(terms)
        once = sorted(c for c in set(all_letters) if all_letters.count(c) == 1 and c not in dots)
        return terms, dots + "".join(once)
    result = result.replace("...", dots)
    unknown = [c for c in result if not any(c in term for term in terms)]
    if unknown or len(set(result)) < len(result):
        raise ValueError(f"einsum({subscripts!r}): each letter of the result stands in it once and in some operand")
    return terms, result
