"""From a traced Graph to the symbolic program: every node's general element in terms of its operands' elements.

Composites are opened: ``softmax`` becomes the exponential, the sum and the quotient that its meaning names. What has no
meaning becomes ``Opaque``, which makes the verdict *unsupported* by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from autodiff.declare.op import Composite, Equation, Op, Structure
from symdiff.language import parse_formula
from symdiff.language.run import run
from symdiff.meaning.filling import Mask, filled_condition, place_of, seen_through, substituted
from symdiff.meaning.formula import NotAFormula, Piece, exact, pieces_of
from symdiff.meaning.sizes import Size, Unifier, literal
from symdiff.meaning.symbolic import Symbolic
from symdiff.meaning.terms import Element, Implicit, Index, Opaque, Read, Relation, Term, constant, slot, variable
from symdiff.meaning.vocabulary import Declared, Operand, Stated, Vocabulary, count_size
from symdiff.tracing.graph import LEFT_OUT, Graph

EQUATIONS = {"y @ y.T = x": "cholesky"}
"""The kind of value that an equation defines, where an operation declares it in words of its own."""


@dataclass(frozen=True, slots=True)
class SymbolicProgram:
    """The general elements of a whole program, in topological order."""

    elements: tuple[Element, ...]
    inputs: Mapping[str, int]
    wrt: tuple[str, ...]
    result: int
    of_node: Mapping[int, int]
    unifier: Unifier

    def needed(self) -> frozenset[int]:
        """The elements that the result depends on."""
        seen = {self.result}
        for element in reversed(self.elements[: self.result + 1]):
            if element.index in seen:
                seen.update(element.operands)
        return frozenset(seen)

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The operations without a meaning that the result depends on, in the order of their first use."""
        needed = self.needed()
        opaque = (e.meaning.operation for e in self.elements if isinstance(e.meaning, Opaque) and e.index in needed)
        return tuple(dict.fromkeys(opaque))


def symbolic_program(graph: Graph) -> SymbolicProgram:
    """State the meaning of every node of a graph."""
    builder = Builder()
    names = {index: name for name, index in graph.inputs.items()}
    of_node: dict[int, int] = {}
    for node in graph.nodes:
        if node.op is None and node.size_of is not None and np.ndim(node.value) == 0:
            source, axis = node.size_of
            made = builder.count_of(builder.elements[of_node[source]].sizes, axis)
        elif node.op is None:
            made = builder.leaf(node.value, names.get(node.index))
        else:
            operands = [None if parent == LEFT_OUT else Symbolic(builder, of_node[parent]) for parent in node.parents]
            made = builder.apply(node.op, operands, node.params, np.shape(node.value))
        of_node[node.index] = made.index
        builder.told(made.index, origin=node.index, name=made.element.name or node.name)
    inputs = {name: of_node[index] for name, index in graph.inputs.items()}
    return SymbolicProgram(tuple(builder.elements), inputs, graph.wrt, of_node[graph.result], of_node, builder.unifier)


LARGEST_ARGUMENT, LARGEST_EXPONENT = 1000, 10**6
"""Numbers up to these are put into functions and powers; larger ones are read, as any other constant array is."""

NONE_AT_ALL = -1
"""The bound where a number is outside a formula's domain: over the reals sqrt(-3) is nothing, not sympy's I*sqrt(3)."""


class Builder:
    """Builds a symbolic program, one element an operation."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.unifier = Unifier()
        self._vocabulary = Vocabulary(self.unifier)

    def leaf(self, value: np.ndarray, name: str | None = None) -> Symbolic:
        """An input (with a name) or a constant of the program."""
        value = np.asarray(value)
        sizes = tuple(self.unifier.fresh(length) for length in value.shape)
        return self._push(None, None, (), sizes, name=name, value=value)

    def told(self, index: int, **more: Any) -> None:
        """An element is told its name, or the node that it comes from, once that is known."""
        self.elements[index] = replace(self.elements[index], **more)

    def lift(self, operand: object) -> Symbolic:
        """``operand`` as a handle; plain numbers and arrays become constants."""
        return operand if isinstance(operand, Symbolic) else self.leaf(np.asarray(operand, dtype=np.float64))

    def count(self, size: Size) -> Symbolic:
        """A scalar that is a size: 4 here, n on the page."""
        term = Term((), (), size.formula, ())
        return self._push("count", Relation((term,)), (), (), value=np.asarray(float(size.value)))

    def count_of(self, sizes: tuple[Size, ...], axis: int | None) -> Symbolic:
        """The length of an axis as a scalar; of all axes together where ``axis`` is None."""
        total = literal(1)
        for size in sizes if axis is None else (sizes[axis],):
            total = total * size
        return self.count(total)

    def apply(
        self,
        op: Op,
        operands: Sequence[Symbolic | None],
        params: Mapping[str, object],
        shape: tuple[int, ...] | None = None,
    ) -> Symbolic:
        """The element that ``op`` makes of its operands; ``shape`` is the result's, where it is known."""
        present = [x for x in operands if x is not None]
        meaning = op.meaning
        try:
            if isinstance(meaning, str):
                return self._formula(op, meaning, operands, params)
            if isinstance(meaning, Composite):
                return self._composite(op, meaning.program, operands, params)
            if isinstance(meaning, Structure):
                return self._structure(op, meaning, operands, params)
            if isinstance(meaning, Equation) and meaning.equation in EQUATIONS:
                kind = Implicit(EQUATIONS[meaning.equation])
                return self._push(op.name, kind, tuple(x.index for x in present), present[0].element.sizes)
        except (NotAFormula, NotImplementedError):
            pass
        return self._opaque(op, present, params, shape)

    # --- formulas -----------------------------------------------------------------------------------------------------

    def _formula(
        self, op: Op, meaning: str, operands: Sequence[Symbolic | None], params: Mapping[str, object]
    ) -> Symbolic:
        names = tuple(op.binding.operand_name(k) for k, x in enumerate(operands) if x is not None)
        absent = [
            (op.binding.operand_name(k), _ABSENT.get(op.binding.operand_name(k), 0.0))
            for k, x in enumerate(operands)
            if x is None
        ]
        present = [x for x in operands if x is not None]
        static = tuple(sorted((name, value) for name, value in params.items() if isinstance(value, bool | int | float)))
        sizes = self._broadcast([x.element.sizes for x in present])
        box = [variable(k) for k in range(len(sizes))]
        reads: list[Read]
        indices: list[int]
        slots: dict[sp.Symbol, sp.Basic] = {}
        general = pieces_of(meaning, names, static + tuple(absent))
        exponents = {power.exp for p in general for power in p.expression.atoms(sp.Pow)}
        # a mask that a formula calculates with is the number 1 or 0
        numbers = {symbol for p in general for symbol in p.expression.free_symbols}
        # sympy writes out every digit of gamma(10**20) and of 3**(10**9)
        functions = any(p.expression.atoms(sp.Function) for p in general)
        largest = LARGEST_ARGUMENT if functions else LARGEST_EXPONENT if exponents else float("inf")
        for bound in (largest, NONE_AT_ALL):
            reads, indices = [], []
            for number, x in enumerate(present):
                own = slot(number)
                slots[own] = self._fill(x, sizes, box, reads, indices, own in exponents, own not in numbers, bound)
            pieces = [Piece(filled_condition(p.condition, slots), substituted(p.expression, slots)) for p in general]
            if not any(p.expression.has(sp.I, sp.zoo, sp.nan) for p in pieces):
                break
        relation = None
        if len(pieces) == 2 and pieces[0].expression == 1 and pieces[1].expression == 0:
            relation = pieces[0].condition
        terms = tuple(
            Term(tuple(box), tuple(reads), p.expression, sizes, p.condition) for p in pieces if p.condition != sp.false
        )
        return self._push(op.name, Relation(terms), tuple(indices), sizes, relation=relation)

    def _fill(
        self,
        x: Symbolic,
        sizes: tuple[Size, ...],
        box: Sequence[Index],
        reads: list[Read],
        indices: list[int],
        exponent: bool,
        asked: bool,
        largest: float,
    ) -> sp.Basic:
        """What stands for an operand in a formula: a number, the condition that a mask is, or a slot that reads it."""
        element = x.element
        if element.operation is None and element.name is None and element.value is not None and element.value.ndim == 0:
            number = exact(float(element.value))
            # x*0 must stay a product, which is nan at infinity; x**0 is 1 for every x
            if number.is_finite and (exponent or not number.is_zero) and abs(number) <= largest:
                return number
        lead = len(sizes) - len(element.sizes)
        at: list[Index] = []
        for axis, size in enumerate(element.sizes):
            stretched = size.value == 1 and sizes[lead + axis].value != 1
            at.append(constant(0) if stretched else box[lead + axis])
        if asked and element.relation is not None and isinstance(element.meaning, Relation):
            # a mask is read through: the page says x_i > 0, not that some mask is 1
            fresh: dict[sp.Symbol, sp.Basic] = {}
            for number_in, read in enumerate(element.meaning.terms[0].reads):
                fresh[slot(number_in)] = slot(len(reads))
                place = place_of(indices, element.operands[read.operand])
                reads.append(Read(place, tuple(seen_through(index, at) for index in read.at)))
            return Mask(substituted(element.relation, fresh))
        reads.append(Read(place_of(indices, x.index), tuple(at)))
        return slot(len(reads) - 1)

    def _broadcast(self, shapes: Sequence[tuple[Size, ...]]) -> tuple[Size, ...]:
        ndim = max(map(len, shapes), default=0)
        sizes: list[Size] = []
        for axis in range(ndim):
            found = [shape[axis - ndim + len(shape)] for shape in shapes if axis - ndim + len(shape) >= 0]
            long = [size for size in found if size.value != 1]
            sizes.append(self._vocabulary.same(*long) if long else literal(1))
        return tuple(sizes)

    # --- composites and the rest --------------------------------------------------------------------------------------

    def _structure(
        self, op: Op, meaning: Structure, operands: Sequence[Symbolic | None], params: Mapping[str, object]
    ) -> Symbolic:
        handles = [None if x is None else Operand(k, x.element.sizes, _name(op, k)) for k, x in enumerate(operands)]
        declared: Declared | Stated = meaning.function(self._vocabulary, *handles, **params)
        if isinstance(declared, Declared):
            present = tuple(x.index for x in operands if x is not None)
            return self._push(op.name, declared.meaning, present, declared.sizes)
        if declared.opened:
            return self._composite(op, declared.text, operands, {**params, **declared.names})
        return self._formula(op, declared.text, operands, params)

    def _composite(
        self, op: Op, program: str, operands: Sequence[Symbolic | None], params: Mapping[str, object]
    ) -> Symbolic:
        names = [_name(op, k) for k in range(len(operands))]
        bound: dict[str, object] = dict(params) | dict(zip(names, operands, strict=True))
        ours: dict[str, Callable[..., Any]] = {"count": self._count, "decided": self._decided, "running": self._running}
        named: dict[str, Any] = {}
        result = run(parse_formula(program), bound, functions=ours, assigned=named)
        for name, made in named.items():
            if isinstance(made, Symbolic) and made.element.name is None and made.element.operation is not None:
                self.told(made.index, name=name)
        return self.lift(result)

    def _count(self, x: Symbolic, axis: object = None) -> Symbolic:
        return self.count(count_size(Operand(0, x.element.sizes), axis))

    def _running(self, x: Symbolic, axis: int = -1, **options: Any) -> Symbolic:
        declared = self._vocabulary.running(Operand(0, x.element.sizes), axis, **options)
        name = "cumprod" if options.get("product") else "cumsum"
        return self._push(name, declared.meaning, (x.index,), declared.sizes)

    def _decided(self, kind: str, shape: Sequence[int], *operands: Symbolic) -> Symbolic:
        declared = self._vocabulary.decided(kind, shape)
        return self._push("sign", declared.meaning, tuple(x.index for x in operands), declared.sizes)

    def _opaque(
        self, op: Op, operands: Sequence[Symbolic], params: Mapping[str, object], shape: tuple[int, ...] | None
    ) -> Symbolic:
        if shape is None:
            zeros = [np.zeros(x.shape, dtype=bool if x.element.relation is not None else float) for x in operands]
            try:
                with np.errstate(all="ignore"):
                    shape = np.shape(op.forward(*zeros, **params))
            except (ValueError, ArithmeticError, np.linalg.LinAlgError):
                shape = ()
        sizes = tuple(self.unifier.fresh(length) for length in shape)
        return self._push(op.name, Opaque(op.name), tuple(x.index for x in operands), sizes)

    def _push(
        self,
        operation: str | None,
        meaning: Any,
        operands: tuple[int, ...],
        sizes: tuple[Size, ...],
        name: str | None = None,
        value: np.ndarray | None = None,
        relation: sp.Basic | None = None,
    ) -> Symbolic:
        index = len(self.elements)
        self.elements.append(Element(index, operation, meaning, operands, sizes, None, name, value, relation))
        return Symbolic(self, index)


def _name(op: Op, place: int) -> str:
    """What an operand is called in a program: of a sequence each has a number."""
    named = place < len(op.binding.operands)
    return op.binding.operand_name(place) if named else f"{op.binding.operand_name(place)}_{place}"


_ABSENT = {"min": float("-inf"), "max": float("inf"), "a_min": float("-inf"), "a_max": float("inf")}
"""What stands for a bound that was left out."""
