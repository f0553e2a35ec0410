"""Second derivatives: the Hessian's general element for every pair of inputs, by differentiating the derivation itself.

The adjoint of an input is a formula of the general element; its total derivative by a general element of another input
is again one, for every size. ``second_order(closed)`` has

- ``general["x", "w"]``, a ``General`` with the letters of x's index first, then those of w's (for an array result its
  own before both): ``d²y / (dx[k] dw[l])``;
- ``elements["x", "w"]`` and ``values["x", "w"]``: these as formulas for every pair of elements, and as floats, in the
  shape of x and then of w (for an array result its own before both), for small inputs;
- ``unsupported``: the pairs that have no general formula, and the operation to blame.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count
from typing import TypeAlias

import numpy as np
import sympy as sp

from symdiff.algebra.forms import TooLong
from symdiff.arrays import Array
from symdiff.at_point import Point
from symdiff.calculus.chain_rule import derive
from symdiff.closed_forms.closed_form import ClosedForms, closed_forms
from symdiff.closed_forms.differentiation import Differential, ranked
from symdiff.closed_forms.elements import NoForm, Position
from symdiff.closed_forms.readable.letters import BOUND
from symdiff.closed_forms.readable.settle import Settler
from symdiff.closed_forms.readable.to_sympy import index_symbol
from symdiff.closed_forms.records import General
from symdiff.meaning.program import SymbolicProgram
from symdiff.sentences import Said

__all__ = ["Pair", "SecondOrder", "hessian_forms", "second_order"]

Pair = tuple[str, str]
Entry: TypeAlias = "Callable[..., object]"

ENTRIES = 64
"""Of more entries none is written out."""
OPERATIONS = 100
"""Nor those of a formula of more operations, which nobody would read."""

SECOND = 50
"""Ranks the indices of the second input after those of the first, and before those of an array result."""


@dataclass(frozen=True)
class SecondOrder:
    """The second derivatives of a program whose first are known; worked out when first asked for, then kept."""

    closed: ClosedForms

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair of inputs, in both orders."""
        names = self.closed.derivation.program.wrt
        return tuple((first, second) for first in names for second in names)

    @cached_property
    def general(self) -> Mapping[Pair, General]:
        """The Hessian's general element for every pair that has one."""
        found = {pair: self._attempts[pair] for pair in self.pairs}
        return {pair: form for pair, form in found.items() if isinstance(form, General)}

    @cached_property
    def unsupported(self) -> Mapping[Pair, Said]:
        """The pairs without a general formula, with what stands in the way."""
        return {pair: form for pair, form in self._attempts.items() if isinstance(form, Said)}

    @cached_property
    def elements(self) -> Mapping[Pair, Array]:
        """By pair an object array of formulas, one for each entry, where there are few."""
        return self._entries(self._point.written, object)

    @cached_property
    def values(self) -> Mapping[Pair, Array]:
        """By pair an array of floats, each next to the formula's exact value at the point, where there are few."""
        return self._entries(self._point.value, float)

    @cached_property
    def scales(self) -> Mapping[Pair, Array]:
        """By pair the largest term that is summed for each entry, where there are few."""
        return self._entries(self._point.scale, float)

    @cached_property
    def _point(self) -> Point:
        return Point(self.closed)

    def _entries(self, entry: Entry, dtype: type) -> Mapping[Pair, Array]:
        return _Entries(self, entry, dtype)

    @cached_property
    def few(self) -> tuple[Pair, ...]:
        """The pairs with few enough entries, of short enough formulas, to write them all."""
        return tuple(
            pair
            for pair, general in self.general.items()
            if int(np.prod(self.shape(pair), dtype=np.int64)) <= ENTRIES
            and sp.count_ops(general.expression) <= OPERATIONS
        )

    def shape(self, pair: Pair) -> tuple[int, ...]:
        """The shape of all second derivatives of a pair."""
        program = self.closed.derivation.program
        elements = (program.result, *(program.inputs[name] for name in pair))
        return tuple(length for index in elements for length in program.elements[index].shape)

    @cached_property
    def _attempts(self) -> Mapping[Pair, General | Said]:
        return {pair: self._attempt(*pair) for pair in self.pairs}

    def _attempt(self, first: str, second: str) -> General | Said:
        if self.closed.composed.long:
            return Said("missing.long_program")
        failed = self.closed.composed.failed
        index = self.closed.derivation.program.inputs[first]
        if index in failed:
            return failed[index]
        try:
            return self._general(first, second)
        except NoForm as error:
            return error.said
        except TooLong:
            return Said("missing.long_formula")

    def _general(self, first: str, second: str) -> General:
        closed, elements = self.closed, self.closed.composed.elements
        inputs = closed.derivation.program.inputs
        adjoint = closed.composed.adjoints.get(inputs[first])
        at = elements.general(inputs[first]) if adjoint is None else adjoint.at
        beside = elements.general(inputs[second])
        ranked(elements, [beside], SECOND)
        form = None if adjoint is None else self._differential(inputs[second], beside).of(adjoint.closed)
        while True:
            letters, indices = closed.naming.partial_letters((inputs[first], at), (inputs[second], beside))
            if form is None:
                return General(f"{first}, {second}", indices, sp.Integer(0))
            found = closed.naming.general(f"{first}, {second}", form, letters, indices)
            # writing gives names to arrays that had none, perhaps one that was an index until now
            taken = closed.naming.taken
            if taken.isdisjoint(index.name for index in indices):
                return replace(found, expression=bound_apart(found.expression, taken))

    def _differential(self, by: int, at: Position) -> Differential:
        return Differential(self.closed.composed, Settler(self.closed.composed.elements), by, at)


def bound_apart(expression: sp.Expr, taken: Collection[str]) -> sp.Expr:
    """``expression`` with no index of a sum called as something else is."""
    sums = expression.atoms(sp.Sum, sp.Product)
    bound = {limit[0] for part in sums for limit in part.limits}
    used = {*taken, *(symbol.name for symbol in expression.atoms(sp.Symbol))}
    free = (letter for letter in chain(BOUND, (f"i_{number}" for number in count(1))) if letter not in used)
    clashing = sorted((symbol for symbol in bound if symbol.name in taken), key=str)
    return expression.xreplace({symbol: index_symbol(next(free)) for symbol in clashing})


class _Entries(Mapping[Pair, Array]):
    """An array of entries for each pair that has few; each is worked out when it is asked for."""

    def __init__(self, found: SecondOrder, entry: Entry, dtype: type) -> None:
        self._found, self._entry, self._dtype = found, entry, dtype
        self._known: dict[Pair, Array] = {}

    def __getitem__(self, pair: Pair) -> Array:
        if pair not in self._found.few:
            raise KeyError(pair)
        if pair not in self._known:
            self._known[pair] = self._array(self._found.general[pair], self._found.shape(pair))
        return self._known[pair]

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._found.few)

    def __len__(self) -> int:
        return len(self._found.few)

    def _array(self, general: General, shape: tuple[int, ...]) -> Array:
        array: Array = np.empty(shape, dtype=self._dtype)
        for at in np.ndindex(*shape):
            # an axis of length 1 has no letter
            place = (i + 1 for i, length in zip(at, shape, strict=True) if length != 1)
            letters = dict(zip(general.indices, place, strict=True))
            array[at] = self._entry(general.expression, letters, general.definitions)
        return array


def second_order(closed: ClosedForms) -> SecondOrder:
    """The second derivatives of the program whose first are ``closed``."""
    return SecondOrder(closed)


def hessian_forms(program: SymbolicProgram) -> Mapping[Pair, General]:
    """The Hessian's general element for every pair of the inputs that a program is differentiated by."""
    return second_order(closed_forms(derive(program))).general
