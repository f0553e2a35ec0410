"""Pages in Chinese: no English sentence, and marks and spaces as they are set in Chinese."""

from __future__ import annotations

import json
import re

import pytest

import symdiff
from symdiff.pages.html import html
from symdiff.pages.latex import latex
from symdiff.pages.markdown import markdown
from symdiff.pages.text import bare_line
from tests.locale.catalogue import forms, messages
from tests.locale.programs import PROGRAMS, explained
from tests.locale.words_on_pages import words_of_document, words_of_html, words_of_latex, words_of_markdown

HAN = r"[\u4e00-\u9fff]"
WIDE = "，。：；、？！（）「」《》"
KEPT = {
    *(
        "PyTorch",
        "JAX",
        "JSON",
        "LaTeX",
        "TeX",
        "NumPy",
        "Python",
        "autodiff",
        "symdiff",
        "sympy",
        "mpmath",
        "ulp",
        "float64",
    ),
    *("nan", "inf", "tanh", "relu", "Sigmoid", "if", "while", "max", "alpha", "amax", "dim", "median"),
}
"""Names, and words of code, that stand in Chinese sentences as they are."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_holds_no_english(name: str) -> None:
    document = explained(name).document("zh")
    assert document.language == "zh-Hans"
    told = [*words_of_document(document), *words_of_html(html(document)), *words_of_markdown(markdown(document))]
    for part in told:
        words = re.sub(r"</?(?:details|summary)>", "", part)  # Markdown folds with HTML's elements
        assert set(re.findall(r"[A-Za-z][A-Za-z0-9]+", words)) <= KEPT, part


@pytest.mark.parametrize("key", messages("zh_Hans"))
def test_marks_and_spaces(key: str) -> None:
    message = messages("zh_Hans")[key]
    for sentence in forms(message.string):
        words = re.sub(r"\{\w+\}", "{}", re.sub(r"\{(what|why|reason)\}", "字", sentence))
        # between Han letters and others stands one space, beside a full-width mark none
        assert not re.search(rf"{HAN}[A-Za-z0-9{{`σ∂Σ]|[A-Za-z0-9}}`]{HAN}", words.replace("{}{}", "")), key
        assert not re.search(rf" [{WIDE}]|[{WIDE}] ", words), key
        assert not re.search(rf"{HAN} {HAN}|  ", words), key
        # no half-width mark after Han letters, nor around them
        assert not re.search(rf"{HAN}[,.:;?!()]|[,:;?!(]{HAN}", words), key
        assert words.count("（") == words.count("）"), key
        english = forms(message.id)[-1]
        if len(english) > 20 and key.partition(".")[0] not in {"list"}:
            assert english.endswith((".", ":")) == sentence.endswith(("。", "：")), key


TERMS = {
    "gradient": "梯度",
    "Jacobian": "雅可比矩阵",
    "partial derivative": "偏导数",
    "chain rule": "链式法则",
    "Hessian": "黑塞矩阵",
    "rounding": "舍入",
    "kink": "尖点",
}


@pytest.mark.parametrize("term", TERMS)
def test_one_word_for_one_thing(term: str) -> None:
    used = 0
    for key, message in messages("zh_Hans").items():
        if re.search(rf"\b{term}s?\b", forms(message.id)[-1], re.IGNORECASE):
            assert all(TERMS[term] in sentence for sentence in forms(message.string)), key
            used += 1
    assert used


@pytest.mark.parametrize("name", PROGRAMS)
def test_lines_as_they_are_put_together(name: str) -> None:
    """What sentences and values make together has no space beside a full-width mark either."""
    for line in explained(name).to_text("zh").split("\n"):
        if re.search(HAN, line) and not line.startswith(("  ", "^   ")):
            assert not re.search(rf" [{WIDE}]|[{WIDE}] ", line.removeprefix("^ ").removeprefix("! ")), line
            assert not re.search(rf"{HAN}[,:;!?]|[,:;] ?{HAN}", line), line


def test_documents_and_report_are_in_the_language_that_was_asked_for() -> None:
    found = symdiff.explain("sum(sqrt(x))", x=[0.0, 1.0], language="zh")
    assert found.report.reasons == ("sqrt 的导数在此处不是有限数（其单侧极限：右侧 +inf）",)
    assert "梯度" in found.to_text()
    assert "The gradient" in found.to_text(language="en")
    assert json.loads(found.to_json())["reasons"] == list(found.report.reasons)
    assert "not finite" in json.loads(found.to_json(language="en"))["reasons"][0]
    assert found.report.language == "zh"
    assert '<html lang="zh-Hans"' in found.to_html()
    assert str(found.report).endswith("结论：无定义（2 个元素）")


def test_notes_are_in_the_language_that_was_asked_for() -> None:
    found = json.loads(symdiff.explain("sum(where(x == 1, x, 2*x))", x=[1.0, 2.0], w=[1.0], language="zh").to_json())
    assert found["notes"] == ["结果与 w 无关：关于它的梯度处处为零", "第 11 列的 == 对浮点数作精确比较；结果取决于舍入"]


def test_bare_lines_are_what_pages_say() -> None:
    title = explained("mean").document("zh").title
    assert bare_line(title) == "y = x * x; mean(y) 的梯度"


def test_a_check_is_told_in_the_language_that_was_asked_for() -> None:
    options = {"gradient": lambda x: 3 * x, "language": "zh"}
    report = symdiff.check_gradients(lambda x: (x * x).sum(), [1.0, 2.0], **options)
    assert report.failure().startswith("梯度不一致：")
    claim = symdiff.check_gradients("mean(x * x)", at={"x": [1.0, 2.0]}, claim="x = x_k", language="zh")
    assert "声称值" in str(claim)
    assert "相差" in report.failure()
    assert "不一致" in str(report)
    second = symdiff.check_gradients(lambda x: (x**3).sum(), [1.0, 2.0], order=2, language="zh")
    assert str(second).endswith("结论：一致（6 个元素）")
    with pytest.raises(symdiff.InputError, match="there is en, zh"):
        symdiff.check_gradients("x * x", x=1.0, language="fr")


@pytest.mark.parametrize("name", PROGRAMS)
def test_templates_add_no_mark_of_another_script(name: str) -> None:
    for part in (*words_of_latex(latex(explained(name).document("zh"))), *words_of_html(explained(name).to_html("zh"))):
        assert not re.search(rf"{HAN}[,:;!?]|[,:;] ?{HAN}", part), part
