"""Documents as GitHub's Markdown, mathematics in its fences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from symdiff.pages.blocks import Block, Document
from symdiff.pages.renderer import Renderer
from symdiff.printing.latex import latex as printed
from symdiff.printing.latex import relation_sign
from symdiff.printing.markup import replace_unprintable
from symdiff.printing.tree import Math

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Markdown", "markdown"]

_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# signs that Markdown, HTML or GitHub's own additions would read as theirs, anywhere or at the start of a line
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~$&@]|:(?=//|\w+:)|(?<=www)\.")
_STARTS = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")
_BLANK_LINES = re.compile(r"\n{3,}")


def markdown(document: Document) -> str:
    """The document as Markdown."""
    return Markdown(document).page()


def escape(text: str) -> str:
    """Markdown that shows these very characters; entities where a backslash would not do."""
    words = " ".join(replace_unprintable(text).split("\n"))
    marked = _MARKS.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), words)
    return _STARTS.sub(_start, marked)


def _start(found: re.Match[str]) -> str:
    space, sign, digits, mark = found.groups()
    return f"{space}\\{sign}" if sign else f"{space}{digits}\\{mark}"


class Markdown(Renderer):
    """Prints blocks as Markdown."""

    folder = "markdown"
    suffix = "md"
    escape = staticmethod(escape)

    def functions(self) -> dict[str, Any]:
        return {"code_text": code, "fence": fence, "quoted": self.quoted, "relation_sign": sign}

    def math(self, node: Math) -> Markup:
        from markupsafe import Markup

        return Markup(printed(node, otherwise=self.document.otherwise, browser=True))

    def quoted(self, parts: Iterable[Block], first: str = "") -> Markup:
        """Blocks behind ``>``."""
        from markupsafe import Markup

        written = "\n\n".join(str(self.block(part)).strip("\n") for part in parts)
        lines = ([first] if first else []) + _BLANK_LINES.sub("\n\n", written).split("\n")
        return Markup("\n".join(f"> {line}".rstrip() for line in lines))

    def page(self, template: str = "") -> str:
        return _BLANK_LINES.sub("\n\n", super().page(template)).strip() + "\n"


def sign(relation: str) -> Markup:
    """The sign of a row."""
    from markupsafe import Markup

    return Markup(relation_sign(relation))


def code(text: str) -> Markup:
    """A span of code between as many backticks as it takes; a bar would end the cell of a table."""
    from markupsafe import Markup

    words = " ".join(replace_unprintable(text).split("\n"))
    ticks = _ticks(words, 1)
    space = " " if words.startswith("`") or words.endswith("`") else ""
    return Markup(f"{ticks}{space}{words}{space}{ticks}".replace("|", "\\|"))


def fence(text: str, language: str) -> Markup:
    """A block of code between as many backticks as it takes."""
    from markupsafe import Markup

    ticks = _ticks(text, 3)
    return Markup(f"{ticks}{language}\n{replace_unprintable(text)}\n{ticks}")


def _ticks(text: str, least: int) -> str:
    runs = [len(run) for run in re.findall("`+", text)]
    return "`" * max([least, *(run + 1 for run in runs if run >= least)])
