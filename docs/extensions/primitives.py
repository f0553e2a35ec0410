"""The directive ``primitives``: what the primitives of JAX are here, from the table that functions are traced by."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def written(rows: list[tuple[str, str]]) -> list[str]:
    """A table of two columns."""
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - primitive", "     - here"]
    for name, said in rows:
        text = re.sub(r"`+", "``", said).replace("|x|", r"\|x\|")
        lines += [f"   * - ``{name}``", f"     - {text}"]
    return lines


class Primitives(SphinxDirective):
    """``.. primitives::``."""

    def run(self) -> list[nodes.Node]:
        """The table."""
        from symdiff.frameworks.jax.lax import rows

        lines = StringList()
        for line in written(rows()):
            lines.append(line, "the table of primitives", 0)
        return self.parse_text_to_nodes(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    app.add_directive("primitives", Primitives)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
