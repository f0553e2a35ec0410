"""Runs a vjp rule on symbols, beside its operation's meaning, in one program of general elements."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from autodiff.declare.op import TABLE, Op
from autodiff.declare.operation import Operation
from symdiff.meaning.formula import exact
from symdiff.meaning.program import Builder
from symdiff.meaning.sizes import Size, Unifier, as_size, literal
from symdiff.meaning.symbolic import Symbolic
from symdiff.meaning.terms import Affine, Index, Read, Relation, Reshape, Term, constant, slot, variable
from symdiff.meaning.vocabulary import Declared, Operand, Vocabulary
from symdiff.meaning.vocabulary.axes import every_axis
from symdiff.proof.lengths import Length, as_sizes
from symdiff.proof.orders import FORMULAS
from symdiff.proof.rounded import read

METHODS = {name: op for name, op in TABLE.items() if isinstance(op, Operation) and (op.method or name == "transpose")}


class NotOnSymbols(TypeError):
    """A rule asks for numbers, which symbols have not."""


class Symbol(Symbolic):
    """What a rule gets for an array: its elements are general, its lengths letters."""

    __slots__ = ()

    builder: Recorder

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.builder.length(size) for size in self.element.sizes)

    @property
    def size(self) -> int:
        total: int = self.builder.length(literal(1))
        for length in self.shape:
            total = total * length
        return total

    @property
    def data(self) -> np.ndarray:
        """The numbers in the sample: what is proved then holds where the same is decided."""
        return self.builder.peek(self.index)

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS or name.startswith("_"):
            raise NotOnSymbols(f"it reads .{name} of an array")
        return lambda *args, **params: METHODS[name](self, *args, **params)

    def all(self) -> bool:
        """Whether a condition holds everywhere: what is not 0 off a border is taken not to be, and the border noted."""
        if not isinstance(self.element.relation, sp.Ne):
            raise NotOnSymbols("it asks whether a condition holds")
        self.builder.peeked = True
        return True

    def __bool__(self) -> bool:
        raise NotOnSymbols("it asks whether a condition holds")

    def __float__(self) -> float:
        raise NotOnSymbols("it asks for a number")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotOnSymbols("it asks for the numbers of an array")

    def __iter__(self) -> Any:
        raise NotOnSymbols("it takes an array apart")


class Recorder(Builder):
    """Builds the program of a meaning and of a rule.

    ``known`` are the numbers that a rule may hold roundings of; with ``fixed`` every length is the number that it is.
    """

    def __init__(self, known: tuple[sp.Expr, ...] = (), fixed: bool = False) -> None:
        super().__init__()
        self.unifier = Fixed() if fixed else self.unifier
        self._vocabulary = Lengthwise(self.unifier)
        self.known = known
        self.read_as: dict[float, sp.Expr] = {}
        self.numbers: dict[int, np.ndarray] = {}
        self.peeked = False

    def peek(self, index: int) -> np.ndarray:
        """The numbers of an element in the sample, for a rule that decides by them."""
        if index not in self.numbers:
            raise NotOnSymbols("it asks for the numbers of an array")
        self.peeked = True
        return self.numbers[index]

    def length(self, size: Size) -> int:
        return Length(size, self.count) if size.value > 1 else size.value

    def lift(self, operand: object) -> Symbolic:
        if isinstance(operand, Length):
            return self.count(operand.size)
        if isinstance(operand, float | np.floating) and np.isfinite(operand):
            return self._number(float(operand))
        if isinstance(operand, np.ndarray) and _of_identity(operand):
            return self._identity(operand)
        return super().lift(operand)

    def _identity(self, value: np.ndarray) -> Symbolic:
        """A multiple of the identity and a constant by their own formula, one number on the diagonal and one beside."""
        size = self.unifier.fresh(len(value))
        row, column = variable(0), variable(1)
        beside = exact(value[0, 1])
        diagonal = Term((row, row), (), exact(value[0, 0]) - beside, (size,))
        whole = Term((row, column), (), beside, (size, size))
        terms = (diagonal, whole) if beside != 0 else (diagonal,)
        return self._push("identity", Relation(terms), (), (size, size), value=value)

    def _number(self, value: float) -> Symbolic:
        number = read(value, self.known)
        if number.is_Rational:
            return super().lift(value)
        self.read_as[value] = number
        term = Term((), (), number, ())
        return self._push("number", Relation((term,)), (), (), value=np.asarray(value))

    def like(self, sizes: Sequence[Size], name: str, value: np.ndarray) -> Symbol:
        """An input of given sizes."""
        made: Symbol = self._push(None, None, (), tuple(sizes), name=name, value=value)
        return made

    def apply(
        self,
        op: Op,
        operands: Sequence[Symbolic | None],
        params: Mapping[str, object],
        shape: tuple[int, ...] | None = None,
    ) -> Symbolic:
        plain = {name: float(value) if isinstance(value, np.floating) else value for name, value in params.items()}
        if op.meaning is None and op.name in FORMULAS and operands[0] is not None:
            return self._by_formula(op, operands[0], plain)
        return super().apply(op, operands, plain, shape)

    def _by_formula(self, op: Op, x: Symbolic, params: Mapping[str, object]) -> Symbolic:
        sizes = x.element.sizes
        box = tuple(variable(k) for k in range(len(sizes)))
        term = Term(box, (Read(0, box),), FORMULAS[op.name](params), sizes)
        return self._push(op.name, Relation((term,)), (x.index,), sizes)

    def _push(self, *args: Any, **fields: Any) -> Symbol:
        return Symbol(self, super()._push(*args, **fields).index)


class Fixed(Unifier):
    """Lengths that are the numbers they are in the sample."""

    def fresh(self, value: int) -> Size:
        return literal(value)


class Lengthwise(Vocabulary):
    """The vocabulary of meanings, with lengths among its parameters kept as the letters that they are."""

    def __init__(self, unifier: Any) -> None:
        super().__init__(unifier)
        self._steps: dict[tuple[Any, ...], Size] = {}

    def relation(self, sizes: Sequence[Size | int], *terms: Term) -> Declared:
        return super().relation(as_sizes(list(sizes)), *terms)

    def term(self, out: Any, reads: Any, formula: Any, box: Sequence[Size | int], *rest: Any, **kinds: Any) -> Term:
        return super().term(out, reads, formula, as_sizes(list(box)), *rest, **kinds)

    def shaped(self, shape: Sequence[int]) -> Operand:
        return Operand(0, tuple(map(as_size, as_sizes(list(shape)))))

    def broadcast(self, x: Operand, shape: Sequence[int | Size]) -> Declared:
        return super().broadcast(x, as_sizes(list(shape)))

    def reshape(self, x: Operand, shape: int | Sequence[int]) -> Declared:
        wanted: list[Any] = list(shape) if isinstance(shape, list | tuple) else [shape]
        declared = super().reshape(x, [operator.index(length) for length in wanted])
        if not any(isinstance(length, Length) for length in wanted):
            return declared
        sizes = [
            length.size if isinstance(length, Length) else size
            for length, size in zip(wanted, declared.sizes, strict=True)
        ]
        return Declared(tuple(sizes), Reshape())

    def getitem(self, x: Operand, index: Any) -> Declared:
        parts = list(index) if isinstance(index, tuple) else [index]
        if any(isinstance(bound, Length) for part in parts if isinstance(part, slice) for bound in _bounds(part)):
            return self._sliced(x, parts)
        return self._with_same_steps(x, index, super().getitem(x, index))

    def _sliced(self, x: Operand, parts: list[Any]) -> Declared:
        """Slices whose bounds are lengths: between them there are as many elements as their difference."""
        parts = every_axis(parts, x.ndim)
        out: list[Index] = []
        sizes: list[Size] = []
        at: list[Index] = []
        box: list[Size] = []
        for part in parts:
            if part is None:
                out.append(constant(0))
                sizes.append(literal(1))
            elif isinstance(part, slice):
                start, length = self._between(x.sizes[len(at)], part)
                here = variable(len(box))
                out.append(here)
                box.append(length)
                sizes.append(length)
                at.append(Affine(start, here.terms))
            elif isinstance(part, int):
                at.append(constant(x.sizes[len(at)] + int(part) if part < 0 else int(part)))
            else:
                raise NotImplementedError("slices by lengths beside arrays of positions")
        return self.relation(sizes, self.term(out, [(x, at)], slot(0), box))

    def _between(self, size: Size, part: slice) -> tuple[Size, Size]:
        """The first position of a slice of step 1 and its length."""
        if part.step not in (None, 1):
            raise NotImplementedError("slices by lengths with steps")
        start, stop = (None if bound is None else self._bound(size, bound) for bound in _bounds(part))
        start = literal(0) if start is None else start
        return start, (size if stop is None else stop) - start

    def _bound(self, size: Size, bound: Any) -> Size:
        given = as_size(as_sizes(bound))
        if given.value < 0:
            return size + given
        return size if given.value > size.value else given

    def _with_same_steps(self, x: Operand, index: Any, declared: Declared) -> Declared:
        """The same slice of the same length has one size, though no letter says how it comes of the length."""
        sizes = list(declared.sizes)
        for place, size in enumerate(sizes):
            if size.formula.is_Symbol and size not in x.sizes:
                key = (repr(index), tuple(self._unifier.resolve(s.formula) for s in x.sizes), place)
                sizes[place] = self._steps.setdefault(key, size)
                self._unifier.unify(size, sizes[place])
        return Declared(tuple(sizes), declared.meaning)


def _of_identity(array: np.ndarray) -> bool:
    """Whether an array is made of the identity and a constant."""
    if array.ndim != 2 or array.shape[0] != array.shape[1] or len(array) < 2 or array.dtype.kind != "f":
        return False
    beside = array[0, 1]
    return bool(np.array_equal(array, beside + (array[0, 0] - beside) * np.eye(len(array))))


def _bounds(part: slice) -> tuple[Any, Any]:
    return part.start, part.stop
