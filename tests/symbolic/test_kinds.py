"""Every kind of meaning has an answer to every question, and one that lacks an answer is refused loudly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

import symdiff
from symdiff.closed_forms.adjoints import SENDERS
from symdiff.closed_forms.definitions import DEFINED
from symdiff.closed_forms.elements import Elements
from symdiff.closed_forms.moves import PLACES
from symdiff.evaluation.evaluate import FORWARD, forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.moves import SOURCES, Sources
from symdiff.meaning.terms import KINDS, MOVES, Decided, Gather, Meaning, Move, Order, Pick, Relation, Reshape

TABLES: dict[str, tuple[Mapping[type, object], set[type]]] = {
    "values": (FORWARD, set(KINDS)),
    "definitions": (DEFINED, set(KINDS)),
    # relations send back through their terms, and nothing is sent through what is decided
    "adjoints": (SENDERS, set(KINDS) - {Relation, Decided}),
    "moves as numbers": (SOURCES, set(MOVES)),
    "moves as forms": (PLACES, set(MOVES)),
}


@pytest.mark.parametrize("question", TABLES)
def test_every_kind_has_an_answer(question: str) -> None:
    table, asked = TABLES[question]
    assert set(table) == asked


def test_the_kinds_are_all_there_are() -> None:
    written = {part.strip().removeprefix("symdiff.meaning.terms.") for part in str(Meaning).split("|")}
    assert written == {kind.__name__ for kind in KINDS if kind not in MOVES} | {"Move"}
    # a dataclass with slots is made twice under one name
    assert {kind.__name__ for kind in Move.__subclasses__()} == {kind.__name__ for kind in MOVES}


X = np.array([[3.0, 1.0, 2.0], [5.0, 5.0, 4.0]])
EXAMPLES: list[tuple[Move, tuple[int, ...]]] = [
    (Reshape(), (3, 2)),
    (Gather(np.array([[0, 5], [5, 2]])), (2, 2)),
    (Pick("max", (1,), False), (2,)),
    (Pick("min", (0,), True), (1, 3)),
    (Pick("max", (0, 1), False), ()),
    (Order(1), (2, 3)),
    (Order(0, (0, 1), average=True), (3,)),
]


@pytest.mark.parametrize(("move", "shape"), EXAMPLES, ids=lambda each: str(each)[:30])
def test_the_answers_of_a_move_are_one_map(move: Move, shape: tuple[int, ...]) -> None:
    """The way back is the transposed way forward, and single elements say what whole arrays do."""
    found: Sources = SOURCES[type(move)](move, X.shape, shape, lambda: X)
    values = np.asarray(found.of(Floats(), X))
    assert values.shape == shape
    weights = np.zeros((*shape, X.size))
    for place in np.ndindex(*shape):
        for position in range(X.size):
            for weight, at in found.given(position):
                weights[(*at, position)] = weight
        # of tied extremes the value is the first's
        assert values[place] == pytest.approx(sum(w * X.flat[p] for w, p in found.taken(place)))
    assert np.allclose(weights @ X.reshape(-1), values)
    seed = np.arange(1.0, values.size + 1).reshape(shape)
    sent = np.tensordot(seed, weights, seed.ndim) if shape else float(seed) * weights
    assert np.allclose(np.asarray(found.back(Floats(), seed)).reshape(-1), sent)
    edges = {(place, position): weight for position, place, weight in found.edges() if weight}
    assert edges == {(at[:-1], at[-1]): weight for at, weight in np.ndenumerate(weights) if weight}


class Mirror:
    """A kind that no table knows."""


def test_a_kind_without_an_answer_is_refused() -> None:
    derivation = symdiff.explain("y = x[::-1]; sum(y * x)", x=[1.0, 2.0, 3.0]).explained.evidence.derivation
    assert derivation is not None
    program = derivation.program
    moved = next(element for element in program.elements if element.operands and element.size == 3)
    elements = list(program.elements)
    elements[moved.index] = replace(moved, meaning=Mirror())  # type: ignore[arg-type]
    program = replace(program, elements=tuple(elements))
    with pytest.raises(KeyError, match="Mirror"):
        forward(program, Floats())
    with pytest.raises(KeyError, match="Mirror"):
        Elements(program).definition(moved.index)
