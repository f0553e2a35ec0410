"""Explained: everything that both ways found out about a derivative, and what follows from it.

A page, a report, a JSON document are views of it. What costs time is worked out when it is first asked for; nothing is
ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import sympy as sp

from symdiff.agreement.evidence import Evidence
from symdiff.agreement.report import GradientReport
from symdiff.arrays import Array
from symdiff.closed_forms.closed_form import ClosedForms, Formulas
from symdiff.deadline import stage
from symdiff.errors import InputError
from symdiff.explained.shared_forms import shared_forms
from symdiff.explained.symbols import Symbols, symbols_of
from symdiff.explained.written_out import Expanded, expanded
from symdiff.options import DETAILS, ORDERS
from symdiff.sentences import sentences

if TYPE_CHECKING:
    from symdiff.matrix_form.matrix_forms import MatrixForms
    from symdiff.second_order import SecondOrder

__all__ = ["Explained", "check_asked"]


_SYMBOLS: WeakKeyDictionary[Formulas, Symbols] = WeakKeyDictionary()
_EXPANDED: WeakKeyDictionary[Formulas, Expanded] = WeakKeyDictionary()
"""By formulas, which points share, what follows from them alone."""


def check_asked(order: int, detail: str, language: str = "en") -> None:
    """Refuse an order, a detail or a language that there is not, before anything is derived.

    Raises:
        InputError: there is no such order, no such detail, or no such language.
    """
    if detail not in DETAILS:
        raise InputError(f"detail={detail!r}: choose one of {', '.join(DETAILS)}")
    if order not in ORDERS:
        raise InputError(f"order={order!r}: choose 1, or 2 for the second derivatives")
    sentences(language)


@dataclass(frozen=True)
class Explained:
    """What was found (``evidence``), how much of it a document tells, and in which language.

    ``source`` is what a shell can be told to explain: a text, or ``FILE.py:NAME``; nothing for other functions.
    ``claims`` are the reports on formulas that somebody claimed.
    """

    evidence: Evidence
    order: int = 1
    detail: str = "steps"
    language: str = "en"
    source: str = ""
    claims: tuple[GradientReport, ...] = ()
    blank: bool = False  # whether documents are worksheets
    holds_values: bool = False  # whether the source says itself at which values

    def __post_init__(self) -> None:
        check_asked(self.order, self.detail, self.language)

    def told_in(self, language: str) -> Explained:
        """The same in another language; what was worked out is not worked out again."""
        if language == self.language:
            return self
        check_asked(self.order, self.detail, language)
        other = copy(self)
        object.__setattr__(other, "language", language)
        return other

    @property
    def expression(self) -> str:
        """The text that was explained, or the function with its parameters."""
        return self.evidence.traced.graph.text

    @property
    def value(self) -> float | Array:
        """The result, from the engine."""
        value = self.evidence.traced.result.data
        return float(value) if np.ndim(value) == 0 else np.array(value)

    @property
    def report(self) -> GradientReport:
        """How the two ways agree."""
        return replace(self.evidence.report, language=self.language)

    @cached_property
    def forms(self) -> ClosedForms | None:
        """The closed forms with their steps; None where an operation has no symbolic meaning."""
        if self.evidence.derivation is None:
            return None
        with stage("finding closed forms"):
            return shared_forms(self.evidence.traced.graph, self.evidence.derivation, (self.order, self.detail))

    @cached_property
    def matrix(self) -> MatrixForms | None:
        """By input the gradient in matrix form; None where an operation has no symbolic meaning."""
        # read by those who ask for it, and by pages
        from symdiff.matrix_form.matrix_forms import MatrixForms

        return None if self.forms is None else MatrixForms(self.forms)

    def code(self, framework: str) -> str:
        """The gradient as source text of a function that stands alone.

        Raises:
            InputError: there is no such framework, or an operation cannot be written in it.
        """
        # few ask for it
        from symdiff.code_out.gradient_code import gradient_code

        found = self.evidence
        if found.derivation is None or self.forms is None or self.matrix is None:
            missing = ", ".join(found.report.unsupported) or "an operation"
            raise InputError(f"code: {missing} has no symbolic meaning, so there is no formula to write")
        return gradient_code(self.expression, found.derivation, self.forms, self.matrix, framework)

    @cached_property
    def symbols(self) -> Symbols:
        """The symbols of all elements."""
        program = self.evidence.program
        if self.forms is None:
            return symbols_of(program, {index: name for name, index in program.inputs.items()})
        formulas = self.forms.formulas
        if formulas not in _SYMBOLS:
            _SYMBOLS[formulas] = symbols_of(program, self.forms.names, self.forms.shown)
        return _SYMBOLS[formulas]

    @cached_property
    def expanded(self) -> Expanded:
        """Values and partials written out in the inputs, where they are short."""
        found = self.evidence
        if found.derivation is None or found.numbers is None:
            return Expanded({}, {}, {})
        symbols, choices = self.symbols.arrays, found.numbers.bounded
        # where nothing was chosen by its value, it is the same at every point
        free = self.forms is not None and not choices.chose
        formulas = self.forms.formulas if free and self.forms is not None else None
        if formulas is not None and formulas in _EXPANDED:
            return _EXPANDED[formulas]
        with stage("writing out every element"):
            written = expanded(found.derivation, choices, symbols)
        if formulas is not None:
            _EXPANDED[formulas] = written
        return written

    @property
    def partials(self) -> Mapping[str, Array | None]:
        """By input the partials element by element; None where they are too many or too long to read."""
        return {name: self.expanded.partials.get(name) for name in self.evidence.traced.graph.wrt}

    @property
    def general(self) -> Mapping[str, sp.Expr]:
        """By input the partial for a general index and general sizes."""
        return {} if self.forms is None else {name: each.expression for name, each in self.forms.general.items()}

    @cached_property
    def second_order(self) -> SecondOrder | None:
        """The second derivatives, by every pair of inputs; None where an operation has no symbolic meaning."""
        # few documents ask for them
        from symdiff.second_order import second_order

        if self.forms is None:
            return None
        with stage("second derivatives"):
            return second_order(self.forms)
