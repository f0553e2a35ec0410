"""The documentation site: ``make docs`` builds it, with warnings as errors, and checks every link within it."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "extensions")]

from autodiff import __version__  # noqa: E402 - the checkout's own packages

project = "symdiff-explain"
author = "the symdiff-explain authors"
copyright = author
version = release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "symdiff.sphinx",
    "gallery",
    "operations",
    "primitives",
]
exclude_patterns = ["extensions"]
root_doc = "index"
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# what is public stands in __all__, in the order that a reader looks for it
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False

symdiff_timeout = 120.0

html_theme = "furo"
html_title = f"symdiff-explain {version}"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_static_path: list[str] = []
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#23507a", "color-brand-content": "#23507a"},
    "dark_css_variables": {"color-brand-primary": "#8db9e2", "color-brand-content": "#8db9e2"},
}
