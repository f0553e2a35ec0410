"""Documents as one HTML file that needs nothing else: native MathML, the style and the font inside."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from symdiff.pages.blocks import Document, Line
from symdiff.pages.renderer import Renderer
from symdiff.pages.text import bare_line
from symdiff.printing import markup
from symdiff.printing.mathml import mathml
from symdiff.printing.tree import Math
from symdiff.sentences import template_folder

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["HTML", "html"]


def html(document: Document) -> str:
    """The document as a page for a browser."""
    return HTML(document).page()


class HTML(Renderer):
    """Prints blocks as HTML."""

    folder = "html"
    suffix = "html"
    escape = staticmethod(markup.escape)

    def functions(self) -> dict[str, Any]:
        return {"display_math": self.display, "relation": self.relation, "tall": self.tall} | _CONSTANT

    def math(self, node: Math) -> Markup:
        return self.set_math(node)

    def display(self, node: Math) -> Markup:
        """A formula in the middle of a line of its own."""
        return self.set_math(node, display=True)

    def relation(self, sign: str, node: Math) -> Markup:
        """``= x``: a part of a row, which may begin a line."""
        return self.set_math(node, tall=True, leading=sign)

    def tall(self, node: Math) -> Markup:
        """The first part of a row."""
        return self.set_math(node, tall=True)

    def set_math(self, node: Math, **options: Any) -> Markup:
        from markupsafe import Markup

        return Markup(mathml(node, otherwise=self.document.otherwise, **options))


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
    """The style sheet."""
    from markupsafe import Markup

    return Markup((template_folder() / "html" / "style.css").read_text(encoding="utf-8"))


_CONSTANT = {"bare": bare, "font": font, "style": style}
