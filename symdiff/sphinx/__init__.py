"""Derivations in Sphinx books: ``extensions = ["symdiff.sphinx"]``, and then the directive ``derivation``.

.. code-block:: rst

   .. derivation:: mean(x * x)
      :at: x = 0, 1, 2, 3

The HTML and LaTeX builders print it whole, others as lines of text; the picture is played in HTML, by a script of the
book's own that asks for nothing else. An author's mistake is an error at the line where
it was made; a verdict that is not the one expected is a warning. What was derived once is kept beside the book's
doctrees until the derivation, its values or symdiff change.

Configuration: ``symdiff_language`` (without it the book's), ``symdiff_detail``, ``symdiff_timeout`` in seconds.
Needs ``pip install "symdiff-explain[sphinx]"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__all__ = ["setup"]

LATEX_PACKAGES = ("amsmath", "amssymb", "array", "graphicx", "longtable", "tikz", "xcolor")


def setup(app: Sphinx) -> ExtensionMetadata:
    """What Sphinx calls: the directive, its node, its style and its configuration."""
    from autodiff import __version__
    from symdiff.sphinx.derivation import Derivation
    from symdiff.sphinx.keeping import fingerprint, forget_old
    from symdiff.sphinx.node import VISITORS, derivation
    from symdiff.sphinx.style import load_files, write_files

    app.add_config_value("symdiff_language", None, "env", (str, type(None)))
    app.add_config_value("symdiff_detail", "steps", "env", (str,))
    app.add_config_value("symdiff_timeout", 60.0, "env", (int, float))
    # not for authors: a book is read anew when symdiff is another
    app.add_config_value("symdiff_is", fingerprint(), "env", (str,))
    app.add_node(derivation, **VISITORS)
    app.add_directive("derivation", Derivation)
    for package in LATEX_PACKAGES:
        app.add_latex_package(package)
    app.connect("env-updated", write_files)
    app.connect("html-page-context", load_files)
    app.connect("build-finished", forget_old)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
