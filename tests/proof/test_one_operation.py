"""One operation whole: every operation can be shown, its engines' answers and its composition among it."""

from __future__ import annotations

import json

import pytest

from autodiff.declare.op import TABLE
from symdiff.errors import InputError
from symdiff.proof.one_operation import one_operation

SHOWN = sorted({one.name for one in TABLE.values() if one.language})


@pytest.mark.parametrize("name", SHOWN[::6])
def test_every_operation_can_be_shown(name: str) -> None:
    told = one_operation(name)
    assert name in told
    assert "samples" in told
    (found,) = json.loads(one_operation(name, form="json"))
    assert found["name"] == name


def test_a_kink_has_the_answer_of_each_engine() -> None:
    assert "at x = 0 (a kink): autodiff 0, PyTorch 0, JAX 1" in one_operation("abs")


def test_composed_operations_show_their_steps_and_their_derivative() -> None:
    told = one_operation("huber_loss")
    assert "v0 = x - y" in told
    assert "v2 = mean(v1)" in told
    assert "d/dx = (1/n)*where(" in told
    assert "d/dx = " in one_operation("softmax")


def test_two_pieces_that_are_one_formula_of_the_size_are_written_as_one() -> None:
    assert "1/(3*abs(x)**(2/3))" in one_operation("cbrt")
    assert "where(x < 0, -1, 1)" in one_operation("abs")


def test_a_name_that_is_not_there_has_those_like_it() -> None:
    with pytest.raises(InputError, match="did you mean softmax"):
        one_operation("sofmax")
