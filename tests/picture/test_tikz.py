"""The same drawings in LaTeX: they compile, and stay between the margins."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from symdiff.pages.blocks import Document, line
from symdiff.pages.latex import latex
from symdiff.pages.picture_blocks import PictureBlock
from symdiff.pages.picture_tikz import HIGHEST, WIDEST, tikz
from symdiff.picture.bands import drawn
from symdiff.picture.graph import Graph, Item, Link, Node, Numbers, Picture
from symdiff.picture.shapes import Drawing, Letters, Part
from symdiff.printing.tree import Number, Symbol
from tests.pages.test_renderers import INJECTIONS
from tests.picture.gallery import CASES, drawings, explained

ALLOWED = 2.0
"""Nobody sees so many points."""


def compiled(document: Document, folder: Path, program: str) -> str:
    """The log of pdflatex, which must not complain."""
    (folder / "page.tex").write_text(latex(document), encoding="utf-8")
    command = [program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = (folder / "page.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    return log


def picture_block(name: str) -> PictureBlock:
    (block,) = (block for block in explained(name).document().blocks if isinstance(block, PictureBlock))
    return block


def test_all_pictures_stay_between_the_margins(tmp_path: Path, require_tool: Callable[[str], str]) -> None:
    document = Document(line("t"), tuple(map(picture_block, CASES)))
    log = compiled(document, tmp_path, require_tool("pdflatex"))
    assert [size for size in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log) if float(size) > ALLOWED] == []
    assert "Missing character" not in log


def test_hostile_names_are_drawn_and_not_obeyed(tmp_path: Path, require_tool: Callable[[str], str]) -> None:
    one = Numbers(((Number("1"),),))
    nodes = [Node(0, (Item(Symbol("x"), one, one),))]
    nodes += [Node(k, (Item(Symbol(words), one, one, words),), k, words) for k, words in enumerate(INJECTIONS, 1)]
    graph = Graph(tuple(nodes), tuple(Link((0, 0), (node.key, 0), Symbol(node.code)) for node in nodes[1:]))
    picture = Picture((graph,), Symbol("x"))
    block = picture_block("opening")
    hostile = PictureBlock(*(getattr(block, name) for name in ("title",)), picture, drawn(picture), *(
        getattr(block, name) for name in ("words", "told", "tables", "label", "buttons")
    ))  # fmt: skip
    compiled(Document(line("t"), (hostile,)), tmp_path, require_tool("pdflatex"))
    assert not Path("/tmp/pwn").exists()


def test_it_has_the_coordinates_of_the_svg() -> None:
    (drawing,) = drawings("opening")
    written = tikz(drawing)
    letters = [shape for part in drawing.parts for shape in part.shapes if isinstance(shape, Letters)]
    assert len(letters) == 35
    for shape in letters:
        assert f"at ({shape.x:.1f},{shape.y:.1f})" in written
    assert "scalebox" not in written


def test_what_is_larger_than_a_sheet_is_scaled_as_a_whole() -> None:
    part = Part("node", 0, 0, ())
    wide, high = tikz(Drawing(2000.0, 50.0, (part,))), tikz(Drawing(100.0, 3000.0, (part,)))
    for written, length, room in ((wide, 2000.0, WIDEST), (high, 3000.0, HIGHEST)):
        found = re.match(r"\\scalebox\{([\d.]+)\}", written)
        assert found is not None
        assert float(found[1]) * 0.6 * length <= room + 1


def test_a_document_without_a_picture_loads_nothing_to_draw_with() -> None:
    assert "tikz" not in latex(Document(line("t"), ()))
