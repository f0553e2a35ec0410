"""Known functions by their names, common factors in front: what a matrix formula is rewritten to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from symdiff.matrix_form.nodes import Factor, Matrices, Node
from symdiff.matrix_form.shapes import Shapes

ONE, HALF = sp.Integer(1), sp.Rational(1, 2)


class Rewriter:
    """Rewrites nodes from the inside out.

    ``defined`` has what names stand for; ``ones`` the names of matrices whose rows are shares of 1, by the axis along
    which they add up to that.
    """

    def __init__(
        self,
        matrices: Matrices,
        defined: Mapping[str, Node],
        ones: Mapping[str, int],
        shapes: Shapes | None = None,
        letter_of: Callable[[str], sp.Expr | None] = lambda name: None,
        averages: bool = False,
    ) -> None:
        self.matrices, self.defined, self.ones = matrices, defined, ones
        self._shapes, self._letter_of, self._averages = shapes, letter_of, averages
        self.used_ones: set[str] = set()
        self._known: dict[Node, Node] = {}

    def __call__(self, node: Node) -> Node:
        if not node.args:
            return node
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._rewritten(self.rebuilt(node, [self(part) for part in node.args]))
        return found

    def rebuilt(self, node: Node, args: list[Node]) -> Node:
        """The node with other arguments, simplified as it was made."""
        if all(new is old for new, old in zip(args, node.args, strict=True)):
            return node
        return rebuilt(self.matrices, node, args)

    def _rewritten(self, node: Node) -> Node:
        for _ in range(4):
            rules = _RULES.get(node.head, ())
            for rule in rules:
                other = rule(self, node)
                if other is not None and other is not node:
                    node = other
                    break
            else:
                return node
        return node

    def opened(self, node: Node) -> Node:
        """What a name stands for; any other node as it is."""
        return self.defined.get(node.data, node) if node.head == "name" else node

    # --- functions with names -----------------------------------------------------------------------------------------

    def exponent(self, node: Node) -> Node | None:
        """z where a node is exp(z)."""
        node = self.opened(node)
        return node.args[0] if node.head == "call" and node.data[0] == "exp" else None

    def softmax(self, node: Node) -> Node | None:
        """exp(z)/sum(exp(z)) is softmax(z)."""
        factors = _factors(node)
        for over, exponent in factors:
            inner = self.exponent(over) if exponent == 1 else None
            if inner is None:
                continue
            for under, power in factors:
                axis = self._summed(under, over) if power == -1 else None
                if axis is not None:
                    rest = [f for f in factors if f[0] not in (over, under)]
                    keywords = {"axis": axis} if inner.ndim == 2 else {}
                    made = self.matrices.call("softmax", inner, **keywords)
                    return self.matrices.mul(node.data[0], [*rest, (made, ONE)])
        return None

    def turned_softmax(self, node: Node) -> Node | None:
        """The same of transposes: exp(z).T/sum(exp(z), axis=1) is softmax(z, axis=1).T."""
        factors = _factors(node)
        for over, exponent in factors:
            inner = self.exponent(over.args[0]) if over.head == "T" and exponent == 1 else None
            for under, power in factors if inner is not None else ():
                total = self.opened(under)
                if power == -1 and total.head == "sum" and total.data == 1 and self._same(total.args[0], over.args[0]):
                    rest = [f for f in factors if f[0] not in (over, under)]
                    made = self.matrices.T(self.matrices.call("softmax", inner, axis=1))
                    return self.matrices.mul(node.data[0], [*rest, (made, ONE)])
        return None

    def _summed(self, under: Node, over: Node) -> int | None:
        """The axis along which ``under`` adds up ``over``, as it stands beside it."""
        under = self.opened(under)
        if under.head == "col":
            inner = self.opened(under.args[0])
            return 1 if inner.head == "sum" and inner.data == 1 and self._same(inner.args[0], over) else None
        if under.head == "sum" and self._same(under.args[0], over):
            if over.ndim == 1:
                return 0
            return 0 if under.data == 0 else None
        return None

    def _same(self, one: Node, other: Node) -> bool:
        return self.opened(one) is self.opened(other)

    def sigmoid(self, node: Node) -> Node | None:
        """1/(1 + exp(-z)) is sigmoid(z), and so is exp(z)/(1 + exp(z))."""
        factors = _factors(node)
        for under, power in factors:
            inner = self._one_more(under) if power in (-1, -2) else None
            if inner is None:
                continue
            rest = [f for f in factors if f[0] is not under]
            if power == -2:
                rest.append((under, sp.Integer(-1)))
            over = next((f for f in rest if f[1] == 1 and self.exponent(f[0]) is inner), None)
            if over is not None:
                rest.remove(over)
                made = self.matrices.call("sigmoid", inner)
            else:
                made = self.matrices.call("sigmoid", self.matrices.scaled(sp.Integer(-1), inner))
            return self.matrices.mul(node.data[0], [*rest, (made, ONE)])
        return None

    def signs(self, node: Node) -> Node | None:
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
        return self.matrices.call("sign", self.matrices.add([(ONE, left), (-ONE, right)]))

    def _one_more(self, node: Node) -> Node | None:
        """z where a node is 1 + exp(z)."""
        node = self.opened(node)
        if node.head != "add" or len(node.args) != 2 or tuple(node.data) != (1, 1):
            return None
        for one, other in (node.args, node.args[::-1]):
            if one.head == "number" and one.data == 1:
                return self.exponent(other)
        return None

    def logarithms(self, node: Node) -> Node | None:
        """log(1 + exp(z)) is softplus(z), log(sum(exp(z))) logsumexp(z)."""
        if node.data[0] != "log":
            return None
        inside = self.opened(node.args[0])
        inner = self._one_more(inside)
        if inner is not None:
            return self.matrices.call("softplus", inner)
        if inside.head == "sum":
            inner = self.exponent(inside.args[0])
            if inner is not None:
                keywords = {} if inside.data is None else {"axis": inside.data}
                return self.matrices.call("logsumexp", inner, ndim=inside.ndim, **keywords)
        return None

    def norms(self, node: Node) -> Node | None:
        """sqrt(sum(x**2)) is norm(x)."""
        changed = False
        factors: list[Factor] = []
        for base, exponent in _factors(node):
            rooted = (2 * exponent).is_Integer and not exponent.is_Integer
            inner = [_squared(part) for part in (base.args if base.head == "mul" else (base,))] if rooted else [None]
            if base.head == "mul" and base.data != (1, (1,) * len(base.args)):
                inner = [None]
            if all(each is not None for each in inner):
                changed = True
                factors += [(self.matrices.call("norm", each, ndim=0), 2 * exponent) for each in inner if each]
            else:
                factors.append((base, exponent))
        return self.matrices.mul(node.data[0], factors) if changed else None

    def means(self, node: Node) -> Node | None:
        """sum(x)/n is mean(x), where n is how many are added."""
        if self._shapes is None or not self._averages:
            return None
        factors = _factors(node)
        for total, exponent in factors:
            inner = total.args[0] if total.head == "col" else total
            if exponent != 1 or inner.head != "sum":
                continue
            length = self._length(inner)
            for size, power in factors:
                if power == -1 and length is not None and self._counts(size, length):
                    keywords = {} if inner.data is None else {"axis": inner.data}
                    made = self.matrices.call("mean", inner.args[0], ndim=inner.ndim, **keywords)
                    made = self.matrices.col(made) if total.head == "col" else made
                    rest = [f for f in factors if f[0] not in (total, size)]
                    return self.matrices.mul(node.data[0], [*rest, (made, ONE)])
        return None

    def _length(self, total: Node) -> tuple[sp.Expr, ...] | None:
        """The lengths of the axes along which a sum goes."""
        assert self._shapes is not None
        shape = self._shapes(total.args[0])
        axes = shape if total.data is None else (shape[total.data],)
        return None if any(length is None for length in axes) else tuple(axes)  # type: ignore[arg-type]

    def _counts(self, size: Node, lengths: tuple[sp.Expr, ...]) -> bool:
        assert self._shapes is not None
        if size.head == "name":
            return len(lengths) == 1 and self._letter_of(size.data) == lengths[0]
        if size.head == "shape":
            shape = self._shapes(size.args[0])
            return lengths == (shape if size.data is None else (shape[size.data],))
        return False

    def relu(self, node: Node) -> Node | None:
        """z where z > 0 is relu(z)."""
        factors = _factors(node)
        for mark, _ in factors:
            if mark.head == "holds" and mark.args[0].head == "compare" and mark.args[0].data in (">", ">="):
                left, right = mark.args[0].args
                if right.head == "number" and right.data == 0 and (left, ONE) in factors:
                    rest = [f for f in factors if f[0] not in (mark, left)]
                    return self.matrices.mul(node.data[0], [*rest, (self.matrices.call("relu", left), ONE)])
        return None

    # --- rows that add up to 1 ----------------------------------------------------------------------------------------

    def distributed(self, node: Node) -> Node | None:
        """Divided by what a term of a sum has as a factor: each term is."""
        factors = _factors(node)
        for total, exponent in factors:
            if total.head != "add" or exponent != 1:
                continue
            for base, power in factors:
                if base.ndim == 0 and power == -1 and any(base in _scalars_of(term) for term in total.args):
                    divided = [
                        (c, self.matrices.mul(ONE, [(t, ONE), (base, -ONE)]))
                        for c, t in zip(total.data, total.args, strict=True)
                    ]
                    rest = [f for f in factors if f[0] not in (total, base)]
                    return self.matrices.mul(node.data[0], [*rest, (self.matrices.add(divided), ONE)])
        return None

    def shares(self, node: Node) -> Node | None:
        """A factor that is the sums of rows, each of which is 1, is none."""
        kept: list[Factor] = []
        for base, exponent in _factors(node):
            inner = base.args[0] if base.head == "col" else base
            if self._is_ones(inner):
                self.used_ones.add(inner.args[0].data)
            else:
                kept.append((base, exponent))
        if len(kept) == len(node.args) or max((base.ndim for base, _ in kept), default=0) < node.ndim:
            return None
        return self.matrices.mul(node.data[0], kept)

    def _is_ones(self, node: Node) -> bool:
        """Whether a vector is the sums of rows, or of columns, each of which is 1."""
        if node.head != "sum" or node.data is None or node.args[0].head != "name":
            return False
        return bool(self.ones.get(node.args[0].data) == node.data)

    def weighted_by_ones(self, node: Node) -> Node | None:
        """A matrix times the sums of rows, each of which is 1: its own rows added up."""
        last = node.args[-1]
        if self._is_ones(last):
            self.used_ones.add(last.args[0].data)
            rest = self.matrices.mm(node.args[:-1])
            return self.matrices.sum(rest, None if rest.ndim == 1 else 1)
        return None

    # --- common factors -----------------------------------------------------------------------------------------------

    def common(self, node: Node) -> Node | None:
        """What terms of a sum share in front of a bracket: X.T @ a - X.T @ b is X.T @ (a - b)."""
        terms = [self._parts(c, t) for c, t in zip(node.data, node.args, strict=True)]
        for side in (0, -1):
            made = self._chained(terms, side)
            if made is not None:
                return made
        sums = self._sums(node)
        if sums is not None:
            return sums
        return self._elementwise(node)

    def _sums(self, node: Node) -> Node | None:
        """Sums along the same axis as one: sum(a) - sum(b) is sum(a - b)."""
        terms = [(c, *self.matrices.scalars_out(t)) for c, t in zip(node.data, node.args, strict=True)]
        axes = {(rest.head, rest.data, rest.args[0].ndim if rest.args else 0) for _, _, _, rest in terms}
        if len(axes) > 1 or terms[0][3].head != "sum" or not self._same_shape([t[3].args[0] for t in terms]):
            return None
        inside = [
            (c * number, self.matrices.mul(ONE, [*scalars, (rest.args[0], ONE)])) for c, number, scalars, rest in terms
        ]
        return self.matrices.sum(self._rewritten(self.matrices.add(inside)), terms[0][3].data)

    def _same_shape(self, nodes: list[Node]) -> bool:
        if self._shapes is None:
            return False
        shapes = {self._shapes(node) for node in nodes}
        return len(shapes) == 1 and all(length is not None for shape in shapes for length in shape)

    def _parts(self, coefficient: sp.Expr, term: Node) -> tuple[sp.Expr, list[Factor], list[Node]]:
        """A term as a number, scalars, and a chain of matrices."""
        number, scalars, rest = self.matrices.scalars_out(term)
        chain = list(rest.args) if rest.head in ("mm", "outer") and rest.ndim else [rest]
        if rest.head == "outer":
            chain = [
                self.matrices.make("across", (rest.args[0],), None, 2),
                self.matrices.make("along", (rest.args[1],), None, 2),
            ]
        return coefficient * number, scalars, chain

    def _chained(self, terms: list[tuple[sp.Expr, list[Factor], list[Node]]], side: int) -> Node | None:
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
                inside.append((number, self._chain(scalars, rest)))
            if len({part.ndim for _, part in inside}) > 1 or any(part.ndim == 0 for _, part in inside):
                continue
            bracket = self._rewritten(self.matrices.add(inside))
            whole = self._joined(factor, bracket, side)
            others = [(n, self._chain(s, c)) for k, (n, s, c) in enumerate(terms) if k not in places]
            return self.matrices.add([(ONE, whole), *others])
        return None

    def _joined(self, factor: Node, bracket: Node, side: int) -> Node:
        matrices = self.matrices
        if factor.head in ("across", "along"):
            inner = _vector(bracket)
            pair = (factor.args[0], inner) if factor.head == "across" else (inner, factor.args[0])
            return matrices.outer(*pair)
        return matrices.mm([factor, bracket] if side == 0 else [bracket, factor])

    def _chain(self, scalars: list[Factor], chain: list[Node]) -> Node:
        matrices = self.matrices
        if len(chain) == 2 and chain[0].head == "across":
            made = matrices.outer(chain[0].args[0], chain[1].args[0])
        elif len(chain) == 1 and chain[0].head in ("across", "along"):
            made = chain[0].args[0]
        else:
            made = matrices.mm(chain)
        return matrices.mul(ONE, [*scalars, (made, ONE)])

    def _elementwise(self, node: Node) -> Node | None:
        """Factors that all terms of a sum have."""
        parts = []
        for coefficient, term in zip(node.data, node.args, strict=True):
            factors = dict(_factors(term)) if term.head == "mul" else {term: ONE}
            number = term.data[0] if term.head == "mul" else ONE
            parts.append((coefficient * number, factors))
        shared: list[Factor] = []
        for base, exponent in parts[0][1].items():
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
            inside.append((number, self.matrices.mul(ONE, left)))
        made = self.matrices.mul(ONE, [*shared, (self._rewritten(self.matrices.add(inside)), ONE)])
        return made if made.ndim == node.ndim else None


def _vector(bracket: Node) -> Node:
    return bracket


def _scalars_of(term: Node) -> list[Node]:
    """The scalar factors of a term, not those it is divided by."""
    return [base for base, power in _factors(term) if base.ndim == 0 and power > 0] if term.head == "mul" else []


def _factors(node: Node) -> list[Factor]:
    return list(zip(node.args, node.data[1], strict=True))


def _squared(node: Node) -> Node | None:
    """x where a node is the sum of its squares."""
    if node.head == "mm" and len(node.args) == 2 and node.args[0] is node.args[1]:
        return node.args[0]
    if node.head == "sum" and node.data is None:
        inner = node.args[0]
        if inner.head == "mul" and inner.data == (1, (2,)):
            return inner.args[0]
    return None


def rebuilt(matrices: Matrices, node: Node, args: list[Node]) -> Node:
    """A node with other arguments."""
    builder = _BUILDERS.get(node.head)
    if builder is None:
        return matrices.make(node.head, args, node.data, node.ndim)
    return builder(matrices, node, args)


_BUILDERS: dict[str, Callable[[Matrices, Node, list[Node]], Node]] = {
    "add": lambda m, node, args: m.add(zip(node.data, args, strict=True)),
    "mul": lambda m, node, args: m.mul(node.data[0], zip(args, node.data[1], strict=True)),
    "mm": lambda m, node, args: m.mm(args),
    "T": lambda m, node, args: _outside(m, args[0], m.T),
    "col": lambda m, node, args: m.col(args[0]),
    "sum": lambda m, node, args: m.sum(args[0], node.data),
    "outer": lambda m, node, args: m.outer(*args),
    "diag": lambda m, node, args: m.diag(args[0]),
    "row": lambda m, node, args: m.row(args[0]),
    "holds": lambda m, node, args: m.holds(args[0]),
    "compare": lambda m, node, args: m.compare(node.data, args),
    "call": lambda m, node, args: _called(m, node, args),
}


def _called(matrices: Matrices, node: Node, args: list[Node]) -> Node:
    """A function of other arguments."""
    function, keywords = node.data
    elementwise = not keywords and node.ndim == max(part.ndim for part in args) and function not in ("inv", "softmax")
    if elementwise and function not in ("det", "norm"):
        return matrices.call(function, *args)
    if function == "norm":
        number, scalars, rest = matrices.scalars_out(args[0])
        if not scalars and number.is_number and number != 1:
            return matrices.mul(abs(number), [(matrices.call("norm", rest, ndim=0), ONE)])
    return matrices.call(function, *args, ndim=node.ndim, **dict(keywords))


def _outside(matrices: Matrices, node: Node, turn: Callable[[Node], Node]) -> Node:
    number, scalars, rest = matrices.scalars_out(node)
    return matrices.mul(number, [*scalars, (turn(rest), ONE)])


_RULES: dict[str, tuple[Callable[[Rewriter, Node], Node | None], ...]] = {
    "mul": (
        Rewriter.distributed,
        Rewriter.softmax,
        Rewriter.turned_softmax,
        Rewriter.sigmoid,
        Rewriter.norms,
        Rewriter.shares,
        Rewriter.relu,
        Rewriter.means,
    ),
    "call": (Rewriter.logarithms,),
    "mm": (Rewriter.weighted_by_ones,),
    "where": (Rewriter.signs,),
    "add": (Rewriter.common,),
}
