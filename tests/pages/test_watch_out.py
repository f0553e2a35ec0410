"""What to watch out for, drawn and said only where it applies; and the Jacobian as what it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.pages.blocks import Contents, Document, Sketch, within
from symdiff.pages.document import document
from symdiff.picture.sketches import Slice, slice_drawing, table_drawing
from symdiff.printing.tree import Number, Symbol
from tests.pages.test_lines import ATTENTION, PAGES


def page_of(expression: str, **at: Any) -> Document:
    return document(symdiff.explain(expression, at=at).view)


def sketches(page: Document) -> list[Sketch]:
    return [block for block in within(page.blocks) if isinstance(block, Sketch)]


def test_a_kink_is_drawn_with_the_lines_between_which_slopes_are_valid() -> None:
    explanation = symdiff.explain("sum(abs(x))", x=[-1.0, 0.0, 2.0])
    found = explanation.view.slice
    assert found is not None
    assert found.element == Symbol("x", (Number("2"),))
    assert found.slopes == (-1.0, 1.0)
    assert all(y == 3.0 + abs(x) for x, y in found.points)
    kinds = [part.kind for part in slice_drawing(found).parts]
    assert kinds == ["frame", "bounds", "curve", "dot"]
    assert 'class="picture sketch"' in explanation.to_html()
    assert r"\draw[curve]" in explanation.to_latex()
    assert "dashed" in explanation.to_html()
    assert "dashed" not in explanation.to_text()  # where nothing is drawn


def test_a_jump_is_drawn_as_two_pieces_without_slopes() -> None:
    found = symdiff.explain("sum(where(x > 0, x + 1, 0.0))", x=[1.0, 0.0]).view.slice
    assert found is not None
    assert found.slopes is None
    (curve,) = [part for part in slice_drawing(found).parts if part.kind == "curve"]
    assert len(curve.shapes) == 2


def test_what_is_not_finite_is_left_out_of_a_curve() -> None:
    right = tuple((k / 4, k / 4) for k in range(5))
    points = ((-1.0, float("nan")), (-0.5, float("inf")), *right)
    drawn = slice_drawing(Slice(Symbol("x"), Symbol("y"), 0.0, Number("0"), points))
    (curve,) = [part for part in drawn.parts if part.kind == "curve"]
    assert [len(stroke.points) for stroke in curve.shapes] == [5]


def test_the_trap_of_where_is_told_where_it_is_one() -> None:
    inside = symdiff.explain("sum(where(x > 0, log(x), 0))", x=[1.0, 0.0, 2.0]).to_text()
    assert "The trap of where" in inside
    assert "At x₂ the branch that is not taken" in inside
    assert "safe = where(condition, x, 1)" in inside
    assert "trap" not in symdiff.explain("sum(where(x > 0, x * x, 0))", x=[1.0, -1.0, 2.0]).to_text()


def test_engines_do_as_the_page_says() -> None:
    torch = pytest.importorskip("torch")
    jax = pytest.importorskip("jax")
    x = torch.tensor([1.0, 0.0], requires_grad=True)
    torch.where(x > 0, torch.log(x), 0.0).sum().backward()
    assert torch.isnan(x.grad[1])
    found = jax.grad(lambda x: jax.numpy.where(x > 0, jax.numpy.log(x), 0.0).sum())(jax.numpy.array([1.0, 0.0]))
    assert np.isnan(found[1])
    y = torch.tensor([3.0], requires_grad=True)
    for _ in range(2):
        (y * y).sum().backward()
    assert y.grad.tolist() == [12.0]


def test_gradients_add_up_as_the_page_says() -> None:
    import autodiff as ad

    page = symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3]).to_text().replace("\n| ", " ")
    assert "after a second run x.grad[3] is 3, not 1.5" in page
    x = ad.tensor([0.0, 1.0, 2.0, 3.0], requires_grad=True)
    for _ in range(2):
        ad.mean(x * x).backward()
    assert x.grad.tolist()[3] == 3.0
    assert "add up" not in symdiff.explain("x * x", x=[0.0, 1.0]).to_text()


@pytest.mark.parametrize(
    ("expression", "at", "kind", "blocks"),
    [
        ("y = x * x; mean(y)", {"x": [0.0, 1, 2, 3]}, "diagonal", (0, 0, 0)),
        ("sum(cumsum(x) ** 2)", {"x": [1.0, 2, 3]}, "triangle", (0, 0, 0)),
        ("sum(X @ W)", {"X": [[1.0, 2], [3, 4], [5, 6]], "W": [[1.0, 0], [0.5, 2]]}, "blocks", (3, 2, 2)),
        ("sum(softmax(x) ** 2)", {"x": [1.0, 2, 3]}, "full", (0, 0, 0)),
        ("sum((x[1:] - x[:-1]) ** 2)", {"x": [1.0, 2, 4]}, "sparse", (0, 0, 0)),
        ("sum((b + X) ** 2)", {"b": [1.0, 2], "X": [[1.0, 2], [3, 4]]}, "blocks", (2, 2, 1)),
    ],
)
def test_the_table_of_derivatives_is_called_what_it_is(
    expression: str, at: dict[str, Any], kind: str, blocks: tuple[int, int, int]
) -> None:
    found = symdiff.explain(expression, at=at).view.table
    assert found is not None
    assert (found.kind, found.blocks) == (kind, blocks)
    rows, columns = np.shape(found.filled)
    assert (rows, columns) == (found.rows, found.columns)
    (_, tiles) = table_drawing(found.filled).parts
    assert len(tiles.shapes) == np.sum(found.filled)


def test_a_diagonal_is_a_diagonal_where_an_element_is_0() -> None:
    page = symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3]).to_text()
    assert "[[2x₁, 0, 0, 0], [0, 2x₂, 0, 0], [0, 0, 2x₃, 0], [0, 0, 0, 2x₄]]" in page


def test_long_pages_have_a_list_of_their_sections_and_short_ones_none() -> None:
    values = PAGES["attention"][1]
    (found,) = [block for block in page_of(ATTENTION, **values).blocks if isinstance(block, Contents)]
    anchors = [anchor for _, anchor in found.entries]
    assert anchors[:3] == ["gradients", "picture", "forward"]
    written = symdiff.explain(ATTENTION, at=values).to_html()
    assert all(f'id="{anchor}"' in written for anchor in anchors)
    assert not any(isinstance(block, Contents) for block in page_of("y = x * x; mean(y)", x=[0, 1, 2, 3]).blocks)
