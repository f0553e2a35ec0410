"""Losses, with PyTorch's names and reductions; each one's elements are an operation with an accurate rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..axes import shape_of
from ..declare.meanings import Composite, Structure
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, OTHER_MATRIX, OTHER_ROW, ROW, at
from ..kernels import floating
from .exponential import exp, log, log1p
from .indexing import grid_index, take_along_axis
from .moving import expand_dims, squeeze
from .piecewise import clip
from .quotients import quotient
from .reductions import mean, sum
from .softmax import Lines, lines_of, log_of_sum, log_softmax, softmax, softmax_rule

CHANCES, LABELS = np.array([0.2, 0.7, 0.95, 0.01]), np.array([0.0, 1.0, 0.4, 0.9])
CLASSES = np.array([2, 0, 3])
SHARES = np.array([[0.1, 0.2, 0.3, 0.4], [1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.0, 0.5]])

REDUCTIONS: dict[str, Callable[[Any], Any]] = {"mean": mean, "sum": sum, "none": lambda losses: losses}


def reduced(name: str, losses: Any, reduction: str) -> Any:
    """The losses as one number, or as they are."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: reduction={reduction!r}; it is one of {', '.join(REDUCTIONS)}")
    return REDUCTIONS[reduction](losses)


def same_shape(name: str, x: Any, target: Any) -> None:
    """Raise where broadcasting would pair every prediction with every target."""
    if shape_of(x) != shape_of(target):
        raise ValueError(f"{name}: x has shape {shape_of(x)} and the target {shape_of(target)}; they must be equal")


@function(samples=[at(ROW, OTHER_ROW), at(MATRIX, OTHER_MATRIX, reduction="sum"), at(ROW, OTHER_ROW, reduction="none")])
def mse_loss(x: Any, target: Any, reduction: str = "mean") -> Any:
    """The squared differences, and their mean (or sum)."""
    same_shape("mse_loss", x, target)
    return reduced("mse_loss", (x - target) ** 2, reduction)


@op(
    meaning="where(x <= -delta, -delta*(x + delta/2), where(x >= delta, delta*(x - delta/2), x*x/2))",
    vjp=[lambda g, y, x, delta: g * clip(x, -delta, delta)],
    numpy=(),
    language=False,
    samples=[at(ROW), at(ROW, delta=2.0), at(-0.3)],
)
def huber(x, /, delta=1.0):
    """Half the square of ``x``, continued in a straight line beyond ``delta``."""
    size = np.abs(x)
    inside = np.minimum(size, delta)
    return inside * (size - inside / 2)


@function(samples=[at(ROW, OTHER_ROW), at(ROW, OTHER_ROW, reduction="sum", delta=0.5)])
def huber_loss(x: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Half the squared differences where they are at most ``delta``, straight lines beyond; and their mean (or sum)."""
    same_shape("huber_loss", x, target)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta={delta} must be positive")
    return reduced("huber_loss", huber(x - target, delta=delta), reduction)


@op(
    meaning="-(t*log(x) + (1 - t)*log(1 - x))",
    vjp=[
        lambda g, y, x, t: g * (quotient(1 - t, 1 - x) - quotient(t, x)),
        lambda g, y, x, t: g * (log1p(-x) - log(x)),
    ],
    numpy=(),
    language=False,
    samples=[at(CHANCES, LABELS[::-1].copy()), at(0.3, 0.6), at(CHANCES[:, None], CHANCES)],
    domain="0 < x < 1",
)
def binary_entropy(x, t, /):
    """The surprise of ``t`` where ``x`` was expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return -(np.where(t == 0, t * 0, t * np.log(x)) + np.where(t == 1, t * 0, (1 - t) * np.log1p(-x)))


@function(samples=[at(CHANCES, LABELS), at(CHANCES, LABELS, ROW**2, reduction="sum")])
def binary_cross_entropy(x: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """The cross-entropy of probabilities ``x`` against targets in 0 ... 1; its logarithms are not cut off at -100."""
    same_shape("binary_cross_entropy", x, target)
    losses = binary_entropy(x, target)
    return reduced("binary_cross_entropy", losses if weight is None else losses * weight, reduction)


@op(
    meaning="where(t == 0, 0, t*(log(t) - x))",
    vjp=[lambda g, y, x, t: -g * t, lambda g, y, x, t: g * (log(t) + 1 - x)],
    numpy=(),
    language=False,
    samples=[at(ROW, CHANCES), at(-0.3, 0.6), at(ROW, CHANCES[:, None])],
)
def relative_entropy(x, t, /):
    """``t (log t - x)``, the elements of the divergence of ``t`` from the logarithms ``x``; 0 where ``t`` is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(t == 0, t * 0, t * (np.log(t) - x))


@function(
    samples=[
        at(ROW, CHANCES), at(MATRIX, SHARES[:, ::-1].copy() + 0.1, reduction="batchmean"),
        at(ROW, OTHER_ROW, log_target=True),
    ]
)  # fmt: skip
def kl_div(x: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Any:
    """The divergence (Kullback, Leibler) of the probabilities ``target`` from those whose logarithms are ``x``."""
    same_shape("kl_div", x, target)
    terms = exp(target) * (target - x) if log_target else relative_entropy(x, target)
    if reduction == "batchmean":
        return sum(terms) / shape_of(x)[0]
    return reduced("kl_div", terms, reduction)


CLASS_PARAMS: list[dict[str, Any]] = [
    {"positions": CLASSES[:, None]},
    {"positions": np.array([[[0, 1, 2, 0]], [[1, 1, 0, 2]]]), "axis": 1},
]


class Kept:
    """The exponentials of one call, left by its forward kernel for its rule: they are most of the work of both.

    The first rule to come takes them away, and may write into them; a second walk computes them anew.
    """

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: list[Lines] = []

    def leave(self, lines: Lines) -> None:
        self._lines[:] = [lines]

    def take(self) -> Lines | None:
        try:
            return self._lines.pop()  # in one step: another thread may walk through the same graph
        except IndexError:
            return None


def with_one(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """A shape with an axis of length 1 put in at ``axis``."""
    place = axis % (len(shape) + 1)
    return (*shape[:place], 1, *shape[place:])


def in_rows(array: Any, lines: Lines) -> Any:
    """An array with one element for each line, in the order of the lines."""
    return array.transpose(lines.order).reshape(-1)


def slope_meaning(m: Any, h: Any, x: Any, positions: Any, axis: int, kept: Any) -> Any:
    """The softmax of each line, less 1 at its position, times the line's ``h``."""
    places = grid_index(positions, x.shape, axis % x.ndim)
    return m.program(
        "w = expand_dims(h, axis); w * softmax(x, axis=axis) - add_at(w, places, whole)", places=places, whole=x.shape
    )


@op(
    meaning=Structure(slope_meaning),
    vjp=[
        lambda g, y, h, x, positions, axis, kept: (
            sum(g * softmax(x, axis), axis=axis) - squeeze(take_along_axis(g, positions, axis), axis)
        ),
        lambda g, y, h, x, positions, axis, kept: softmax_rule(expand_dims(h, axis) * g, softmax(x, axis), None, axis),
    ],
    numpy=(),
    language=False,
    samples=[at(ROW[:3], MATRIX, **CLASS_PARAMS[0]), at(MATRIX[:2], CUBE, **CLASS_PARAMS[1])],
)
def class_entropy_slope(h, x, /, positions, axis=-1, kept=None):
    """``h`` times the gradient of the cross-entropy of each line: its softmax, less 1 at its position."""
    lines = kept.take() if kept else None
    if lines is None:
        lines = lines_of(floating(x), axis, "cross_entropy")
        log_of_sum(lines, np.nan)
    weights = in_rows(h.reshape(with_one(h.shape, axis)), lines)
    e, at = lines.distances, (lines.rows, in_rows(positions, lines))
    parts = weights / (lines.others + 1.0)
    # of the largest score, p - 1 would lose the digits of all the others
    here = np.where(e[at] == 1.0, -parts * lines.others, parts * e[at] - weights)
    e *= parts[:, None]
    e[at] = here
    return lines.restored(e)


@op(
    meaning=Composite("logsumexp(x, axis=axis) - squeeze(take_along_axis(x, positions, axis=axis), axis=axis)"),
    vjp=[lambda g, y, x, positions, axis, kept: class_entropy_slope(g, x, positions, axis, kept)],
    numpy=(),
    language=False,
    torch_name="NllLossBackward0",
    samples=[at(MATRIX, **CLASS_PARAMS[0]), at(CUBE, **CLASS_PARAMS[1])],
)  # fmt: skip
def class_entropy(x, /, positions, axis=-1, kept=None):
    """The surprise, for each line of scores ``x`` along ``axis``, that its class is the one at its position."""
    lines = lines_of(floating(x), axis, "cross_entropy")
    distance = lines.distances[lines.rows, in_rows(positions, lines)]
    loss = log_of_sum(lines, np.nan) - distance
    if kept:
        kept.leave(lines)
    return loss.reshape(x.shape[: axis % x.ndim] + x.shape[axis % x.ndim + 1 :])


@op(
    meaning=Composite("-sum(t * log_softmax(x, axis=axis), axis=axis)"),
    vjp=[
        lambda g, y, x, t, axis: expand_dims(g, axis) * (softmax(x, axis) * sum(t, axis=axis, keepdims=True) - t),
        lambda g, y, x, t, axis: -expand_dims(g, axis) * log_softmax(x, axis),
    ],
    numpy=(),
    language=False,
    samples=[at(MATRIX, SHARES), at(ROW, OTHER_ROW), at(CUBE, CUBE[:, ::-1] ** 2, axis=1)],
)
def share_entropy(x, t, /, axis=-1):
    """The cross-entropy of the scores ``x`` against the probabilities ``t`` along ``axis``."""
    return -np.add.reduce(t * log_softmax.forward(x, axis), axis)


def class_positions(target: Any, shape: tuple[int, ...], axis: int) -> Any:
    """Class numbers as positions along ``axis``; whole numbers, each one of the classes there are."""
    classes = np.asarray(target if isinstance(target, np.ndarray | np.generic | int | list | tuple) else target.data)
    positions = classes.astype(np.intp)
    if classes.dtype.kind not in "iub" and not np.array_equal(positions, classes):
        raise ValueError(
            "cross_entropy: a target of class numbers must hold whole numbers; probabilities have x's shape"
        )
    n = shape[axis]
    # Seen without its sign, a negative number is a huge one: one comparison for both ends.
    if positions.size and positions.view(np.uintp).max() >= n:
        wrong = int(positions[(positions < 0) | (positions >= n)].flat[0])
        raise ValueError(f"cross_entropy: class {wrong} of the target is not one of the {n} classes 0 ... {n - 1}")
    return positions.reshape(with_one(positions.shape, axis))


@function(
    samples=[
        at(MATRIX, CLASSES), at(MATRIX, CLASSES, reduction="sum"), at(MATRIX, SHARES), at(ROW, 2),
        at(CUBE, np.array([[0, 1, 2, 0], [1, 1, 0, 2]]), reduction="none"), at(ROW, OTHER_ROW),
    ],
)  # fmt: skip
def cross_entropy(x: Any, target: Any, reduction: str = "mean") -> Any:
    """The cross-entropy of scores ``x`` (batch, classes, ...) against class numbers, or probabilities of x's shape.

    Class numbers have x's shape without its axis of classes, and get no gradient.
    """
    shape, given = shape_of(x), shape_of(target)
    if not shape:
        raise ValueError("cross_entropy: x is a number; it must be scores (classes) or (batch, classes, ...)")
    axis = 0 if len(shape) == 1 else 1
    if not shape[axis]:
        raise ValueError(f"cross_entropy of no classes: x has shape {shape}")
    if given == shape:
        losses = share_entropy(x, target, axis=axis)
    elif given == shape[:axis] + shape[axis + 1 :]:
        params = {"positions": class_positions(target, shape, axis), "axis": axis, "kept": Kept()}
        losses = class_entropy.bound((x,), params)
    else:
        raise ValueError(
            f"cross_entropy: x has shape {shape} and the target {given}; it must be {shape[:axis] + shape[axis + 1 :]} "
            f"(class numbers) or {shape} (probabilities)"
        )
    if reduction == "mean" and given == shape:  # over the batch, not over its classes
        return sum(losses) / max(1, losses.size)
    return reduced("cross_entropy", losses, reduction)
