"""One line of a corpus: the JSON document of a case, its steps also as LaTeX and Markdown."""

from __future__ import annotations

import json
from typing import Any

from symdiff.build.outcome import Task
from symdiff.explained.explained import Explained
from symdiff.explanation import Explanation
from symdiff.pages.blocks import Block, Document, Heading
from symdiff.pages.json_document import json_data
from symdiff.pages.latex import LaTeX
from symdiff.pages.locale import locale
from symdiff.pages.markdown import Markdown
from symdiff.pages.renderer import Renderer
from symdiff.pages.step_blocks import blocks_by_step
from symdiff.printing.latex import latex
from symdiff.printing.record import replace
from symdiff.printing.tree import Chain
from symdiff.viewing.view import View

__all__ = ["corpus_line"]


def corpus_line(explanation: Explanation, task: Task) -> bytes:
    """The line, with its end: ``id``, ``title``, ``language``, and the JSON document.

    Every step has ``latex`` and ``markdown`` beside its plain lines, every input ``general_latex``.
    """

    def write(explained: Explained, view: View) -> bytes:
        document = json_data(explained, view)
        _add_formulas(document, view)
        _add_steps(document, view, task.wanted.corpus)
        head = {"id": task.key, "title": task.case.title, "language": task.wanted.corpus}
        # ASCII alone: a lone surrogate in a title, or a line separator, would break the file for others
        return json.dumps({**head, **document}, separators=(",", ":")).encode("ascii") + b"\n"

    return explanation.told(write, task.wanted.corpus)


def _add_formulas(document: dict[str, Any], view: View) -> None:
    for gradient in view.gradients:
        row = gradient.general
        written = latex(Chain((row[0], row[-1]) if len(row) > 1 else row), browser=True) if row else None
        document["inputs"][gradient.name]["general_latex"] = written


def _add_steps(document: dict[str, Any], view: View, language: str) -> None:
    words = locale(language)
    empty = Document(
        title=(),
        blocks=(),
        language=language,
        verdict=view.verdict,
        summary=(),
        foot=(),
        otherwise=words.word("otherwise"),
    )
    as_latex, as_markdown = LaTeX(empty), Markdown(empty)
    by_step = [*blocks_by_step(view.forward, words, "forward"), *blocks_by_step(view.backward, words, "backward")]
    for step, blocks in zip(document["steps"], by_step, strict=True):
        step["latex"] = _printed(as_latex, blocks)
        step["markdown"] = _printed(as_markdown, blocks)


def _printed(renderer: Renderer, blocks: list[Block]) -> str:
    # whoever reads a step by itself follows no link to it
    bare = (replace(block, anchor="") if isinstance(block, Heading) else block for block in blocks)
    return "\n\n".join(str(renderer.block(block)).strip("\n") for block in bare)
