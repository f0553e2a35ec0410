"""The fast witnesses of one operation, taken from its tests, in the order of their cost."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from _pytest.outcomes import Skipped

from autodiff.declare.op import Op
from benchmarks.accuracy import ours, worst
from tests.ops import test_accuracy, test_array_table, test_conventions, test_table
from tests.ops.differences import Arrays, central, engine, weighted

Witness = Callable[[], Any]


def witnesses(op: Op) -> list[Witness]:
    """Checks of one operation, each of which raises when it sees that a rule is wrong."""
    found = list(differences(op))
    if op.family in test_accuracy.FAMILIES:
        found += list(of_elements(op))
    else:
        found += [partial(test_array_table.test_second_derivative_is_that_of_differences, op, s) for s in op.samples]
    found += list(conventions(op)) + plain_tests()
    return [witness for witness in found if not objection(witness)]


def objection(witness: Witness) -> str:
    """What a witness objects to, "" where it is content."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            witness()
    except Skipped:
        return ""
    except Exception as error:  # whatever a damaged rule does
        return f"{type(error).__name__}: {error}"
    return ""


def differences(op: Op) -> Iterator[Witness]:
    """The engine's gradient at each sample against central differences, which are taken once."""
    for sample in op.samples:
        arrays, call = test_table.supported(op, sample)
        value = weighted(call, arrays) if arrays else None
        if value is None or any(np.abs(array).max(initial=0.0) > 1e4 for array in arrays):
            continue
        with np.errstate(all="ignore"):
            want = central(value, arrays)
        yield partial(agree, value, arrays, want)


def agree(value: Callable[..., Any], arrays: Arrays, want: Arrays) -> None:
    for got, expected in zip(engine(value, arrays), want, strict=True):
        near = np.isfinite(expected)
        scale = np.abs(expected[near]).max(initial=0.0)
        np.testing.assert_allclose(got[near], expected[near], rtol=2e-4, atol=2e-6 * max(1.0, scale))


def of_elements(op: Op) -> Iterator[Witness]:
    if op.name not in test_table.NO_FORMULA_FOR_EVERY_ORDER:
        for sample in op.samples:
            yield partial(test_table.test_engine_and_meaning_agree, op, sample)
        for sample in op.samples:
            yield partial(test_table.test_second_derivatives_are_those_of_the_meaning, op, sample)
    if op.name in test_accuracy.ALL:
        yield partial(accurate, op.name)


def accurate(name: str) -> None:
    """The promise of accuracy, at few points."""
    for result in worst(name, ours, 200) or []:
        assert result.excess <= test_accuracy.ALL[name].ulps, result


def conventions(op: Op) -> Iterator[Witness]:
    """What is stated of the operation at its kinks."""
    for kink in op.kinks:
        if op.family in test_accuracy.FAMILIES or kink.ours in test_table.STATED:
            yield partial(test_table.test_kinks_are_as_they_are_stated, op, kink)
    for function, xs, want in test_conventions.AT_KINKS:
        if function is op:
            yield partial(test_conventions.test_conventions, function, xs, want)


@cache
def plain_tests() -> list[Witness]:
    """The tests of particular operations that need no fixture and draw no examples."""
    names = sorted(path.stem for path in Path(test_table.__file__).parent.glob("test_*.py"))
    modules = [import_module(f"tests.ops.{name}") for name in names]
    functions = [f for module in modules for name, f in sorted(vars(module).items()) if name.startswith("test_")]
    found = [f for f in functions if not inspect.signature(f).parameters and not hasattr(f, "hypothesis")]
    return [f for f in found if quick(f)]


def quick(test: Witness) -> bool:
    """Whether a test passes in a tenth of a second."""
    start = time.perf_counter()
    return not objection(test) and time.perf_counter() - start < 0.1
