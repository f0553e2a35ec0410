"""What the names and formulas of a page are at its point, by the program and by the page's own definitions.

Values of named arrays come from the program in mpmath numbers, partials of the result from the report, partials of one
step by another from differences of the step's meaning: never from the formulas that the page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symdiff.agreement.verdict import Verdict
from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.precision import mp
from symdiff.explanation import Explanation
from symdiff.pages.blocks import Document
from symdiff.printing import tree
from symdiff.printing.plain import plain
from symdiff.viewing.page_names import page_names

BITS = 400
STEP = 1e-40
RELATIVE, ABSOLUTE = 1e-9, 1e-12
ROUNDED = 1e-3
"""What factors of five digits each may make of a product, relative to the largest number in the line."""

SMALLEST_SHOWN = 1e-300
"""Below this a float has not all its digits."""


class Unreadable(Exception):
    """A part that says nothing that could be evaluated: its names are unknown or mean two things."""


class Undefined(Exception):
    """A part without a value: a division by 0."""


class Cut(Exception):
    """A sum of which only the first and the last terms are shown."""


class AtKink(Exception):
    """A partial of a step at a kink: the sides differ, and a convention must be named beside the line."""


class Values:
    """What everything on one page is at its point."""

    def __init__(self, explanation: Explanation) -> None:
        self.view = explanation.view
        self.document: Document = explanation.document()
        evidence = explanation.explained.evidence
        forms = explanation.explained.forms
        self.report, self.program = evidence.report, evidence.program
        self.derivation, self.numbers, self.forms = evidence.derivation, evidence.numbers, forms
        self.result = str(self.view.result.name) if isinstance(self.view.result, tree.Symbol) else ""
        self.scalar = not self.view.shape
        self.arrays: dict[tuple[str, int], list[tuple[int | None, Any]]] = {}
        self.adjoints: dict[tuple[str, int], Any] = {}
        self.functions: dict[tuple[str, int], list[tuple[tuple[str, ...], tree.Math]]] = {}
        self.sizes: dict[str, int] = {}
        self.largest = mp.mpf(0)
        if self.derivation is not None and forms is not None and self.numbers is not None:
            with mp.workprec(BITS), np.errstate(all="ignore"):
                self._learn()

    def _learn(self) -> None:
        assert self.forms is not None
        assert self.derivation is not None
        assert self.numbers is not None
        self.sizes = {str(letter): value for letter, value in self.forms.sizes.items()}
        self.run = forward(self.program, Exact(), choices=self.numbers.bounded)
        adjoints = backward(self.derivation, self.run) if self.scalar else {}
        inputs = {index: name for name, index in self.program.inputs.items()}
        self.names = page_names(self.forms)
        for index, name in self.names.elements.items():
            if self.program.elements[index].operation == "count":
                continue
            self._keep(name, index, self.run.values[index], index in inputs)
            if index in adjoints:
                self._adjoint(name, index, adjoints[index], index in inputs)
        for name, each in self.report.inputs.items():
            if self.scalar and each.symbolic.shape == np.shape(self.run.values[self.program.inputs[name]]):
                known = self.adjoints.get((name, each.symbolic.ndim))
                self.adjoints[name, each.symbolic.ndim] = _corrected(known, each.symbolic)
        for each in self.forms.given:
            if each.kind in ("constant", "table") and each.value is not None:
                array = np.asarray(np.asarray(each.value, dtype=object) + int(each.kind == "table"), dtype=object)
                if each.element is None or each.element not in self.forms.names:
                    self.arrays.setdefault((self.names.arrays[each.name], array.ndim), []).append((None, array))

    def _shown(self, index: int, values: Any, whole: bool) -> Any:
        shape = self.program.elements[index].shape
        array = np.broadcast_to(np.asarray(values, dtype=object), shape)
        assert self.forms is not None
        return array if whole else array.reshape([shape[axis] for axis in self.forms.shown(index)])

    def _keep(self, name: str, index: int, values: Any, whole: bool) -> None:
        array = self._shown(index, values, whole)
        self.arrays.setdefault((name, array.ndim), []).append((index, array))

    def _adjoint(self, name: str, index: int, values: Any, whole: bool) -> None:
        array = self._shown(index, values, whole)
        self.adjoints.setdefault((name, array.ndim), array)

    def equal(self, a: Any, b: Any, shown: tree.Math) -> bool:
        """Whether two parts are one number; a decimal must be the other's correct rounding."""
        if np.size(a) == np.size(b) == 1:  # axes of length 1 are not written
            a, b = (each if isinstance(each, str) else np.asarray(each, dtype=object).item() for each in (a, b))
        if np.shape(a) != np.shape(b):
            return False
        if np.shape(a):
            return all(self.equal(p, q, shown) for p, q in zip(np.ravel(a), np.ravel(b), strict=True))
        if isinstance(a, str) or isinstance(b, str):
            return bool(a == b)
        a, b = mp.mpf(a), mp.mpf(b)
        if mp.isnan(a) or mp.isnan(b):
            return bool(mp.isnan(a) and mp.isnan(b))
        if mp.isinf(a) or mp.isinf(b):
            large = mp.mpf(2) ** 1024  # what no float holds is shown as infinite
            return bool(mp.sign(a) == mp.sign(b) and min(abs(a), abs(b)) >= large)
        allowed = RELATIVE * max(abs(a), abs(b)) + ABSOLUTE * max(self.largest, mp.mpf(SMALLEST_SHOWN))
        rounding = self._rounding(shown)
        return bool(abs(a - b) <= allowed + rounding)

    def _rounding(self, shown: tree.Math) -> Any:
        """By how much a part may be off: half of a number's last digit, or what five digits each make of a product."""
        if not isinstance(shown, tree.Rounded):
            return mp.mpf(0)
        number = shown.body.body if isinstance(shown.body, tree.Negative) else shown.body
        return _fifth_digit(number) / 2 if isinstance(number, tree.Number) else ROUNDED * self.largest

    def whole(self, node: tree.Math, at: Mapping[str, int]) -> int:
        value = self.value(node, at)
        if np.shape(value) or value != int(value):
            raise Unreadable(f"the index {plain(node)} is no whole number")
        return int(value)

    def value(self, node: tree.Math, at: Mapping[str, int]) -> Any:
        """What a part of a line is at the point."""
        rule = _RULES.get(type(node))
        if rule is None:
            raise Unreadable(f"{type(node).__name__} cannot be read")
        found = rule(self, node, at)
        if is_number(found) and mp.isfinite(found):
            self.largest = max(self.largest, abs(mp.mpf(found)))
        return found

    def number(self, node: tree.Number, at: Mapping[str, int]) -> Any:
        return mp.mpf(node.text)

    def constant(self, node: tree.Constant, at: Mapping[str, int]) -> Any:
        return {"e": mp.e, "pi": mp.pi, "inf": mp.inf, "nan": mp.nan}[node.name] + mp.mpf(0)

    def symbol(self, node: tree.Symbol, at: Mapping[str, int]) -> Any:
        if not node.index and node.name in at:
            return mp.mpf(at[node.name])
        if not node.index and node.name in self.sizes:
            return mp.mpf(self.sizes[node.name])
        index = tuple(self.whole(each, at) for each in node.index)
        known = self.arrays.get((node.name, len(index)), [])
        if len(known) > 1:
            raise Unreadable(f"{node.name} with {len(index)} indices is the name of {len(known)} arrays")
        if known:
            return self._element(known[0][1], index, node)
        meant = self.functions.get((node.name, len(index)), [])
        if len(meant) > 1 and len({plain(each) for _, each in meant}) > 1:
            raise Unreadable(f"{node.name} is defined in {len(meant)} ways")
        if meant:
            letters, formula = meant[0]
            return self.value(formula, {**at, **dict(zip(letters, index, strict=True))})
        if index and self.functions.get((node.name, 0)):
            array = self.value(self.functions[node.name, 0][0][1], at)
            return self._element(array, index, node)
        if not index:
            whole = [array for (name, _), arrays in self.arrays.items() if name == node.name for _, array in arrays]
            if len(whole) == 1:
                return whole[0]
        raise Unreadable(f"nothing says what {plain(node)} is")

    @staticmethod
    def _element(array: Any, index: tuple[int, ...], node: tree.Math) -> Any:
        if np.ndim(array) != len(index):
            raise Unreadable(f"{plain(node)} has {len(index)} indices, not {np.ndim(array)}")
        if any(not 1 <= i <= n for i, n in zip(index, np.shape(array), strict=True)):
            raise Unreadable(f"{plain(node)} has no element {index}")
        return array[tuple(i - 1 for i in index)] if index else np.asarray(array, dtype=object).item()

    def add(self, node: tree.Add, at: Mapping[str, int]) -> Any:
        if any(isinstance(term, tree.Ellipsis) for term in node.terms):
            raise Cut
        return sum((self.value(term, at) for term in node.terms[1:]), self.value(node.terms[0], at))

    def negative(self, node: tree.Negative, at: Mapping[str, int]) -> Any:
        return -self.value(node.body, at)

    def times(self, node: tree.Times, at: Mapping[str, int]) -> Any:
        total: Any = mp.mpf(1)
        factors = sorted(node.factors, key=lambda each: not isinstance(each, tree.Delta | tree.Cases))
        for factor in factors:
            value = self.value(factor, at)
            if isinstance(factor, tree.Delta | tree.Cases) and value == 0:
                return mp.mpf(0)  # what a condition leaves out is not computed
            total = total * value
        return total

    def fraction(self, node: tree.Fraction, at: Mapping[str, int]) -> Any:
        under = self.value(node.under, at)
        if under == 0:
            raise Undefined
        return self.value(node.over, at) / under

    def power(self, node: tree.Power, at: Mapping[str, int]) -> Any:
        if isinstance(node.base, tree.Symbol) and not node.base.index and node.exponent == tree.Number("-1"):
            whole = self._argument(node.base, at)
            if np.ndim(whole):
                return _inverse(whole)
        base, exponent = self.value(node.base, at), self.value(node.exponent, at)
        if base == 0 and exponent < 0:
            raise Undefined
        return mp.power(base, exponent)

    def root(self, node: tree.Root, at: Mapping[str, int]) -> Any:
        value = self.value(node.radicand, at)
        if node.degree is None:
            return mp.sqrt(value)
        degree = self.whole(node.degree, at)
        return -mp.root(-value, degree) if value < 0 and degree % 2 else mp.root(value, degree)

    def call(self, node: tree.Call, at: Mapping[str, int]) -> Any:
        if node.function in DECOMPOSITIONS:
            raise Cut
        function = FUNCTIONS.get(node.function)
        if function is None:
            raise Unreadable(f"the function {node.function} is not known")
        if any(isinstance(each, tree.Ellipsis) for each in node.arguments):
            raise Cut
        try:
            value = function(*(self._argument(each, at) for each in node.arguments))
        except (ValueError, ZeroDivisionError):
            raise Undefined from None
        if isinstance(value, mp.mpc):
            if value.imag:
                raise Undefined  # outside the domain, which is on the real line
            value = value.real
        return value

    def _argument(self, node: tree.Math, at: Mapping[str, int]) -> Any:
        """A function of an array is given the array where a number has the same name."""
        if isinstance(node, tree.Symbol) and not node.index:
            found = [rank for name, rank in self.arrays if name == node.name]
            if found and max(found):
                return self.arrays[node.name, max(found)][0][1]
        return self.value(node, at)

    def absolute(self, node: tree.Absolute, at: Mapping[str, int]) -> Any:
        return abs(self.value(node.body, at))

    def bracket(self, node: tree.Bracket, at: Mapping[str, int]) -> Any:
        return self.value(node.body, at)

    def delta(self, node: tree.Delta, at: Mapping[str, int]) -> Any:
        return mp.mpf(int(self.value(node.left, at) == self.value(node.right, at)))

    def list(self, node: tree.List, at: Mapping[str, int]) -> Any:
        return np.array([self.value(each, at) for each in node.items], dtype=object)

    def matrix(self, node: tree.Matrix, at: Mapping[str, int]) -> Any:
        return np.array([[self.value(each, at) for each in row] for row in node.rows], dtype=object)

    def transpose(self, node: tree.Transpose, at: Mapping[str, int]) -> Any:
        return np.swapaxes(self.value(node.body, at), -1, -2)

    def subscript(self, node: tree.Subscript, at: Mapping[str, int]) -> Any:
        array = self.value(node.base, at)
        return self._element(array, tuple(self.whole(each, at) for each in node.index), node)

    def rounded(self, node: tree.Rounded, at: Mapping[str, int]) -> Any:
        return self.value(node.body, at)

    def norm(self, node: tree.Norm, at: Mapping[str, int]) -> Any:
        return mp.sqrt(mp.fsum(each**2 for each in np.ravel(self.value(node.body, at))))

    def big(self, node: tree.BigOperator, at: Mapping[str, int]) -> Any:
        # of "i ≠ k" all indices from 1 on are meant, but one
        index = node.index.left if isinstance(node.index, tree.Relation) else node.index
        low = tree.Number("1") if isinstance(node.index, tree.Relation) else node.low
        assert isinstance(index, tree.Symbol)
        if low is None or node.high is None:
            raise Unreadable(f"{plain(node)} has no bounds")
        span = range(self.whole(low, at), self.whole(node.high, at) + 1)
        if (index.name, 0) in self.arrays or index.name in self.sizes:
            raise Unreadable(f"{index.name} is an index and a value")
        but = self.whole(node.index.right, at) if isinstance(node.index, tree.Relation) else None
        values = [self.value(node.body, {**at, index.name: k}) for k in span if k != but]
        return mp.fsum(values) if isinstance(node, tree.Sum) else mp.fprod(values)

    def cases(self, node: tree.Cases, at: Mapping[str, int]) -> Any:
        for value, condition in node.cases:
            if condition is None or self.holds(condition, at):
                return self.value(value, at)
        raise Undefined

    def holds(self, node: tree.Math, at: Mapping[str, int]) -> bool:
        """Whether a condition is true at the point."""
        if isinstance(node, tree.Text):
            return node.text == "true"
        if isinstance(node, tree.Bracket):
            return self.holds(node.body, at)
        assert isinstance(node, tree.Relation)
        if node.symbol == "∧":
            return self.holds(node.left, at) and self.holds(node.right, at)
        if node.symbol == "∨":
            return self.holds(node.left, at) or self.holds(node.right, at)
        return COMPARISONS[node.symbol](self.value(node.left, at), self.value(node.right, at))

    def partial(self, node: tree.Partial, at: Mapping[str, int]) -> Any:
        of, by = node.of, node.by
        if not isinstance(of, tree.Symbol) or not isinstance(by, tree.Symbol) or node.order != 1:
            raise Cut  # second derivatives are tested elsewhere
        whole = not by.index and by.name in self.report.inputs and self.report.inputs[by.name].symbolic.ndim
        if of == by and not whole:
            return mp.mpf(1)
        index = tuple(self.whole(each, at) for each in by.index)
        if of.name == self.result and not of.index and self.scalar:
            array = self.adjoints.get((by.name, len(index)))
            if array is None:
                raise Unreadable(f"nothing says what {plain(by)} is")
            return self._element(array, index, by)
        if of.name == self.result and not self.scalar:
            return self._jacobian(of, by, at)
        return self._local(self._source(of), self._source(by), of, by, at)

    def _jacobian(self, of: tree.Symbol, by: tree.Symbol, at: Mapping[str, int]) -> Any:
        wanted = self.report.inputs[by.name].symbolic
        place = tuple(self.whole(each, at) - 1 for each in (*of.index, *by.index))
        if not place and wanted.ndim:
            rows = int(np.prod(self.view.shape))
            return wanted.reshape(rows, -1).astype(object)
        if len(place) != wanted.ndim:
            rank = len(self.view.shape)  # the result is written without its axes of length 1, an input with all
            own, given = wanted.shape[:rank], wanted.shape[rank:]
            given = given if len(by.index) == len(given) else tuple(n for n in given if n != 1)
            wanted = wanted.reshape([*(n for n in own if n != 1), *given])
        return mp.mpf(float(wanted[place]))

    def _source(self, node: tree.Symbol) -> int:
        known = [index for index, _ in self.arrays.get((node.name, len(node.index)), []) if index is not None]
        if len(known) != 1:
            raise Unreadable(f"{plain(node)} is the name of {len(known)} arrays")
        return known[0]

    def _local(self, consumer: int, operand: int, of: tree.Symbol, by: tree.Symbol, at: Mapping[str, int]) -> Any:
        """The partial of one step's element by an operand's, everything else held, from both sides."""
        values = {k: v for k, v in enumerate(self.run.values) if k != consumer}
        if not all(map(mp.isfinite, np.ravel(np.asarray(self.run.values[consumer], dtype=object)))):
            raise Cut  # what is not finite has no differences
        place = self._flat(operand, tuple(self.whole(each, at) for each in by.index))
        there = self._flat(consumer, tuple(self.whole(each, at) for each in of.index))
        sides = []
        for step in (mp.mpf(STEP), -mp.mpf(STEP)):
            shape = self.program.elements[operand].shape
            moved = np.array(np.broadcast_to(np.asarray(values[operand], dtype=object), shape), order="C")
            if abs(moved.reshape(-1)[place]) > mp.mpf(2) ** (BITS // 2):
                raise Cut  # what is so large does not feel a step
            moved.reshape(-1)[place] += step
            after = forward(self.program, Exact(), {**values, operand: moved}).values[consumer]
            before = self.run.values[consumer]
            out = self.program.elements[consumer].shape
            a, b = (np.broadcast_to(np.asarray(each, dtype=object), out).reshape(-1)[there] for each in (after, before))
            sides.append((a - b) / step)
        right, left = sides
        if abs(left) > 1 / mp.mpf(STEP) ** 0.5 and self.report.verdict == Verdict.AGREE:
            raise Cut  # the value jumps, the derivative does not
        if not (mp.isfinite(left) and mp.isfinite(right)) or abs(left - right) > 1e-15 * (1 + abs(left) + abs(right)):
            raise AtKink
        return (left + right) / 2

    def _flat(self, index: int, place: tuple[int, ...]) -> int:
        assert self.forms is not None
        shape = self.program.elements[index].shape
        axes = range(len(shape)) if index in self.program.inputs.values() else self.forms.shown(index)
        full = [0] * len(shape)
        for axis, position in zip(axes, place, strict=True):
            full[axis] = position - 1
        return int(np.ravel_multi_index(full, shape)) if full else 0


def is_number(value: Any) -> bool:
    return isinstance(value, mp.mpf | int | float)


def _corrected(known: Any, reported: Any) -> Any:
    """What the report says, in the digits of the exact value where they are the same."""
    reported = np.asarray(reported, dtype=object)
    if known is None:
        return reported
    exact = np.asarray(known, dtype=object)
    pairs = zip(exact.reshape(-1), reported.reshape(-1), strict=True)
    same = [a if mp.isfinite(a) and abs(a - b) <= 1e-12 * abs(b) else mp.mpf(float(b)) for a, b in pairs]
    return np.array(same, dtype=object).reshape(reported.shape)


def _fifth_digit(shown: tree.Number) -> Any:
    """The size of a number's fifth digit, to which it may have been rounded."""
    value = abs(mp.mpf(shown.text))
    return mp.mpf(10) ** (mp.floor(mp.log10(value)) - 4) * (1 + mp.mpf(RELATIVE)) if value else mp.mpf(0)


def _inverse(matrix: Any) -> Any:
    """The inverse of a matrix, or of each in a stack."""
    stack = np.asarray(matrix).reshape(-1, *np.shape(matrix)[-2:])
    return np.array([(mp.matrix(m.tolist()) ** -1).tolist() for m in stack], dtype=object).reshape(np.shape(matrix))


def _position(values: Any, find: Callable[[Any], Any]) -> Any:
    """Where the extreme is, counting from 1: of a matrix its row and its column."""
    shape = [n for n in np.shape(values) if n != 1]
    place = [mp.mpf(int(k) + 1) for k in np.unravel_index(int(find(values)), shape)] if shape else [mp.mpf(1)]
    return np.array(place, dtype=object) if len(place) > 1 else place[0]


def _heaviside(x: Any, half: Any = 0) -> Any:
    return mp.mpf(x > 0) if x else half


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: choose(np.ravel(np.array(values, dtype=object)))


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b), "≠": lambda a, b: bool(a != b), "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b), "≤": lambda a, b: bool(a <= b), "≥": lambda a, b: bool(a >= b),
}  # fmt: skip

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(mp, name) for name in ("exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh",
       "coth", "sech", "sign", "floor", "ceil", "erf", "erfc", "erfinv", "gamma", "beta", "digamma", "polygamma",
       "besselj", "besseli")},
    "log": lambda x: -mp.inf if x == 0 else mp.log(x), "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan,
    "arctan2": mp.atan2, "arcsinh": mp.asinh, "arccosh": mp.acosh, "arctanh": mp.atanh,
    "gammaln": lambda x: mp.re(mp.loggamma(x)), "mod": lambda x, y: x - mp.floor(x / y) * y,
    "max": _extreme(max), "min": _extreme(min), "heaviside": _heaviside, "j": mp.besselj, "i": mp.besseli,
    "argmax": lambda x: _position(x, np.argmax), "argmin": lambda x: _position(x, np.argmin),
    "lowergamma": lambda a, x: mp.gammainc(a, 0, x), "uppergamma": mp.gammainc,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)), "det": lambda a: mp.det(mp.matrix(a.tolist())),
    "inv": _inverse, "cholesky": lambda a: np.array(mp.cholesky(mp.matrix(a.tolist())).tolist(), dtype=object),
}  # fmt: skip

DECOMPOSITIONS = frozenset(["eigh", "svd", "qr"])
"""Their signs are a choice, which a reader cannot make again."""

_RULES: Mapping[type, Callable[[Values, Any, Mapping[str, int]], Any]] = {
    tree.Number: Values.number, tree.Constant: Values.constant, tree.Symbol: Values.symbol, tree.Add: Values.add,
    tree.Negative: Values.negative, tree.Times: Values.times, tree.Fraction: Values.fraction,
    tree.Power: Values.power, tree.Root: Values.root, tree.Call: Values.call, tree.Absolute: Values.absolute,
    tree.Bracket: Values.bracket, tree.Delta: Values.delta, tree.List: Values.list, tree.Matrix: Values.matrix,
    tree.Norm: Values.norm, tree.Sum: Values.big, tree.Product: Values.big, tree.Cases: Values.cases,
    tree.Partial: Values.partial, tree.Transpose: Values.transpose, tree.Rounded: Values.rounded,
    tree.Subscript: Values.subscript,
}  # fmt: skip
