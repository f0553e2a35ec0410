"""Letters: what is slanted, raised and lowered, and how broad it is in the font of the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from symdiff.picture.typeset import Run, runs, width
from symdiff.picture.widths import LETTERS, width_of
from symdiff.printing.shorthand import partial, symbol
from symdiff.printing.tree import Call, Constant, Fraction, Number, Power, Rounded, Symbol, Times

FONT = Path(__file__).parents[2] / "templates" / "fonts" / "math.woff2"


def test_letters_are_as_broad_as_in_the_font() -> None:
    pytest.importorskip("brotli", reason="the font is packed with brotli")
    ttlib = pytest.importorskip("fontTools.ttLib")
    font = ttlib.TTFont(FONT)
    widths = {chr(code): font["hmtx"][name][0] for code, name in font.getBestCmap().items()}
    assert {letter: own for letter, own in LETTERS.items() if not 0 <= own - widths[letter] < 20} == {}
    assert len(LETTERS) > 300


@pytest.mark.parametrize(
    ("math", "told"),
    [
        (symbol("x", 1), [("𝑥", 0, 1), ("1", 0.22, 0.74)]),
        (Symbol("h"), [("ℎ", 0, 1)]),
        (Symbol("lambda_"), [("𝜆", 0, 1)]),
        (Symbol("A", (Symbol("i"), Number("2"))), [("𝐴", 0, 1), ("𝑖,2", 0.22, 0.74)]),
        (Power(Constant("e"), symbol("x", 1)), [("e", 0, 1), ("𝑥", -0.38, 0.74), ("1", -0.217, 0.548)]),
        (Number("-2.5e-08"), [("−2.5\u2009×\u200910", 0, 1), ("−8", -0.38, 0.74)]),
        (Fraction(Number("1"), Times((Number("2"), Symbol("n")))), [("1/(2𝑛)", 0, 1)]),
        (Rounded(Number("0.5")), [("0.5", 0, 1)]),
        (Power(Call("tanh", (Symbol("x"),)), Number("2")), [("tanh", 0, 1), ("2", -0.38, 0.74), ("(𝑥)", 0, 1)]),
        (partial(Symbol("a"), Symbol("B")), [("∂𝑎/∂𝐵", 0, 1)]),
    ],
)
def test_runs(math: object, told: list[tuple[str, float, float]]) -> None:
    assert [(run.text, run.shift, run.size) for run in runs(math)] == told  # type: ignore[arg-type]


def test_a_word_is_told_apart() -> None:
    assert runs(symbol("loss", 2)) == (Run("loss", word=True), Run("2", 0.22, 0.74))


def test_widths_add_up() -> None:
    assert width(runs(symbol("x", 1))) == pytest.approx(0.5 + 0.74 * 0.5)
    assert width_of("中") == 1.0
    assert width_of("e\u0301") == width_of("e")


def test_marks_in_a_name_stay_letters() -> None:
    text = "".join(run.text for run in runs(Symbol("a\x01b\x04<")))
    assert text == "a\ufffdb\ufffd<"
