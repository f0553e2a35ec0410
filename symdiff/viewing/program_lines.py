"""The program of a page line by line, each line with the steps that it is."""

from __future__ import annotations

import ast

from symdiff.viewing.steps import Steps
from symdiff.viewing.view import ProgramLine, View
from symdiff.viewing.writing import Writing

__all__ = ["program_lines"]

MOST = 24
"""A longer program is not listed."""


def program_lines(writing: Writing, view: View) -> tuple[ProgramLine, ...]:
    """The lines of a text; none of a single line, which the title says, nor of a Python function."""
    source = writing.explained.source
    lines = _statements(source)
    if not 1 < len(lines) <= MOST:
        return ()
    steps = Steps(writing)
    evidence = writing.evidence
    ends: dict[str, int] = {}
    for node in evidence.traced.graph.nodes:
        index = evidence.program.of_node.get(node.index)
        if node.op is not None and node.name is not None and index is not None:
            ends[node.name] = max(ends.get(node.name, 0), steps.number(index))
    last = steps.number(evidence.program.result)
    found: list[ProgramLine] = []
    before = 0
    for place, (name, code) in enumerate(lines):
        end = last if place == len(lines) - 1 else ends.get(name, 0)
        numbers = tuple(range(before + 1, end + 1))
        found.append(ProgramLine(code, (numbers[0], numbers[-1]) if numbers else ()))
        before = max(before, end)
    return tuple(found)


def _statements(source: str) -> list[tuple[str, str]]:
    """The name that each line assigns (or none) and its text; nothing where the source is no text of ours."""
    try:
        tree = ast.parse(source.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = []
    for statement in tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        name = target.id if isinstance(target, ast.Name) else ""
        found.append((name, ast.get_source_segment(source.strip(), statement) or ""))
    return found
