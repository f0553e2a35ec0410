"""The normal form: what cancels, what is kept apart, and what must not be taken for equal."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from symdiff.algebra.arithmetic import Arithmetic
from symdiff.algebra.atoms import Delta, Element, Size, Sum
from symdiff.algebra.conditions import at_least_zero, compared, either, expanded, in_range, negated, never_negative
from symdiff.algebra.fold import factored, known_result
from symdiff.algebra.forms import Form, TooLong, Variable
from symdiff.algebra.rewrite import elements_replaced, substituted
from symdiff.algebra.sums import delta, multiplied, summed


class Paper:
    """Letters to write forms with."""

    def __init__(self) -> None:
        self.algebra = Arithmetic()
        self.n = self.algebra.make(Size, "n", 4)
        self.m = self.algebra.make(Size, "m", 3)

    def index(self, size: Form | None = None) -> Variable:
        return self.algebra.fresh(self.n if size is None else size)

    def x(self, *index: Variable | Form | int, name: str = "x") -> Form:
        at = tuple(self.algebra.of(i) if isinstance(i, Variable) else self.algebra.lift(i) for i in index)
        return self.algebra.make(Element, "value", name, at)

    def total(self, *variables: Variable, of: Form) -> Form:
        return summed(self.algebra, variables, of)


@pytest.fixture
def paper() -> Paper:
    return Paper()


# --- sums ----------------------------------------------------------------------------------------------------------


def test_equal_sums_are_one_object_whatever_their_letters(paper: Paper) -> None:
    i, j = paper.index(), paper.index()
    assert paper.total(i, of=paper.x(i) ** 2) is paper.total(j, of=paper.x(j) ** 2)
    assert (paper.total(i, of=paper.x(i)) - paper.total(j, of=paper.x(j))).constant == 0


def test_double_sums_in_either_order_are_one(paper: Paper) -> None:
    i, j, k, l = (paper.index() for _ in range(4))
    first = paper.total(i, j, of=paper.x(i, j) * paper.x(i))
    assert first is paper.total(k, of=paper.total(l, of=paper.x(k, l) * paper.x(k)))
    assert first is not paper.total(i, j, of=paper.x(i, j) * paper.x(j))


def test_constants_leave_a_sum_and_are_counted(paper: Paper) -> None:
    i = paper.index()
    c = paper.x(name="c")
    assert paper.total(i, of=c) is paper.n * c
    assert paper.total(i, of=c * paper.x(i)) is c * paper.total(i, of=paper.x(i))


def test_a_sum_over_its_own_inverse_is_1(paper: Paper) -> None:
    i, j = paper.index(), paper.index()
    exponential = paper.algebra.exponential(paper.x(i))
    share = exponential / paper.total(j, of=paper.algebra.exponential(paper.x(j)))
    assert paper.total(i, of=share) is paper.algebra.one


def test_products_of_sums_over_other_letters_separate(paper: Paper) -> None:
    i, j = paper.index(), paper.index()
    both = paper.total(i, j, of=paper.x(i) * paper.x(j, name="y"))
    assert both is paper.total(i, of=paper.x(i)) * paper.total(j, of=paper.x(j, name="y"))


def test_no_letter_is_captured(paper: Paper) -> None:
    """Σ_j x[j]*x[k] at k := i, summed over i, is Σ_i Σ_j x[j]*x[i], not Σ_i x[i]**2."""
    i, j, k = paper.index(), paper.index(), paper.index()
    inner = paper.total(j, of=paper.x(j, k))
    outer = paper.total(i, of=substituted(inner, {k: paper.algebra.of(i)}))
    (atom,) = outer.atoms()
    assert isinstance(atom, Sum)
    assert len(atom.variables) == 2


def test_a_name_written_out_inside_a_sum_keeps_its_own_sum(paper: Paper) -> None:
    i, j = paper.index(), paper.index()
    mean = paper.total(j, of=paper.x(j)) / paper.n
    distance = paper.total(i, of=paper.x(i) - paper.x(name="mu"))
    assert elements_replaced(distance, ("value", "mu"), lambda at: mean).constant == 0


def test_an_empty_sum_is_0_and_a_sum_of_one_its_term(paper: Paper) -> None:
    nothing, one = paper.index(paper.algebra.zero), paper.index(paper.algebra.one)
    assert paper.total(nothing, of=paper.x(nothing)).constant == 0
    assert paper.total(one, of=paper.x(one)) is paper.x(1)


# --- deltas and conditions ------------------------------------------------------------------------------------------


def test_a_delta_ends_a_sum_and_leaves_its_range(paper: Paper) -> None:
    i, k = paper.index(), paper.index()
    d = delta(paper.algebra, paper.algebra.of(i) - paper.algebra.of(k))
    assert paper.total(i, of=d * paper.x(i)) is paper.x(k)
    shifted = paper.total(i, of=delta(paper.algebra, paper.algebra.of(i) + 1 - paper.algebra.of(k)) * paper.x(i))
    assert shifted is paper.x(paper.algebra.of(k) - 1) * at_least_zero(paper.algebra, paper.algebra.of(k) - 2)


def test_a_delta_with_a_coefficient_stays(paper: Paper) -> None:
    """Σ_i δ(i, 2j) x[i] is not Σ x[i/2]."""
    i, k = paper.index(), paper.index()
    body = delta(paper.algebra, paper.algebra.of(i) * 2 - paper.algebra.of(k)) * paper.x(i)
    (atom,) = paper.total(i, of=body).atoms()
    assert isinstance(atom, Sum)
    assert any(isinstance(factor, Delta) for factor, _ in atom.body.powers)


def test_ranges_decide_conditions(paper: Paper) -> None:
    algebra = paper.algebra
    k = algebra.of(paper.index())
    assert at_least_zero(algebra, k - 1) is algebra.one
    assert at_least_zero(algebra, paper.n - k) is algebra.one
    assert at_least_zero(algebra, -k).constant == 0
    assert at_least_zero(algebra, k - 2) is not algebra.one
    assert in_range(algebra, k, paper.n) is algebra.one
    assert in_range(algebra, k, paper.n + 2) is algebra.one
    assert delta(algebra, k - paper.n - 1).constant == 0
    assert never_negative(algebra, paper.n * paper.m - 1)
    assert not never_negative(algebra, paper.n - paper.m)


def test_a_sum_cut_short_by_a_bound_is_shorter(paper: Paper) -> None:
    i, j = paper.index(), paper.index(paper.n - 1)
    algebra = paper.algebra
    cut = paper.total(i, of=at_least_zero(algebra, algebra.of(i) - 2) * paper.x(i))
    assert cut is paper.total(j, of=paper.x(algebra.of(j) + 1))


def test_conditions_are_their_own_squares_and_exclude_their_opposites(paper: Paper) -> None:
    algebra = paper.algebra
    positive = compared(algebra, ">", paper.x(1))
    assert positive * positive is positive
    assert (positive * negated(algebra, positive)).constant == 0
    assert compared(algebra, ">", paper.x(1) * 2) is positive
    assert compared(algebra, ">", -paper.x(1)) is not positive
    assert either(algebra, [positive, algebra.one]) is algebra.one
    assert negated(algebra, negated(algebra, positive)) is positive


# --- powers, roots, exponentials ------------------------------------------------------------------------------------


def test_roots_are_those_of_real_numbers(paper: Paper) -> None:
    x, algebra = paper.x(1), paper.algebra
    root = (x**2) ** Fraction(1, 2)
    assert root is algebra.function("Abs", x)
    assert (paper.n**2) ** Fraction(1, 2) is paper.n
    product = (x * paper.x(2)) ** Fraction(1, 2)
    assert product is not x ** Fraction(1, 2) * paper.x(2) ** Fraction(1, 2)
    assert product**2 is x * paper.x(2)


def test_numbers_leave_a_root_where_it_is_exact(paper: Paper) -> None:
    algebra = paper.algebra
    assert algebra.power(algebra.lift(Fraction(9, 4)), Fraction(1, 2)).constant == Fraction(3, 2)
    two = algebra.power(algebra.lift(2), Fraction(1, 2))
    assert (two * two).constant == 2


def test_exponentials_split_and_cancel(paper: Paper) -> None:
    algebra, x, y = paper.algebra, paper.x(1), paper.x(2)
    assert algebra.exponential(x + y) is algebra.exponential(x) * algebra.exponential(y)
    assert algebra.exponential(x) * algebra.exponential(-x) is algebra.one
    assert algebra.exponential(algebra.logarithm(x)) is x
    assert algebra.logarithm(algebra.exponential(x) / algebra.exponential(y)) is x - y


def test_a_bracket_cancels_its_own_multiple(paper: Paper) -> None:
    x, y = paper.x(1), paper.x(2)
    assert (x + y) / (2 * x + 2 * y) is paper.algebra.lift(Fraction(1, 2))
    assert (x - y) / (y - x) is paper.algebra.lift(-1)
    assert expanded((x + y) * (x - y)) is x**2 - y**2


def test_0_to_a_power(paper: Paper) -> None:
    assert (paper.algebra.zero ** Fraction(1, 2)).constant == 0
    assert (paper.algebra.zero**0).constant == 1
    assert (paper.algebra.zero**-1).constant is None


def test_products_over_an_index(paper: Paper) -> None:
    i = paper.index()
    x = paper.x(name="x")
    assert multiplied(paper.algebra, i, paper.algebra.lift(3)) is paper.algebra.power_of(paper.algebra.lift(3), paper.n)
    assert multiplied(paper.algebra, i, paper.x(i)) is not x


def test_forms_too_long_say_so() -> None:
    paper = Paper()
    with pytest.raises(TooLong):
        expanded(sum((paper.x(k) for k in range(1, 500)), paper.algebra.zero))


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_known_result_stands_for_its_formula(paper: Paper) -> None:
    algebra, z, h = paper.algebra, paper.x(1, name="z"), paper.x(1, name="h")
    tanh = algebra.function("tanh", z)
    assert known_result(1 - tanh**2, tanh, h) is 1 - h**2
    root = z ** Fraction(1, 2)
    assert known_result(root**-1 / 2, root, h) is h**-1 / 2
    e = algebra.exponential(z)
    logistic = e / (1 + e)
    assert expanded(known_result(e / (1 + e) ** 2, logistic, h)) is h - h**2


def test_the_common_factor_comes_out(paper: Paper) -> None:
    x, y, n = paper.x(1), paper.x(2), paper.n
    written = factored(2 * x / n - 2 * y / n)
    assert len(written.terms) == 1
    assert expanded(written) is 2 * x / n - 2 * y / n
    assert factored(x / n + y) is x / n + y


def test_sums_over_one_range_join(paper: Paper) -> None:
    i, j = paper.index(), paper.index()
    both = paper.total(i, of=paper.x(i) * paper.x(i, name="w")) - paper.total(j, of=paper.x(j, name="w") * 3)
    written = factored(both)
    assert written.single is not None
    assert written.cost < both.cost


def test_forms_of_a_derivation_are_small_objects() -> None:
    paper = Paper()
    before = len(paper.algebra._table)
    i = paper.index()
    for _ in range(100):
        paper.total(i, of=paper.x(i) ** 2 / paper.n)
    assert len(paper.algebra._table) - before < 30
    assert np.isfinite(paper.total(i, of=paper.x(i)).cost)
