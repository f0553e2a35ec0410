"""A document as a part of somebody else's page: its elements without a page around, and a style that stays inside.

Every rule of the style holds in elements of the class ``symdiff`` only, and there before those of the page, which are
taken back first. Lengths are those of the part, not of the window; light or dark is what the page says by
``color-scheme`` or by the attributes that themes have for it.
"""

from __future__ import annotations

import re
from typing import Any

from symdiff.pages.blocks import Document
from symdiff.pages.html import HTML, STYLES, font
from symdiff.pages.scripts import script
from symdiff.sentences import template_folder

__all__ = ["html_part", "script_of_parts", "style_of_parts"]

LOWEST = 6
"""HTML has titles of so many levels."""

SCOPE = ":is(#symdiff, .symdiff)"
"""As specific as an id, though no element has it: the page's rules for classes do not come before ours."""

THEMES = """\
:is([data-theme="dark"], [data-bs-theme="dark"], [data-md-color-scheme="slate"]) .symdiff { color-scheme: dark; }
:is([data-theme="light"], [data-bs-theme="light"]) .symdiff { color-scheme: light; }
[data-theme="auto"] .symdiff { color-scheme: light dark; }
"""
"""How the themes of Furo, PyData, Bootstrap and Material say that a page is dark; others do by ``color-scheme``."""


def html_part(document: Document, prefix: str, level: int) -> str:
    """The elements of ``<div class="symdiff">``; the title is one of ``level``, anchors begin with ``prefix``."""
    return _Part(document, prefix, level).page("part.html")


class _Part(HTML):
    """Prints a document whose titles stand below those of the page around."""

    def __init__(self, document: Document, prefix: str, level: int) -> None:
        super().__init__(document, prefix)
        self.level = level

    def title_tag(self, level: int) -> str:
        return f"h{min(level + self.level - 1, LOWEST)}"

    def title_class(self, level: int) -> Any:
        from markupsafe import Markup

        return Markup(f' class="h{level}"')


def script_of_parts() -> str:
    """The script of a page that has parts: what runs in a page of its own.

    >>> "figure.picture" in script_of_parts()
    True
    """
    return "".join(script(name) for name in HTML.scripts)


def style_of_parts() -> str:
    """The style sheet of a page that has parts, with its font.

    >>> "@font-face" in style_of_parts(), ":root" in style_of_parts()
    (True, False)
    """
    folder = template_folder() / "html"
    rules = _inside("".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in STYLES))
    own = (folder / "part.css").read_text(encoding="utf-8")
    return (
        "/* Made by symdiff. The font is a subset of TeX Gyre Pagella Math 1.632, GUST Font License (LPPL 1.3c). */\n"
        f'@font-face {{ font-family: "Symdiff Math"; src: url("data:font/woff2;base64,{font()}") format("woff2"); }}\n'
        f"{THEMES}"
        f"{SCOPE} {{\n*:not(math, math *, svg, svg *) {{ all: revert; }}\n{rules}\n{own}}}\n"
    )


def _inside(style: str) -> str:
    """The rules of a page's style as rules of a part: titles by their classes, the part for the page and the window."""
    style = style.replace("color-scheme: light dark;", "").replace("@media (max-width", "@container symdiff (max-width")
    style = re.sub(r"@page \{[^}]*\}", "", style)
    style = re.sub(r"\b(h[1-3])\b(?=[^{};]*\{)", r".\1", style)
    return re.sub(r"(^|[\s},])(?::root|html)(?=(?::lang\(\w+\))?\s*[{,])", r"\1&", style)
