"""Distributions of whole numbers; they have derivatives by their parameters, and none by the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from .distribution import Discrete, op, safe, values, within


def counts(k: Any, loc: Any, most: Any = np.inf) -> tuple[Any, Any]:
    """The numbers as floating ones, and where they are whole ones from 0 to the most."""
    k = values(k) - values(loc)
    return k.astype(float), (k >= 0) & (k <= values(most)) & (np.floor(k) == k)


class Poisson(Discrete):
    """The Poisson distribution of mean ``mu``."""

    def logpmf(self, k: Any, mu: Any, loc: Any = 0) -> Any:
        """Return the logarithm of the probability of ``k``; -inf for what is no whole number from 0 on."""
        k, inside = counts(k, loc)
        k = safe(inside, k, 0.0)
        return within(inside, op("xlogy")(k, mu) - op("gammaln")(k + 1.0) - mu)

    def cdf(self, k: Any, mu: Any, loc: Any = 0) -> Any:
        """Return the probability of ``k`` or less."""
        k = np.floor(values(k) - values(loc))
        return within(k >= 0, op("gammaincc")(np.maximum(k, 0.0) + 1.0, mu), 0.0)


class Bernoulli(Discrete):
    """One trial: 1 with probability ``p``, otherwise 0."""

    def logpmf(self, k: Any, p: Any, loc: Any = 0) -> Any:
        """Return the logarithm of the probability of ``k``; -inf for other numbers than 0 and 1."""
        k, inside = counts(k, loc, 1)
        k = safe(inside, k, 0.0)
        return within(inside, op("xlogy")(k, p) + op("xlog1py")(1.0 - k, op("negative")(p)))


class Binom(Discrete):
    """How many of ``n`` trials succeed, each with probability ``p``."""

    def logpmf(self, k: Any, n: Any, p: Any, loc: Any = 0) -> Any:
        """Return the logarithm of the probability of ``k``; -inf for what is no whole number from 0 to ``n``."""
        k, inside = counts(k, loc, n)
        n = values(n).astype(float)
        k = safe(inside, k, 0.0)
        gammaln = op("gammaln")
        ways = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
        return within(inside, ways + op("xlogy")(k, p) + op("xlog1py")(n - k, op("negative")(p)))


class Categorical(Discrete):
    """One of several classes, numbered from 0; ``p`` (..., classes) are their probabilities."""

    def logpmf(self, k: Any, p: Any = None, logits: Any = None) -> Any:
        """Return the logarithm of the probability of the classes ``k``: those of ``p``, or of ``softmax(logits)``.

        ``k`` has the shape of ``p`` without its last axis, or one that broadcasts to it.
        """
        if (p is None) == (logits is None):
            raise TypeError("categorical.logpmf(k, p) or categorical.logpmf(k, logits=...): give one of the two")
        logarithms = op("log")(p) if logits is None else op("log_softmax")(logits, axis=-1)
        places = values(k)
        if places.size and not (places == np.floor(places)).all():
            raise TypeError("categorical.logpmf: k are the numbers of classes, whole numbers from 0 on")
        places = places.astype(np.intp)
        shape = np.broadcast_shapes(places.shape, np.shape(logarithms)[:-1])
        wide = op("broadcast_to")(logarithms, (*shape, np.shape(logarithms)[-1]))
        index = np.broadcast_to(places, shape)[..., None]
        return op("squeeze")(op("take_along_axis")(wide, index, axis=-1), axis=-1)


class Multinomial(Discrete):
    """How often each class comes up in ``n`` trials; ``p`` (..., classes) are their probabilities."""

    def logpmf(self, x: Any, n: Any, p: Any) -> Any:
        """Return the logarithm of the probability of the counts ``x`` (..., classes); -inf unless they add up."""
        x = values(x).astype(float)
        inside = (x.sum(-1) == values(n)) & (x >= 0).all(-1)
        gammaln = op("gammaln")
        ways = gammaln(values(n) + 1.0) - np.sum(gammaln(np.maximum(x, 0.0) + 1.0), axis=-1)
        return within(inside, op("sum")(op("xlogy")(np.maximum(x, 0.0), p), axis=-1) + ways)


bernoulli, binom, categorical, multinomial, poisson = Bernoulli(), Binom(), Categorical(), Multinomial(), Poisson()
