"""What a picture shows is true: its values and adjoints are those of the engine, and its links multiply to them."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict

import numpy as np
import pytest

import symdiff
from symdiff.picture.frames import Frames
from symdiff.picture.graph import Amounts, Graph, Left, Numbers
from symdiff.printing.plain import plain
from symdiff.printing.tree import Chain, Constant, Fraction, Math, Negative, Number, Rounded, Symbol
from tests.picture.gallery import CASES, drawings, explained, graphs, picture_of

DIGITS = 5e-3
"""What three digits leave open."""


def number(math: Math) -> float:
    match math:
        case Number(text=text):
            return float(text)
        case Negative(body=body):
            return -number(body)
        case Fraction(over=over, under=under):
            return number(over) / number(under)
        case Rounded(body=body):
            return number(body)
        case Chain(parts=parts):
            return number(parts[-1])
        case Constant(name=name):
            return float(name)
    raise AssertionError(math)


def test_the_opening_example_is_drawn_element_by_element() -> None:
    (graph,) = graphs("opening")
    assert picture_of("opening").single
    assert [plain(item.symbol) for node in graph.nodes for item in node.items] == [
        "x₁", "x₂", "x₃", "x₄", "y₁", "y₂", "y₃", "y₄", "y",
    ]  # fmt: skip
    assert [plain(link.label) for link in graph.links if link.label is not None] == [
        "2x₁ = 0", "2x₂ = 2", "2x₃ = 4", "2x₄ = 6", *["1/4"] * 4,
    ]  # fmt: skip


ELEMENTS = [name for name in CASES if picture_of(name).single]
ARRAYS = [name for name in CASES if name not in ELEMENTS]


@pytest.mark.parametrize("name", [name for name in ELEMENTS if picture_of(name).result is not None])
def test_adjoints_are_what_comes_back_along_the_links(name: str) -> None:
    """The picture by itself is reverse-mode differentiation: the adjoint of an item is the sum over its links."""
    if name == "chain through kinks":
        pytest.skip("its steps have no derivative that could be multiplied, but the function has one")
    (graph,) = graphs(name)
    items = {(node.key, place): item for node in graph.nodes for place, item in enumerate(node.items)}
    total: dict[tuple[int, int], float] = defaultdict(float)
    for link in graph.links:
        adjoint, local = items[link.target].adjoint, link.label
        assert isinstance(adjoint, Numbers)
        assert local is not None
        total[link.source] += number(local) * number(adjoint.rows[0][0])
    assert total
    for place, sent in total.items():
        adjoint = items[place].adjoint
        assert isinstance(adjoint, Numbers)
        assert number(adjoint.rows[0][0]) == pytest.approx(sent, rel=DIGITS, abs=DIGITS, nan_ok=True)


@pytest.mark.parametrize("name", CASES)
def test_inputs_have_the_engines_gradients(name: str) -> None:
    found = explained(name)
    if found.report.verdict == "disagree":
        pytest.skip("a picture shows the derivative, and the engine returns another number here")
    inputs = {plain(item.symbol): item for graph in graphs(name) for node in graph.nodes for item in node.items
              if not node.step and not node.ghost}  # fmt: skip
    for own, gradient in found.gradients.items():
        if picture_of(name).result is None:
            continue
        if picture_of(name).single:
            shown = [inputs[plain(symbol(own, place))].adjoint for place in np.ndindex(*gradient.shape)]
            numbers = [number(each.rows[0][0]) for each in shown if isinstance(each, Numbers)]
        else:
            adjoint = inputs[own].adjoint if own in inputs else inputs[plain(Symbol(own))].adjoint
            if isinstance(adjoint, Amounts):
                largest = np.max(np.abs(gradient), where=np.isfinite(gradient), initial=0.0)
                assert number(adjoint.scale) == pytest.approx(largest, rel=DIGITS)
                continue
            assert isinstance(adjoint, Numbers)
            numbers = [number(entry) for row in adjoint.rows for entry in row]
        assert numbers == pytest.approx(gradient.reshape(-1).tolist(), rel=DIGITS, abs=1e-9, nan_ok=True)


def symbol(name: str, place: tuple[int, ...]) -> Symbol:
    return Symbol(name, tuple(Number(str(k + 1)) for k in place))


@pytest.mark.parametrize("name", ARRAYS)
def test_many_numbers_are_parts_of_the_largest(name: str) -> None:
    for graph in graphs(name):
        for shown in (each for node in graph.nodes for item in node.items for each in (item.value, item.adjoint)):
            if isinstance(shown, Amounts):
                known = [part for row in (*shown.rows, shown.lows) for part in row if part is not None]
                assert all(-1 <= part <= 1 for part in known)
                assert not known or max(map(abs, known)) in (0, 1)
                assert len(shown.rows) <= 12
                assert len(shown.rows[0]) <= (24 if len(shown.rows) == 1 else 12)


def test_what_is_not_finite_has_no_part() -> None:
    values = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    found = symdiff.explain("sum(log(x)*x)", x=values).view.picture
    assert found is not None
    (graph,) = (part for part in found.parts if isinstance(part, Graph))
    shown = [item.value for node in graph.nodes for item in node.items if isinstance(item.value, Amounts)]
    assert [None if part is None else round(part, 1) for part in shown[1].rows[0]][:3] == [None, None, 0.0]


def test_two_reads_of_different_elements_are_not_added() -> None:
    found = symdiff.explain("sum(A @ A)", A=np.arange(16.0).reshape(4, 4)).view.picture
    assert found is not None
    (graph,) = (part for part in found.parts if isinstance(part, Graph))
    assert [plain(link.label) for link in graph.links if link.label is not None] == ["∂y/∂A", "1"]


def test_what_only_moves_has_the_derivative_1() -> None:
    labels = [plain(link.label) for graph in graphs("slices") for link in graph.links if link.label is not None]
    assert labels == ["1", "1", "xₖ", "x_{k + 1}", "1", "1", "3x₁²", "1", "1"]


def test_links_say_where_no_derivative_goes() -> None:
    quiet = [link for graph in graphs("where") for link in graph.links if not link.flows]
    assert len(quiet) == 1
    assert quiet[0].label is None


def test_a_long_program_says_how_much_is_left_out() -> None:
    parts = picture_of("a loop of 40").parts
    assert any(isinstance(part, Left) and part.count > 20 for part in parts)


def test_an_array_result_has_values_alone() -> None:
    assert picture_of("softmax").result is None
    assert not [item for graph in graphs("softmax") for node in graph.nodes for item in node.items if item.adjoint]


def test_nothing_is_drawn_where_nothing_is_computed_or_no_meaning_is_known() -> None:
    assert symdiff.explain("x", x=2.0).view.picture is None
    assert symdiff.explain("sum(x * x)", x=[1.0], detail="result").view.picture is None


@pytest.mark.parametrize("values", [3.0, [[[1.0, 2.0]]], [[[[1.0]]]]])
def test_any_shape_is_drawn(values: object) -> None:
    symdiff.explain("sum(x * x)", x=values).to_html()


# --- frames -----------------------------------------------------------------------------------------------------------


def test_frames_go_forward_and_back() -> None:
    frames = Frames(picture_of("layer norm")).all
    assert [(frame.kind, frame.step) for frame in frames] == [
        ("given", 0), *(("forward", step) for step in range(1, 10)),
        ("seed", 0), *(("backward", step) for step in range(9, 0, -1)),
    ]  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_adjoint_appears_when_all_that_it_is_made_of_has_come_back(name: str) -> None:
    picture = picture_of(name)
    frames = Frames(picture)
    parts = [part for drawing in drawings(name) for part in drawing.parts]
    shown = {part.key: frames.of(part)[0] for part in parts if part.kind == "adjoint"}
    for part in parts:
        appears, lit = frames.of(part)
        assert 0 <= appears <= len(frames.all)
        assert set(lit) <= set(range(1, len(frames.all) + 1))
        if part.kind == "link" and not part.quiet and {part.key, part.to} <= shown.keys():
            assert shown[part.to] <= shown[part.key]
    assert (picture.result is None) == (not shown)


# --- determinism ------------------------------------------------------------------------------------------------------


def test_the_same_computation_has_the_same_picture_whatever_the_hashes() -> None:
    script = "import symdiff; print(symdiff.explain('a = x * w; sum(tanh(a) * a + x)', x=[1., 2], w=[3., 4]).to_html())"
    pages = [
        subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]
    assert pages[0].stdout == pages[1].stdout
    assert b"<svg" in pages[0].stdout
