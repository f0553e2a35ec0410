"""The style sheet and the script: written once for a book, and loaded by the pages that show a derivation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.pages.part import script_of_parts, style_of_parts
from symdiff.sphinx.node import derivation

if TYPE_CHECKING:
    from docutils.nodes import document
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["load_files", "write_files"]

STYLE, SCRIPT = "symdiff.css", "symdiff.js"
WITHOUT_SCRIPTS = ("epub",)
"""Builders of books that no script runs in; the picture is then the finished one."""


def _has_script(app: Sphinx) -> bool:
    return app.builder.name not in WITHOUT_SCRIPTS


def write_files(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Before pages are written: Sphinx takes the digests of the files into their addresses."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STYLE).write_text(style_of_parts(), encoding="utf-8")
        if _has_script(app):
            (folder / SCRIPT).write_text(script_of_parts(), encoding="utf-8")
    return []


def load_files(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: document | None
) -> None:
    """For a page with a derivation."""
    if doctree is not None and next(doctree.findall(derivation), None) is not None:
        app.add_css_file(STYLE)
        if _has_script(app):
            app.add_js_file(SCRIPT, loading_method="defer")
