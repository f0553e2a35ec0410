"""Programs at their kinks: what may be returned is the hull of the gradients around, taken 1e-60 away in 24 directions.

Each gradient around must be accepted, their mean as well, and what lies outside of the hull refused. Where all of them
are the same the function is smooth, however many operations have a kink there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from mpmath import mpf

from benchmarks.campaigns.arrays import lifted
from benchmarks.campaigns.case import Case, Outcome
from benchmarks.campaigns.differences import places_of, truth
from benchmarks.campaigns.inputs import generator_of
from benchmarks.campaigns.judge import checked

Array = np.ndarray[Any, Any]
NAME = "kinks"
AWAY = 60
"""The distance of the points around, in digits."""
NEAR = 1e-8
"""Gradients this close, in terms of the largest, are the same."""
DIRECTIONS = 24
ONE = [0.0, 1.0]

PROGRAMS: dict[str, tuple[Callable[..., Any], Any]] = {
    "relu": (lambda m, x: m.sum(m.relu(x)), ONE),
    "relu less relu of minus": (lambda m, x: m.sum(m.relu(x) - m.relu(-x)), ONE),
    "relu squared": (lambda m, x: m.sum(m.relu(x) ** 2), ONE),
    "relu of both signs": (lambda m, x: m.sum(m.relu(x) * m.relu(-x)), ONE),
    "leaky_relu": (lambda m, x: m.sum(m.leaky_relu(x)), ONE),
    "product of leaky_relu": (lambda m, x: m.prod(m.leaky_relu(x)), [1.0, 2.0, 0.0, -3.0]),
    "abs": (lambda m, x: m.sum(m.abs(x) * np.array([2.0, 1.0])), ONE),
    "abs times itself": (lambda m, x: m.sum(m.abs(x) * x), ONE),
    "difference of abs": (lambda m, x: m.sum(m.abs(x) - m.abs(2.0 * x)), ONE),
    "root of a square": (lambda m, x: m.sum(m.sqrt(x * x)), ONE),
    "abs cubed": (lambda m, x: m.sum(m.abs(x) ** 3), ONE),
    "elu": (lambda m, x: m.sum(m.elu(x)), ONE),
    "selu": (lambda m, x: m.sum(m.selu(x)), ONE),
    "hardtanh": (lambda m, x: m.sum(m.hardtanh(x)), [1.0, -1.0, 0.5]),
    "clip": (lambda m, x: m.sum(m.clip(x, -0.5, 2.0) * x), [-0.5, 2.0, 1.0]),
    "huber": (lambda m, x: m.sum(m.huber(x)), [1.0, -1.0, 0.5]),
    "maximum": (lambda m, x: m.sum(m.maximum(x, x[::-1] * np.array([1.0, 2.0, 1.0]))), [1.0, 0.0, 1.0]),
    "minimum of x and its square": (lambda m, x: m.sum(m.minimum(x, x * x)), [1.0, 0.0, 3.0]),
    "maximum of the same": (lambda m, x: m.sum(m.maximum(x, x)), [1.0, -2.0]),
    "max": (lambda m, x: m.max(x), [2.0, 2.0, 1.0]),
    "max of all": (lambda m, x: m.max(x), [2.0, 2.0, 2.0]),
    "min": (lambda m, x: m.min(x) * 3.0, [1.0, 2.0, 1.0]),
    "range": (lambda m, x: m.max(x) - m.min(x), [1.0, 1.0, 1.0]),
    "max of relu": (lambda m, x: m.max(m.relu(x)), [-1.0, -2.0, 0.0]),
    "median of four": (lambda m, x: m.median(x), [1.0, 2.0, 2.0, 3.0]),
    "median of five": (lambda m, x: m.median(x), [1.0, 2.0, 2.0, 2.0, 7.0]),
    "sort with weights": (lambda m, x: m.sum(m.sort(x) * np.array([1.0, 2.0, 4.0])), [1.0, 1.0, 0.5]),
    "sum of sort": (lambda m, x: m.sum(m.sort(x) ** 2), [1.0, 1.0, 1.0]),
    "norm": (lambda m, x: m.norm(x), [0.0, 0.0]),
    "norm squared": (lambda m, x: m.norm(x) ** 2, [0.0, 0.0]),
    "norm 1": (lambda m, x: m.norm(x, 1), [0.0, 2.0, 0.0]),
    "norm inf": (lambda m, x: m.norm(x, np.inf), [1.0, -1.0, 0.5]),
    "norm 3": (lambda m, x: m.norm(x, 3), [0.0, 2.0]),
    "hypot": (lambda m, x: m.hypot(x[0], x[1]), [0.0, 0.0]),
    "standard deviation of equals": (lambda m, x: m.std(x), [3.0, 3.0]),
    "variance of equals": (lambda m, x: m.var(x), [3.0, 3.0, 3.0]),
    "max_pool1d": (lambda m, x: m.sum(m.max_pool1d(m.reshape(x, (1, 1, -1)), 2)), [1.0, 1.0, 2.0, 0.0]),
    "relu network": (
        lambda m, x: m.sum(m.relu(x @ np.array([[1.0, -1.0], [2.0, -2.0]])) * np.array([1.0, 3.0])),
        [2.0, -1.0],
    ),
    "deep relu": (lambda m, x: m.relu(m.sum(m.relu(x)) - 1.0), [1.0, 0.0]),
    "relu beside a logarithm": (lambda m, x: m.sum(m.log(x)) + m.sum(m.abs(x - 1.0)), [1.0, 3.0]),
    "where": (lambda m, x: m.sum(m.where(x > 0.0, x * 2.0, x)), ONE),
    "largest eigenvalue at I": (lambda m, a: m.eigvalsh(a)[-1], np.eye(2)),
    "weighted eigenvalues at I": (lambda m, a: m.sum(m.eigvalsh(a) * np.array([1.0, 3.0])), np.eye(2)),
    "sum of eigenvalues at I": (lambda m, a: m.sum(m.eigvalsh(a)), np.eye(2)),
    "cubes of eigenvalues at I": (lambda m, a: m.sum(m.eigvalsh(a) ** 3), np.eye(2)),
    "spectral norm at I": (lambda m, a: m.norm(a, 2), np.eye(2)),
    "nuclear norm at 2I": (lambda m, a: m.norm(a, "nuc"), 2.0 * np.eye(2)),
    "nuclear norm, rank one": (lambda m, a: m.norm(a, "nuc"), np.array([[1.0, 2.0], [2.0, 4.0]])),
    "nuclear norm at 0": (lambda m, a: m.norm(a, "nuc"), np.zeros((2, 2))),
    "frobenius norm at 0": (lambda m, a: m.norm(a, "fro"), np.zeros((2, 2))),
    "distance to itself": (lambda m, x: m.sum(m.sqrt((x - x) ** 2)), [1.0, 2.0]),
    "smooth beside kinks": (lambda m, x: m.sum(m.relu(x)) - 0.5 * m.sum(m.abs(x)), ONE),
}


def cases() -> Iterator[Case]:
    for name, (function, at) in PROGRAMS.items():
        yield Case(NAME, name, "at the kink", function, (np.array(at, dtype=np.float64),))


def around(case: Case) -> Array:
    """The gradients close by, each once; shape (count, size)."""
    (x,) = case.inputs
    generator = generator_of(case.label)
    found: list[Array] = []

    def away(m: Any, t: Any) -> Any:
        return case.function(m, lifted(x) + t * mpf(10) ** -AWAY)

    for _ in range(DIRECTIONS):
        direction = generator.standard_normal(x.shape)
        at = truth(away, [direction], places_of([x], x.size, generator), 3 * AWAY)
        gradient = np.array([float(v * mpf(10) ** AWAY) for v in at.gradient[0]])
        gradient[np.abs(gradient) < 1e-40] = 0.0  # what is left of the distance
        if not any(np.allclose(gradient, each, rtol=0, atol=NEAR * (1 + np.abs(each).max())) for each in found):
            found.append(gradient)
    return np.array(found)


def distance(gradient: Array, vertices: Array) -> float:
    """How far a gradient is from the hull: nonnegative least squares with the weights' sum held to 1."""
    from scipy.optimize import nnls

    heavy = 1e6
    system = np.vstack([vertices.T, heavy * np.ones(len(vertices))])
    weights, _ = nnls(system, np.append(gradient, heavy))
    return float(np.linalg.norm(vertices.T @ weights - gradient))


def outcomes(case: Case) -> Iterator[Outcome]:
    """Ours, each gradient around, their mean, and some outside.

    Raises:
        NoTruth: there is no gradient around.
    """
    with np.errstate(all="ignore"):
        vertices = around(case)
        scale = float(np.abs(vertices).max()) + 1.0
        shape = case.inputs[0].shape
        found = checked(case, None)
        if found[1] is not None:
            own = next(iter(found[1].inputs.values())).automatic.reshape(-1)
            yield _outcome(case, "ours", own, vertices, scale, found)
        for name, gradient in given(vertices, scale, generator_of(case.label, "given")):
            again = checked(case, gradient.reshape(shape))
            yield _outcome(case, name, gradient, vertices, scale, again)


def given(vertices: Array, scale: float, generator: np.random.Generator) -> Iterator[tuple[str, Array]]:
    for k, vertex in enumerate(vertices[:4]):
        yield f"around {k + 1}", vertex
    mean = vertices.mean(axis=0)
    if len(vertices) > 1:
        yield "their mean", mean
    for k, direction in enumerate(generator.standard_normal((3, vertices.shape[1]))):
        reach = max(float(np.max((vertices - mean) @ direction / np.linalg.norm(direction))), 0.0)
        yield f"outside {k + 1}", mean + direction / np.linalg.norm(direction) * (reach + (1e-3, 0.1, 1.0)[k] * scale)


def _outcome(
    case: Case, name: str, gradient: Array, vertices: Array, scale: float, found: tuple[str, Any, float, Sequence[str]]
) -> Outcome:
    verdict, report, seconds, reasons = found
    off = distance(gradient, vertices) / scale if np.isfinite(gradient).all() else float("inf")
    detail = f"{off:.2g} from the hull of {len(vertices)}"
    fault = verdict if report is None else _fault(verdict, off, len(vertices), name)
    return Outcome(case.label, name, verdict, fault, seconds, tuple(reasons), detail)


def _fault(verdict: str, off: float, pieces: int, name: str) -> str:
    """Of infinitely many gradients around (a norm's ball) 24 are known: a little outside of these may be inside."""
    certainly = off > (5e-4 if pieces < DIRECTIONS // 2 else 0.3)
    if certainly and verdict in ("agree", "imprecise", "kink"):
        return "wrong accepted"
    if pieces == 1 and verdict == "kink":
        return "false kink"
    if off <= NEAR and verdict in ("disagree", "undefined"):
        return f"false {verdict}"
    return "unsupported" if verdict == "unsupported" else "engine" if certainly and name == "ours" else ""
