"""Documents as one HTML file that needs nothing else: native MathML, the style and the font inside."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from symdiff.pages.blocks import Derivation, Document, Formula, Line, Sketch, Table
from symdiff.pages.picture_blocks import PictureBlock
from symdiff.pages.renderer import Renderer
from symdiff.pages.scripts import policy, script
from symdiff.pages.text import bare_line
from symdiff.printing import markup
from symdiff.printing.breadth import breadth
from symdiff.printing.latex import latex, relation_sign
from symdiff.printing.mathml import mathml
from symdiff.printing.record import replace
from symdiff.printing.tree import Add, Bracket, Cases, Chain, Math, Negative, Number, Product, Rounded, Sum, Times
from symdiff.sentences import template_folder

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["HTML", "html"]


WIDEST = 58.0
"""So many letters stand side by side on a page."""

WIDEST_NOTE = 22.0
"""A remark is broken into lines of so many letters."""

WHOLE = 28.0
"""A product without dots, of up to so many letters, is never broken."""

DENSE = 66.0
"""A table of more letters in a row is set smaller."""

HEAD = 0.62
"""How broad the letters of a table's head are beside those of its rows; they may be broken at spaces."""

COPIED = 400
"""So many formulas carry their LaTeX; a page of more, of a long program, would be a fifth larger by it."""

UNBROKEN = 16.0
"""A part of a line of up to so many letters is never broken."""


def html(document: Document) -> str:
    """The document as a page for a browser."""
    return HTML(document).page()


class HTML(Renderer):
    """Prints blocks as HTML."""

    folder = "html"
    suffix = "html"
    escape = staticmethod(markup.escape)
    formulas = 0
    """How many are printed so far."""
    scripts: ClassVar[tuple[str, ...]] = ("copy.js", "player.js")
    """What runs in a page, by its files in ``templates/html``; nothing else does."""

    def functions(self) -> dict[str, Any]:
        return {
            "scripts": [script(name) for name in self.scripts],
            "flow": self.flow,
            "pieces": self.pieces,
            "tall": self.tall,
            "title_tag": self.title_tag,
            "title_class": self.title_class,
            "is_wide": is_wide,
            "is_dense": is_dense,
            "sheets": self.sheets,
            "drawn": self.drawn,
        } | _CONSTANT

    def title_tag(self, level: int) -> str:
        """The element of a title."""
        return f"h{level}"

    def title_class(self, level: int) -> str:
        """What is written into it."""
        return ""

    def math(self, node: Math) -> Markup:
        return self.set_math(node)

    def flow(self, node: Math) -> list[Markup]:
        """A formula on a line of its own, in pieces between which the line may break."""
        chain = node if isinstance(node, Chain) else Chain((node,))
        first, *rest = chain.parts
        written = self.pieces("", first)
        for sign, part in zip(chain.signs, rest, strict=True):
            written += self.pieces(sign, part)
        return written

    def pieces(self, sign: str, node: Math) -> list[Markup]:
        """``= x + y`` as ``= x`` and ``+ y`` where it is long: browsers do not break a formula themselves."""
        return [self.set_math(part, tall=True, leading=before) for before, part in broken(sign, node)]

    def tall(self, node: Math) -> Markup:
        """The first part of a row."""
        return self.set_math(node, tall=True)

    def set_math(self, node: Math, **options: Any) -> Markup:
        from markupsafe import Markup

        otherwise = self.document.otherwise
        sign = relation_sign(options["leading"]) if options.get("leading") else ""
        self.formulas += 1
        written = f"{sign} {latex(node, otherwise=otherwise)}".strip() if self.formulas <= COPIED else ""
        return Markup(mathml(node, otherwise=otherwise, annotation=written, **options))

    def sheets(self, block: PictureBlock) -> list[Markup]:
        """The drawings of a picture, and the lines between them."""
        from symdiff.pages.picture_svg import sheets

        return sheets(block, self.line)

    def drawn(self, block: Sketch) -> Markup:
        """A small drawing."""
        from markupsafe import Markup

        from symdiff.pages.picture_svg import svg

        return Markup(svg(block.drawing))


def is_wide(block: Derivation) -> bool:
    """Whether the rows are broader than a page, so that columns cannot be kept."""
    widths: list[float] = [0.0] * block.columns
    for row in block.rows:
        for place, part in enumerate(row.parts):
            widths[place] = max(widths[place], breadth(part) + 2.2 * bool(place))
    notes = max((0.8 * len(bare_line(row.beside)) for row in block.rows), default=0.0)
    return bool(block.stacked or sum(widths) + min(notes, WIDEST_NOTE) > WIDEST)


def is_dense(block: Table) -> bool:
    """Whether a table must be set smaller to stay on the page."""
    head = [HEAD * 1.05 * len(bare_line(cell)) for cell in block.head]
    rows = [[_cell(cell) for cell in row] for row in block.rows] + ([head] if head else [])
    widths: list[float] = [max(column) for column in zip(*rows, strict=False)]
    return sum(widths) + 2.0 * len(widths) > DENSE


def _cell(parts: Line) -> float:
    return sum(breadth(part.math) if isinstance(part, Formula) else 1.05 * len(bare_line((part,))) for part in parts)


def broken(sign: str, node: Math) -> list[tuple[str, Math]]:
    """The pieces of a part, each with the sign before it: the terms of a sum, the factors that a dot keeps apart."""
    body = node.body if isinstance(node, Rounded) else node
    if breadth(body) <= UNBROKEN:
        return [(sign, body)]
    if isinstance(body, Add):
        return [piece for place, term in enumerate(body.terms) for piece in _term(sign if place == 0 else "+", term)]
    if isinstance(body, Times) and body.dot and len(body.factors) > 1:
        first, *rest = (_factor(factor) for factor in body.factors)
        return [(sign, first), *(("·", factor) for factor in rest)]
    if isinstance(body, Times) and len(body.factors) > 1 and breadth(body) > WHOLE:
        first, *rest = map(_factor, body.factors)
        return [(sign, first), *(("", factor) for factor in rest)]
    if isinstance(body, Sum | Product) and isinstance(body.body, Times) and breadth(body) > WHOLE:
        first, *rest = map(_factor, body.body.factors)
        return [(sign, replace(body, body=first)), *(("", factor) for factor in rest)]
    return [(sign, body)]


def _term(sign: str, term: Math) -> list[tuple[str, Math]]:
    if sign == "+" and isinstance(term, Negative):
        return broken("−", term.body if not isinstance(term.body, Add) else Bracket(term.body))
    if sign == "+" and isinstance(term, Number) and term.is_negative:
        return [("−", Number(term.text[1:]))]
    if sign == "+" and isinstance(term, Times) and term.factors:
        first, *rest = term.factors
        if isinstance(first, Number) and first.is_negative:
            first = Negative(Number(first.text[1:]))
        if isinstance(first, Negative) and not isinstance(first.body, Add):
            return broken("−", Times((first.body, *rest), term.dot))
    return broken(sign, term)


def _factor(factor: Math) -> Math:
    """A factor that stands by itself keeps the brackets that it has between others."""
    needs = isinstance(factor, Add | Negative | Cases) or (isinstance(factor, Number) and factor.is_negative)
    return Bracket(factor) if needs else factor


def bare(parts: Line) -> str:
    """A line as text without markup, for the title of the window."""
    return bare_line(parts)


@lru_cache(maxsize=1)
def font() -> str:
    """The font of mathematics as the text of a data URI."""
    data = (template_folder() / "fonts" / "math.woff2").read_bytes()
    return base64.b64encode(data).decode("ascii")


@lru_cache(maxsize=1)
def style() -> Markup:
    """The style sheets."""
    from markupsafe import Markup

    folder = template_folder() / "html"
    return Markup("\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in STYLES))


STYLES = ("style", "picture")
"""The style sheets of a page, by the names of the files in ``templates/html``."""

_CONSTANT = {"bare": bare, "font": font, "style": style, "policy": policy}
