"""A claim as it is written, ``x = 2*x[k]/n`` or ``W = X.T @ (X @ W - y)``: the input, the formula, its indices."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from symdiff.errors import InputError
from symdiff.language import LIMITS, Known, parse, tree
from symdiff.language.functions import known
from symdiff.language.names import shown

__all__ = ["Claim", "Element", "read_claim", "target"]

_SIDES = re.compile(r"\s*(?P<left>[^=;\n]*?[^=<>!;\n\s])\s*=(?!=)(?P<right>.*)", re.DOTALL)
_LEFT = re.compile(
    r"(?P<name>.+?)(?:\.grad)?(?:\[(?P<indices>[a-z](?:\s*,\s*[a-z])*)\]|_(?P<letter>[a-z])|_\{(?P<several>[a-z](?:\s*,\s*[a-z])*)\})?"
)
_BRACES = re.compile(r"\b([^\W\d]\w*?)_\{([^{}]*)\}")
_UNDERSCORE = re.compile(r"\b([^\W\d]\w*)_([a-z])\b(?!\s*\()")
_LETTER = re.compile(r"(?<![\w.])([a-z])(?!\w|\s*\()")


@dataclass(frozen=True)
class Element:
    """An element that a formula reads, ``x[k]``: the array's name, and its indices as expressions of letters."""

    array: str
    indices: tuple[tree.Expression, ...]


@dataclass(frozen=True)
class Claim:
    """What is claimed of the input ``name``: a formula, in which the elements it ``reads`` have names of their own.

    ``letters`` are the indices, those of the gradient first, in the order of its axes; ``bound`` are summed over.
    """

    text: str
    name: str
    program: tree.Program
    reads: tuple[tuple[str, Element], ...] = ()
    letters: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()


def target(text: str, names: Sequence[str]) -> str:
    """The input that a claim is about.

    Raises:
        InputError: it is no NAME = FORMULA, or NAME is no input to differentiate by.
    """
    return _sides(text, names)[1]


def _sides(text: str, names: Sequence[str]) -> tuple[str, str, str, tuple[str, ...]]:
    """The statements before the last, its input, its formula, and the indices on its left side."""
    lines = [line for line in re.split(r"[;\n]", text) if line.strip()]
    found = _SIDES.fullmatch(lines[-1]) if lines else None
    if found is None:
        raise InputError(
            f"claim {shown(text, 60)}: it is no NAME = FORMULA; write, for the general element, x = 2*x[k]/n, or of "
            "whole arrays x = 2*x/n"
        )
    left = _LEFT.fullmatch(found["left"].strip())
    whole = found["left"].strip()
    name = whole if whole in names else left["name"].strip() if left else whole
    if name not in names:
        raise InputError(
            f"claim {shown(text, 60)}: {shown(name, 30)} is no input to differentiate by; those are {', '.join(names)}"
        )
    indices = "" if left is None or whole in names else left["indices"] or left["letter"] or left["several"] or ""
    return (
        "; ".join(lines[:-1]),
        name,
        found["right"].strip(),
        tuple(each.strip() for each in indices.split(",") if each),
    )


def read_claim(
    text: str, names: Sequence[str], values: Collection[str], arrays: Collection[str], axes: Sequence[str]
) -> Claim:
    """A claim about one of the inputs ``names``.

    ``values`` are all names that a formula may use (inputs, intermediates, sizes), ``arrays`` those with elements,
    ``axes`` the letters of the gradient's axes on the page.

    Raises:
        InputError: it cannot be read; one line that says what to write.
    """
    before, name, formula, indices = _sides(text, names)
    plain = _BRACES.sub(r"\1[\2]", formula)
    plain = _UNDERSCORE.sub(lambda m: m[0] if m[0] in values or m[1] not in arrays else f"{m[1]}[{m[2]}]", plain)
    used = [each for each in dict.fromkeys(_LETTER.findall(plain)) if each not in values and each != "e"]
    own = set(re.findall(r"(?:^|;)\s*([^\W\d]\w*)\s*=(?!=)", before))
    theirs = [each for each in values if each not in own or each in names]
    program = parse("; ".join(filter(None, (before, plain))), _known(theirs, used), limits=LIMITS)
    reading = _Reading(arrays, used)
    result = reading.expression(program.result)
    free = [each for each in used if each not in reading.bound]
    order = _order(text, free, indices, axes)
    changed = replace(program, result=result)
    return Claim(
        text.strip(), name, changed, tuple(reading.reads.items()), (*order, *reading.bound), tuple(reading.bound)
    )


def _known(values: Collection[str], letters: Sequence[str]) -> Known:
    return known([*values, *letters])


def _order(text: str, free: Sequence[str], indices: Sequence[str], axes: Sequence[str]) -> tuple[str, ...]:
    """The letters in the order of the gradient's axes: as on the left side, as on the page, or as in the alphabet."""
    if indices:
        if len(indices) != len(axes) or not set(free) <= set(indices):
            raise InputError(
                f"claim {shown(text, 60)}: the gradient has {len(axes)} indices, name them all on the left"
            )
        return tuple(indices)
    if set(free) <= set(axes) or not free:
        return tuple(axes) if free else ()
    if len(free) != len(axes):
        raise InputError(
            f"claim {shown(text, 60)}: the gradient has {len(axes)} indices ({', '.join(axes) or 'it is a number'}), "
            f"and here are {', '.join(free)}; sum over others with sum(..., i)"
        )
    return tuple(sorted(free))


class _Reading:
    """Puts names in the place of elements: ``x[k]`` is read as an array of its own."""

    def __init__(self, arrays: Collection[str], letters: Sequence[str]) -> None:
        self._arrays, self._letters = arrays, set(letters)
        self.reads: dict[str, Element] = {}
        self.bound: list[str] = []

    def expression(self, node: tree.Expression) -> tree.Expression:
        """The expression with its elements named, and sums over a letter as sums over an axis that is named for it."""
        match node:
            case tree.Subscript(tree.Name(array), index) if array in self._arrays and self._uses_letters(index):
                indices = index.items if isinstance(index, tree.Sequence) else (index,)
                called = f"element_{len(self.reads) + 1}_"
                self.reads[called] = Element(array, indices)
                return tree.Name(called, node.place)
            case tree.Call("sum", (inner, tree.Name(letter)), ()) if letter in self._letters:
                if letter not in self.bound:
                    self.bound.append(letter)
                return tree.Call("sum", (self.expression(inner),), (("over", tree.Name(letter)),), node.place)
            case tree.Unary():
                return replace(node, operand=self.expression(node.operand))
            case tree.Binary() | tree.Compare():
                return replace(node, left=self.expression(node.left), right=self.expression(node.right))
            case tree.Call():
                return replace(
                    node,
                    arguments=tuple(map(self.expression, node.arguments)),
                    keywords=tuple((key, self.expression(each)) for key, each in node.keywords),
                )
            case tree.Method():
                return replace(
                    node, value=self.expression(node.value), arguments=tuple(map(self.expression, node.arguments))
                )
            case tree.Transpose():
                return replace(node, value=self.expression(node.value))
        return node

    def _uses_letters(self, index: tree.Expression) -> bool:
        return any(isinstance(each, tree.Name) and each.id in self._letters for each in tree.walk(index))
