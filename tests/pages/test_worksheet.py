"""A worksheet has blanks where the page has factors, and every answer once, at the end."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import symdiff
from symdiff.cli import cli
from symdiff.pages.blocks import Break, Derivation
from symdiff.pages.worksheet import BLANK
from symdiff.printing.tree import Partial, Times
from tests.pages.test_lines import PAGES


def sheets(name: str):
    text, at = PAGES[name]
    blocks = symdiff.explain(text, at=at, blank=True).document().blocks
    cut = next(place for place, block in enumerate(blocks) if isinstance(block, Break))
    return blocks[:cut], blocks[cut + 1 :]


@pytest.mark.parametrize("name", ["opening", "max", "logistic", "layer norm", "abs"])
def test_no_factor_is_left_and_every_answer_is_there(name: str) -> None:
    text, at = PAGES[name]
    explanation = symdiff.explain(text, at=at)
    sheet, answers = sheets(name)
    lefts = {step.rows[0][0] for step in explanation.view.backward if step.rows}
    blank = [row for each in sheet if isinstance(each, Derivation) for row in each.rows if row.parts[0] in lefts]
    assert len(blank) == len(lefts)
    for row in blank:
        for part in row.parts[1:]:
            factors = part.factors if isinstance(part, Times) else (part,)
            assert all(factor == BLANK or isinstance(factor, Partial) for factor in factors)
            assert BLANK in factors or all(isinstance(factor, Partial) for factor in factors)
    told = [row.parts for each in answers if isinstance(each, Derivation) for row in each.rows]
    for step in explanation.view.backward:
        for left, *rest in step.rows[:4]:  # lines that say the same are one, with several left sides
            assert any(left in parts and list(parts[-len(rest) :]) == rest for parts in told)


def test_the_answer_stands_on_the_last_page_only() -> None:
    text, at = PAGES["opening"]
    for written in (
        symdiff.explain(text, at=at, blank=True).to_text(),
        symdiff.explain(text, at=at).to_markdown(blank=True),
    ):
        sheet, answers = written.split("Answers", 1)
        assert "x.grad" not in sheet
        assert "x.grad = tensor([0.0000, 0.5000, 1.0000, 1.5000])" in answers
    assert "______" in symdiff.explain(text, at=at).to_html(blank=True)
    assert "______" not in symdiff.explain(text, at=at).to_html()
    assert r"\clearpage" in symdiff.explain(text, at=at).to_latex(blank=True)


def test_of_an_array_the_way_forward_is_blank() -> None:
    sheet, answers = sheets("softmax")
    assert any(BLANK in row.parts for each in sheet if isinstance(each, Derivation) for row in each.rows)
    assert not any(BLANK in row.parts for each in answers if isinstance(each, Derivation) for row in each.rows)


def test_the_command_line_makes_worksheets(tmp_path) -> None:
    session = type("Session", (), {"alone": False, "traceback": False})()
    arguments = ["explain", "mean(x * x)", "--at", "x=1,2", "--blank", "-o", str(tmp_path / "a.md")]
    assert CliRunner().invoke(cli, arguments, obj=session).exit_code == 0
    assert "Answers" in (tmp_path / "a.md").read_text(encoding="utf-8")
