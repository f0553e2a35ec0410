"""One call of an operation on symbols: the derivative of its meaning beside what its rules make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from autodiff.declare.op import TABLE, UNSUPPORTED, Op, Sample
from autodiff.ops.moving import stretched_back
from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Element, Opaque
from symdiff.proof.recorder import NotOnSymbols, Recorder, Symbol


@dataclass(frozen=True, slots=True)
class Cotangent:
    """What a rule returned for one operand: an element of the program, or why there is none."""

    name: str
    operand: int
    index: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """The program of one sample.

    ``derivation`` derives sum(g * y) by every operand that has a rule; ``cotangents`` are what the rules say.
    """

    op: Op
    params: Mapping[str, Any]
    recorder: Recorder
    program: SymbolicProgram
    derivation: Derivation
    cotangents: tuple[Cotangent, ...]
    value: int
    g: int

    @property
    def unsupported(self) -> str:
        """The first operation in the meaning that has no meaning itself."""
        return self.opaque_in(self.program.result)

    def opaque_in(self, index: int) -> str:
        """The first operation without a meaning that an element is made by."""
        used = self.leading_to(index)
        meanings = (e.meaning for e in self.program.elements if e.index in used)
        return next((meaning.operation for meaning in meanings if isinstance(meaning, Opaque)), "")

    def leading_to(self, index: int) -> set[int]:
        """The elements that one is made of."""
        used = {index}
        for element in reversed(self.program.elements[: index + 1]):
            if element.index in used:
                used.update(element.operands)
        return used


def trial_of(
    op: Op, sample: Sample, known: tuple[sp.Expr, ...] = (), *, fit: bool = True, fixed: bool = False
) -> Trial:
    """Record an operation and its rules on symbols of the sample's structure.

    ``fit`` brings the cotangents into the operands' shapes, as the walk back does; with ``fixed`` the lengths are
    numbers, those of the sample.

    Raises:
        NotImplementedError: the meaning has no general elements for this structure.
    """
    operands, params = op.binding.bind(sample.operands, dict(sample.params))
    recorder = Recorder(known, fixed)
    symbols = [_leaf(op, recorder, place, operand) for place, operand in enumerate(operands)]
    with np.errstate(all="ignore"):
        value = np.asarray(op.forward(*op.as_arrays(operands), **params))
    y = recorder.apply(op, symbols, params, value.shape)
    if y.index not in recorder.numbers:
        recorder.numbers[y.index] = value
    names = {operand_name(op, place) for place in range(len(operands))}
    cotangent = next(name for name in ("g", "h", "ybar") if name not in names)
    g = recorder.like(y.element.sizes, cotangent, np.zeros(y.shape))
    result = TABLE["sum"](TABLE["multiply"](g, y)).index
    cotangents = tuple(_cotangents(op, recorder, g, y, symbols, operands, params, fit))
    differentiable = [c for c in cotangents if c.index is not None or c.reason]
    inputs = {c.name: c.operand for c in differentiable}
    elements = _needed(recorder.elements, {result, *(c.index for c in cotangents if c.index is not None)})
    program = SymbolicProgram(elements, inputs, tuple(inputs), result, {}, recorder.unifier)
    return Trial(op, params, recorder, program, derive(program), cotangents, y.index, g.index)


def _leaf(op: Op, recorder: Recorder, place: int, operand: Any) -> Symbol | None:
    if operand is None:
        return None
    made: Any = recorder.leaf(np.asarray(operand), operand_name(op, place))
    recorder.numbers[made.index] = np.asarray(operand)
    return made  # type: ignore[no-any-return]


def _needed(elements: Sequence[Element], roots: set[int]) -> tuple[Element, ...]:
    """The elements, those that lead nowhere (a rule stopped there) as numbers that nobody reads."""
    needed = set(roots)
    for element in reversed(elements):
        if element.index in needed:
            needed.update(element.operands)
    return tuple(
        e if e.index in needed or e.name is not None else Element(e.index, None, None, (), e.sizes, value=_zeros(e))
        for e in elements
    )


def _zeros(element: Element) -> np.ndarray:
    return np.zeros(element.shape)


def operand_name(op: Op, place: int) -> str:
    """The name of an operand; those of a sequence are numbered."""
    name = op.binding.operand_name(place)
    return f"{name}_{place + 1}" if op.arity < 0 else name


def _cotangents(
    op: Op,
    recorder: Recorder,
    g: Symbol,
    y: Any,
    symbols: Sequence[Symbol | None],
    operands: Sequence[Any],
    params: Mapping[str, Any],
    fit: bool,
) -> list[Cotangent]:
    found = []
    joint = None
    if op.joint_rule is not None:
        joint = _run(op.joint_rule, g, y, symbols, params)
    for place, (symbol, operand) in enumerate(zip(symbols, operands, strict=True)):
        if symbol is None or np.asarray(operand).dtype.kind != "f":
            continue
        if is_unsupported(op, place):
            continue
        if joint is not None:
            made = joint if isinstance(joint, str) else joint[place]
        elif op.rules[place] is None:
            made = None
        else:
            made = _run(op.rules[place], g, y, symbols, params)
        found.append(_cotangent(op, recorder, operand_name(op, place), symbol, made, fit))
    return found


def is_unsupported(op: Op, place: int) -> bool:
    """Whether the derivative in an operand is declared to have no form of its own."""
    return isinstance(op.vjp, list | tuple) and bool(op.vjp) and op.vjp[place] is UNSUPPORTED


def _run(rule: Any, g: Symbol, y: Any, symbols: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """What the rule returns, or in words why it cannot run on symbols."""
    try:
        return rule(g, y, *symbols, **params)
    except NotOnSymbols as error:
        return str(error)
    except NotImplementedError as error:
        return str(error)
    except Exception as error:  # whatever a rule does with symbols
        return f"the rule cannot run on symbols: {type(error).__name__}: {error}"


def _cotangent(op: Op, recorder: Recorder, name: str, symbol: Symbol, made: Any, fit: bool) -> Cotangent:
    if made is None:
        made = 0.0
    if isinstance(made, str):
        return Cotangent(name, symbol.index, None, made)
    symbolic: Any = recorder.lift(made)
    return Cotangent(name, symbol.index, (fitted(op, symbolic, symbol) if fit else symbolic).index)


def fitted(op: Op, made: Any, operand: Symbol) -> Any:
    """The cotangent in the operand's shape, as the walk back makes it: summed over what was stretched, or repeated."""
    if made.shape == operand.shape:
        return made
    if op.elementwise and made.ndim >= operand.ndim:
        return stretched_back(made, operand.shape)
    return TABLE["broadcast_to"](made, operand.shape)
