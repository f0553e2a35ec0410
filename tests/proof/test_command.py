"""``symdiff ops --prove``: what it prints, and its exit status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

import symdiff.proof
from autodiff.declare.op import TABLE, Op
from symdiff import cli
from symdiff.proof import Counterexample, Finding, Proof, Status, prove_all
from symdiff.proof.operations_table import as_text, rows

NAMES = ("tanh", "abs", "max", "sech_squared")


@pytest.fixture
def proofs() -> dict[str, Proof]:
    return prove_all([_op(name) for name in NAMES])


def _op(name: str) -> Op:
    found = next(one for one in TABLE.values() if one.name == name)
    assert isinstance(found, Op)
    return found


def _run(monkeypatch: pytest.MonkeyPatch, proofs: Mapping[str, Proof], *options: str) -> int:
    def given(**_: Any) -> Mapping[str, Proof]:
        return proofs

    monkeypatch.setattr(symdiff.proof, "prove_all", given)
    return cli.run(["ops", "--prove", *options])


def test_the_json_has_a_proof_for_each_operation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], proofs: dict[str, Proof]
) -> None:
    assert _run(monkeypatch, proofs, "--format", "json") == 0
    table = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in table} == set(NAMES)
    for row in table:
        assert {"name", "family", "meaning", "derivative", "kinks", "proof"} <= row.keys()
        assert row["proof"] == "proved"


def test_the_text_counts_what_was_proved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], proofs: dict[str, Proof]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert _run(monkeypatch, proofs) == 0
    out, err = capsys.readouterr()
    assert "proof      proved, for every point off x = 0, arrays of every shape" in out
    assert "proved: 2 of 2 smooth operations (100 %)" in out
    assert "refuted: none" in out
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80


def test_a_refuted_rule_is_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], proofs: dict[str, Proof]
) -> None:
    wrong = Counterexample("x", {"x": "3/10", "g": "2"}, "1.25", "2.5")
    proofs["tanh"] = Proof("tanh", (Finding("x", "", Status.REFUTED, counterexample=wrong),))
    assert _run(monkeypatch, proofs, "--format", "json") == 1
    (row,) = [row for row in json.loads(capsys.readouterr().out) if row["name"] == "tanh"]
    assert row["proof"] == "refuted: at x = 3/10, g = 2 the cotangent of x is 1.25, it must be 2.5"
    assert _run(monkeypatch, proofs) == 1
    assert "refuted: tanh" in capsys.readouterr().out


def test_the_plain_table_proves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ops", "--format", "json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert not any("proof" in row for row in table)
    assert not any(row["name"] == "sech_squared" and not _op("sech_squared").language for row in table)


@pytest.mark.parametrize("width", [80, 160])
def test_the_plain_table_fits(width: int) -> None:
    text = as_text(rows(), width)
    assert max(map(len, text.splitlines())) <= width
    assert "where(x < min_val, 0, where(x > max_val, 0, 1))" in text
    assert "derivative d/dx = where(x > 0, 1.0507009873554805," in text
