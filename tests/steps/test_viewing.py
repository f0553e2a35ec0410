"""Every rule and the second derivatives on the page: what a reader finds there, in every format."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff
from autodiff.declare.op import TABLE
from symdiff.agreement.engine_hessians import engine_hessians
from symdiff.errors import InputError
from symdiff.explanation import Explanation
from symdiff.meaning.rule_steps import Rule
from symdiff.pages.blocks import Derivation, Heading, Row
from symdiff.pages.document import document
from symdiff.pages.html import html
from symdiff.pages.latex import latex
from symdiff.pages.markdown import markdown
from symdiff.pages.text import bare_line, text
from symdiff.printing.plain import plain
from symdiff.sentences import Said
from symdiff.viewing.detail import detailed
from symdiff.viewing.reasons import REASONS
from symdiff.viewing.view import View
from tests.locale.catalogue import TRANSLATIONS, keys

LAYER = "mu = mean(x); d = x - mu; h = d / sqrt(mean(d*d) + 0.00001); sum(h**3)"
PROGRAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "mean": ("mean(x * x)", {"x": [0, 1, 2, 3]}),
    "layer": (LAYER, {"x": [0.5, -1.25, 2.0, 0.75]}),
    "max": ("max(x * x)", {"x": [0, 1, 2, 3]}),
    "model": ("mean((X @ W + b - y)**2)", {"X": [[1, 2.0], [3, 4]], "W": [0.5, -1], "b": 0.25, "y": [1, 2.0]}),
    "logsumexp": ("logsumexp(x)", {"x": [0, 1, 2.0]}),
    "inverse": ("sum(inv(A))", {"A": [[2.0, 0.5], [0.25, 3.0]]}),
    "slices": ("sum(x[1:] * x[:-1]) + x[0]**3", {"x": [0.5, -1.25, 2.0]}),
    "pieces": ("sum(where(x > 0, x**3, exp(x)))", {"x": [0.5, -1.25, 2.0]}),
    "hostile": ("mean(lambda_ * lambda_)", {"lambda_": [1.0, 2.0]}),
}


def explained(name: str) -> Explanation:
    expression, values = PROGRAMS[name]
    return symdiff.explain(expression, at=values)


def view_of(name: str, detail: str = "rules", order: int = 2) -> View:
    explanation = explained(name)
    return detailed(replace(explanation.explained, detail=detail, order=order))


def shown(view: View) -> str:
    return text(document(view))


# --- three levels of detail -----------------------------------------------------------------------------------------


def test_the_result_alone_has_no_steps() -> None:
    page = shown(view_of("mean", "result", 1))
    assert "∂y/∂xₖ = 2xₖ/n" in page
    assert "x₂       x[1]" in page
    for word in ("Forward", "Backward", "Every rule", "Second derivatives"):
        assert word not in page


def test_the_steps_are_the_page_as_it_was() -> None:
    explanation = explained("mean")
    assert detailed(explanation.explained) == explanation.view
    assert "Every rule" not in explanation.to_text()
    assert "Backward" in explanation.to_text()


def test_every_rule_follows_the_steps() -> None:
    page = shown(view_of("mean", "rules", 1))
    assert page.index("Backward") < page.index("Every rule")
    assert re.search(r"∂y/∂xₖ = ∂y/∂yₖ · ∂yₖ/∂xₖ +chain rule", page)
    assert re.search(r"= ∂y/∂yₖ · 2xₖ +with the local partials", page)
    assert re.search(r"= 2xₖ/n +with the partials known before", page)
    assert re.search(r"∂y/∂yₖ = 1/n +shown in \(1\)", page)
    assert re.search(r"\(∂/∂xₖ\)\(xₖ²\) = 2xₖ +power rule", page)


def test_other_details_and_orders_are_refused() -> None:
    explanation = explained("mean")
    with pytest.raises(InputError, match="detail='all': choose one of result, steps, rules"):
        detailed(replace(explanation.explained, detail="all"))
    with pytest.raises(InputError, match="order=3: choose 1, or 2"):
        detailed(replace(explanation.explained, detail="steps", order=3))


# --- rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_groups_are_numbered_in_order_and_refer_back(name: str) -> None:
    numbers: list[int] = []
    for rules in view_of(name).by_rules:
        for group in rules.groups:
            numbers.append(group.number)
            references = [line.reference for line in group.lines if line.reference is not None]
            assert all(reference < group.number for reference in references)
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_last_line_is_the_answer(name: str) -> None:
    view = view_of(name)
    for gradient, rules in zip(view.gradients, view.by_rules, strict=True):
        assert plain(rules.groups[-1].lines[-1].parts[-1]) == plain(gradient.general[-1])


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_line_stands_twice_in_a_group(name: str) -> None:
    for rules in view_of(name).by_rules:
        for group in rules.groups:
            assert len(set(group.lines)) == len(group.lines)
            # a line goes on from another
            assert group.lines[0].parts[0] is not None


def test_every_rule_has_words_in_every_language() -> None:
    for language in TRANSLATIONS:
        unspoken = {Rule.RESULT, Rule.PARTIAL}
        assert {f"rule.{rule}" for rule in Rule if rule not in unspoken} <= set(keys(language))
        assert {"rule.local partials", "rule.known", "rule.again", "rule.function"} <= set(keys(language))


def test_decimals_in_rules_are_written_as_the_author_wrote_them() -> None:
    page = shown(view_of("layer"))
    assert "10⁻⁵" in page
    assert "5902958103587057" not in page


def test_notes_stand_beside_their_lines() -> None:
    made = document(view_of("logsumexp"))
    start = next(k for k, block in enumerate(made.blocks) if isinstance(block, Heading) and block.anchor == "rule-1")
    rows = [row for block in made.blocks[start:] if isinstance(block, Derivation) for row in block.rows]
    noted = {bare_line(row.note) for row in rows if isinstance(row, Row)}
    assert {"the derivative of log", "the derivative of exp", "chain rule", "shown in (1)"} <= noted


def test_what_one_input_has_shown_another_only_names() -> None:
    view = view_of("model")
    assert [rules.name for rules in view.by_rules] == ["X", "W", "b", "y"]
    first, *others = view.by_rules
    assert all(len(other.groups) < len(first.groups) for other in others)
    assert any(line.reference for other in others for group in other.groups for line in group.lines)


# --- second derivatives ---------------------------------------------------------------------------------------------


def test_the_hessian_of_the_opening_example() -> None:
    (hessian,) = view_of("mean").hessians
    assert [plain(part) for part in hessian.general] == ["∂²y/∂xₖ∂xₗ", "2δ_{k,l}/n"]
    assert hessian.error_ulps == 0
    assert hessian.formulas is not None
    assert hessian.numbers is not None
    assert [plain(entry) for entry in hessian.formulas.rows[1]] == ["0", "1/2", "0", "0"]
    assert [plain(entry) for entry in hessian.numbers.rows[1]] == ["0", "0.5", "0", "0"]
    page = shown(view_of("mean"))
    assert "∂²y/∂xₖ∂xₗ = 2δ_{k,l}/n" in page
    assert "to the last bit" in page


def test_every_pair_once_and_a_number_by_itself() -> None:
    hessians = view_of("model").hessians
    assert [(each.first, each.second) for each in hessians] == [
        ("X", "X"), ("X", "W"), ("X", "b"), ("X", "y"), ("W", "W"), ("W", "b"), ("W", "y"), ("b", "b"), ("b", "y"),
        ("y", "y"),
    ]  # fmt: skip
    own = next(each for each in hessians if (each.first, each.second) == ("b", "b"))
    assert [plain(part) for part in own.general] == ["∂²L/∂b²", "2"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_ways_to_a_second_derivative_agree(name: str) -> None:
    hessians = view_of(name).hessians
    assert hessians
    for each in hessians:
        assert each.error_ulps is None or each.error_ulps <= 16


def test_an_engine_that_is_wrong_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(traced: Any, pairs: Any) -> Any:
        return {pair: 1.001 * entries for pair, entries in engine_hessians(traced, pairs).items()}

    monkeypatch.setattr("symdiff.viewing.hessians.engine_hessians", wrong)
    view = view_of("mean")
    assert view.hessians[0].error_ulps == pytest.approx(0.0005 / np.spacing(0.5), rel=1e-9)
    page = " ".join(shown(view).split())
    assert "differs by up to" in page
    assert "to the last bit" not in page[page.index("Second derivatives") :]


def test_long_sums_are_broken_into_lines() -> None:
    page = shown(view_of("layer"))
    start = page.index("Second derivatives")
    lines = [line for line in page[start:].split("\n") if re.match(r" +(\(r²/3\)|[+−])", line)]
    assert lines[0].startswith("    (r²/3) ∂²y/∂xₖ∂xₗ = 2hₖδ_{k,l}")
    assert len(lines) > 2
    assert all(len(line) <= 100 for line in lines)


def test_rounded_numbers_are_said_to_be_so() -> None:
    assert "to five digits" in shown(view_of("layer"))
    assert "to five digits" not in shown(view_of("mean"))


def test_names_are_explained_once_and_zeros_have_no_table() -> None:
    page = shown(view_of("model"))
    section = page[page.index("Second derivatives") : page.index("Do both ways agree?")]
    assert section.count("where") == 1
    view = detailed_of("sum(x) * 2 + mean(y * y)", x=[1.0, 2.0], y=[1.0, 2.0])
    section = shown(view)[shown(view).index("Second derivatives") :]
    assert "∂²y/∂xₖ∂xₗ = 0" in section or "= 0" in section
    assert "[[0, 0], [0, 0]]" not in section
    assert "[[1, 0], [0, 1]]" in section
    assert "[[1, 0], [0, 1]] = [[1, 0], [0, 1]]" not in section


def detailed_of(expression: str, **values: Any) -> View:
    explanation = symdiff.explain(expression, at=values)
    return detailed(replace(explanation.explained, detail="steps", order=2))


def test_large_and_small_inputs_side_by_side() -> None:
    view = detailed_of("sum(tanh(W @ x))", W=np.arange(9.0).reshape(3, 3) / 9, x=[1.0, 2.0, 0.5])
    errors = {(each.first, each.second): each.error_ulps for each in view.hessians}
    assert errors["W", "W"] is None
    assert errors["x", "x"] is not None
    assert "Second derivatives" in shown(view)


def test_an_array_has_formulas_alone() -> None:
    view = detailed_of("softmax(x)", x=[1.0, 2.0])
    (hessian,) = view.hessians
    assert plain(hessian.general[0]) == "∂²yᵢ/∂xₖ∂xₗ"
    assert hessian.numbers is None
    assert hessian.error_ulps is None
    assert "Second derivatives" in shown(view)


def test_what_has_no_formula_is_said() -> None:
    view = detailed_of("sum(cholesky(A)) + sum(x * x)", A=[[2.0, 0.5], [0.5, 3.0]], x=[1.0, 2.0])
    assert view.without_hessian == (("A", "A", Said("missing.form", {"operation": "cholesky"})),)
    page = " ".join(shown(view).split())
    assert "No general formula is known for the second derivatives by A and A: cholesky has no general form." in page


def test_without_a_meaning_there_is_nothing_to_add() -> None:
    import autodiff as ad

    odd = ad.op(meaning=None, vjp=[lambda g, y, x: g])(unexplained)
    explanation = symdiff.explain(lambda x: ad.sum(odd(x)), np.ones(2))
    view = detailed(replace(explanation.explained, detail="rules", order=2))
    assert view.by_rules == ()
    assert view.hessians == ()


def unexplained(x: Any, /) -> Any:
    """An operation without a meaning."""
    return x


# --- formats --------------------------------------------------------------------------------------------------------


def test_json_has_the_tree_of_rules_where_it_is_asked_for() -> None:
    data = json.loads(symdiff.explain("mean(x * x)", x=[0, 1, 2, 3], detail="rules").to_json())
    assert data["rules"]["x"]["result"] == "2*x[k]/n"
    assert [step["rule"] for step in data["rules"]["x"]["steps"]] == ["chain rule", "chain rule"]
    assert "rules" not in json.loads(symdiff.explain("mean(x * x)", x=[0, 1, 2, 3]).to_json())


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_format_prints_it(name: str) -> None:
    made = document(view_of(name))
    assert "Every rule" in html(made)
    assert "Second derivatives" in markdown(made)
    assert r"\section*" in latex(made)
    assert "shown in" in text(made) or name == "hostile"


@pytest.mark.parametrize("name", ["layer", "model", "pieces"])
def test_pdflatex_sets_it(name: str, tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex is installed")
    (tmp_path / "page.tex").write_text(latex(document(view_of(name))), encoding="utf-8")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]


def test_every_reason_has_a_sentence_and_is_given_for_operations_that_there_are() -> None:
    others = ("pick", "order", "move", "function", "equation")
    assert {f"why.{reason}" for reason in (*REASONS.values(), *others)} == {
        key for key in keys() if key.startswith("why.")
    }
    assert all(getattr(TABLE.get(operation), "name", None) == operation for operation in REASONS)
