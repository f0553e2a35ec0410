"""Documents as LaTeX: an article for pdfLaTeX, XeLaTeX and LuaLaTeX that needs amsmath and little else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from symdiff.pages.blocks import Derivation, Document, Formula, Inline, Line, Row, Sketch, Table, within
from symdiff.pages.breaking import broken
from symdiff.pages.picture_blocks import PictureBlock
from symdiff.pages.renderer import Renderer
from symdiff.pages.text import bare_line, column_widths
from symdiff.picture.typeset import on_a_line
from symdiff.printing import tex
from symdiff.printing.breadth import breadth
from symdiff.printing.latex import latex as printed
from symdiff.printing.latex import relation_sign
from symdiff.printing.markup import replace_unprintable
from symdiff.printing.tree import Chain, Math, Partial
from symdiff.printing.widths import width_of

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["ChineseLaTeX", "LaTeX", "engine", "latex", "latex_part"]

# what fits on a line of the article, in letters of the plain printer
LONGEST_ROW = 76.0
LONGEST_SLASHED = 12.0
"""A formula of more letters keeps the bars of its fractions in a table."""
LONGEST_TABLE = 78
LONGEST_CELL = 40
LONGEST_PAIRED = 36.0
CLOSE = 0.75
"""What fills so much of a line is measured by TeX itself."""

LONGEST_CODE = 12
"""Code of more letters may be broken behind some of its signs."""


def latex(document: Document) -> str:
    """The document as a LaTeX file."""
    return _printer(document).page()


def latex_part(document: Document, prefix: str = "") -> str:
    """The document as a part of another one, between two paragraphs of it; ``prefix`` stands before its labels.

    That one loads amsmath, amssymb, array, graphicx, longtable, xcolor and hyperref, as notebooks and Sphinx books do.
    """
    return _printer(document, prefix).page("part.tex")


def engine(document: Document) -> str:
    """The program that sets the document: pdflatex knows no Han letters."""
    return _printer(document).engine


class LaTeX(Renderer):
    """Prints blocks as LaTeX."""

    folder = "latex"
    suffix = "tex"
    engine: ClassVar[str] = "pdflatex"
    escape = staticmethod(tex.escape)
    options = {  # noqa: RUF012 - a constant that no instance changes
        "block_start_string": "<%",
        "block_end_string": "%>",
        "variable_start_string": "<<",
        "variable_end_string": ">>",
        "comment_start_string": "<#",
        "comment_end_string": "#>",
    }

    def functions(self) -> dict[str, Any]:
        own: dict[str, Any] = {"sheets": self.sheets, "drawn": self.drawn, "pictured": self.pictured()}
        own |= {"set_cell": self.cell, "on_line": self.on_line, "tall_row": self.tall_row, "relation": self.relation}
        own |= {"cramped": cramped, "has_fractions": self.has_fractions}
        own |= {"columns": columns, "verbatim": verbatim, "stacked": stacked}
        own |= {
            "in_lines": self.in_lines,
            "display_lines": self.display_lines,
            "too_long": too_long,
            "close": close,
            "breakable": breakable,
        }
        return own | {"paired": paired, "aside_below": aside_below}

    def anchored(self, name: str) -> str:
        """An anchor as a label: letters, digits and hyphens pass."""
        return "".join(each for each in self.prefix + name if each.isascii() and (each.isalnum() or each == "-"))

    def math(self, node: Math) -> Markup:
        from markupsafe import Markup

        return Markup(printed(node, otherwise=self.document.otherwise))

    def display_lines(self, node: Math) -> list[Markup]:
        """The lines of a formula that stands by itself."""
        if isinstance(node, Chain) and len(node.parts) > 1:
            return self.in_lines(node.parts[0], zip(node.signs, node.parts[1:], strict=True))
        return self.in_lines(None, [("", node)])

    def in_lines(self, first: Math | None, signed: Iterable[tuple[str, Math]]) -> list[Markup]:
        """A row that is too long for one line in several: each part begins one, and a long part goes on in others.

        What cannot be broken and is still too broad is set smaller, as broad as the line.
        """
        from markupsafe import Markup

        taken = breadth(first) if first is not None else 0.0
        room = LONGEST_ROW - 4.0 - (taken if taken <= LONGEST_ROW / 2 else 0.0)
        lines: list[str] = []
        for sign, part in signed:
            filled, line, start = 0.0, "", "&"
            for before, piece in broken(sign, part) if breadth(part) > room else [(sign, part)]:
                wide = breadth(piece) + 2.2
                if line and filled + wide > room:
                    lines.append(f"{start}{line}")
                    filled, line, start = 0.0, "", r"&\quad "
                written = self.math(piece)
                if wide > CLOSE * room:
                    written = Markup(rf"\symdifffit{{{room / LONGEST_ROW:.2f}}}{{{written}}}")
                line += f"{{}} {relation_sign(before) if before else ''} {written}"
                filled += wide
            lines.append(f"{start}{line}")
        lead = Markup() if first is None else self.math(first)
        if taken > LONGEST_ROW / 2:
            return [Markup(f"&{lead}"), *map(Markup, lines)]
        return [Markup(f"{lead} {lines[0]}"), *map(Markup, lines[1:])]

    def on_line(self, node: Math) -> Markup:
        """A partial with a slash, where lines are to stand close to each other."""
        from markupsafe import Markup

        if isinstance(node, Partial) and node.order == 1 and isinstance(node.by, Math):
            return Markup(rf"\partial {printed(node.of)}/\partial {printed(node.by)}")
        return self.math(on_a_line(node))

    def cell(self, parts: Line) -> Markup:
        """A cell of a table: short fractions with a slash, so that rows stand close."""
        return self.line(tuple(_closer(part) for part in parts))

    def tall_row(self, row: Row) -> bool:
        """Whether what follows the first part of a line has a fraction."""
        return any(r"\frac" in self.math(part) for _, part in row.signed)

    def pictured(self) -> bool:
        """Whether the document needs what pictures are drawn with."""
        return any(isinstance(block, PictureBlock | Sketch) for block in within(self.document.blocks))

    def sheets(self, block: PictureBlock) -> list[Markup]:
        """The drawings of a picture, and the lines between them."""
        from symdiff.pages.picture_tikz import sheets

        return sheets(block, self.line)

    def drawn(self, block: Sketch) -> Markup:
        """A small drawing."""
        from markupsafe import Markup

        from symdiff.pages.picture_tikz import tikz

        return Markup(tikz(block.drawing))

    def has_fractions(self, block: Table) -> bool:
        """Whether the rows of a table need room for fractions."""
        return any(r"\frac" in self.cell(cell) for row in block.rows for cell in row)

    def relation(self, sign: str) -> Markup:
        """The sign before a part of a row."""
        from markupsafe import Markup

        return Markup(relation_sign(sign))


class ChineseLaTeX(LaTeX):
    """The same for ``ctexart``, whose Fandol fonts stand in every TeX Live."""

    engine: ClassVar[str] = "xelatex"
    escape = staticmethod(tex.escape_but_han)


def _printer(document: Document, prefix: str = "") -> LaTeX:
    return (ChineseLaTeX if document.language.startswith("zh") else LaTeX)(document, prefix)


def too_long(node: Math) -> bool:
    """Whether a formula needs more than a line of its own."""
    return breadth(node) > LONGEST_ROW


def close(node: Math) -> bool:
    """Whether a formula may need more than a line of its own."""
    return breadth(node) > CLOSE * LONGEST_ROW


def breakable(text: str) -> Markup:
    """Code within a sentence, which may be broken behind what is no letter where it is long."""
    from markupsafe import Markup

    if len(text) <= LONGEST_CODE:
        return Markup(tex.escape(text))
    pieces = re.split(r"(?<=[_,(\[=+*/])(?=\w)|(?<=\.)(?=[^\W\d])", text)
    return Markup(r"\allowbreak{}").join(Markup(tex.escape(piece)) for piece in pieces)


def stacked(block: Derivation) -> bool:
    """Whether every part needs a line of its own."""
    return block.stacked or _breadth(block) + _said([row.note for row in block.rows]) > LONGEST_ROW


def aside_below(block: Derivation) -> bool:
    """Whether what is said beside the lines has no room there."""
    return _breadth(block) + _said([row.beside for row in block.rows]) > LONGEST_ROW


def paired(block: Derivation) -> bool:
    """Whether one line stands on the left and what is said beside it on the right, in several lines."""
    if len(block.rows) != 1 or block.stacked or not aside_below(block):
        return False
    return bool(block.rows[0].aside) and _breadth(block) <= LONGEST_PAIRED


def _breadth(block: Derivation) -> float:
    """How many letters broad the columns are."""
    widths = [0.0] * block.columns
    for row in block.rows:
        for place, part in enumerate(row.parts):
            widths[place] = max(widths[place], breadth(part))
    return sum(widths) + 2.2 * (len(widths) - 1)


def _said(lines: list[Line]) -> float:
    return max((0.9 * width_of(bare_line(each)) + 2 for each in lines if each), default=0.0)


def cramped(block: Table) -> bool:
    """Whether a table must be set small to fit between the margins."""
    rows = [[bare_line(cell) for cell in row] for row in (block.head, *block.rows)]
    widths = column_widths(rows)
    return sum(widths) + 2 * len(widths) > LONGEST_TABLE


def _closer(part: Inline) -> Inline:
    if not isinstance(part, Formula):
        return part
    closer = on_a_line(part.math)
    return Formula(closer) if breadth(closer) <= LONGEST_SLASHED else part


def columns(block: Table) -> Markup:
    """How the columns of a table are set; where it is too broad, the broadest column of words is broken."""
    from markupsafe import Markup

    letters = list(block.columns)
    rows = [[bare_line(cell) for cell in row] for row in (block.head, *block.rows)]
    widths = column_widths(rows)
    broadest = max(range(len(widths)), key=widths.__getitem__, default=0)
    if cramped(block) and letters[broadest] == "l" and widths[broadest] > LONGEST_CELL:
        letters[broadest] = r">{\raggedright\arraybackslash}p{0.5\linewidth}"
    return Markup("".join(letters))


def verbatim(text: str) -> list[Markup]:
    """Lines of code, each escaped, their spaces kept."""
    from markupsafe import Markup

    lines = replace_unprintable(text.replace("\t", "    ")).split("\n")
    return [Markup(_code_line(line)) for line in lines]


def _code_line(line: str) -> str:
    """A line whose indent stands, and which may be broken at its other spaces."""
    code = line.lstrip(" ")
    indent = len(line) - len(code)
    return (r"\mbox{}" + "~" * indent if indent else "") + tex.escape(code).replace(" ", "\\ ") or "~"
