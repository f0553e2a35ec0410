"""What a text says, as frozen data: the only form in which a user's text reaches the rest of the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from types import EllipsisType
from typing import NamedTuple, TypeAlias


class Place(NamedTuple):
    """Where something stands in the text; both count from 1."""

    line: int
    column: int


_NOWHERE = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number as it was written, or ``True``, ``False``, ``None``, ``...`` where an operation takes them."""

    value: int | float | bool | EllipsisType | None
    text: str
    place: Place = field(default=_NOWHERE, compare=False)

    @property
    def exact(self) -> Fraction:
        """The very number that float64 holds for this text: 0.1 is 3602879701896397 / 2**55."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise TypeError(f"{self.text} is not a number")
        return Fraction(float(self.value))


@dataclass(frozen=True, slots=True)
class Text:
    """A short text among the arguments of a call: ``einsum("ij,j->i", A, x)``."""

    value: str
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """An input, a name assigned earlier, or a constant (``pi``, ``e``)."""

    id: str
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x``, ``+x``, or ``~mask``."""

    operator: str
    operand: Expression
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right`` with one of ``+ - * / // % ** @ & |``."""

    operator: str
    left: Expression
    right: Expression
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """``left operator right`` with one of ``< <= > >= == !=``: a mask."""

    operator: str
    left: Expression
    right: Expression
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments, keyword=value)``."""

    function: str
    arguments: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...] = ()
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Method:
    """``value.name(arguments, keyword=value)``."""

    value: Expression
    name: str
    arguments: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...] = ()
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Transpose:
    """``value.T``."""

    value: Expression
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Size:
    """``value.shape[axis]``, ``len(value)`` (axis 0), or ``value.size`` (axis None)."""

    value: Expression
    axis: int | None
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Slice:
    """``start:stop:step`` inside an index."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Subscript:
    """``value[index]``; several indices are a :class:`Sequence`."""

    value: Expression
    index: Expression
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """``(a, b)`` or ``[a, b]``."""

    items: tuple[Expression, ...]
    is_list: bool
    place: Place = field(default=_NOWHERE, compare=False)


Expression: TypeAlias = (
    Constant | Text | Name | Unary | Binary | Compare | Call | Method | Transpose | Size | Slice | Subscript | Sequence
)


@dataclass(frozen=True, slots=True)
class Assign:
    """``name = value``, before the result."""

    name: str
    value: Expression
    place: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Program:
    """A text that has passed every check: assignments, then the result."""

    text: str
    assignments: tuple[Assign, ...]
    result: Expression
    inputs: tuple[str, ...]  # the inputs and parameters it uses, in the order of their first use

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The values assigned, in order, then the result."""
        return (*(assign.value for assign in self.assignments), self.result)


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside one, in the order in which they are written."""
    match node:
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right) | Compare(_, left, right):
            return (left, right)
        case Call(_, arguments, keywords):
            return (*arguments, *(value for _, value in keywords))
        case Method(value, _, arguments, keywords):
            return (value, *arguments, *(given for _, given in keywords))
        case Transpose(value) | Size(value):
            return (value,)
        case Subscript(value, index):
            return (value, index)
        case Slice(start, stop, step):
            return tuple(part for part in (start, stop, step) if part is not None)
        case Sequence(items):
            return items
    return ()


def walk(node: Expression) -> Iterator[Expression]:
    """An expression and everything inside it, from the outside in; long sums cost no recursion."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))
