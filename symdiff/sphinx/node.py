"""The node of a derivation: it holds what each builder prints, and within it the lines of text for all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.latex import LaTeXTranslator

__all__ = ["VISITORS", "derivation"]

_LOGGER = logging.getLogger(__name__)


class derivation(nodes.container):  # noqa: N801 - nodes are named for their elements
    """``html`` and ``latex`` are what is printed there, ``language`` is its language, ``copying`` has the words on
    buttons that copy; the child is a literal block.

    A builder that does not know it prints a container, and so its child.
    """


def visit_html(translator: HTML5Translator, node: derivation) -> None:
    """The elements of the page within one of the class that the style is for."""
    names = {"lang": node["language"], "data-copying": node["copying"]}
    translator.body.append(translator.starttag(node, "div", CLASS="symdiff", **names))
    translator.body.append(node["html"])
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def visit_latex(translator: LaTeXTranslator, node: derivation) -> None:
    """The part of a LaTeX document, behind the label that references lead to."""
    if node["language"].startswith("zh") and translator.config.latex_engine == "pdflatex":
        _LOGGER.warning(
            "a derivation in Chinese is not set by pdflatex: in conf.py, latex_engine = 'xelatex' with language = "
            "'zh_CN', or a font for Chinese in latex_elements",
            location=node,
            type="symdiff",
            subtype="latex",
        )
    translator.body.append("\n")
    for name in node["ids"]:
        translator.body.append(translator.hypertarget(name, anchor=True))
    translator.body.append(node["latex"])
    raise nodes.SkipNode


def visit_child(translator: Any, node: derivation) -> None:
    """The lines of text, as any literal block."""


def depart_child(translator: Any, node: derivation) -> None:
    """Nothing stands behind them."""


_CHILD = (visit_child, depart_child)
VISITORS: dict[str, Any] = {
    "html": (visit_html, None),
    "latex": (visit_latex, None),
    "text": _CHILD,
    "man": _CHILD,
    "texinfo": _CHILD,
}
