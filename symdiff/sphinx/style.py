"""The style sheet: written once for a book, and loaded by the pages that show a derivation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.pages.part import style_of_parts
from symdiff.sphinx.node import derivation

if TYPE_CHECKING:
    from docutils.nodes import document
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["add_style", "write_style"]

FILE = "symdiff.css"


def write_style(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Before pages are written: Sphinx takes the digest of the file into its address."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(style_of_parts(), encoding="utf-8")
    return []


def add_style(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: document | None) -> None:
    """For a page with a derivation."""
    if doctree is not None and next(doctree.findall(derivation), None) is not None:
        app.add_css_file(FILE)
