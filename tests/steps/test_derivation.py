"""Steps of whole derivations: the answer is the last one, nothing is shown twice, and every line holds."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sympy as sp

import autodiff as ad
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.closed_forms.steps import derivation_steps
from symdiff.evaluation.precision import mp
from symdiff.meaning.rule_steps import PartialDerivative, Rule, Step
from tests.steps.test_differentiator import assert_holds
from tests.symbolic.cases import CASES, ROW, TALL, Case
from tests.symbolic.closed_values import closed
from tests.symbolic.test_closed_forms import _NamedLoops

TRANSFORMED = {Rule.SUBSTITUTION, Rule.SIMPLIFICATION, Rule.NAMES, Rule.CONSUMERS}
LOCAL = {
    Rule.CONSTANT, Rule.VARIABLE, Rule.SUM, Rule.CONSTANT_FACTOR, Rule.PRODUCT, Rule.QUOTIENT, Rule.POWER,
    Rule.EXPONENTIAL, Rule.GENERAL_POWER,
}  # fmt: skip


def forms_of(case: Case) -> ClosedForms:
    return closed(case.program, **case.inputs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_answer_is_the_last_step(case: Case) -> None:
    forms = forms_of(case)
    steps = derivation_steps(forms)
    assert set(steps) == set(forms.general)
    for name, step in steps.items():
        assert step.result is forms.general[name].expression
        if step.children:
            assert step.children[-1].result is step.result or step.children[-1].result == step.result


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_shown_twice(case: Case) -> None:
    shown: set[int] = set()
    trees = set()
    for step in derivation_steps(forms_of(case)).values():
        for each in step.walk():
            if each.reference is not None:
                assert each.reference in shown
                assert not each.children
            if each.number is not None:
                assert each.number == len(shown) + 1
                shown.add(each.number)
                assert (each.rule, each.applied_to, each.result) not in trees
                trees.add((each.rule, each.applied_to, each.result))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_line_begins_where_the_last_one_ended(case: Case) -> None:
    for step in derivation_steps(forms_of(case)).values():
        for each in step.walk():
            for before, after in zip(each.children, each.children[1:], strict=False):
                if after.rule in (Rule.SUBSTITUTION, Rule.SIMPLIFICATION, Rule.NAMES) and before.rule in TRANSFORMED:
                    assert after.applied_to == before.result or isinstance(before.applied_to, PartialDerivative)
            if each.children and each.children[-1].rule in TRANSFORMED:
                assert each.children[-1].result == each.result


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_rule_of_a_local_partial_holds(case: Case) -> None:
    checked = 0
    for step in derivation_steps(forms_of(case)).values():
        for each in step.walk():
            if each.rule in LOCAL and isinstance(each.applied_to, PartialDerivative):
                if each.children and each.children[-1].rule == Rule.SIMPLIFICATION:
                    continue  # its result is in a name that stands for a formula
                assert_holds(each)
                checked += 1
    # the partials of a determinant come from an equation
    assert checked or "determinant" in case.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_sides_of_every_line_are_equal_numbers(case: Case) -> None:
    forms = forms_of(case)
    if forms.derivation.program.elements[forms.derivation.program.result].sizes:
        return  # the adjoints of an array result have no name of their own
    compared = lines = 0
    with mp.workprec(100):
        for step in derivation_steps(forms).values():
            values = _NamedLoops(forms)
            for each in step.walk():
                if each.rule in (Rule.SUBSTITUTION, Rule.SIMPLIFICATION):
                    lines += 1
                    for want, got in sides(values, forms, each):
                        assert abs(got - want) <= mp.mpf(10) ** -22 * max(1, abs(want)), each
                        compared += 1
    assert compared >= lines


def sides(values: _NamedLoops, forms: ClosedForms, step: Step) -> Iterator[tuple[Any, Any]]:
    """Both sides of a line as numbers, at the first positions where all that they read is there."""
    known = set(forms.sizes) | {each.symbol for each in forms.given}
    free = step.applied_to.free_symbols | step.result.free_symbols
    letters = [s for s in free if s.is_integer and s.name in "ijklqrstuabc" and s not in known]
    for corner in (1, 2, 3):
        try:
            yield tuple(mp.mpf(values(side, dict.fromkeys(letters, corner))) for side in (step.applied_to, step.result))
        except (IndexError, AssertionError):
            continue  # a row of a reshaped array, say, that is not there


def test_every_kind_of_rule_is_used() -> None:
    used = {
        str(each.rule) for case in CASES for step in derivation_steps(forms_of(case)).values() for each in step.walk()
    }
    named = {rule for rule in used if rule.startswith("derivative of ")}
    assert {"derivative of exp", "derivative of log", "derivative of sin", "derivative of tanh"} <= named
    wanted = {str(rule) for rule in Rule} - {"quotient", "exponential", "product", "constant between jumps", "numbers"}
    assert wanted - used <= {
        "substitution of numbers",
        "substitution of an index",
        "the result itself",
        "power with a variable exponent",
    }


def test_a_derivation_reads_from_the_result_back() -> None:
    steps = derivation_steps(closed(lambda x: ad.mean(x * x), x=ROW))["x"]
    assert lines(steps) == [
        "general partial: d(y)/d(x[k]) = 2*x[k]/n",
        "  chain rule: d(y)/d(y[k]) = 1/n",
        "    linearity of the sum: d(Sum(y[i], (i, 1, n))/n)/d(y[k]) = 1/n",
        "      constant factor: d(y[k]/n)/d(y[k]) = 1/n",
        "        variable: d(y[k])/d(y[k]) = 1",
        "  chain rule: d(y)/d(x[k]) = 2*x[k]/n",
        "    chain rule: d(y)/d(y[k]) = 1/n (2)",
        "    power: d(x[k]**2)/d(x[k]) = 2*x[k]",
        "    chain rule: d(y)/d(y[k])*d(y[k])/d(x[k]) = 2*x[k]*y_bar[k]",
        "    substitution: 2*x[k]*y_bar[k] = 2*x[k]/n",
    ]


def lines(step: Step, depth: int = 0) -> list[str]:
    seen = "" if step.reference is None else f" ({step.reference})"
    own = f"{'  ' * depth}{step.rule}: {step.applied_to} = {step.result}{seen}"
    return [own, *(line for child in step.children for line in lines(child, depth + 1))]


def test_two_inputs_share_what_they_have_in_common() -> None:
    steps = derivation_steps(closed(lambda W, b, x: ad.sum(ad.tanh(W @ x + b)), W=TALL, b=ROW, x=np.ones(3)))
    assert sum(each.rule == "derivative of tanh" for step in steps.values() for each in step.walk()) <= 2
    assert any(each.reference is not None for each in steps["b"].walk())


def test_an_input_that_is_not_used() -> None:
    steps = derivation_steps(closed(lambda x, y: ad.sum(x), x=ROW, y=ROW))
    assert steps["y"] == Step(Rule.CONSTANT, steps["y"].applied_to, sp.Integer(0))


def test_inputs_without_a_general_partial_are_left_out() -> None:
    odd = ad.op(meaning=None, vjp=[lambda g, y, x: g])(nameless)
    steps = derivation_steps(closed(lambda x, y: ad.sum(odd(x)) + ad.sum(y * y), x=ROW, y=ROW))
    assert set(steps) == {"y"}


def nameless(x: Any, /) -> Any:
    """An operation without a meaning."""
    return x


def test_the_steps_as_json_are_plain_data() -> None:
    steps = derivation_steps(closed(lambda x: ad.sum(ad.softmax(x) ** 2), x=ROW))["x"]
    data = steps.as_json()
    assert json.loads(json.dumps(data)) == data
    assert data["rule"] == "general partial"
    assert data["result"] == "2*(p[k] - Sum(p[i]**2, (i, 1, n)))*p[k]"
    numbers = [each.number for each in steps.walk() if each.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_input_may_be_called_as_an_adjoint_would_be() -> None:
    steps = derivation_steps(closed(lambda x, y_bar: ad.sum(x * x) * y_bar * y_bar, x=ROW, y_bar=2.0))
    assert str(steps["x"].result) == "2*y_bar**2*x[k]"
    chain = [
        each
        for each in steps["x"].walk()
        if each.rule == Rule.CHAIN and not isinstance(each.applied_to, PartialDerivative)
    ]
    assert "y_bar_bar" not in str(steps["x"].result)
    assert any("y_bar" in str(each.result) for each in chain)


def test_a_long_chain_is_a_flat_list() -> None:
    def program(x: Any) -> Any:
        for _ in range(150):
            x = ad.sin(x)
        return ad.sum(x)

    forms = closed(program, x=ROW)
    began = time.process_time()
    steps = derivation_steps(forms)["x"]
    assert time.process_time() - began < 60
    assert math.isclose(depth(steps), 6, abs_tol=2)


def depth(step: Step) -> int:
    return 1 + max((depth(child) for child in step.children), default=0)
