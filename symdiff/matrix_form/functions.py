"""Functions by their names: exp(z)/sum(exp(z)) is softmax(z), sqrt(sum(x**2)) is norm(x)."""

from __future__ import annotations

import sympy as sp

from symdiff.matrix_form.context import ONE, Context, factors_of
from symdiff.matrix_form.nodes import Factor, Node


def softmax(context: Context, node: Node) -> Node | None:
    """exp(z)/sum(exp(z)) is softmax(z)."""
    factors = factors_of(node)
    for over, exponent in factors:
        inner = context.exponent(over) if exponent == 1 else None
        if inner is None:
            continue
        for under, power in factors:
            axis = _summed(context, under, over) if power == -1 else None
            if axis is not None:
                rest = [f for f in factors if f[0] not in (over, under)]
                keywords = {"axis": axis} if inner.ndim == 2 else {}
                made = context.matrices.call("softmax", inner, **keywords)
                return context.matrices.mul(node.data[0], [*rest, (made, ONE)])
    return None


def turned_softmax(context: Context, node: Node) -> Node | None:
    """The same of transposes: exp(z).T/sum(exp(z), axis=1) is softmax(z, axis=1).T."""
    factors = factors_of(node)
    for over, exponent in factors:
        inner = context.exponent(over.args[0]) if over.head == "T" and exponent == 1 else None
        for under, power in factors:
            total = context.opened(under)
            of_rows = power == -1 and total.head == "sum" and total.data == 1
            if inner is not None and of_rows and context.same(total.args[0], over.args[0]):
                rest = [f for f in factors if f[0] not in (over, under)]
                made = context.matrices.T(context.matrices.call("softmax", inner, axis=1))
                return context.matrices.mul(node.data[0], [*rest, (made, ONE)])
    return None


def _summed(context: Context, under: Node, over: Node) -> int | None:
    """The axis along which ``under`` adds up ``over``, as it stands beside it."""
    under = context.opened(under)
    if under.head == "col":
        inner = context.opened(under.args[0])
        return 1 if inner.head == "sum" and inner.data == 1 and context.same(inner.args[0], over) else None
    if under.head == "sum" and context.same(under.args[0], over):
        if over.ndim == 1:
            return 0
        return 0 if under.data == 0 else None
    return None


def sigmoid(context: Context, node: Node) -> Node | None:
    """1/(1 + exp(-z)) is sigmoid(z), and so is exp(z)/(1 + exp(z))."""
    factors = factors_of(node)
    for under, power in factors:
        inner = context.one_more(under) if power in (-1, -2) else None
        if inner is None:
            continue
        rest = [f for f in factors if f[0] is not under]
        if power == -2:
            rest.append((under, sp.Integer(-1)))
        over = next((f for f in rest if f[1] == 1 and context.exponent(f[0]) is inner), None)
        if over is not None:
            rest.remove(over)
            made = context.matrices.call("sigmoid", inner)
        else:
            made = context.matrices.call("sigmoid", context.matrices.scaled(sp.Integer(-1), inner))
        return context.matrices.mul(node.data[0], [*rest, (made, ONE)])
    return None


def signs(context: Context, node: Node) -> Node | None:
    """-1 where x < 0, else 1, is sign(x)."""
    condition, one, other = node.args
    if condition.head != "compare" or not one.head == other.head == "number":
        return None
    left, right = condition.args
    values = (one.data, other.data)
    if condition.data in ("<", "<="):
        values = (-one.data, -other.data)
    elif condition.data not in (">", ">="):
        return None
    if values != (1, -1):
        return None
    return context.matrices.call("sign", context.matrices.add([(ONE, left), (-ONE, right)]))


def logarithms(context: Context, node: Node) -> Node | None:
    """log(1 + exp(z)) is softplus(z), log(sum(exp(z))) logsumexp(z)."""
    if node.data[0] != "log":
        return None
    inside = context.opened(node.args[0])
    inner = context.one_more(inside)
    if inner is not None:
        return context.matrices.call("softplus", inner)
    if inside.head == "sum":
        inner = context.exponent(inside.args[0])
        if inner is not None:
            keywords = {} if inside.data is None else {"axis": inside.data}
            return context.matrices.call("logsumexp", inner, ndim=inside.ndim, **keywords)
    return None


def norms(context: Context, node: Node) -> Node | None:
    """sqrt(sum(x**2)) is norm(x)."""
    changed = False
    factors: list[Factor] = []
    for base, exponent in factors_of(node):
        rooted = (2 * exponent).is_Integer and not exponent.is_Integer
        inner = [_squared(part) for part in (base.args if base.head == "mul" else (base,))] if rooted else [None]
        if base.head == "mul" and base.data != (1, (1,) * len(base.args)):
            inner = [None]
        if all(each is not None for each in inner):
            changed = True
            factors += [(context.matrices.call("norm", each, ndim=0), 2 * exponent) for each in inner if each]
        else:
            factors.append((base, exponent))
    return context.matrices.mul(node.data[0], factors) if changed else None


def means(context: Context, node: Node) -> Node | None:
    """sum(x)/n is mean(x), where n is how many are added."""
    if context.shapes is None or not context.averages:
        return None
    factors = factors_of(node)
    for total, exponent in factors:
        inner = total.args[0] if total.head == "col" else total
        if exponent != 1 or inner.head != "sum":
            continue
        length = _length(context, inner)
        for size, power in factors:
            if power == -1 and length is not None and _counts(context, size, length):
                keywords = {} if inner.data is None else {"axis": inner.data}
                made = context.matrices.call("mean", inner.args[0], ndim=inner.ndim, **keywords)
                made = context.matrices.col(made) if total.head == "col" else made
                rest = [f for f in factors if f[0] not in (total, size)]
                return context.matrices.mul(node.data[0], [*rest, (made, ONE)])
    return None


def _length(context: Context, total: Node) -> tuple[sp.Expr, ...] | None:
    """The lengths of the axes along which a sum goes."""
    assert context.shapes is not None
    shape = context.shapes(total.args[0])
    axes = shape if total.data is None else (shape[total.data],)
    return None if any(length is None for length in axes) else tuple(axes)


def _counts(context: Context, size: Node, lengths: tuple[sp.Expr, ...]) -> bool:
    assert context.shapes is not None
    if size.head == "name":
        return len(lengths) == 1 and context.letter_of(size.data) == lengths[0]
    if size.head == "shape":
        shape = context.shapes(size.args[0])
        return lengths == (shape if size.data is None else (shape[size.data],))
    return False


def relu(context: Context, node: Node) -> Node | None:
    """z where z > 0 is relu(z)."""
    factors = factors_of(node)
    for mark, _ in factors:
        if mark.head == "holds" and mark.args[0].head == "compare" and mark.args[0].data in (">", ">="):
            left, right = mark.args[0].args
            if right.head == "number" and right.data == 0 and (left, ONE) in factors:
                rest = [f for f in factors if f[0] not in (mark, left)]
                return context.matrices.mul(node.data[0], [*rest, (context.matrices.call("relu", left), ONE)])
    return None


def _squared(node: Node) -> Node | None:
    """x where a node is the sum of its squares."""
    if node.head == "mm" and len(node.args) == 2 and node.args[0] is node.args[1]:
        return node.args[0]
    if node.head == "sum" and node.data is None:
        inner = node.args[0]
        if inner.head == "mul" and inner.data == (1, (2,)):
            return inner.args[0]
    return None
