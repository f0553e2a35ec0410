"""Unrolled loops: neither cost nor pages grow faster than the program, and pages say what they leave out."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.closed_forms.closed_form import ClosedForms, closed_forms
from symdiff.closed_forms.folding import Fold
from symdiff.closed_forms.readable.costs import EFFORT, FIRST, FOLDED, LAST, LONG_PROGRAM
from symdiff.evaluation.evaluate import backward
from symdiff.evaluation.precision import mp
from symdiff.meaning.program import symbolic_program
from symdiff.tracing.function_trace import trace_function
from symdiff.viewing.page_names import _pool
from tests.symbolic.closed_values import Loops

Program = Callable[..., Any]
RNG = np.random.default_rng(5)
SEEN = RNG.normal(size=(60, 2))
STATE = RNG.normal(size=(60, 3))


def filtered(turns: int) -> tuple[Program, dict[str, Any]]:
    """A Kalman filter with an unknown noise of the state and of what is seen of it."""

    def program(th: Any) -> Any:
        move, eye = np.array([[1.0, 0.1], [0.0, 1.0]]), np.eye(2)
        x, spread, total = np.zeros(2), np.eye(2), 0.0
        for seen in SEEN[:turns]:
            x, spread = move @ x, move @ spread @ move.T + np.exp(th[0]) * eye
            off, around = seen - x, spread + np.exp(th[1]) * eye
            gain = spread @ np.linalg.inv(around)
            x, spread = x + gain @ off, (eye - gain) @ spread
            total += off @ np.linalg.solve(around, off) + np.linalg.slogdet(around)[1]
        return total

    return program, {"th": np.array([0.3, -0.5])}


def recurrent(turns: int) -> tuple[Program, dict[str, Any]]:
    """A cell with two gates, unrolled."""

    def program(W: Any) -> Any:
        h = np.zeros(2)
        for x in STATE[:turns]:
            z = np.concatenate([h, x]) @ W
            gate = 1 / (1 + np.exp(-z[0:2]))
            h = gate * h + (1 - gate) * np.tanh(z[2:4])
        return np.sum(h**2)

    return program, {"W": RNG.normal(size=(5, 4)) * 0.4}


def aligned(turns: int) -> tuple[Program, dict[str, Any]]:
    """A dynamic program over a triangle: every cell looks at two others."""
    rows = max(int((2 * turns) ** 0.5), 2)

    def program(x: Any) -> Any:
        row = [x[0] * 0.5]
        for i in range(1, rows):
            cost = [(x[i] - 0.1 * j) ** 2 for j in range(i + 1)]
            inner = [-np.logaddexp(-row[j - 1], -row[j]) + cost[j] for j in range(1, i)]
            row = [row[0] + cost[0], *inner, row[-1] + cost[i]]
        total = row[0]
        for each in row[1:]:
            total = np.logaddexp(total, each)
        return total

    return program, {"x": np.linspace(-1.0, 1.0, rows)}


def iterated(turns: int) -> tuple[Program, dict[str, Any]]:
    """One number, sent through the same formula again and again, with a parameter that each turn reads."""

    def program(x: Any, a: Any) -> Any:
        for _ in range(turns):
            x = a * x * (1 - x)
        return x

    return program, {"x": 0.3, "a": 1.4}


LOOPS = {each.__name__: each for each in (filtered, recurrent, aligned, iterated)}
TURNS = {"filtered": 8, "recurrent": 12, "aligned": 24, "iterated": 40}
"""So many turns of each are more steps than a closed form is attempted for."""


def derivation(program: Program, inputs: dict[str, Any]) -> Derivation:
    return derive(symbolic_program(trace_function(program, (), inputs).graph))


def effort(program: Program, inputs: dict[str, Any]) -> int:
    """What the algebra was asked for, for all that a page shows."""
    forms = closed_forms(derivation(program, inputs))
    _ = forms.general, forms.shown_forward, forms.shown_backward
    return forms.composed.elements.algebra.asked


@pytest.mark.parametrize("name", LOOPS)
def test_the_cost_of_closed_forms_is_bounded_by_the_number_of_steps(name: str) -> None:
    costs = {turns: effort(*LOOPS[name](turns)) for turns in (10, 25, 50)}
    assert costs[50] < 2.5 * costs[25] + 2_000
    assert max(costs.values()) < 3 * EFFORT


@pytest.mark.parametrize("name", LOOPS)
def test_a_page_does_not_grow_with_the_number_of_turns(name: str) -> None:
    programs = (LOOPS[name](turns) for turns in (TURNS[name], 2 * TURNS[name]))
    short, long = (symdiff.explain(program, at=inputs) for program, inputs in programs)
    sizes = [len(each.to_html()) for each in (short, long)]
    assert sizes[1] < 1.15 * sizes[0]
    assert sizes[1] < 400_000
    assert len(long.to_markdown()) < 1.15 * len(short.to_markdown()) + 500
    assert len(long.to_latex()) < 1.15 * len(short.to_latex()) + 500
    assert len(long.to_text()) < 1.15 * len(short.to_text()) + 500


@pytest.mark.parametrize("name", LOOPS)
def test_the_json_document_has_every_step(name: str) -> None:
    program, inputs = LOOPS[name](TURNS[name])
    explanation = symdiff.explain(program, at=inputs)
    forms = explanation.forms
    assert forms is not None
    assert _left_out(forms.shown_forward) > 20
    steps = json.loads(explanation.to_json())["steps"]
    assert sum(step["way"] == "backward" for step in steps) == len(forms.derivation.order) - 1
    shown = sum(not isinstance(step, Fold) for step in forms.shown_forward)
    assert sum(step["way"] == "forward" for step in steps) == shown + _left_out(forms.shown_forward)
    assert all(step["lines"] or step["general"] for step in steps)


def _left_out(steps: tuple[Any, ...]) -> int:
    return sum(len(step.elements) for step in steps if isinstance(step, Fold))


@pytest.mark.parametrize("name", LOOPS)
def test_the_partials_in_the_names_of_the_steps_are_the_gradient(name: str) -> None:
    forms = closed_forms(derivation(*LOOPS[name](TURNS[name])))
    assert forms.composed.long
    with mp.workprec(120):
        for name_, general in forms.general.items():
            assert general.beyond is not None
            assert general.beyond.count == len(forms.derivation.order)
            got, want = in_numbers(forms, name_)
            assert np.allclose(got, want, rtol=1e-12)


def in_numbers(forms: ClosedForms, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The general partial evaluated in the values and the adjoints of the steps, and the adjoint itself."""
    general, program = forms.general[name], forms.derivation.program
    loops = Loops(forms, general)
    adjoints = backward(forms.derivation, loops.run)
    for index, known in forms.names.items():
        shape = [n for n in program.elements[index].shape if n != 1]
        loops.arrays.setdefault(known, np.reshape(np.asarray(loops.run.values[index], dtype=object), shape))
        if index in adjoints:
            array = np.broadcast_to(np.asarray(adjoints[index], dtype=object), program.elements[index].shape)
            loops.arrays[forms.naming.name("adjoint", index)] = np.reshape(array, shape)
    want = np.asarray(adjoints[program.inputs[name]], dtype=object)
    got = np.empty(want.shape)
    for at in np.ndindex(*want.shape):
        place = (i + 1 for i, length in zip(at, want.shape, strict=True) if length != 1)
        got[at] = float(loops(general.expression, dict(zip(general.indices, place, strict=True))))
    return got, want.astype(float)


def test_the_page_says_what_was_not_attempted_and_what_is_left_out() -> None:
    program, inputs = iterated(50)
    explanation = symdiff.explain(program, at=inputs)
    told = " ".join(explanation.to_text().split())
    forms = explanation.forms
    assert forms is not None
    steps = len(forms.derivation.order)
    assert told.count(f"would be put together from {steps} steps, and at most {LONG_PROGRAM} are") == 1
    assert len(explanation.report.inputs) == 2
    assert told.count("In the names of the steps below:") == 1
    assert "For every size and every element" not in told
    assert "more steps, each of a kind that this page shows, are left out here; the JSON document has them" in told
    # steps are counted through what is left out
    assert f"Step {max(max(step.numbers) for step in _whole(explanation))}:" in told
    assert json.loads(explanation.to_json())["inputs"]["x"]["beyond"] == {"steps": steps, "most": LONG_PROGRAM}


def _whole(explanation: Any) -> Any:
    from symdiff.viewing.detail import detailed

    return detailed(explanation.explained, whole=True).backward


def test_names_do_not_depend_on_which_document_is_asked_for_first() -> None:
    program, inputs = filtered(8)
    first, second = (symdiff.explain(program, at=inputs) for _ in range(2))
    page, data = first.to_html(), first.to_json()
    assert (second.to_json(), second.to_html()) == (data, page)


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_a_short_loop_is_told_whole(turns: int) -> None:
    forms = closed_forms(derivation(*iterated(turns)))
    assert len(forms.derivation.order) <= FOLDED
    assert all(general.beyond is None for general in forms.general.values())
    assert not _left_out(forms.shown_forward)
    assert not _left_out(forms.shown_backward)


def test_steps_of_many_kinds_are_not_folded() -> None:
    functions = [np.sin, np.cos, np.tanh, np.exp, np.arctan, np.sinh, np.log1p, np.sqrt, np.square, np.negative]

    def program(x: Any) -> Any:
        total = 0.0
        for k, first in enumerate(functions):
            for second in functions[k : k + 3]:
                total = total + first(second(x))
        return total

    forms = closed_forms(derivation(program, {"x": 0.4}))
    assert FOLDED < len(forms.derivation.order) <= LONG_PROGRAM
    assert not _left_out(forms.shown_forward)


def test_the_first_of_each_kind_and_the_last_are_shown() -> None:
    forms = closed_forms(derivation(*iterated(40)))
    shown = forms.shown_forward
    (place,) = [k for k, step in enumerate(shown) if isinstance(step, Fold)]
    fold = shown[place]
    assert isinstance(fold, Fold)
    assert fold.alike
    assert place <= FIRST + LAST
    assert len(shown) - place - 1 == LAST
    steps = [e for each in shown for e in (each.elements if isinstance(each, Fold) else (each.element,))]
    assert steps == sorted(steps)
    assert len(steps) == len(forms.forward)


def test_every_rule_of_a_long_program_is_told_of_what_is_shown() -> None:
    short, long = (symdiff.explain(iterated(n)[0], at=iterated(n)[1], detail="rules").to_html() for n in (50, 100))
    assert len(long) < 2 * len(short)


def test_a_long_program_of_an_array_has_its_numbers_and_no_formula() -> None:
    def program(x: Any) -> Any:
        for _ in range(60):
            x = np.sin(x) + 0.5 * x
        return x

    explanation = symdiff.explain(program, at={"x": [0.1, 0.2]})
    assert explanation.report.verdict == "agree"
    assert not explanation.general
    told = " ".join(explanation.to_text().split())
    assert "left out here" in told
    assert "A closed form is not attempted: it would be put together from" in told
    assert json.loads(explanation.to_json())["inputs"]["x"]["general"] is None


def test_second_derivatives_of_a_long_program_are_refused_by_name() -> None:
    program, inputs = iterated(60)
    told = " ".join(symdiff.explain(program, at=inputs, order=2).to_text().split())
    assert "the program is too long" in told


def test_names_do_not_run_out() -> None:
    # a name that comes again, tau as three letters, is taken then
    assert len(set(islice(_pool(), 60_000))) > 50_000
