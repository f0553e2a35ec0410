"""The campaigns see a judge that is wrong: one that takes everything, one that takes nothing, one that raises."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.campaigns import judge, networks
from benchmarks.campaigns.case import DAMAGED, FAULTS, ZEROS, Case, Given, Outcome
from benchmarks.campaigns.counts import Counts, kept, markdown, read, written_into
from benchmarks.campaigns.damage import DAMAGES
from benchmarks.campaigns.differences import NoTruth
from benchmarks.campaigns.inputs import KINDS, generator_of, matrix, vector
from benchmarks.campaigns.run import CAMPAIGNS, chosen, run

X = np.array([0.5, -1.25, 2.0])
CASE = Case("tests", "square", "usual", lambda m, x: m.sum(x * x), (X,), (Given("half", lambda x: x, DAMAGED),))


def saying(
    verdict: str, monkeypatch: pytest.MonkeyPatch, reasons: tuple[str, ...] = (), factor: float = 2.0
) -> list[Outcome]:
    """What is counted where every check has this verdict, and our own gradient is ``factor`` times x."""

    def check(function: Any, *inputs: Any, gradient: Any = None) -> Any:
        each = SimpleNamespace(automatic=factor * inputs[0], verdicts=np.full(3, verdict), error_ulps=np.ones(3))
        return SimpleNamespace(verdict=verdict, reasons=reasons, value=np.array(1.0), inputs={"x": each})

    monkeypatch.setattr(judge, "check_gradients", check)
    return list(judge.outcomes(CASE))


def busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def faults(found: list[Outcome]) -> dict[str, set[str]]:
    return {each.judged: {each.fault} for each in found if each.fault}


def test_a_judge_that_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    found = saying("agree", monkeypatch)
    wrong = {each.judged for each in found if each.fault == "wrong accepted"}
    assert "half" in wrong
    assert len(wrong) >= 5
    assert not {"ours", "the true gradient"} & set(faults(found))


def test_a_judge_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = saying("disagree", monkeypatch)
    assert {"ours", "the true gradient"} <= set(faults(found))
    assert "half" not in faults(found)


def test_an_engine_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(saying("disagree", monkeypatch, factor=1.0))["ours"] == {"engine"}
    assert faults(saying("agree", monkeypatch, factor=1.0))["ours"] == {"wrong accepted"}


@pytest.mark.parametrize(
    ("verdict", "fault"), [("undefined", "false undefined"), ("kink", "false kink"), ("unsupported", "unsupported")]
)
def test_other_verdicts_where_the_function_is_smooth(verdict: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(saying(verdict, monkeypatch))["ours"] == {fault}


def test_imprecise_is_counted_and_must_name_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = saying("imprecise", monkeypatch, ("computed from the rounded result of : 3 digits are lost",))
    assert faults(nameless)["ours"] == {"imprecise without a name"}
    assert faults(saying("imprecise", monkeypatch, ("computed from the rounded result of tanh",)))["ours"] == {
        "imprecise, ours"
    }


def test_what_raises_and_what_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(judge, "check_gradients", raising)
    assert [each.fault for each in judge.outcomes(CASE)] == ["raised"]
    monkeypatch.setattr(judge, "check_gradients", lambda *_, **__: busy(5.0))
    monkeypatch.setattr(judge, "SECONDS", 0.05)
    assert [each.fault for each in judge.outcomes(CASE)] == ["slow"]


def test_a_limit_within_a_limit_leaves_the_outer_one() -> None:
    with pytest.raises(judge.Late), judge.limited(0.2):  # noqa: PT012 (the second limit is the point)
        with judge.limited(5.0):
            pass
        busy(3.0)
    busy(0.05)


def test_a_point_without_a_truth_is_left_out() -> None:
    counts = Counts()
    case = Case("tests", "root", "at 0", lambda m, x: m.sqrt(m.abs(x)), (np.array(0.0),))
    assert run(case, counts) == []
    assert (counts.left_out, counts.checks) == (1, 0)


def test_eighteen_kinds_of_damage_are_damage() -> None:
    gradient = np.array([[1.0, -2.0, 0.5], [3.0, 0.1, -7.0], [0.25, 4.0, 1 / 3]])
    assert len(DAMAGES) == 18
    for name, damage in DAMAGES.items():
        first, second = (damage(gradient, generator_of(name)) for _ in range(2))
        assert first.shape == gradient.shape
        assert not np.array_equal(first, gradient), name
        assert np.array_equal(first, second, equal_nan=True), name


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_are_those_of_their_names(kind: str) -> None:
    for domain, inside in {
        "positive": lambda x: x > 0,
        "unit": lambda x: np.abs(x) < 1,
        "probability": lambda x: (x > 0) & (x < 1),
        "above 1": lambda x: x > 1,
        "above -1": lambda x: x > -1,
    }.items():
        x = vector(kind, domain, generator_of(kind, domain))
        assert inside(x.astype(np.float64)).all(), (domain, x)
        assert np.array_equal(x, vector(kind, domain, generator_of(kind, domain)))
    for shape in ("square", "symmetric", "positive", "tall", "wide"):
        a = matrix(kind, generator_of(kind, shape), shape)
        assert (a.dtype == np.float32) == (kind == "float32")
        assert 1 <= min(a.shape) <= 8
        if shape == "positive":
            np.linalg.cholesky(a.astype(np.float64))


def test_the_campaigns_are_of_ten_thousand_checks() -> None:
    """An own gradient, the true one, those that are written and the damaged ones: counted from the cases alone."""
    planned = sum(
        1 + bool(case.damages) + len(case.given) + case.damages for cases in CAMPAIGNS.values() for case in cases()
    )
    assert planned >= 10_000
    labels = [case.label for cases in CAMPAIGNS.values() for case in cases()]
    assert len(labels) == len(set(labels))


def test_cases_can_be_chosen() -> None:
    every = list(chosen(networks.cases(), only="softmax squared"))
    assert {case.name for case in every} == {"softmax squared"}
    assert [case.label for case in chosen(networks.cases(), 3, "softmax squared")] == [c.label for c in every[::3]]


def test_counts_are_kept_and_written(tmp_path: Any) -> None:
    counts = Counts(planned=9, cases=1)
    for fault in ("false kink", "", "slow"):
        counts.add(Outcome("a case", "ours", "kink", fault, 0.5))
    counts.add(Outcome("a case", "s(1-s)", "imprecise", "", 0.5, ("12.5 digits are lost",)))
    kept(counts, tmp_path / "counts.json")
    assert read(tmp_path / "counts.json") == counts
    table = markdown({"some": counts})
    assert "| some | 9 | 1 | 4 | 0 | 0 | 1 | 0 | 0 |" in table
    assert "| … digits are lost | 1 |" in table
    document = tmp_path / "document.md"
    document.write_text("before\n<!-- counts: generated by make campaigns -->\nold\n<!-- end of counts -->\nafter\n")
    written_into(document, table)
    assert "old" not in document.read_text(encoding="utf-8")
    assert document.read_text(encoding="utf-8").endswith("after\n")


def test_every_fault_has_its_words() -> None:
    assert set(ZEROS) <= set(FAULTS)


def test_no_truth_is_an_exception_of_its_own() -> None:
    assert issubclass(NoTruth, Exception)
