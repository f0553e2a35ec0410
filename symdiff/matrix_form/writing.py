"""Nodes as texts of the language."""

from __future__ import annotations

from collections.abc import Callable, Collection

import sympy as sp

from symdiff.matrix_form.costs import LARGEST, SEEN
from symdiff.matrix_form.nodes import Node, is_negative

ADD, TIMES, SIGN, POWER, POST = 1, 2, 3, 4, 5
"""How tightly what a text consists of holds together."""


def written(node: Node) -> str:
    """The text of a node."""
    return _text(node)[0]


def effort(node: Node, seen: Collection[Node] = ()) -> int:
    """How long a node is to write, where what was ``seen`` is but named."""
    if node in seen and node.args:
        return SEEN
    if not node.args:
        return len(written(node))
    own = len(written(node)) - sum(len(written(part)) for part in node.args)
    return max(own, 1) + sum(effort(part, seen) for part in node.args)


def bracketed(node: Node, least: int) -> str:
    """The text of a node, in brackets where it holds less tightly than ``least``."""
    text, level = _text(node)
    return text if level >= least else f"({text})"


def _text(node: Node) -> tuple[str, int]:
    if node.text is None:
        node.text = _WRITERS[node.head](node)
    return node.text


# --- numbers ----------------------------------------------------------------------------------------------------------


def number_text(value: sp.Expr) -> tuple[str, int]:
    """A number as it is typed: whole, a decimal where that is short and exact, else a quotient."""
    if value.is_Integer:
        return (str(value), POST) if value >= 0 else (str(value), SIGN)
    if value.is_Rational:
        decimal = repr(float(value))
        if sp.Rational(decimal) == value and len(decimal) <= len(str(value)):
            return decimal, POST if value > 0 else SIGN
        return str(value), TIMES
    if value is sp.pi:
        return "pi", POST
    if value is sp.E:
        return "exp(1)", POST
    if isinstance(value, sp.Float):
        return repr(float(value)), POST
    over, under = _fraction(value)
    if under:
        return "/".join([over, *under]), TIMES
    return over, TIMES if "*" in over or "/" in over else ADD if value.is_Add else POST


def _fraction(value: sp.Expr) -> tuple[str, list[str]]:
    """What stands above and what below the line."""
    above, below = [], []
    if any(
        number.is_Integer and abs(number) > LARGEST for root in value.atoms(sp.Pow) for number in root.atoms(sp.Integer)
    ):
        return repr(float(value)), []
    value = _roots_below(value)
    for factor in sp.Mul.make_args(value):
        if factor == 1:
            continue
        exponent = factor.as_base_exp()[1]
        if factor.is_Rational and not factor.is_Integer:
            above += [str(factor.p)] if factor.p != 1 else []
            below += [str(factor.q)]
        elif is_negative(exponent):
            below.append(_irrational(1 / factor))
        else:
            above.append(_irrational(factor))
    return "*".join(above) or "1", below


def _roots_below(value: sp.Expr) -> sp.Expr:
    """sqrt(2)/2 as it is thought of: 1/sqrt(2), kept apart."""
    number, rest = value.as_coeff_Mul()
    for root in sp.Mul.make_args(rest):
        is_root = isinstance(root, sp.Pow) and root.exp == sp.Rational(1, 2) and root.base.is_Integer
        if is_root and number.is_Rational and number.q % root.base == 0:
            others = sp.Mul(*(f for f in sp.Mul.make_args(rest) if f is not root))
            return sp.Mul(number * root.base, others, sp.Pow(root, -1, evaluate=False), evaluate=False)
    return value


def _irrational(value: sp.Expr) -> str:
    if value.is_Rational or value in (sp.pi, sp.E):
        return number_text(value)[0]
    if isinstance(value, sp.Pow):
        base = _irrational(value.base)
        if value.exp == sp.Rational(1, 2):
            return f"sqrt({base})"
        return f"({base})**({number_text(value.exp)[0]})"
    if isinstance(value, sp.Function) and len(value.args) == 1:
        return f"{type(value).__name__}({_irrational(value.args[0])})"
    if value.is_Add:
        return "(" + " + ".join(map(_irrational, value.args)) + ")"
    if value.is_Mul:
        return "*".join(map(_irrational, value.args))
    return repr(float(value))


# --- sums and products ------------------------------------------------------------------------------------------------


def _add(node: Node) -> tuple[str, int]:
    text = ""
    for coefficient, term in zip(node.data, node.args, strict=True):
        negative = is_negative(coefficient)
        own, factors = _product_of(term)
        part = _times(abs(coefficient) * own if coefficient.is_number else coefficient * own, factors)[0]
        if not text:
            text = f"-{part}" if negative else part
        else:
            text += f" - {_guarded(part, term)}" if negative else f" + {part}"
    return text, ADD


def _guarded(text: str, term: Node) -> str:
    return f"({text})" if term.head == "add" and not text.startswith("(") else text


def _product_of(term: Node) -> tuple[sp.Expr, list[tuple[Node, sp.Expr]]]:
    """A term as a number and factors."""
    if term.head == "number":
        return term.data, []
    return (term.data[0], _pairs(term)) if term.head == "mul" else (sp.Integer(1), [(term, sp.Integer(1))])


def _pairs(node: Node) -> list[tuple[Node, sp.Expr]]:
    return list(zip(node.args, node.data[1], strict=True))


def _mul(node: Node) -> tuple[str, int]:
    return _times(node.data[0], _pairs(node))


def _times(coefficient: sp.Expr, factors: list[tuple[Node, sp.Expr]]) -> tuple[str, int]:
    """A product: numbers, then scalars, then arrays; what it is divided by at its end."""
    conditions = [node for node, _ in factors if node.head == "holds"]
    if conditions:
        inside = [pair for pair in factors if pair[0].head != "holds"]
        holds = " & ".join(
            written(c.args[0]) if len(conditions) == 1 else f"({written(c.args[0])})" for c in conditions
        )
        return f"where({holds}, {_times(coefficient, inside)[0]}, 0)", POST
    decimal = coefficient.is_Rational and not coefficient.is_Integer and "/" not in number_text(coefficient)[0]
    if decimal:
        # 0.1 as it was typed; a half is a division
        simple = coefficient.q in (2, 3, 4, 5, 6, 8)
        over, under = (str(coefficient.p), [str(coefficient.q)]) if simple else (number_text(coefficient)[0], [])
    else:
        over, under = _fraction(coefficient)
    sign = ""
    if over.startswith("-"):
        sign, over = "-", over[1:]
    above = [over] if over != "1" else []
    scalars = [(n, e) for n, e in factors if not n.ndim]
    arrays = [(n, e) for n, e in factors if n.ndim]
    below = list(under)
    parts: list[tuple[str, bool]] = [(text, False) for text in above]
    for node, exponent in [*scalars, *_ordered(arrays)]:
        if is_negative(exponent):
            below.append(bracketed(node, POWER) if exponent == -1 else _power(node, -exponent))
        else:
            parts.append((_power(node, exponent), node.head == "mm" and exponent == 1))
    several = sum(node.head != "number" and not is_negative(e) for node, e in factors) > 1
    text = "*".join(f"({part})" if is_product and several else part for part, is_product in parts)
    text = text or "1"
    for divisor in below:
        text += f"/{divisor}"
    single = len(parts) == 1 and not below
    return sign + text, SIGN if sign and single else TIMES if sign or not single else _level(factors, coefficient)


def _level(factors: list[tuple[Node, sp.Expr]], coefficient: sp.Expr) -> int:
    if not factors:
        return number_text(coefficient)[1]
    node, exponent = factors[0]
    if exponent == 1:
        return max(_text(node)[1], TIMES)
    return POST if exponent == sp.Rational(1, 2) else POWER


def _ordered(factors: list[tuple[Node, sp.Expr]]) -> list[tuple[Node, sp.Expr]]:
    """Products of matrices first, which need no brackets there; brackets last."""
    rank = {"mm": 0, "add": 2}
    return sorted(factors, key=lambda pair: rank.get(pair[0].head, 1) if pair[1] == 1 else 1)


def _power(node: Node, exponent: sp.Expr) -> str:
    if exponent == 1:
        return (
            bracketed(node, TIMES) if node.head in ("mm",) else bracketed(node, POWER if node.head != "mul" else POST)
        )
    if exponent == sp.Rational(1, 2):
        return f"sqrt({written(node)})"
    if exponent == sp.Rational(3, 2):
        return f"{bracketed(node, POST)}**1.5"
    shown, level = number_text(exponent)
    return f"{bracketed(node, POST)}**{shown if level >= SIGN else f'({shown})'}"


def _mm(node: Node) -> tuple[str, int]:
    return " @ ".join(bracketed(part, POWER) for part in node.args), TIMES


# --- the rest ---------------------------------------------------------------------------------------------------------


def _sum(node: Node) -> tuple[str, int]:
    axis = "" if node.data is None else f", axis={node.data}"
    return f"sum({written(node.args[0])}{axis})", POST


def _stretched(node: Node, axis: int, item: str, place: str) -> tuple[str, int]:
    """A vector along the other axis: taken from a matrix, left by a mean or a sum over ``axis``, or any other."""
    inner = node.args[0]
    if inner.head == "item" and inner.data == item and inner.args[0].ndim == 2:
        return _text(inner.args[0])
    if inner.head == "call" and inner.data == ("mean", (("axis", axis),)):
        return f"mean({written(inner.args[0])}, axis={axis}, keepdims=True)", POST
    if inner.head == "sum" and inner.data == axis:
        return f"sum({written(inner.args[0])}, axis={axis}, keepdims=True)", POST
    return f"{bracketed(inner, POST)}[{place}]", POST


def _col(node: Node) -> tuple[str, int]:
    return _stretched(node, 1, ":, 0", ":, None")


def _row(node: Node) -> tuple[str, int]:
    return _stretched(node, 0, "0", "None, :")


def _call(node: Node) -> tuple[str, int]:
    function, keywords = node.data
    inside = [written(part) for part in node.args] + [f"{name}={value}" for name, value in keywords]
    return f"{function}({', '.join(inside)})", POST


def _compare(node: Node) -> tuple[str, int]:
    return f"{bracketed(node.args[0], ADD)} {node.data} {bracketed(node.args[1], ADD)}", 0


def _joined(sign: str) -> Callable[[Node], tuple[str, int]]:
    return lambda node: (f" {sign} ".join(f"({written(part)})" for part in node.args), 0)


_WRITERS: dict[str, Callable[[Node], tuple[str, int]]] = {
    "name": lambda node: (node.data, POST),
    "number": lambda node: number_text(node.data),
    "add": _add,
    "mul": _mul,
    "mm": _mm,
    "T": lambda node: (f"{bracketed(node.args[0], POST)}.T", POST),
    "col": _col,
    "row": lambda node: _row(node),
    "sum": _sum,
    "outer": lambda node: (f"outer({written(node.args[0])}, {written(node.args[1])})", POST),
    "diag": lambda node: (f"diag({written(node.args[0])})", POST),
    "diagonal": lambda node: (f"diagonal({written(node.args[0])})", POST),
    "item": lambda node: (f"{bracketed(node.args[0], POST)}[{node.data}]", POST),
    "call": _call,
    "holds": lambda node: (f"where({written(node.args[0])}, 1, 0)", POST),
    "compare": _compare,
    "and": _joined("&"),
    "or": _joined("|"),
    "where": lambda node: (f"where({', '.join(written(part) for part in node.args)})", POST),
    "shape": lambda node: (
        f"{bracketed(node.args[0], POST)}." + ("size" if node.data is None else f"shape[{node.data}]"),
        POST,
    ),
    "literal": lambda node: (f"array({node.data})" if node.ndim else node.data, POST),
    "elements": lambda node: (f"array([{', '.join(written(part) for part in node.args)}])", POST),
    "power": lambda node: (f"{bracketed(node.args[0], POST)}**{bracketed(node.args[1], POST)}", POWER),
    "across": lambda node: _text(node.args[0]),
    "along": lambda node: _text(node.args[0]),
    "eye": lambda node: (f"eye({written(node.args[0])})", POST),
}
