"""The mutation script itself: it damages what it says, puts everything back, and some operations' tests in full."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE, Op

from .__main__ import caught
from .mutants import mutants, operations
from .survivors import REASONS
from .witnesses import objection, witnesses

# One for each way in which a rule stands in the table: lambdas, a named function, helpers, a joint rule.
EXAMPLES = ["add", "multiply", "tanh", "logaddexp", "matmul", "sum", "cumprod", "concatenate"]


def operation(name: str) -> Op:
    entry = TABLE[name]
    assert isinstance(entry, Op)
    return entry


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_mutants_of_some_operations_are_caught(name: str) -> None:
    results = list(caught(operation(name)))
    assert len(results) >= 4
    assert [str(mutant) for mutant, first in results if not first and str(mutant) not in REASONS] == []


def test_a_mutant_is_computed_with_only_while_it_is_installed() -> None:
    tanh = operation("tanh")
    right = ad.grad(ad.tanh)(0.3)
    wrong = set()
    for mutant in mutants(tanh):
        with mutant.installed():
            wrong.add(float(ad.grad(ad.tanh)(0.3)) / float(right))
        assert ad.grad(ad.tanh)(0.3) == right
    assert -1.0 in wrong
    assert any(np.isclose(factor, 1.01) for factor in wrong)


def test_a_forgotten_sum_is_forgotten_in_one_operation_only() -> None:
    mutant = next(m for m in mutants(operation("multiply")) if "no sum" in m.what)
    x = np.array([1.0, 2.0])
    with mutant.installed():
        assert ad.grad(lambda a: ad.sum(a * x))(0.5) == 1.0
        assert ad.grad(lambda a: ad.sum(a + x))(0.5) == 2.0
    assert ad.grad(lambda a: ad.sum(a * x))(0.5) == 3.0


def test_the_witnesses_have_nothing_against_the_right_rules() -> None:
    for name in EXAMPLES[:4]:
        checks = witnesses(operation(name))
        assert len(checks) > len(operation(name).samples)
        assert [what for what in map(objection, checks) if what] == []


def test_there_are_hundreds_and_every_survivor_is_one_of_them() -> None:
    names = [str(mutant) for op in operations() for mutant in mutants(op)]
    assert len(names) > 2000
    assert set(REASONS) <= set(names)
