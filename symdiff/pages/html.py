"""Documents as one HTML file that needs nothing else: native MathML, the style and the font inside."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from symdiff.pages.blocks import CodeSpan, Derivation, Document, Formula, Line, Sketch, Table
from symdiff.pages.breaking import broken
from symdiff.pages.picture_blocks import PictureBlock
from symdiff.pages.renderer import Renderer
from symdiff.pages.scripts import policy, script
from symdiff.pages.text import bare_line
from symdiff.printing import markup
from symdiff.printing.breadth import breadth
from symdiff.printing.gaps import Gap, gap
from symdiff.printing.latex import latex, relation_sign
from symdiff.printing.mathml import mathml
from symdiff.printing.tree import Chain, Math
from symdiff.sentences import template_folder

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["HTML", "html"]


WIDEST = 58.0
"""So many letters stand side by side on a page."""

WIDEST_NOTE = 22.0
"""A remark is broken into lines of so many letters."""

DENSE = 66.0
"""A table of more letters in a row is set smaller."""

HEAD = 0.62
"""How broad the letters of a table's head are beside those of its rows; they may be broken at spaces."""

COPIED = 400
"""So many formulas carry their LaTeX; a page of more, of a long program, would be a fifth larger by it."""

SHORT = 16
"""Code of up to so many letters stays whole by itself."""

_BEHIND_HYPHENS = re.compile(r"((?<=\w)-+\d{1,20}|-+[^\W\d]\w{0,20}\(?)")
THIN = "\u2009"


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
            "kept_code": kept_code,
            "title": self.title,
            "labelled": self.labelled,
            "spoken": spoken,
            "is_dense": is_dense,
            "sheets": self.sheets,
            "drawn": self.drawn,
        } | _CONSTANT

    def title(self) -> Markup:
        """The title, whose program is broken between statements first."""
        from markupsafe import Markup

        code = Markup('<code dir="ltr">{}</code>')
        parts = self.document.title
        return Markup("").join(
            code.format(statements(part.text)) if isinstance(part, CodeSpan) else self.inline(part) for part in parts
        )

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
        found = broken(sign, node)
        rest = [*found[1:], ("=", node)]
        return [
            self.set_math(part, tall=True, leading=before) + ("" if after or gap(part, following) is Gap.NONE else THIN)
            for (before, part), (after, following) in zip(found, rest, strict=True)
        ]

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

    def labelled(self, parts: Line) -> Markup:
        """A line that stands alone in a head or a link: a formula has a name there for those who do not see it."""
        from markupsafe import Markup

        formulas = [part.math for part in parts if isinstance(part, Formula)]
        if len(formulas) < len(parts):
            return self.line(parts)
        return Markup("").join(self.set_math(each, label=spoken(each)) for each in formulas)

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


def kept_code(text: str) -> Markup:
    """Code in which no line ends behind a hyphen, as browsers end it: ``-o`` and ``-mean(x)`` stay whole."""
    from markupsafe import Markup

    if len(text) <= SHORT:
        return Markup(markup.escape(text))
    pieces = _BEHIND_HYPHENS.split(text)
    return Markup("").join(
        Markup('<span class="whole">{}</span>').format(p) if k % 2 else p for k, p in enumerate(pieces)
    )


def statements(text: str) -> Markup:
    """A program in one line, each statement a span: where it is long it is broken between them first."""
    from markupsafe import Markup

    *first, last = text.split("; ")
    spans = [kept_code(each) for each in (*(f"{each};" for each in first), last)]
    return Markup(" ").join(Markup('<span class="statement">{}</span>').format(span) for span in spans)


def spoken(node: Math) -> str:
    """A formula as text without markup, for its name."""
    return bare_line((Formula(node),))


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
