"""Losses; a reduction is 0 for none, 1 for the mean, 2 for the sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.pytorch.aten.indexing import positions


def reduced(losses: Any, reduction: int) -> Any:
    """Each for itself, their mean or their sum."""
    return losses if reduction == 0 else ad.mean(losses) if reduction == 1 else ad.sum(losses)


def nll_loss(x: Any, target: Any, weight: Any, reduction: int, ignored: int) -> Any:
    """Minus the score of the right class, weighted by class; axis 1 (or the only one) is that of the classes."""
    target = positions(target)
    axis = 1 if x.ndim > 1 else 0
    counted = target != ignored
    places = np.expand_dims(np.where(counted, target, 0), axis)
    picked = ad.squeeze(ad.take_along_axis(x, places, axis=axis), axis=axis)
    if weight is None:
        weights: Any = counted.astype(x.dtype)
        losses = -picked if counted.all() else ad.where(counted, -picked, 0.0)
    else:
        weights = ad.take(weight, np.where(counted, target, 0), axis=0) * counted.astype(x.dtype)
        losses = ad.where(counted, -picked * weights, 0.0)
    if reduction == 0:
        return [losses]
    if reduction == 1 and weight is None and counted.all():
        return [ad.mean(losses) if x.ndim > 1 else losses]
    total = ad.sum(losses)
    return [total / ad.sum(weights) if reduction == 1 else total]


def smooth_l1(x: Any, target: Any, reduction: int = 1, beta: float = 1.0) -> Any:
    """Huber's loss over its width; the distance itself where that is 0."""
    if not beta:
        return reduced(ad.abs(x - target), reduction)
    return reduced(ad.huber(x - target, delta=beta) / beta, reduction)


def huber_loss(x: Any, target: Any, reduction: int = 1, delta: float = 1.0) -> Any:
    """Squares near 0, distances beyond."""
    return reduced(ad.huber(x - target, delta=delta), reduction)


def cross_entropy(x: Any, target: Any, weight: Any = None, reduction: int = 1) -> Any:
    """Of probabilities and what they should be."""
    losses = ad.binary_entropy(x, target)
    return reduced(losses if weight is None else weight * losses, reduction)


def with_logits(x: Any, target: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 1) -> Any:
    """The same of logits."""
    if pos_weight is None:
        losses = (1.0 - target) * x - ad.log_sigmoid(x)
    else:
        losses = (1.0 - target) * x - (1.0 + (pos_weight - 1.0) * target) * ad.log_sigmoid(x)
    return reduced(losses if weight is None else weight * losses, reduction)


def multi_margin(x: Any, target: Any, p: Any = 1, margin: Any = 1, weight: Any = None, reduction: int = 1) -> Any:
    """By how much other classes come too near to the right one."""
    rows = ad.reshape(x, shape=(-1, x.shape[-1]))
    target = positions(target).reshape(-1)
    right = ad.take_along_axis(rows, target[:, None], axis=1)
    others = (np.arange(rows.shape[1]) != target[:, None]).astype(rows.dtype)
    short = ad.relu(margin - right + rows)
    losses = others * (short if p == 1 else short * short)
    if weight is not None:
        losses = losses * ad.expand_dims(ad.take(weight, target, axis=0), axis=1)
    found = ad.sum(losses, axis=1) / float(rows.shape[1])
    return reduced(found if x.ndim > 1 else found[0], reduction)


ENTRIES: dict[str, Callable[..., Any]] = {
    "binary_cross_entropy": cross_entropy,
    "binary_cross_entropy_with_logits": with_logits,
    "huber_loss": huber_loss,
    "mse_loss": lambda x, target, reduction=1: reduced(ad.square(x - target), reduction),
    "multi_margin_loss": multi_margin,
    "nll_loss2d_forward": nll_loss,
    "nll_loss_forward": nll_loss,
    "smooth_l1_loss": smooth_l1,
    "soft_margin_loss": lambda x, target, reduction=1: reduced(ad.softplus(-target * x), reduction),
}
