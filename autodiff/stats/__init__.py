"""Densities, distribution functions and their logarithms, by the names and parameters of ``scipy.stats``.

``stats.norm.logpdf(x, loc, scale)`` is a pure function of operations, differentiable in every one of its arguments
that is a floating number; outside of a distribution's support a logarithm is -inf, and its derivative 0.
"""

from __future__ import annotations

from .continuous import beta, cauchy, chi2, expon, gamma, laplace, logistic, lognorm, t, uniform
from .discrete import bernoulli, binom, categorical, multinomial, poisson
from .entropy import entropy
from .multivariate import dirichlet, multivariate_normal
from .normal import norm

__all__ = [
    "bernoulli", "beta", "binom", "categorical", "cauchy", "chi2", "dirichlet", "entropy", "expon", "gamma", "laplace",
    "logistic", "lognorm", "multinomial", "multivariate_normal", "norm", "poisson", "t", "uniform",
]  # fmt: skip
