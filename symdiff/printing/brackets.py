"""Brackets that precedence asks for, put in once, by one table that all printers share.

A printer calls `bracketed` and then writes what it finds. Negative numbers become Negative nodes on the way, and nested
sums and products are flattened, so that no printer has to know about either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from symdiff.printing.record import kept, replace
from symdiff.printing.tree import (
    Absolute,
    Add,
    BigOperator,
    Bracket,
    Call,
    Cases,
    Chain,
    Delta,
    Fraction,
    Hadamard,
    HadamardPower,
    InverseTranspose,
    List,
    Math,
    Matrix,
    Negative,
    Norm,
    Number,
    Partial,
    Power,
    Product,
    Relation,
    Root,
    Rounded,
    Subscript,
    Sum,
    Symbol,
    Times,
    Transpose,
)

__all__ = ["LINE", "PAGE", "Layout", "Level", "bracketed"]


class Level(IntEnum):
    """How tightly a node holds together; a place asks for a least level."""

    LOGIC = 0
    RELATION = 1
    CASES = 2
    SUM = 3
    NEGATIVE = 4
    BIG = 5
    DOT = 6
    QUOTIENT = 7
    PRODUCT = 8
    POWER = 9
    ATOM = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """Where it is written: on a page, in two dimensions, or on one line."""

    name: str
    fraction: Level
    radicand: Level
    exponent: Level


PAGE = Layout("page", fraction=Level.POWER, radicand=Level.LOGIC, exponent=Level.LOGIC)
LINE = Layout("line", fraction=Level.QUOTIENT, radicand=Level.ATOM, exponent=Level.LOGIC)

LEVELS: dict[type[Math], Level] = {
    Chain: Level.RELATION,
    Relation: Level.RELATION,
    Cases: Level.CASES,
    Add: Level.SUM,
    Negative: Level.NEGATIVE,
    Sum: Level.BIG,
    Product: Level.BIG,
    Times: Level.PRODUCT,
    Hadamard: Level.DOT,
    HadamardPower: Level.POWER,
    InverseTranspose: Level.POWER,
    Power: Level.POWER,
    Transpose: Level.POWER,
}

LOGIC = frozenset("∧∨¬")


def level(node: Math, layout: Layout) -> Level:
    """How tightly the node holds together in this layout."""
    match node:
        case Times(dot=True):
            return Level.DOT
        case Relation(symbol=symbol) if symbol in LOGIC:
            return Level.LOGIC
        case Fraction(slashed=True):
            return Level.QUOTIENT
        case Fraction() | Partial():
            return layout.fraction
        case Number() if node.mantissa_and_exponent[1] is not None:
            return Level.PRODUCT
        case _:
            return LEVELS.get(type(node), Level.ATOM)


def bracketed(node: Math, layout: Layout) -> Math:
    """The tree with a Bracket wherever precedence asks for one."""
    if isinstance(node, Number) and node.is_negative:
        return Negative(Number(node.text[1:]))
    rule = _RULES.get(type(node))
    if rule is None:
        return node
    known = kept(node)
    if layout.name not in known:
        known[layout.name] = rule(node, layout)
    return known[layout.name]  # type: ignore[no-any-return]


def _at_least(node: Math, least: Level, layout: Layout) -> Math:
    return _guard(bracketed(node, layout), least, layout)


def _guard(node: Math, least: Level, layout: Layout) -> Math:
    return node if level(node, layout) >= least else Bracket(node)


def _each(nodes: tuple[Math, ...], least: Level, layout: Layout) -> tuple[Math, ...]:
    return tuple(_at_least(node, least, layout) for node in nodes)


def _add(node: Add, layout: Layout) -> Math:
    terms: list[Math] = []
    for term in node.terms:
        inner = _sign_in_front(bracketed(term, layout))
        # an inner sum needs no brackets: addition is associative, and its own terms are done
        terms.extend(inner.terms if isinstance(inner, Add) else (_guard(inner, Level.NEGATIVE, layout),))
    return Add(tuple(terms)) if len(terms) != 1 else terms[0]


def _sign_in_front(term: Math) -> Math:
    """``-a · b`` as the negative of ``a · b``: a sum writes its minus between the terms."""
    if isinstance(term, Times) and term.factors and isinstance(term.factors[0], Negative):
        return Negative(Times((term.factors[0].body, *term.factors[1:]), term.dot))
    return term


def _negative(node: Negative, layout: Layout) -> Math:
    return Negative(_at_least(node.body, Level.BIG, layout))


def _times(node: Times, layout: Layout) -> Math:
    least = Level.DOT if node.dot else Level.PRODUCT
    factors: list[Math] = []
    for position, factor in enumerate(node.factors):
        inner = bracketed(factor, layout)
        if isinstance(inner, Times) and inner.dot == node.dot:
            # a minus that stood in front there may stand in the middle here
            first = inner.factors[0] if position == 0 else _guard(inner.factors[0], least, layout)
            factors += [first, *inner.factors[1:]]
            continue
        if isinstance(inner, Hadamard):
            # A (B ∘ C): without brackets nobody knows which product comes first
            factors.append(Bracket(inner))
            continue
        last = position == len(node.factors) - 1
        # a leading minus and a final big operator bind nothing they should not
        allowed = Level.BIG if last else least
        allowed = Level.NEGATIVE if position == 0 and isinstance(inner, Negative) else allowed
        factors.append(_guard(inner, allowed, layout))
    return Times(tuple(factors), node.dot) if len(factors) != 1 else factors[0]


def _fraction(node: Fraction, layout: Layout) -> Math:
    if level(node, layout) >= Level.POWER:
        return Fraction(bracketed(node.over, layout), bracketed(node.under, layout))
    over = bracketed(node.over, layout)
    signed = isinstance(over, Negative) and level(over.body, layout) >= Level.PRODUCT
    return Fraction(
        over if signed else _guard(over, Level.PRODUCT, layout),
        _at_least(node.under, Level.POWER, layout),
        slashed=True,
    )


def _power(node: Power, layout: Layout) -> Math:
    return Power(_at_least(node.base, Level.ATOM, layout), _at_least(node.exponent, layout.exponent, layout))


def _root(node: Root, layout: Layout) -> Math:
    degree = bracketed(node.degree, layout) if node.degree is not None else None
    return Root(_at_least(node.radicand, layout.radicand, layout), degree)


def _partial(node: Partial, layout: Layout) -> Math:
    variables = node.by if isinstance(node.by, tuple) else (node.by,)
    return Partial(_at_least(node.of, Level.ATOM, layout), _each(variables, Level.ATOM, layout), node.order)


def _big(node: BigOperator, layout: Layout) -> Math:
    return replace(
        node,
        body=_at_least(node.body, Level.BIG, layout),
        index=bracketed(node.index, layout),
        low=None if node.low is None else bracketed(node.low, layout),
        high=None if node.high is None else bracketed(node.high, layout),
    )


def _relation(node: Relation, layout: Layout) -> Math:
    least = Level.RELATION if node.symbol in LOGIC else Level.CASES
    return Relation(node.symbol, _at_least(node.left, least, layout), _at_least(node.right, least, layout))


def _chain(node: Chain, layout: Layout) -> Math:
    parts = (_rounded(part, layout) if isinstance(part, Rounded) else _at_least(part, Level.CASES, layout)
             for part in node.parts)  # fmt: skip
    return Chain(tuple(parts), node.relation)


def _rounded(node: Rounded, layout: Layout) -> Math:
    return Rounded(_at_least(node.body, Level.CASES, layout))


def _cases(node: Cases, layout: Layout) -> Math:
    return Cases(
        tuple(
            (bracketed(value, layout), None if condition is None else bracketed(condition, layout))
            for value, condition in node.cases
        )
    )


def _matrix(node: Matrix, layout: Layout) -> Math:
    return Matrix(tuple(tuple(bracketed(entry, layout) for entry in row) for row in node.rows))


def _call(node: Call, layout: Layout) -> Math:
    return Call(node.function, _each(node.arguments, Level.LOGIC, layout))


def _bracket(node: Bracket, layout: Layout) -> Math:
    return Bracket(bracketed(node.body, layout))


def _body(node: Absolute | Norm, layout: Layout) -> Math:
    return replace(node, body=bracketed(node.body, layout))


def _transpose(node: Transpose | InverseTranspose, layout: Layout) -> Math:
    return replace(node, body=_at_least(node.body, Level.ATOM, layout))


def _hadamard(node: Hadamard, layout: Layout) -> Math:
    return Hadamard(_each(node.factors, Level.QUOTIENT, layout))


def _hadamard_power(node: HadamardPower, layout: Layout) -> Math:
    return HadamardPower(_at_least(node.base, Level.ATOM, layout), _at_least(node.exponent, Level.QUOTIENT, layout))


def _symbol(node: Symbol, layout: Layout) -> Math:
    return Symbol(node.name, _each(node.index, Level.LOGIC, layout)) if node.index else node


def _subscript(node: Subscript, layout: Layout) -> Math:
    return Subscript(_at_least(node.base, Level.ATOM, layout), _each(node.index, Level.LOGIC, layout))


def _list(node: List, layout: Layout) -> Math:
    return List(_each(node.items, Level.LOGIC, layout))


def _delta(node: Delta, layout: Layout) -> Math:
    return Delta(bracketed(node.left, layout), bracketed(node.right, layout))


_RULES: dict[type[Math], Callable[[Any, Layout], Math]] = {
    Absolute: _body,
    Add: _add,
    Bracket: _bracket,
    Call: _call,
    Cases: _cases,
    Chain: _chain,
    Delta: _delta,
    Fraction: _fraction,
    Hadamard: _hadamard,
    HadamardPower: _hadamard_power,
    InverseTranspose: _transpose,
    List: _list,
    Matrix: _matrix,
    Negative: _negative,
    Norm: _body,
    Partial: _partial,
    Power: _power,
    Product: _big,
    Relation: _relation,
    Root: _root,
    Rounded: _rounded,
    Subscript: _subscript,
    Sum: _big,
    Symbol: _symbol,
    Times: _times,
    Transpose: _transpose,
}
