"""Closed forms: partials as textbooks print them, confirmed over two other routes; names; steps; what has no form."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import sympy as sp

import autodiff as ad
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.evaluation.precision import mp
from symdiff.sentences import Said
from tests.symbolic.cases import CASES, OTHER, ROW, SQUARE, TALL, WEIGHTS, Case
from tests.symbolic.closed_values import Loops, closed, confirmed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_general_partial_reads_as_in_textbooks(case: Case) -> None:
    forms = closed(case.program, **case.inputs)
    assert not forms.unsupported
    assert {name: str(general.expression) for name, general in forms.general.items()} == dict(case.general)
    written = {str(d.symbol): str(d.formula) for general in forms.general.values() for d in general.definitions}
    assert case.definitions.items() <= written.items()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_general_partial_agrees_with_the_adjoints_and_with_sympy(case: Case) -> None:
    confirmed(closed(case.program, **case.inputs))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_steps_hold(case: Case) -> None:
    """Forward formulas give the elements; the edges of a step add up to its closed form."""
    forms = closed(case.program, **case.inputs)
    if forms.derivation.program.elements[forms.derivation.program.result].sizes:
        return  # the adjoints of an array result have no name of their own
    with mp.workprec(120):
        steps = _NamedLoops(forms)
        for step in forms.backward:
            for letters in steps.positions(step.element, step.indices):
                _same(steps(step.formula, letters), steps(step.closed, letters))
        for forward in steps.forward.values():
            values = np.asarray(steps.run.values[forward.element])
            for letters in steps.positions(forward.element, forward.indices):
                at = iter(letters.values())
                place = tuple(next(at) - 1 if n != 1 else 0 for n in values.shape)
                _same(steps(forward.formula, letters), values[place])


class _NamedLoops(Loops):
    """Formulas in the names of all elements and adjoints; the adjoints' values come from their closed forms."""

    def __init__(self, forms: ClosedForms) -> None:
        super().__init__(forms, next(iter(forms.general.values())))
        self.arrays |= {definition.name: self.given(definition) for definition in forms.given}
        self.steps = {(step.adjoint, len(step.indices)): step for step in forms.backward}
        self.forward = {(step.name, len(step.indices)): step for step in forms.forward if step.formula is not None}
        self.cache: dict[Any, Any] = {}

    def positions(self, element: int, indices: tuple[sp.Symbol, ...]) -> list[dict[sp.Symbol, int]]:
        sizes = [n for n in self.program.elements[element].shape if n != 1]
        return [dict(zip(indices, (i + 1 for i in at), strict=True)) for at in np.ndindex(*sizes)]

    def indexed(self, name: str, index: tuple[int, ...]) -> Any:
        for steps in (self.forward, self.steps):
            step = steps.get((name, len(index)))
            if step is not None:
                key = name, index
                if key not in self.cache:
                    formula = step.formula if steps is self.forward else step.closed
                    self.cache[key] = self(formula, dict(zip(step.indices, index, strict=True)))
                return self.cache[key]
        return super().indexed(name, index)


def _same(got: Any, want: Any) -> None:
    assert abs(mp.mpf(got) - mp.mpf(want)) <= mp.mpf(10) ** -25 * max(1, abs(mp.mpf(want)))


# --- names ---------------------------------------------------------------------------------------------------------


def test_the_authors_names_come_first() -> None:
    def program(x: Any) -> Any:
        share = ad.softmax(x)
        return ad.sum(share**2)

    general = closed(program, x=ROW).general["x"]
    assert str(general.expression) == "2*(share[k] - Sum(share[i]**2, (i, 1, n)))*share[k]"


@pytest.mark.parametrize(
    "name", ["n", "m", "k", "i", "j", "l", "p", "e", "y", "mu", "y_bar", "s", "v_1", "E", "I", "pi"]
)
def test_no_letter_means_two_things(name: str) -> None:
    def program(**inputs: Any) -> Any:
        return ad.sum(ad.softmax(inputs[name]) ** 2 * inputs["x"])

    forms = confirmed(closed(program, **{name: ROW, "x": OTHER}), expanded=False)
    for general in forms.general.values():
        arrays = {str(base) for base in general.expression.atoms(sp.IndexedBase)}
        arrays |= {d.name for d in general.definitions if d.indices}
        letters = {symbol.name for symbol in general.expression.atoms(sp.Symbol)} - arrays
        assert not letters & {name, "x"}
        assert len({d.name for d in general.definitions}) == len(general.definitions)


def test_the_program_may_be_any_size() -> None:
    def program(x: Any) -> Any:
        return ad.sum(ad.softmax(x) ** 2)

    small, large = closed(program, x=ROW), closed(program, x=np.linspace(-1.0, 1.0, 200_000))
    assert small.general["x"].expression == large.general["x"].expression
    assert list(large.sizes.values()) == [200_000]


# --- what has no form, and values that are no numbers ----------------------------------------------------------------


def test_what_has_no_form_is_named_and_the_rest_stands() -> None:
    forms = closed(lambda a, x: ad.gammainc(a, x) * x, a=1.5, x=0.5)
    assert forms.unsupported == (Said("missing.form", {"operation": "gammainc"}),)
    assert list(forms.general) == ["x"]


def test_constants_that_are_no_numbers() -> None:
    forms = closed(lambda x: ad.sum(x * np.inf) + ad.sum(x * np.nan), x=ROW)
    assert forms.general["x"].expression.has(sp.oo) or forms.general["x"].expression is sp.nan


def test_a_given_array_is_a_named_constant() -> None:
    general = closed(lambda x: ad.sum(x * np.array([1.0, 2.0, 3.0, 4.0])), x=ROW).general["x"]
    (constant,) = general.definitions
    assert constant.kind == "constant"
    assert constant.value is not None
    assert constant.value.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert str(general.expression) == f"{constant.name}[k]"


def test_a_matrix_of_one_row_keeps_its_index() -> None:
    general = closed(lambda x: ad.sum(x**2), x=ROW.reshape(1, 4)).general["x"]
    assert str(general.expression) == "2*x[1, k]"


def test_decimals_are_written_as_the_author_wrote_them() -> None:
    assert str(closed(lambda x: ad.sum(0.1 * x), x=ROW).general["x"].expression) == "1/10"
    assert str(closed(lambda x: ad.sum(x / np.sqrt(3.0)), x=ROW).general["x"].expression) == "sqrt(3)/3"


def test_a_long_chain_neither_hangs_nor_overflows() -> None:
    def program(x: Any) -> Any:
        for _ in range(40):
            x = ad.tanh(x * x + ad.sin(x)) * ad.mean(x)
        return ad.sum(x)

    start = time.process_time()
    forms = closed(program, x=ROW)
    _ = forms.general, forms.backward
    assert time.process_time() - start < 60


def test_three_dimensions_and_a_broadcast_column() -> None:
    cube = np.arange(1.0, 13.0).reshape(2, 3, 2) / 4
    confirmed(
        closed(lambda x, b: ad.sum(ad.exp(x - b) * x), x=cube, b=np.array([[0.5], [1.0], [-0.25]])), expanded=False
    )


def test_sums_over_all_and_over_some_axes() -> None:
    confirmed(closed(lambda X: ad.sum(ad.mean(X, axis=1) ** 2) * ad.mean(X), X=TALL))


def test_programs_of_matrices() -> None:
    confirmed(closed(lambda A, b: ad.sum((A @ A.T @ b) ** 2), A=SQUARE, b=WEIGHTS), expanded=False)


def test_no_name_brings_in_a_division_by_what_may_be_0() -> None:
    """With v = h/z, z is not written as h/v: h is 0 wherever the relu is."""

    def program(x: Any, w: Any) -> Any:
        v = ad.relu(w - 0.25) / (x * x + 1)
        return ad.sum(v[0] * v[0]) + ad.mean(v * (x * 1.5))

    confirmed(closed(program, x=TALL[:2], w=WEIGHTS), expanded=False)


def test_a_factor_keeps_its_name_and_that_of_its_inverse() -> None:
    forms = confirmed(closed(lambda A: ad.sum(ad.cholesky(A)), A=(SQUARE @ SQUARE.T)[:2, :2]))
    general = forms.general["A"]
    assert str(general.expression) == (
        "(Sum(y[j, i]*y_inv[i, k]*y_inv[i, l], (i, 1, n), (j, 1, n)) + Sum((y_inv[i, k]*y_inv[j, l] + y_inv[i, l]*y_inv"
        "[j, k])*y[q, i], (i, j + 1, n), (j, 1, n), (q, 1, n)))/2"
    )
    assert {d.name: str(d.formula) for d in general.definitions} == {"y": "cholesky(A)", "y_inv": "inv(y)"}


def test_eigenvalues_are_differentiated_by_their_vectors() -> None:
    forms = confirmed(closed(lambda A: ad.sum(ad.eigvalsh(A) ** 2), A=SQUARE @ SQUARE.T), expanded=False)
    general = forms.general["A"]
    vectors = general.definitions[0].name
    assert str(general.expression) == f"2*Sum({vectors}[1, i]*{vectors}[k + 1, i]*{vectors}[l + 1, i], (i, 1, n))"
