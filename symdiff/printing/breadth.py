"""How broad mathematics is when it is set, in letters: to decide where a line must break before anybody measures it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from symdiff.printing import tree
from symdiff.printing.names import function_name, glyph
from symdiff.printing.record import fields_of, kept

__all__ = ["breadth"]

SMALL = 0.65
"""An index or an exponent, relative to what it is set beside."""


def breadth(node: tree.Math) -> float:
    """About how many letters of the text a formula takes.

    >>> from symdiff.printing.shorthand import symbol
    >>> breadth(tree.Fraction(symbol("x"), symbol("y"))) < breadth(tree.Times((symbol("x"), symbol("y"))))
    True
    """
    known = kept(node)
    if "breadth" not in known:
        rule = _RULES.get(type(node))
        known["breadth"] = rule(node) if rule else sum(map(breadth, _parts(node)))
    return known["breadth"]  # type: ignore[no-any-return]


def _parts(node: tree.Math) -> Iterator[tree.Math]:
    for name in fields_of(node):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, tree.Math):
                yield part


def _number(node: tree.Number) -> float:
    mantissa, exponent = node.mantissa_and_exponent
    return len(mantissa) + (0.0 if exponent is None else 4.0 + SMALL * len(exponent))


def _symbol(node: tree.Symbol) -> float:
    return len(glyph(node.name).text) + SMALL * (sum(map(breadth, node.index)) + 0.6 * max(len(node.index) - 1, 0))


def _add(node: tree.Add) -> float:
    return sum(map(breadth, node.terms)) + 2.2 * max(len(node.terms) - 1, 0)


def _times(node: tree.Times) -> float:
    return sum(map(breadth, node.factors)) + (1.2 if node.dot else 0.3) * max(len(node.factors) - 1, 0)


def _fraction(node: tree.Fraction) -> float:
    if node.slashed:
        return breadth(node.over) + breadth(node.under) + 1.0
    return max(breadth(node.over), breadth(node.under)) + 0.5


def _partial(node: tree.Partial) -> float:
    variables = node.by if isinstance(node.by, tuple) else (node.by,)
    return max(1.2 + breadth(node.of), sum(1.2 + breadth(each) for each in variables)) + 0.4


def _big(node: tree.BigOperator) -> float:
    below = SMALL * (breadth(node.index) + (0.0 if node.low is None else 1.5 + breadth(node.low)))
    return float(max(2.2, below) + breadth(node.body) + 0.4)


def _cases(node: tree.Cases) -> float:
    values = max(breadth(value) for value, _ in node.cases)
    conditions = max(8.0 if condition is None else breadth(condition) for _, condition in node.cases)
    return values + conditions + 4.0


def _matrix(node: tree.Matrix) -> float:
    columns: list[float] = []
    for row in node.rows:
        columns += [0.0] * (len(row) - len(columns))
        columns = [max(old, breadth(entry)) for old, entry in zip(columns, row, strict=False)]
    return sum(columns) + 1.6 * len(columns) + 1.5


_RULES: dict[type[tree.Math], Callable[[Any], float]] = {
    tree.Number: _number,
    tree.Constant: lambda node: 1.0 if node.name != "nan" else 3.0,
    tree.Symbol: _symbol,
    tree.Add: _add,
    tree.Times: _times,
    tree.Negative: lambda node: breadth(node.body) + 1.2,
    tree.Fraction: _fraction,
    tree.Power: lambda node: breadth(node.base) + SMALL * breadth(node.exponent),
    tree.Hadamard: lambda node: sum(map(breadth, node.factors)) + 1.6 * (len(node.factors) - 1),
    tree.HadamardPower: lambda node: breadth(node.base) + SMALL * (0.8 + breadth(node.exponent)),
    tree.InverseTranspose: lambda node: breadth(node.body) + 1.3,
    tree.Transpose: lambda node: breadth(node.body) + 0.7,
    tree.Partial: _partial,
    tree.Call: lambda node: 0.9 * len(function_name(node.function)) + 1.2 + sum(breadth(a) + 1 for a in node.arguments),
    tree.Root: lambda node: breadth(node.radicand) + 1.4,
    tree.Bracket: lambda node: breadth(node.body) + 1.4,
    tree.Absolute: lambda node: breadth(node.body) + 1.2,
    tree.Sum: _big,
    tree.Product: _big,
    tree.Relation: lambda node: breadth(node.left) + breadth(node.right) + 2.2,
    tree.Chain: lambda node: sum(map(breadth, node.parts)) + 2.2 * (len(node.parts) - 1),
    tree.Cases: _cases,
    tree.Matrix: _matrix,
    tree.List: lambda node: sum(breadth(item) + 0.9 for item in node.items) + 0.8,
    tree.Ellipsis: lambda node: 1.6,
    tree.Text: lambda node: float(len(node.text)),
    tree.Delta: lambda node: 1.0 + SMALL * (breadth(node.left) + breadth(node.right) + 0.6),
}
