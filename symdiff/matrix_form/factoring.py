"""Common factors in front of a bracket, and sums of rows that are 1."""

from __future__ import annotations

import sympy as sp

from symdiff.matrix_form.context import ONE, Context, factors_of
from symdiff.matrix_form.nodes import Factor, Node


def distributed(context: Context, node: Node) -> Node | None:
    """Divided by what a term of a sum has as a factor: each term is."""
    factors = factors_of(node)
    for total, exponent in factors:
        if total.head != "add" or exponent != 1:
            continue
        for base, power in factors:
            if base.ndim == 0 and power == -1 and any(base in _scalars_of(term) for term in total.args):
                divided = [
                    (c, context.matrices.mul(ONE, [(t, ONE), (base, -ONE)]))
                    for c, t in zip(total.data, total.args, strict=True)
                ]
                rest = [f for f in factors if f[0] not in (total, base)]
                return context.matrices.mul(node.data[0], [*rest, (context.matrices.add(divided), ONE)])
    return None


def shares(context: Context, node: Node) -> Node | None:
    """A factor that is the sums of rows, each of which is 1, is none."""
    kept: list[Factor] = []
    for base, exponent in factors_of(node):
        inner = base.args[0] if base.head == "col" else base
        if _is_ones(context, inner):
            context.used_ones.add(inner.args[0].data)
        else:
            kept.append((base, exponent))
    if len(kept) == len(node.args) or max((base.ndim for base, _ in kept), default=0) < node.ndim:
        return None
    return context.matrices.mul(node.data[0], kept)


def _is_ones(context: Context, node: Node) -> bool:
    """Whether a vector is the sums of rows, or of columns, each of which is 1."""
    if node.head != "sum" or node.data is None or node.args[0].head != "name":
        return False
    return bool(context.ones.get(node.args[0].data) == node.data)


def weighted_by_ones(context: Context, node: Node) -> Node | None:
    """A matrix times the sums of rows, each of which is 1: its own rows added up."""
    last = node.args[-1]
    if _is_ones(context, last):
        context.used_ones.add(last.args[0].data)
        rest = context.matrices.mm(node.args[:-1])
        return context.matrices.sum(rest, None if rest.ndim == 1 else 1)
    return None


def common(context: Context, node: Node) -> Node | None:
    """What terms of a sum share in front of a bracket: X.T @ a - X.T @ b is X.T @ (a - b)."""
    terms = [_parts(context, c, t) for c, t in zip(node.data, node.args, strict=True)]
    for side in (0, -1):
        made = _chained(context, terms, side)
        if made is not None:
            return made
    sums = _sums(context, node)
    if sums is not None:
        return sums
    return _elementwise(context, node)


def _sums(context: Context, node: Node) -> Node | None:
    """Sums along the same axis as one: sum(a) - sum(b) is sum(a - b)."""
    terms = [(c, *context.matrices.scalars_out(t)) for c, t in zip(node.data, node.args, strict=True)]
    axes = {(rest.head, rest.data, rest.args[0].ndim if rest.args else 0) for _, _, _, rest in terms}
    if len(axes) > 1 or terms[0][3].head != "sum" or not _same_shape(context, [t[3].args[0] for t in terms]):
        return None
    inside = [
        (c * number, context.matrices.mul(ONE, [*scalars, (rest.args[0], ONE)])) for c, number, scalars, rest in terms
    ]
    return context.matrices.sum(context.rewritten(context.matrices.add(inside)), terms[0][3].data)


def _same_shape(context: Context, nodes: list[Node]) -> bool:
    if context.shapes is None:
        return False
    shapes = {context.shapes(node) for node in nodes}
    return len(shapes) == 1 and all(length is not None for shape in shapes for length in shape)


def _parts(context: Context, coefficient: sp.Expr, term: Node) -> tuple[sp.Expr, list[Factor], list[Node]]:
    """A term as a number, scalars, and a chain of matrices."""
    number, scalars, rest = context.matrices.scalars_out(term)
    chain = list(rest.args) if rest.head in ("mm", "outer") and rest.ndim else [rest]
    if rest.head == "outer":
        chain = [
            context.matrices.make("across", (rest.args[0],), None, 2),
            context.matrices.make("along", (rest.args[1],), None, 2),
        ]
    return coefficient * number, scalars, chain


def _chained(context: Context, terms: list[tuple[sp.Expr, list[Factor], list[Node]]], side: int) -> Node | None:
    groups: dict[tuple[Node, int], list[int]] = {}
    for place, (_, _, chain) in enumerate(terms):
        if len(chain) > 1:
            groups.setdefault((chain[side], len(chain) and 1), []).append(place)
    for (factor, _), places in groups.items():
        if len(places) < 2:
            continue
        inside = []
        for place in places:
            number, scalars, chain = terms[place]
            rest = chain[1:] if side == 0 else chain[:-1]
            inside.append((number, _chain(context, scalars, rest)))
        if len({part.ndim for _, part in inside}) > 1 or any(part.ndim == 0 for _, part in inside):
            continue
        bracket = context.rewritten(context.matrices.add(inside))
        whole = _joined(context, factor, bracket, side)
        others = [(n, _chain(context, s, c)) for k, (n, s, c) in enumerate(terms) if k not in places]
        return context.matrices.add([(ONE, whole), *others])
    return None


def _joined(context: Context, factor: Node, bracket: Node, side: int) -> Node:
    matrices = context.matrices
    if factor.head in ("across", "along"):
        inner = bracket
        pair = (factor.args[0], inner) if factor.head == "across" else (inner, factor.args[0])
        return matrices.outer(*pair)
    return matrices.mm([factor, bracket] if side == 0 else [bracket, factor])


def _chain(context: Context, scalars: list[Factor], chain: list[Node]) -> Node:
    matrices = context.matrices
    if len(chain) == 2 and chain[0].head == "across":
        made = matrices.outer(chain[0].args[0], chain[1].args[0])
    elif len(chain) == 1 and chain[0].head in ("across", "along"):
        made = chain[0].args[0]
    else:
        made = matrices.mm(chain)
    return matrices.mul(ONE, [*scalars, (made, ONE)])


def _elementwise(context: Context, node: Node) -> Node | None:
    """Factors that all terms of a sum have."""
    parts = []
    for coefficient, term in zip(node.data, node.args, strict=True):
        factors = dict(factors_of(term)) if term.head == "mul" else {term: ONE}
        number = term.data[0] if term.head == "mul" else ONE
        parts.append((coefficient * number, factors))
    shared: list[Factor] = []
    for base in parts[0][1]:
        powers = [factors.get(base, sp.Integer(0)) for _, factors in parts]
        if base.head != "number" and all(p > 0 for p in powers):
            shared.append((base, min(powers)))
        elif base.head != "number" and all(p < 0 for p in powers):
            shared.append((base, max(powers)))
    if not shared:
        return None
    lost = dict(shared)
    inside = []
    for number, factors in parts:
        left = [(b, e - lost.get(b, 0)) for b, e in factors.items()]
        inside.append((number, context.matrices.mul(ONE, left)))
    made = context.matrices.mul(ONE, [*shared, (context.rewritten(context.matrices.add(inside)), ONE)])
    return made if made.ndim == node.ndim else None


def _scalars_of(term: Node) -> list[Node]:
    """The scalar factors of a term, not those it is divided by."""
    return [base for base, power in factors_of(term) if base.ndim == 0 and power > 0] if term.head == "mul" else []
