"""NumPy as people write it: it is differentiated unmodified, agrees, and is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import symdiff
from autodiff.trees import leaves, with_leaves
from tests.cases import more_user_code, user_code

F = [*user_code.F, *more_user_code.F]

# The documents of unrolled loops take long; their gradients are checked all the same.
LOOPS = ("rk4_pendulum_array", "kalman")
LONG = (*LOOPS, "lstm", "hmm_forward_numpy", "lennard_jones_loop", "fft_convolve")

_BRIEF = """
    batchnorm_input beta_likelihood black_scholes_scipy block_matrix clipped_ppo dataclass_network einsum_sublist
    fir_filter garch_likelihood hotelling ica_contrast interp_table kde_leave_one_out logistic_growth masked_mean
    nested_container ordinal_regression pinball_and_percentile poisson_regression probit projectile_math
    quadrature_legendre rbf_interpolation robot_arm_math scatter_add searchsorted_linear soft_kmeans vectorized_huber
    verlet_oscillator weibull_survival where_trap
"""
BRIEF = {*_BRIEF.split(), *(name for name, _, _ in user_code.F if name not in LONG)}
"""Those whose documents are read in every run of the tests; the others' are in the slow one."""

CHECKED = {*BRIEF, *LONG} - set(LOOPS)


def _cases(names: Callable[[str], bool]) -> list[Any]:
    return [pytest.param(f, args, id=name) for name, f, args in F if names(name)]


def _moved(p: Any, direction: list[Any], step: float) -> Any:
    """An argument, or a container of them, some way along a direction that has one array for each leaf."""
    moved = iter([np.asarray(leaf) + step * d for (_, leaf), d in zip(leaves(p), direction, strict=True)])
    return with_leaves(p, moved, lambda other: other)


def _along(gradient: Any, rng: np.random.Generator) -> Any:
    d = rng.normal(size=np.shape(gradient))
    # eigh reads one triangle of a symmetric matrix, and its gradient is symmetric
    symmetric = np.shape(gradient) == np.shape(np.transpose(gradient)) and np.allclose(gradient, np.transpose(gradient))
    return d + d.T if d.ndim == 2 and symmetric else d


@pytest.mark.parametrize(("f", "args"), _cases(lambda name: True))
def test_the_gradient_is_the_slope_along_a_direction(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    with np.errstate(invalid="ignore"):  # 0 * inf on the way back from an infinite threshold
        gradient = [leaf for _, leaf in leaves(ad.grad(f)(*args))]
    rng = np.random.default_rng(5)
    direction = [_along(each, rng) for each in gradient]
    slope = sum(float(np.sum(g * d)) for g, d in zip(gradient, direction, strict=True))
    ahead, behind = (float(f(_moved(args[0], direction, step), *args[1:])) for step in (1e-6, -1e-6))
    np.testing.assert_allclose((ahead - behind) / 2e-6, slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("f", "args"), _cases(lambda name: name in CHECKED))
def test_both_ways_agree(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    report = symdiff.check_gradients(f, *args)
    assert report.verdict == "agree", str(report)


@pytest.mark.slow
@pytest.mark.parametrize(("f", "args"), _cases(lambda name: name not in CHECKED))
def test_both_ways_agree_of_the_others(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    report = symdiff.check_gradients(f, *args)
    assert report.verdict == "agree", str(report)


@pytest.mark.slow
@pytest.mark.parametrize(("f", "args"), _cases(lambda name: name not in {*BRIEF, *LONG}))
def test_the_others_are_explained(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    _explained(f, args)


@pytest.mark.parametrize(("f", "args"), _cases(lambda name: name in BRIEF))
def test_it_is_explained(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    _explained(f, args)


def _explained(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    explanation = symdiff.explain(f, *args)
    assert explanation.report.verdict == "agree"
    assert "unsupported" not in explanation.to_text()
    assert explanation.to_html()


def test_every_function_is_run() -> None:
    names = [name for name, _, _ in F]
    assert len(user_code.F) == 23
    assert len(more_user_code.F) == 86
    assert len(set(names)) == len(names)
    assert set(names) >= {*LONG, *BRIEF}
