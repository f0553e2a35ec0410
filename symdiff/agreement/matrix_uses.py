"""Matrices that operations with an equation in their meaning are given, and the inputs on which these depend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from symdiff.arrays import Array
from symdiff.evaluation.backward_errors import MIXING
from symdiff.evaluation.noise import Use
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Element, Implicit
from symdiff.tracing.graph import Graph, Node

__all__ = ["Uses", "inner_steps", "matrix_uses", "solved_inputs", "spread"]

OF_VECTORS = 24.0
"""So many units singular vectors are off that are well determined (70 were seen, once in a hundred graded matrices)."""

Uses = Mapping[tuple[int, int], Use]
"""By element of the program and place among its operands, whose matrix is read there."""


def matrix_uses(graph: Graph, program: SymbolicProgram) -> Uses:
    """Where the steps of operations with an equation in their meaning read the matrix that these are given."""
    found: dict[tuple[int, int], Use] = {}
    for node, inside in _equations(graph, program):
        assert node.op is not None
        if node.parents[0] >= 0:
            matrix, use = program.of_node[node.parents[0]], Use(node.op.name, node.index)
            found |= {(step.index, place): use for step in inside for place in _places(step, matrix)}
    return found


def inner_steps(graph: Graph, program: SymbolicProgram) -> frozenset[int]:
    """The elements inside of such operations: steps of a definition, which no algorithm takes."""
    return frozenset(step.index for _, inside in _equations(graph, program) for step in inside[:-1])


def _equations(graph: Graph, program: SymbolicProgram) -> Iterator[tuple[Node, Sequence[Element]]]:
    """The operations with an equation in their meaning, each with the elements that it is made of."""
    first = 0
    for node in graph.nodes:
        last = program.of_node[node.index]
        inside = program.elements[first : last + 1]
        if node.op is not None and any(isinstance(e.meaning, Implicit) for e in inside):
            yield node, inside
        first = max(first, last + 1)


def _places(step: Element, matrix: int) -> list[int]:
    """Where a step reads a matrix; of an equation only as its matrix (``solve(a, a)``)."""
    places = [place for place, operand in enumerate(step.operands) if operand == matrix]
    return places[:1] if isinstance(step.meaning, Implicit) else places


def solved_inputs(program: SymbolicProgram, uses: Uses) -> frozenset[str]:
    """The inputs on which the matrices depend."""
    elements = program.elements
    reached = {elements[step].operands[place] for step, place in uses}
    for element in reversed(elements):
        if element.index in reached:
            reached.update(element.operands)
    return frozenset(name for name, index in program.inputs.items() if index in reached)


def spread(
    effects: Mapping[str, Array],
    gradients: Mapping[str, Array],
    solved: frozenset[str],
    uses: Uses,
    rank: int,
    unit: float,
    tied: bool,
) -> dict[str, Array]:
    """What rounding does to each partial; by an input of a matrix function to a 0 what it does to the others.

    A 0 has no scale of its own, and of a pseudoinverse no entry has: singular vectors mix them all, and are off by a
    few units of their own as well. Where values are ``tied`` vectors are anything, and what moves do to them is no
    measure. ``rank`` is the result's, whose axes stand in front.
    """
    whole = {use.operation in MIXING for use in uses.values()} == {True}
    found = dict(effects)
    for name in solved & found.keys():
        axes = tuple(range(rank, found[name].ndim))[-2:]
        largest = np.max(np.nan_to_num(found[name]), axis=axes, keepdims=True, initial=0.0) * (not tied)
        if whole:
            sizes = np.abs(np.nan_to_num(gradients[name]))
            largest = np.fmax(largest, OF_VECTORS * unit * np.max(sizes, axis=axes, keepdims=True, initial=0.0))
        alone = (gradients[name] != 0) & (not whole)
        found[name] = np.where(alone, found[name], np.fmax(found[name], largest))
    return found
