"""From a view to a document: every verdict and every section, in words."""

from __future__ import annotations

import re
from gettext import NullTranslations

import pytest

import symdiff
from symdiff.agreement.verdict import Verdict
from symdiff.errors import InputError
from symdiff.options import DETAILS
from symdiff.pages.document import document
from symdiff.pages.html import html
from symdiff.pages.latex import latex
from symdiff.pages.locale import Locale, locale
from symdiff.pages.markdown import markdown
from symdiff.pages.text import text
from symdiff.printing.record import replace
from symdiff.printing.shorthand import add, as_math, dot, partial, symbol, times
from symdiff.printing.tree import Fraction, Matrix, Number, Relation, Symbol
from symdiff.sentences import Said, Sentences
from symdiff.viewing.view import (
    ElementView,
    GradientView,
    InputView,
    JacobianView,
    KinkView,
    StepView,
    TroubleView,
    View,
)

VERDICTS = tuple(Verdict)
Y = Symbol("y")


def x(index):
    return symbol("x", index)


def y(index):
    return symbol("y", index)


def element(i: int, verdict: str = "agree") -> ElementView:
    value = (i - 1) / 2
    return ElementView(x(i), f"x[{i - 1}]", Fraction(x(i), Number("2")), value, value, 0.0, verdict)


def mean_of_squares(verdict: str = "agree") -> View:
    chains = tuple(
        (
            partial(Y, x(i)),
            dot(partial(Y, y(i)), partial(y(i), x(i))),
            dot(Fraction(Number("1"), Number("4")), times(2, x(i))),
            Fraction(x(i), Number("2")),
            as_math((i - 1) / 2),
        )
        for i in range(1, 5)
    )
    gradient = GradientView(
        "x",
        "tensor([0.0000, 0.5000, 1.0000, 1.5000])",
        tuple(element(i, verdict) for i in range(1, 5)),
        total=4,
        general=(partial(Y, x("k")), Fraction(times(2, x("k")), Symbol("n"))),
        sizes=((Symbol("n"), Number("4")),),
    )
    return View(
        "mean(x * x)",
        verdict,
        Y,
        "3.5",
        inputs=(InputView("x", (4,), "[0., 1., 2., 3.]", x(1), x(4)),),
        gradients=(gradient,),
        forward=(
            StepView("y = x * x", tuple((y(i), dot(x(i), x(i)), as_math((i - 1) ** 2)) for i in range(1, 5))),
            StepView("mean(y)", ((Y, Fraction(add(*map(y, range(1, 5))), Number("4")), as_math(3.5)),)),
        ),
        backward=(StepView("", chains),),
        elements=1,
    )


def test_the_opening_example_reads_line_by_line():
    page = text(document(mean_of_squares()))
    assert "∂y/∂x₂ = ∂y/∂y₂ · ∂y₂/∂x₂ = 1/4 · 2x₂ = x₂/2 = 0.5" in page
    assert "∂y/∂xₖ = 2xₖ/n" in page
    assert "Here n = 4." in page
    assert "x₁ is x[0]" in page
    assert "Both ways give the same gradient, to the last bit." in page
    assert "x.grad = tensor([0.0000, 0.5000, 1.0000, 1.5000])" in page


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("renderer", [html, latex, markdown, text])
def test_every_verdict_is_said_in_every_format(verdict, renderer):
    view = replace(mean_of_squares(verdict), unsupported=("mystery",), worst_ulps=1.5)
    page = renderer(document(view))
    assert page.count(locale().word(f"verdict.{verdict}")) >= 5
    sentence = locale().word(f"badge.{verdict}").split("{")[0].split(";")[0]
    assert " ".join(sentence.split()) in " ".join(page.split())


def test_a_kink_tells_its_sides_and_what_engines_return():
    kink = KinkView(x(1), "x[0]", "max", 0.0, 6.0, 3.0, (("this engine", "shared"), ("JAX", "shared")))
    page = " ".join(text(document(replace(mean_of_squares("kink"), kinks=(kink,)))).replace("^ ", "").split())
    assert "0 from the left and 6 from the right" in page
    assert "This engine returns 3." in page
    assert "JAX shared" in page


def test_trouble_names_the_element_and_both_values():
    reasons = (Said("reason.chain.somewhere"), Said("reason.outside"))
    trouble = TroubleView(x(3), "x[2]", "disagree", 2.0, 1.0, 4.5e15, reasons)
    page = " ".join(text(document(replace(mean_of_squares("disagree"), troubles=(trouble,)))).replace("! ", "").split())
    assert "x₃ (x[2]): the engine gives 2, the derivation 1" in page
    assert "4.5 × 10¹⁵ ulp" in page
    assert "its steps do not; the function is not defined all around this point." in page


def test_an_array_result_is_explained_with_its_jacobian_and_the_error():
    table = Matrix(tuple(tuple(times(2, x(i)) if i == j else as_math(0) for j in (1, 2)) for i in (1, 2)))
    view = replace(
        mean_of_squares(),
        expression="x * x",
        error="RuntimeError: grad can be implicitly created only for scalar outputs",
        elements=2,
        jacobians=(JacobianView(Y, Symbol("x"), 4, table, None),),
        gradients=(),
        backward=(),
    )
    page = text(document(view))
    assert "The Jacobian of x * x" in page
    assert "grad can be implicitly created only for scalar outputs" in page
    assert "∂y/∂x = [[2x₁, 0], [0, 2x₂]]" in page
    assert "mean(x * x)" in page


def test_what_is_left_out_is_counted():
    view = mean_of_squares()
    cut = replace(view.gradients[0], elements=view.gradients[0].elements[:3])
    long = replace(view.gradients[0], total=1000)
    assert "One more element is not shown." in text(document(replace(view, gradients=(cut,))))
    assert "996 more elements are not shown." in text(document(replace(view, gradients=(long,))))
    hidden = replace(view.forward[0], hidden=12)
    assert "and 12 more lines like it" in text(document(replace(view, forward=(hidden,))))


def test_conditions_and_definitions_stand_under_the_formula():
    gradient = replace(
        mean_of_squares().gradients[0],
        definitions=((symbol("p", "k"), Fraction(x("k"), Number("2"))),),
        conditions=(Relation(">", x(1), Number("0")),),
    )
    page = text(document(replace(mean_of_squares(), gradients=(gradient,))))
    assert "pₖ = xₖ/2" in page
    assert "This holds while x₁ > 0" in page


def test_values_are_never_read_as_placeholders_or_stress():
    view = replace(mean_of_squares(), expression="{name} `x` *y*")
    assert "The gradient of {name} `x` *y*" in text(document(view))


def test_a_language_that_is_not_there_names_those_that_are():
    with pytest.raises(InputError, match="en"):
        document(mean_of_squares(), "tlh")


class _OneSentence(NullTranslations):
    def gettext(self, message: str) -> str:
        return "a {v} `c` *d {v}*"


def test_a_sentence_holds_code_and_stress_beside_its_values():
    words = Locale(Sentences("en", _OneSentence()))
    assert [part.kind for part in words.say("k", v=Y)] == [
        "words",
        "formula",
        "words",
        "code_span",
        "words",
        "emphasis",
    ]


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("text", ["mean(x * x)", "y = x * x; max(y)", "x * x"])
def test_every_link_leads_to_a_place_of_its_page(text, detail):
    page = symdiff.explain(text, x=[3.0, 1.0, -3.0], detail=detail).to_html()
    places = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r' href="#([^"]+)"', page)) <= places
