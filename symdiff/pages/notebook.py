"""Documents as notebooks show them: the page in a frame as high as it is, in LaTeX's way, and as text.

The frame is sandboxed: its script runs in an origin of its own, so that it sees nothing of the notebook, and says how
high the page is. Where no script runs the frame has a fixed height and scrolls.
"""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import Any

from symdiff.pages.blocks import Document
from symdiff.pages.html import HTML
from symdiff.pages.latex import latex_part
from symdiff.pages.locale import locale
from symdiff.pages.scripts import script
from symdiff.pages.text import text

__all__ = ["Page", "framed"]


class Page:
    """A document that shows itself where it is the last line of a cell.

    ``name`` is what it is called elsewhere, in a list or a traceback.
    """

    def __init__(self, document: Document, name: str) -> None:
        self.document = document
        self.name = name

    @cached_property
    def _bundle(self) -> dict[str, str]:
        plain = text(self.document)
        # a LaTeX document of several cells has one name for one place
        prefix = f"{sha256(plain.encode()).hexdigest()[:8]}-"
        return {
            "text/html": framed(self.document),
            "text/latex": latex_part(self.document, prefix),
            "text/plain": plain,
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return dict(self._bundle)

    def _repr_html_(self) -> str:
        return self._bundle["text/html"]

    def __repr__(self) -> str:
        return self.name


def framed(document: Document) -> str:
    """The page in a frame: one element of HTML that fits into any page."""
    return _Frame(document).page("host.html")


class _Frame(HTML):
    """The page with the script that tells its height."""

    scripts = (*HTML.scripts, "frame.js")

    def functions(self) -> dict[str, Any]:
        return super().functions() | {"inner": self.inner, "host": _host, "verdict": self.verdict}

    def inner(self) -> str:
        """The page inside, which is escaped into an attribute."""
        return self.page("frame.html")

    def verdict(self) -> str:
        """The verdict in a word, which stands where frames are left out."""
        return locale(self.document.language).word(f"verdict.{self.document.verdict}")


def _host() -> str:
    """What the page around does, as the value of an attribute."""
    lines = (line.strip().split("  //")[0] for line in script("host.js").splitlines())
    return " ".join(line for line in lines if line and not line.startswith("//"))
