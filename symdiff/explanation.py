"""Explaining a derivative: the way in from Python, and the documents that show what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sympy as sp

from symdiff.agreement.evidence import evidence
from symdiff.agreement.report import GradientReport
from symdiff.arrays import Array
from symdiff.checking.documents import DerivationPages
from symdiff.deadline import Deadline, stage
from symdiff.errors import InputError
from symdiff.explained.explained import Explained, check_asked
from symdiff.formats import FORMATS, Format
from symdiff.frameworks.trace import arrived, judged_in, own_gradients, trace
from symdiff.turns import turn

if TYPE_CHECKING:
    from symdiff.closed_forms.closed_form import ClosedForms
    from symdiff.pages.blocks import Document
    from symdiff.pages.notebook import Page
    from symdiff.second_order import SecondOrder
    from symdiff.viewing.view import View

__all__ = ["Explanation", "explain"]

_Written = TypeVar("_Written")


class Explanation:
    """A derivative explained: both gradients, the formulas, their agreement, and documents about them.

    Arrays have the shape of their input; where the result is an array, its shape stands in front. Documents are in the
    language that ``explain`` was given, or in another that they are asked for: ``to_html(language="zh")``.
    """

    def __init__(self, explained: Explained, deadline: Deadline | None = None) -> None:
        self.explained = explained
        self._deadline = deadline or Deadline(None)

    def from_source(self, source: str, holds_values: bool = False) -> Explanation:
        """The same, told to be of ``FILE.py:NAME``: the page names the command that makes it again.

        ``holds_values``: the file says at which values, and the command does not.
        """
        return Explanation(replace(self.explained, source=source, holds_values=holds_values), self._deadline)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """What costs time is worked out when it is asked for: within the limit, by one thread at a time."""
        with self._deadline.at_work(), turn():
            yield

    @property
    def expression(self) -> str:
        """The text that was explained, or the function with its parameters."""
        return self.explained.expression

    @property
    def value(self) -> float | Array:
        """The result, from the engine."""
        return self.explained.value

    @property
    def gradients(self) -> Mapping[str, Array]:
        """By input the gradient, from the reverse-mode engine."""
        return self.explained.evidence.gradients

    @cached_property
    def report(self) -> GradientReport:
        """How the two agree."""
        evidence, report = self.explained.evidence, self.explained.report
        judged = judged_in(evidence.traced) or report.judged
        return replace(report, pages=DerivationPages(evidence), judged=judged)

    @property
    def claims(self) -> tuple[GradientReport, ...]:
        """The reports on the formulas that were claimed; ``causes`` begin with what is said of each."""
        return self.explained.claims

    @property
    def symbolic(self) -> Mapping[str, Array]:
        """By input the closed form's value, rounded once; at a kink the valid gradient nearest to what was returned.

        All nan where an operation has no symbolic meaning.
        """
        return {name: each.symbolic for name, each in self.report.inputs.items()}

    @cached_property
    def general(self) -> Mapping[str, sp.Expr]:
        """By input the partial for a general index and general sizes: ``2*x[k]/n``, where ``x[k]`` counts from 1."""
        with self._at_work():
            return self.explained.general

    @cached_property
    def matrix(self) -> Mapping[str, str | None]:
        """By input the gradient in matrix form, as a text of the language whose value it is; None where there is none.

        Where labels are given as a distribution for each example (every row of ``T`` adds up to 1), a form may rest on
        that: ``X.T @ (P - T)/m``.

        >>> explain("sum((A @ x - b)**2)", A=[[1, 2], [3, 4]], x=[1, 1], b=[0, 1], wrt=["x"]).matrix["x"]
        '2*A.T @ (A @ x - b)'
        """
        with self._at_work():
            self._settle_names()
            found = self.explained.matrix
            names = self.explained.evidence.traced.graph.wrt
            return dict.fromkeys(names) if found is None else {name: found[name] for name in names}

    def _settle_names(self) -> None:
        """Choose the page's names before a matrix form writes more: they do not depend on what is asked for first."""
        from symdiff.viewing.page_names import page_names

        if self.explained.forms is not None:
            page_names(self.explained.forms)

    def code(self, framework: str = "numpy") -> str:
        """Source text of a function ``gradient`` of all inputs that stands alone and returns the gradient.

        ``framework`` is "numpy", "torch" or "jax". Of several inputs the function returns a tuple. It is in matrix form
        where there is one, otherwise the chain rule over whole arrays.

        Raises:
            InputError: there is no such framework, or an operation cannot be written in it, which is named.

        >>> print(explain("sum((A @ x - b)**2)", A=[[1, 2], [3, 4]], x=[1, 1], b=[0, 1], wrt=["x"]).code())
        import numpy as np
        <BLANKLINE>
        <BLANKLINE>
        def gradient(A, x, b):
            \"""The gradient of sum((A @ x - b)**2) by x.
        <BLANKLINE>
            By x_k: -2*sum((b_i - sum(A_{i,j}*x_j, j=1..n))*A_{i,k}, i=1..m)
            \"""
            A = np.asarray(A, dtype=float)
            x = np.asarray(x, dtype=float)
            b = np.asarray(b, dtype=float)
            return 2 * A.T @ (A @ x - b)
        <BLANKLINE>
        """
        with self._at_work(), stage("writing the gradient as code"):
            return self.explained.code(framework)

    @cached_property
    def partials(self) -> Mapping[str, Array | None]:
        """By input an object array of sympy expressions in the inputs' elements ``x_1``, ``W_{2,3}``, counting from 1.

        None above 64 elements, and where the expressions would be too long to read.
        """
        with self._at_work():
            return self.explained.partials

    @property
    def forms(self) -> ClosedForms | None:
        """The closed forms with their steps; None where an operation has no symbolic meaning."""
        with self._at_work():
            return self.explained.forms

    @property
    def second_order(self) -> SecondOrder | None:
        """The second derivatives, by every pair of inputs; None where an operation has no symbolic meaning."""
        with self._at_work():
            return self.explained.second_order

    @cached_property
    def hessians(self) -> Mapping[tuple[str, str], sp.Expr]:
        """By pair of inputs the Hessian's general element, where it has a formula: ``2*KroneckerDelta(k, l)/n``."""
        found = self.second_order
        return {} if found is None else {pair: each.expression for pair, each in found.general.items()}

    @cached_property
    def view(self) -> View:
        """What a document says, as plain data, at the detail and the order that were asked for."""
        from symdiff.viewing.detail import detailed

        with self._at_work(), stage("choosing what the document says"):
            return detailed(self.explained)

    @cached_property
    def _whole_view(self) -> View:
        """The same with every step, for those who read it by program."""
        from symdiff.viewing.detail import detailed

        there: View | None = self.__dict__.get("view")  # once a page was made of it, unless steps are folded there
        if there is not None and not any(step.folded for step in (*there.forward, *there.backward)):
            return there
        with self._at_work(), stage("choosing what the document says"):
            return detailed(self.explained, whole=True, parts=False)

    # --- documents --------------------------------------------------------------------------------------------------

    def document(self, language: str | None = None, blank: bool | None = None) -> Document:
        """The document, from which every format is printed; with ``blank`` a worksheet, its answers at the end."""
        from symdiff.pages.document import document

        asked = language or self.explained.language
        with self._at_work(), stage("putting the document together"):
            page = document(self.view, asked, blank=self.explained.blank if blank is None else blank)
        if not self.claims:
            return page
        from symdiff.pages.report_blocks import with_claims

        return with_claims(page, self.claims, asked)

    def printed(self, form: Format, language: str | None = None, blank: bool | None = None) -> str:
        """The document as text in a format of ``symdiff.formats``."""
        with self._at_work(), stage("writing the document"):
            return form.print(*self._told(form, language, blank))

    def written(self, form: Format, language: str | None = None) -> bytes:
        """What a file of the format holds.

        Raises:
            InputError: TeX, which a PDF needs, is not installed.
        """
        with self._at_work(), stage("writing the document"):
            return form.write(*self._told(form, language))

    def _told(self, form: Format, language: str | None, blank: bool | None = None) -> tuple[object, ...]:
        """What a format is printed from."""
        if not form.whole:
            return (self.document(language, blank),)
        return self.explained.told_in(language or self.explained.language), self._whole_view

    def told(self, write: Callable[[Explained, View], _Written], language: str | None = None) -> _Written:
        """What ``write`` makes of everything that was found and of its view with every step, within the limit."""
        with self._at_work(), stage("writing the document"):
            return write(self.explained.told_in(language or self.explained.language), self._whole_view)

    def to_html(self, language: str | None = None, blank: bool | None = None) -> str:
        """One HTML file that needs nothing else."""
        return self.printed(FORMATS["html"], language, blank)

    def to_latex(self, language: str | None = None, blank: bool | None = None) -> str:
        """A LaTeX document."""
        return self.printed(FORMATS["latex"], language, blank)

    def to_markdown(self, language: str | None = None, blank: bool | None = None) -> str:
        """Markdown with GitHub's fences for mathematics."""
        return self.printed(FORMATS["markdown"], language, blank)

    def to_text(self, language: str | None = None, blank: bool | None = None) -> str:
        """Lines of Unicode text."""
        return self.printed(FORMATS["text"], language, blank)

    def to_json(self, language: str | None = None) -> str:
        """The JSON document: values, verdicts, formulas and steps; its reasons and notes are sentences."""
        return self.printed(FORMATS["json"], language)

    def show(self, language: str | None = None) -> None:
        """Show the document on the terminal, in colour."""
        from symdiff.pages.terminal import show

        show(self.document(language))

    def save(self, path: str | Path, language: str | None = None) -> None:
        """Write the document in the format that the suffix names: .html .tex .pdf .md .json .txt; whole or not at all.

        Raises:
            InputError: the suffix is not known, the folder cannot be written to, or TeX is not there for a PDF.
        """
        from symdiff.output import format_of, whole_file

        path = Path(path)
        form = format_of(path, None)
        with whole_file(path) as file:
            file.write(self.written(form, language))

    def page(self, language: str | None = None) -> Page:
        """The document as a notebook shows it: the last line of a cell, or an argument of ``display``."""
        from symdiff.pages.notebook import Page

        with self._at_work(), stage("writing the document"):
            return Page(self.document(language), repr(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: HTML in a frame, a part of a LaTeX document, text; why not, where time is over."""
        try:
            return self.page()._repr_mimebundle_()
        except InputError as error:
            return {"text/plain": f"{self!r}: {error}"}

    def _repr_html_(self) -> str:
        """The page in a frame of its own, for hosts that ask for HTML alone."""
        return self.page()._repr_html_()

    def __repr__(self) -> str:
        return f"<Explanation of {self.expression}: {self.report.verdict}>"


def explain(
    target: str | Callable[..., Any],
    *args: object,
    at: Mapping[str, object] | None = None,
    wrt: Sequence[str] | None = None,
    order: int = 1,
    detail: str = "steps",
    language: str = "en",
    claim: str | Sequence[str] = (),
    blank: bool = False,
    timeout: float | None = None,
    **values: object,
) -> Explanation:
    """Explain the derivative of an expression or a function at given values.

    ``target`` is a text of the expression language, whose values are given by name (``x=...``, or in ``at`` for any
    name at all), or a function of NumPy or autodiff calls, whose values may also be given by place. ``wrt`` names the
    inputs to differentiate by; without it these are all that hold floating numbers. With ``order=2`` the second
    derivatives are explained too. ``detail`` is how much a document shows: "result", "steps", or "rules" for every
    rule of every step. ``claim`` is a formula, or several, that somebody takes for a gradient: ``NAME = FORMULA``, of
    the general element (``x = 2*x[k]/n``) or of whole arrays (``W = X.T @ (X @ W - y)``); the document says what is
    right or missing in it, and ``explanation.claims`` has the reports. With ``blank`` the documents are worksheets:
    blanks in the place of factors, and the answers on the last page. ``language`` is that of the documents and of the
    report, "en" or "zh". ``timeout`` is the limit, in seconds, for all the work on this explanation, its documents
    included; it is looked at between steps.

    Raises:
        InputError: the text, the function's arguments or its result, or a value cannot be used, or the time is over
            (``symdiff.deadline.TimeLimit``).
        FunctionError: the function raised; its own exception is the cause.

    >>> explain("mean(x * x)", x=[0, 1, 2, 3]).gradients["x"]
    array([0. , 0.5, 1. , 1.5])
    """
    twice = sorted(set(values) & set(at or {}))
    if twice:
        raise InputError(f"{twice[0]} is given twice, by name and in at=; give each input once")
    check_asked(order, detail, language)
    deadline = Deadline(timeout)
    with deadline.at_work():
        given = arrived(target, args, {**(at or {}), **values})
        traced = trace(given.target, given.args, given.at, wrt)
        with turn():
            found = evidence(traced, own_gradients(traced))
        claims = _judged(given.target, given.args, given.at, wrt, claim, language) if claim else ()
    source = target if isinstance(target, str) else ""
    return Explanation(Explained(found, order, detail, language, source, claims, blank), deadline)


def _judged(
    target: str | Callable[..., Any],
    args: Sequence[object],
    at: Mapping[str, object],
    wrt: Sequence[str] | None,
    claim: str | Sequence[str],
    language: str,
) -> tuple[GradientReport, ...]:
    # few explanations are asked for a claim
    from symdiff.checking.claims import judge_claims

    return tuple(replace(each, language=language) for each in judge_claims(target, args, at, wrt, claim))
