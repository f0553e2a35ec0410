"""The directive ``gallery``: a section with a derivation for every entry of a chapter of ``gallery.toml``.

An entry has a title and a remark in each language, and a program with its values, or the name of a case of the tests
(``textbook:d2l-1``, ``feynman:I.16.6``).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).resolve().parents[1]
CHAPTERS = DOCS / "gallery" / "gallery.toml"
CASES = DOCS.parent / "tests" / "cases"


@lru_cache(maxsize=2)
def corpus(name: str) -> dict[str, dict[str, Any]]:
    """The cases of the tests, by their ids."""
    found = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return {each["id"]: each for each in found["cases" if name == "textbook" else "equations"]}


def of_case(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with what its case says: program, values, the input to differentiate by."""
    if "case" not in entry:
        return entry
    source, _, name = entry["case"].partition(":")
    case = corpus(source)[name]
    at = case["inputs"] if source == "textbook" else case["points"][0]["at"]
    values = "; ".join(f"{key} = {json.dumps(value)}" for key, value in at.items())
    by = {"wrt": case["wrt"]} if "wrt" in case else {}
    return {"program": case["expr"], "at": values, **by, **entry}


def chapter(name: str) -> list[dict[str, Any]]:
    """The entries of a chapter."""
    return [of_case(each) for each in tomllib.loads(CHAPTERS.read_text(encoding="utf-8"))[name]]


def written(entry: dict[str, Any], language: str) -> Iterator[str]:
    """A section with the derivation, as an author would write it."""
    title = entry[language]
    yield from (title, "-" * 2 * len(title), "")
    if f"{language}_text" in entry:
        yield from (entry[f"{language}_text"], "")
    yield from (".. derivation::", f"   :language: {language}", f"   :at: {entry['at']}")
    for option in ("wrt", "detail", "order", "verdict"):
        if option in entry:
            yield f"   :{option}: {entry[option]}"
    yield ""
    yield from (f"   {line.strip()}" for line in entry["program"].strip().split("\n"))
    yield ""


class Gallery(SphinxDirective):
    """``.. gallery:: CHAPTER``."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"language": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """The sections."""
        self.env.note_dependency(str(CHAPTERS))
        language = self.options.get("language", "en")
        lines = StringList()
        for entry in chapter(self.arguments[0]):
            for line in written(entry, language):
                lines.append(line, str(CHAPTERS), 0)
        return self.parse_text_to_nodes(lines, allow_section_headings=True)


def in_chinese(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Chinese pages say so, or else a browser takes any font that has the letters."""
    if pagename.startswith("gallery/zh/"):
        context["language"] = "zh-Hans"


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    app.connect("html-page-context", in_chinese)
    app.add_directive("gallery", Gallery)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
