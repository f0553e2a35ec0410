"""Every operation with its meaning, its derivative and its kinks, read off the table of operations."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sympy as sp

from autodiff.declare.measured import worst_ulps
from autodiff.declare.op import TABLE, Composite, Equation, Function, Op, Operation, Structure
from symdiff.meaning.formula import NotAFormula, Piece, pieces_of, readable_numbers
from symdiff.meaning.terms import slot
from symdiff.printing.ascii import ascii_text
from symdiff.printing.from_sympy import from_sympy
from symdiff.printing.tree import Cases, Math, Symbol

if TYPE_CHECKING:
    from symdiff.proof import Proof


Case = tuple[sp.Expr, sp.Basic | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One operation."""

    name: str
    family: str
    aliases: tuple[str, ...]
    summary: str
    meaning: str
    derivative: str
    kinks: str
    worst_ulps: float | None
    """The worst error measured of the engine's derivative, beyond the condition number; None: of no elementwise one."""
    proof: str | None = None
    """"proved", "checked at points only: ..." or "refuted: ..."; None: not asked for."""
    extent: str = ""
    """For which points, lengths and structures it was proved."""


def rows(proofs: Mapping[str, Proof] | None = None) -> list[Row]:
    """The operations of the text language, by family and name; with ``proofs`` all that have one."""
    operations = {id(one): one for one in TABLE.values() if (one.language if proofs is None else one.name in proofs)}
    made = [_row(one, None if proofs is None else proofs[one.name]) for one in operations.values()]
    return sorted(made, key=lambda row: (row.family, row.name))


def as_json(table: Sequence[Row]) -> str:
    """The rows as a JSON list of objects."""
    return json.dumps([_told(row) for row in table], indent=1, ensure_ascii=False)


def _told(row: Row) -> dict[str, object]:
    fields = asdict(row)
    return fields if row.proof is not None else {k: v for k, v in fields.items() if k not in ("proof", "extent")}


def as_text(table: Sequence[Row], width: int = 100) -> str:
    """The rows for a terminal of that width, each a few lines, under the names of their families."""
    lines: list[str] = []
    family = ""
    for row in table:
        if row.family != family:
            family = row.family
            lines += ["", family.replace("_", " ").upper()]
        also = f" (also {', '.join(row.aliases)})" if row.aliases else ""
        lines += _wrapped(f"  {row.name}{also}: {row.summary}", width, 4)
        for label, text in _details(row):
            if text:
                lines += _wrapped(f"      {label:<11}{text}", width, 17)
    return "\n".join(lines[1:])


def width_of_terminal() -> int:
    """How many columns there are to write in."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, 40), 160)


def _wrapped(line: str, width: int, indent: int) -> list[str]:
    """A line within the width; formulas are broken at spaces only, however long what is between them."""
    return textwrap.wrap(line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def _details(row: Row) -> list[tuple[str, str]]:
    ulps = "" if row.worst_ulps is None else f"{row.worst_ulps:g} at worst"
    proof = f"{row.proof}, {row.extent}" if row.proof == "proved" and row.extent else row.proof or ""
    return [
        ("meaning", row.meaning),
        ("derivative", row.derivative),
        ("kinks", row.kinks),
        ("ulps", ulps),
        ("proof", proof),
    ]


def _row(operation: Operation, proof: Proof | None) -> Row:
    summary = (operation.__doc__ or "").strip().split("\n")[0]
    kinks = "; ".join(f"at {kink.at}: {kink.ours}" for kink in operation.kinks)
    aliases = tuple(alias for alias in operation.aliases if alias in TABLE)
    meaning, derivative = _meaning(operation)
    return Row(
        operation.name,
        operation.family,
        aliases,
        summary,
        meaning,
        derivative,
        kinks,
        worst_ulps().get(operation.name),
        None if proof is None else str(proof),
        "" if proof is None else proof.extent,
    )


def _meaning(operation: Operation) -> tuple[str, str]:
    if isinstance(operation, Function) or not isinstance(operation, Op):
        return "composed of other operations", "by the chain rule through them"
    match operation.meaning:
        case str(formula):
            return formula, _derivative(operation, formula)
        case Composite(program):
            return program, "by the chain rule through these steps"
        case Structure():
            if operation.linear:
                return (
                    "a linear map of elements",
                    "its transpose: each cotangent goes back to where its element came from",
                )
            return "stated element by element, for every shape", "by the chain rule on its elements"
        case Equation(equation, where=where):
            return f"{equation}{', ' + where if where else ''}", "by differentiating this equation"
    return "", "none: a result through it is unsupported"


def _derivative(operation: Op, formula: str) -> str:
    operands = operation.binding.operands
    if not operation.differentiable:
        return "0 where it exists (piecewise constant), or none"
    try:
        # the static parameters stay letters, like the operands
        letters = (*operands, *operation.binding.static)
        pieces = pieces_of(formula, letters, ())
    except NotAFormula:
        return "by the chain rule through this formula"
    names = {slot(place): Symbol(name) for place, name in enumerate(letters)}
    parts = [
        f"d/d{name} = {_written(pieces, slot(place), names)}"
        for place, (name, rule) in enumerate(zip(operands, operation.rules, strict=True))
        if rule is not None
    ]
    return ",  ".join(parts)


def _written(pieces: Sequence[Piece], by: sp.Symbol, names: Mapping[sp.Basic, Math]) -> str:
    found = [(_beside_jumps(sp.diff(piece.expression, by)), piece.condition) for piece in pieces]
    if len({expression for expression, _ in found}) == 1:
        return _text(found[0][0], names)
    even = _of_the_size(found, by)
    if even is not None:
        return _text(even, names)
    found = _without_what_failed(found)
    cases = [(from_sympy(_decimals(expression), names), condition) for expression, condition in found]
    last = len(cases) - 1  # its condition is what the others leave
    return ascii_text(
        Cases(
            tuple(
                (value, None if place == last or condition is None else from_sympy(condition, names))
                for place, (value, condition) in enumerate(cases)
            )
        )
    )


def _of_the_size(cases: Sequence[Case], by: sp.Symbol) -> sp.Expr | None:
    """Two pieces, below and above 0, that are one formula of ``|x|``; None where they are not."""
    if len(cases) != 2 or not isinstance(cases[0][1], sp.StrictLessThan) or cases[0][1].args != (by, sp.Integer(0)):
        return None
    size = sp.Symbol("size", positive=True)
    below, above = cases[0][0].xreplace({by: -size}), cases[1][0].xreplace({by: size})
    if above.free_symbols - {size} or not above.has(size) or sp.simplify(below - above) != 0:
        return None
    found: sp.Expr = sp.powsimp(above).xreplace({size: sp.Abs(by)})
    return found


def _without_what_failed(cases: Sequence[Case]) -> list[Case]:
    """Cases asked one after the other: no condition says again that those before it do not hold."""
    asked: set[sp.Basic] = set()
    short: list[Case] = []
    for expression, condition in cases:
        parts = sp.And.make_args(condition) if condition is not None else ()
        short.append((expression, sp.And(*(part for part in parts if sp.Not(part) not in asked))))
        asked.update(sp.And.make_args(short[-1][1]) if not isinstance(short[-1][1], sp.And) else ())
    return short


def _text(expression: sp.Expr, names: Mapping[sp.Basic, Math]) -> str:
    return ascii_text(from_sympy(_decimals(expression), names))


def _decimals(expression: sp.Expr) -> sp.Expr:
    """``expression`` with numbers of many digits as decimals: 1.0507009873554805 instead of a fraction."""
    plain = readable_numbers(expression)
    long = {number: sp.Float(float(number)) for number in plain.atoms(sp.Rational) if number.q > 10**6}
    return plain.xreplace(long)


def _beside_jumps(derivative: sp.Expr) -> sp.Expr:
    """The derivative with that of floor put in, which sympy leaves open: 0 wherever it exists."""
    flat = derivative.replace(sp.Subs, lambda inner, *_: sp.Integer(0) if inner.has(sp.floor) else inner)
    return flat.replace(
        lambda e: isinstance(e, sp.Derivative) and isinstance(e.expr, sp.floor | sp.ceiling | sp.sign),
        lambda _: sp.Integer(0),
    )
