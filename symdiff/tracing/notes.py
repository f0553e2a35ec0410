"""What the reader must be told about a program as a whole, found in its graph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from symdiff.language import tree
from symdiff.sentences import Said
from symdiff.tracing.graph import Graph, Node, Note


def notes_on(graph: Graph, program: tree.Program | None = None) -> Graph:
    """The graph with its notes."""
    found = [*_independent(graph), *_not_finite(graph)]
    if program is not None:
        found += _equality(program)
    return replace(graph, notes=(*graph.notes, *found))


def ancestors(graph: Graph, index: int) -> set[int]:
    """A node and everything it is computed from."""
    seen = {index}
    for node in reversed(graph.nodes[: index + 1]):
        if node.index in seen:
            seen.update(parent for parent in node.parents if parent >= 0)
    return seen


def _independent(graph: Graph) -> list[Note]:
    used = ancestors(graph, graph.result)
    return [
        Note("independent", Said("note.independent", {"name": name}), (name,))
        for name in graph.wrt
        if graph.inputs[name] not in used
    ]


def _not_finite(graph: Graph) -> list[Note]:
    value = graph.nodes[graph.result].value
    if value.dtype.kind != "f" or bool(np.isfinite(value).all()):
        return []
    used = ancestors(graph, graph.result)
    source = next(node for node in graph.nodes if node.index in used and not _is_finite(node))
    word = _kind(source.value)
    if source.op is None:
        culprit = next((name for name, index in graph.inputs.items() if index == source.index), None)
        named = Said("note.constant") if culprit is None else culprit
        said = Said("note.not_finite", {"name": named, "word": word, "result": _kind(value)})
        return [Note("not_finite", said, () if culprit is None else (culprit,))]
    values = {"name": source.op.name, "word": word, "result": _kind(value), "dtype": str(source.value.dtype)}
    why = "domain" if word == "nan" else "pole"
    return [Note("not_finite", Said(f"note.not_finite.{why}", values), (source.op.name,))]


def _is_finite(node: Node) -> bool:
    return node.value.dtype.kind != "f" or bool(np.isfinite(node.value).all())


def _kind(value: np.ndarray) -> str:
    if bool(np.isnan(value).any()):
        return "nan"
    return "inf" if bool((value == np.inf).any()) else "-inf"


def _equality(program: tree.Program) -> list[Note]:
    compared = (
        node for expression in program.expressions for node in tree.walk(expression) if isinstance(node, tree.Compare)
    )
    return [
        Note(
            "equality",
            Said("note.equality", {"operator": node.operator, "column": str(node.place.column)}),
        )
        for node in compared
        if node.operator in ("==", "!=")
    ]
