"""Every vjp rule of the table is proved, or stands here with the reason why it is only checked at points."""

from __future__ import annotations

import pytest

from autodiff.declare.op import TABLE, Function, Op
from symdiff.proof import Status, prove, prove_all, summary
from symdiff.proof.parts import parts_of

RULES = {one.name: one for one in TABLE.values() if isinstance(one, Op) and one.differentiable}
CONSTANT = {one.name: one for one in TABLE.values() if isinstance(one, Op) and not one.differentiable}

AT_POINTS_ONLY = {
    "dgelu": "stands still beyond 64, where it is 0 to every float",
    "dgelu_erf": "stands still beyond 64, where it is 0 to every float",
    "qr_packed": "formulas in a triangle and in its inverse are too long",
    "svd_packed": "eigenvectors are found by iteration, and the formulas in them are too long",
    "pinv": "inverses of products of matrices",
    "cofactor_change": "third derivatives of determinants are long",
}


@pytest.mark.parametrize("name", RULES)
def test_the_rule_is_proved(name: str) -> None:
    proof = prove(RULES[name])
    assert proof.status is not Status.REFUTED, str(proof)
    assert proof.status is Status.PROVED or name in AT_POINTS_ONLY, str(proof)
    assert proof.findings
    if proof.status is Status.PROVED:
        assert str(proof) == "proved"
        assert proof.extent.startswith("for every point")
    else:
        assert str(proof).startswith("checked at points only: ")


@pytest.mark.parametrize("name", CONSTANT)
def test_what_has_no_rule_has_the_derivative_zero(name: str) -> None:
    assert prove(CONSTANT[name]).status is Status.PROVED


def test_nine_of_ten_smooth_operations_are_proved() -> None:
    smooth = [op for op in RULES.values() if not op.kinks and not op.selects]
    assert len(AT_POINTS_ONLY.keys() & {op.name for op in smooth}) <= len(smooth) / 10


def test_every_structure_of_the_samples_is_looked_at() -> None:
    findings = prove(RULES["sum"]).findings
    structures = {finding.structure for finding in findings}
    assert {"(4,)", "(3,4)", "(3,4) axis=0", "(3,4) axis=-1, keepdims=True", "number"} <= structures
    assert not any(finding.fixed for finding in findings)  # the lengths stay letters


def test_the_lengths_of_tables_are_those_of_the_sample() -> None:
    proof = prove(RULES["take_along_axis"])
    assert all(finding.fixed for finding in proof.findings)
    assert "the lengths sampled" in proof.extent


def test_borders_are_named() -> None:
    assert "off x = 0" in prove(RULES["abs"]).extent
    assert "off ties" in prove(RULES["max"]).extent
    assert " off " not in prove(RULES["tanh"]).extent


def test_numbers_are_read_as_what_they_round() -> None:
    assert prove(RULES["exp2"]).numbers == {0.6931471805599453: "log(2)"}
    assert "sqrt(2)" in prove(RULES["dgelu"]).numbers[1.5957691216057308]


def test_a_function_is_as_good_as_what_it_is_made_of() -> None:
    names = ("clip", "clamp", "svd", "svd_packed", "singular_values", "getitem", "reshape")
    proofs = prove_all([TABLE[name] if name in TABLE else RULES[name] for name in names])
    assert str(proofs["clip"]) == "proved"
    assert "clamp" in proofs["clip"].extent
    assert str(proofs["svd"]).startswith("checked at points only: through ")
    assert "proved: 1 of 2 functions made of them (50 %)" in summary(proofs)


def test_the_parts_of_a_function_are_what_it_records() -> None:
    layer_norm = TABLE["layer_norm"]
    assert isinstance(layer_norm, Function)
    assert parts_of(layer_norm) == ("add", "multiply", "standardize")


def test_a_function_of_what_was_not_looked_at_is_not_proved() -> None:
    assert str(prove_all([TABLE["clip"]])["clip"]) == "checked at points only: clamp not looked at"


def test_the_extent_has_the_domain_and_what_has_no_rule() -> None:
    assert "where a > 0, x > 0" in prove(RULES["gammainc"]).extent
    assert "there is no rule in a" in prove(RULES["gammainc"]).extent


def test_without_samples_nothing_is_proved() -> None:
    bare = Op(lambda x, /: x * x, name="bare", meaning="x**2", vjp=[lambda g, y, x: 2 * g * x])
    assert str(prove(bare)) == "checked at points only: it has no samples, so that no structure is known"


def test_progress_is_told() -> None:
    told: list[tuple[int, int, str]] = []
    prove_all([TABLE["exp"], TABLE["sinh"]], progress=lambda *step: told.append(step))
    assert told == [(0, 2, "exp"), (1, 2, "sinh")]
