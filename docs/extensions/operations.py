"""The directive ``operations``: every operation with its meaning and its derivative, from the engine's own table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LABELS = {"meaning": "meaning", "derivative": "derivative", "kinks": "kinks"}


def written(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A section for each family, an entry for each operation."""
    for family, members in groupby(rows, key=lambda row: row["family"]):
        title = family.replace("_", " ").capitalize()
        yield from (title, "-" * len(title), "")
        for row in members:
            also = f" (also {', '.join(f'``{each}``' for each in row['aliases'])})" if row["aliases"] else ""
            yield from (f"``{row['name']}``{also}", f"   {row['summary']}", "")
            for key, label in LABELS.items():
                if row.get(key):
                    yield from (f"   | *{label}*: {nodes_safe(row[key], is_code=key != 'kinks')}",)
            yield ""


def nodes_safe(text: str, is_code: bool) -> str:
    """Text on one line, as code or as words."""
    line = " ".join(str(text).split())
    return f"``{line}``" if is_code else line.replace("\\", "\\\\").replace("*", "\\*").replace("|", "\\|")


class Operations(SphinxDirective):
    """``.. operations::``."""

    def run(self) -> list[nodes.Node]:
        """The sections."""
        from symdiff.proof.operations_table import as_json, rows

        lines = StringList()
        for line in written(json.loads(as_json(rows()))):
            lines.append(line, "the table of operations", 0)
        return self.parse_text_to_nodes(lines, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    app.add_directive("operations", Operations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
