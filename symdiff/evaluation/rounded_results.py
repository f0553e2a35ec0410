"""What derivatives lose that are computed from an operation's rounded result, as ``s*(1 - s)`` is for a sigmoid.

A result z = f(x) that is off by a unit of itself belongs to an x that is off by ``z/f'``, where the derivative is off
by ``f''/f' * z``: for the sigmoid this is what ``z*(1 - z)`` loses, for tanh what ``1 - z*z`` does. It does not matter
whether f is one operation or several elementwise ones, one after the other. Where ``f'`` vanishes the derivative is no
function of the result (``sqrt(z*z - 1)`` for cosh at 0): nobody computes it so, and nothing is excused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import sympy as sp

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.fields.base import Field, Values
from symdiff.evaluation.fields.bounded import Bounded
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.fields.formulas import formula_value
from symdiff.evaluation.precision import float_of, mp
from symdiff.evaluation.truth import Numbers
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Element, Term, partial, slot

LONGEST = 6
"""So many operations in a row are taken together at most."""

BITS = 400
"""The precision in which slopes and their slopes are computed: in floats they would be what is to be judged."""

MOST = 4.0
"""A derivative that moves by more than this multiple of the result's unit is no function of the result."""

WORTH = 16.0
"""Losing less than this many units of the derivative is not worth a word."""

FROM_ONE = frozenset({"softplus", "silu", "log_sigmoid", "gelu", "gelu_tanh", "gelu_erf"})
"""Operations that level off: textbooks write their derivatives with differences from 1, in several spellings."""


_INSIDE = sp.sqrt(2 / sp.pi) * (slot(0) + sp.Rational(44715, 1000000) * slot(0) ** 3)
SPELLED = {"gelu_tanh": sp.diff(slot(0) / 2 * (1 + sp.tanh(_INSIDE)), slot(0))}
"""Slopes of them in the spelling that loses the most."""
BY_VALUE = frozenset({"silu"})
"""Those of them whose derivative is written with the value itself, ``y + s*(1 - y)``, which may be large."""
LEVEL = 64.0
"""Beyond it the others are ``x`` or 0 to the last bit, and no digit is lost."""


@dataclass(frozen=True, eq=False)
class Loss:
    """An elementwise way from one element of the program to another, and what its derivative loses.

    ``units`` says by how many units of rounding the derivative of the ``last`` element by the ``root`` is off, and
    ``turn`` is ``f''/f'`` in the symbol ``slot(0)`` and those of ``constants`` (elements of the program).
    """

    root: int
    last: int
    turn: sp.Expr
    units: Array
    names: tuple[str, ...]
    constants: dict[sp.Symbol, int] = field(default_factory=dict)


def losses(derivation: Derivation, numbers: Numbers, unit: float) -> list[Loss]:
    """The ways whose derivatives lose digits here."""
    found = []
    with np.errstate(all="ignore"):
        for way in _ways(derivation):
            loss = _loss(derivation.program, numbers, way, unit)
            if loss is not None:
                found.append(loss)
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    root: int
    last: int
    formula: sp.Expr
    constants: dict[sp.Symbol, int]
    length: int
    pieces: tuple[tuple[int, int], ...] = ()
    """The (element, term) whose conditions must hold for the formula to."""


def _ways(derivation: Derivation) -> Iterator[_Way]:
    program = derivation.program
    depends = set(derivation.order)
    ending: dict[int, list[_Way]] = {}
    for element in program.elements:
        if element.index not in depends:
            continue
        here = [
            way
            for number, term in enumerate(_elementwise(element))
            for way in _extended(program, element, number, term, ending, depends)
        ]
        ending[element.index] = here
        yield from here


def _elementwise(element: Element) -> tuple[Term, ...]:
    """The terms of an element that is a formula of the elements beside it, one for each of its pieces."""
    terms = element.terms
    plain = all(not term.product and term.run is None and element.stands_beside(term) for term in terms)
    pieces = len(terms) == 1 or all(term.condition is not None for term in terms)
    return terms if plain and pieces else ()


def _extended(
    program: SymbolicProgram,
    element: Element,
    piece: int,
    term: Term,
    ending: dict[int, list[_Way]],
    depends: set[int],
) -> Iterator[_Way]:
    """The ways that end with a piece of an element: through it alone, and after those that end with its one operand."""
    constants: dict[sp.Symbol, int] = {}
    formula, varying = term.formula, set()
    for number, read in enumerate(term.reads):
        if not term.formula.has(slot(number)):
            continue  # only its condition asks
        operand = element.operands[read.operand]
        if operand in depends:
            varying.add((operand, read.at))
            formula = formula.xreplace({slot(number): slot(0)}) if number else formula
        elif read.at in ((), term.out):
            symbol = sp.Symbol(f"c{operand}", real=True)
            constants[symbol] = operand
            formula = formula.xreplace({slot(number): symbol})
        else:
            return
    if len(varying) != 1:
        return
    ((operand, at),) = varying
    if at != term.out or program.elements[operand].shape != element.shape:
        return
    if not formula.has(slot(0)):
        return
    here = ((element.index, piece),) if term.condition is not None else ()
    yield _Way(operand, element.index, formula, constants, 1, here)
    for way in ending.get(operand, ()):
        if way.length < LONGEST:
            whole = formula.xreplace({slot(0): way.formula})
            constants_of_both = {**way.constants, **constants}
            yield _Way(way.root, element.index, whole, constants_of_both, way.length + 1, (*way.pieces, *here))


@lru_cache(maxsize=1024)
def _derivatives(formula: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    slope = partial(formula, 0)
    return slope, partial(slope, 0)


def _loss(program: SymbolicProgram, numbers: Numbers, way: _Way, unit: float) -> Loss | None:
    slope, curvature = _derivatives(way.formula)
    name = program.elements[way.last].operation or ""
    levels_off = name in FROM_ONE and way.length == 1
    if slope == 0 or (curvature == 0 and not levels_off):
        return None
    root, last = (np.asarray(numbers.elements[index]) for index in (way.root, way.last))
    slots = {symbol: np.asarray(numbers.elements[index]) for symbol, index in way.constants.items()}
    slots[slot(0)] = root
    try:
        slopes, turns = _numbers((slope, curvature / slope), slots, numbers.small)
        units = np.abs(turns * last)
        units = np.where(units <= MOST * np.fmax(1.0, np.abs(slopes)), units, 0.0)
        if levels_off:
            bounded = Bounded(unit)
            written = SPELLED.get(name, slope)
            naive = formula_value(bounded, written, {symbol: bounded.load(each) for symbol, each in slots.items()})
            beside = np.abs(last) if name in BY_VALUE else np.fmin(np.abs(last), LEVEL)
            units = np.fmax(np.fmax(units, np.nan_to_num(naive.error / unit, posinf=0.0)), 1.0 + beside)
    except (NotImplementedError, TypeError):
        return None  # a function of which there are no numbers
    for piece in way.pieces:
        units = np.where(numbers.bounded.conditions[piece], units, 0.0)
    if not (units > WORTH * np.abs(slopes)).any():
        return None
    units = np.nan_to_num(np.broadcast_to(units, program.elements[way.root].shape))
    return Loss(way.root, way.last, curvature / slope, units, (name,) if name else (), way.constants)


def _numbers(formulas: Sequence[sp.Expr], slots: Mapping[sp.Symbol, Array], small: bool) -> list[Array]:
    """The values of formulas; in high precision where that is not too much, since they cancel where digits are lost."""
    field: Field = Exact() if small else Floats()
    with mp.workprec(BITS):
        loaded = {symbol: field.load(each) for symbol, each in slots.items()}
        return [np.asarray(field.to_float(formula_value(field, each, loaded))) for each in formulas]


# --- moves ------------------------------------------------------------------------------------------------------------


class FloatsNextToResults:
    """One loss alone: the derivative along its way from a float that is ``step`` from the one nearest to the result."""

    def __init__(self, arithmetic: Field, unit: float, loss: Loss, step: int) -> None:
        self._field, self._unit, self._loss, self._step = arithmetic, unit, loss, step
        self._values: dict[int, Values] = {}
        self._adjoint: Values = None

    def value(self, element: Element, values: Values) -> Values:
        """As it is."""
        self._values[element.index] = values
        return values

    def read(self, consumer: Element, place: int, values: Values) -> None:
        """As it is."""

    def cotangent(self, element: Element, values: Values) -> Values:
        """As it is, but for the root of the way."""
        if element.index == self._loss.last:
            self._adjoint = values
        if element.index != self._loss.root or self._adjoint is None:
            return values
        exact = self._values[self._loss.last]
        kind = float_of(self._unit)
        near = np.asarray(self._field.to_float(exact), dtype=kind)
        for _ in range(abs(self._step)):
            near = np.nextafter(near, kind(np.inf * np.sign(self._step)))
        off = self._field.subtract(self._field.load(near), exact)
        off = self._field.select(np.asarray(self._loss.units != 0), off)
        slots = {symbol: self._values[index] for symbol, index in self._loss.constants.items()}
        slots[slot(0)] = self._values[self._loss.root]
        slots[OFF], slots[SENT] = off, self._adjoint
        along = sp.Mul(SENT, OFF, self._loss.turn, evaluate=False)
        return self._field.add(values, formula_value(self._field, along, slots))


OFF, SENT = sp.symbols("off sent", real=True)
