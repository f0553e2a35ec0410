"""What a derivation costs: against sympy on expanded scalars, at n = 4 against 10^6, and case by case once warm.

    python benchmarks/derive.py [--without-sympy] [--json FILE] [rounds]

sympy's baseline ``[diff(y, x_i) for x_i]`` and ours run in turn in one process. "Not seen before" means that nothing
kept about the program from an earlier round is used: our memories are emptied before each. Times are processor time.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import autodiff as ad  # noqa: E402 - the checkout's own packages
from benchmarks.results import keep  # noqa: E402
from symdiff.calculus.chain_rule import Derivation, derive  # noqa: E402
from symdiff.closed_forms.closed_form import closed_forms  # noqa: E402
from symdiff.evaluation.evaluate import backward, forward  # noqa: E402
from symdiff.evaluation.fields.base import Field  # noqa: E402
from symdiff.evaluation.fields.bounded import Bounded  # noqa: E402
from symdiff.evaluation.fields.floats import Floats  # noqa: E402
from symdiff.evaluation.truth import numbers  # noqa: E402
from symdiff.meaning.filling import filled  # noqa: E402
from symdiff.meaning.formula import pieces_of  # noqa: E402
from symdiff.meaning.program import symbolic_program  # noqa: E402
from symdiff.meaning.terms import partial as local_partial  # noqa: E402
from symdiff.tracing.function_trace import trace_function  # noqa: E402
from symdiff.tracing.graph import Graph  # noqa: E402
from tests.symbolic.cases import CASES, Case  # noqa: E402

LARGE = 10**6
FIXED = {
    "reshape and transpose": "reshapes to (2, 2)",
    "a number": "has no array",
}
"""Cases whose largest input cannot be made a million elements long, with the reason."""
SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "outer product": {"x": (LARGE,), "y": (3,)},
    "cross-entropy of a class": {"x": (4, LARGE // 4)},
    "convolution": {"x": (1, 2, LARGE // 2), "w": (1, 2, 2)},
    "max pooling": {"x": (3, 1, LARGE // 4)},
}
"""Cases in which the program or another input fixes some lengths; in all others every axis is made as long."""


MEASURED: dict[str, Any] = {}
"""What was measured in this process, table by table, for ``--json``."""


def seconds(work: Callable[[], object]) -> float:
    """The processor time of one run, with what earlier runs left behind collected before."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def forget() -> None:
    """Empties what is kept from one program to the next."""
    local_partial.cache_clear()
    pieces_of.cache_clear()
    filled.cache_clear()


def closed(graph: Graph) -> Derivation:
    """The derivation and every general partial."""
    derivation = derive(symbolic_program(graph))
    _ = closed_forms(derivation).general
    return derivation


# --- against sympy ---------------------------------------------------------------------------------------------------


def squared_softmax(x: Any) -> Any:
    return ad.sum(ad.softmax(x) ** 2)


def layer_norm_cubed(x: Any) -> Any:
    d = x - ad.mean(x)
    return ad.sum((d / ad.sqrt(ad.mean(d * d) + 1e-5)) ** 3)


def expanded_softmax(x: list[sp.Symbol]) -> sp.Expr:
    total = sp.Add(*map(sp.exp, x))
    return sp.Add(*((sp.exp(s) / total) ** 2 for s in x))


def expanded_layer_norm(x: list[sp.Symbol]) -> sp.Expr:
    mean = sp.Add(*x) / len(x)
    root = sp.sqrt(sp.Add(*((s - mean) ** 2 for s in x)) / len(x) + sp.Rational(1, 100000))
    return sp.Add(*(((s - mean) / root) ** 3 for s in x))


def against_sympy(rounds: int) -> bool:
    """The two programs that sympy takes seconds for."""
    print("\nagainst sympy, [diff(y, x_i) for x_i]; ours traced, derived and in closed form, not seen before")
    rows = (
        ("sum of squared softmax, n = 64", squared_softmax, expanded_softmax, 64, 500),
        ("layer normalisation cubed, n = 32", layer_norm_cubed, expanded_layer_norm, 32, 1000),
    )
    reached = True
    for name, program, expanded, n, wanted in rows:
        point = np.linspace(-1.0, 1.0, n)
        times = []
        for _ in range(rounds):
            forget()
            times.append(seconds(partial(_traced_and_closed, program, point)))
        ours = statistics.median(times)
        symbols = [sp.Symbol(f"x{k}", real=True) for k in range(n)]
        theirs = _baseline(expanded, symbols)
        ratio = theirs / ours
        reached &= ratio >= wanted
        MEASURED.setdefault("against sympy", []).append({"work": name, "sympy": theirs, "ours": ours})
        print(f"  {name:36} sympy {theirs:7.2f} s   ours {ours * 1000:6.1f} ms   {ratio:6.0f} times; to reach {wanted}")
    return reached


def _traced_and_closed(program: Callable[..., Any], point: np.ndarray) -> Derivation:
    return closed(trace_function(program, (point,)).graph)


def _baseline(expanded: Callable[[list[sp.Symbol]], sp.Expr], symbols: list[sp.Symbol]) -> float:
    sp.core.cache.clear_cache()

    def all_partials() -> list[sp.Expr]:
        y = expanded(symbols)
        return [sp.diff(y, s) for s in symbols]

    return seconds(all_partials)


# --- once for every n ------------------------------------------------------------------------------------------------


def enlarged(case: Case) -> dict[str, np.ndarray]:
    """Inputs so long that the largest has a million elements; random, so that nothing ties."""
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in case.inputs.items()}
    ndim = max(array.ndim for array in arrays.values())
    length = round(LARGE ** (1 / max(ndim, 1)))
    shapes = {name: tuple(length if n > 1 else n for n in array.shape) for name, array in arrays.items()}
    shapes |= SHAPES.get(case.name, {})
    rng = np.random.default_rng(0)
    return {name: rng.uniform(0.1, 0.9, shape) / (1 if len(shape) < 2 else length) for name, shape in shapes.items()}


def repeated(work: Callable[[Graph], object], graph: Graph, times: int) -> None:
    """The same work several times."""
    for _ in range(times):
        work(graph)


def for_every_n(rounds: int) -> bool:
    """The same at two sizes."""
    print("\nthe same derivation at n = 4 and at 10^6 elements in the largest input (derivation and closed form, ms)")
    worst = 0.0
    for case in CASES:
        if case.name in FIXED:
            continue
        small = trace_function(case.program, (), dict(case.inputs)).graph
        with np.errstate(all="ignore"):
            large = trace_function(case.program, (), enlarged(case)).graph
        times: dict[str, list[float]] = {"small": [], "large": []}
        closed(small)
        # short derivations many times over, for a clock that ticks in fractions of a millisecond
        repeats = max(1, round(0.03 / seconds(partial(closed, small))))
        for _ in range(rounds):
            times["small"].append(seconds(partial(repeated, closed, small, repeats)) / repeats)
            times["large"].append(seconds(partial(repeated, closed, large, repeats)) / repeats)
        at_4, at_million = statistics.median(times["small"]), statistics.median(times["large"])
        worst = max(worst, at_million / at_4)
        print(f"  {case.name:32} {at_4 * 1000:7.1f} {at_million * 1000:7.1f}   {at_million / at_4:5.2f}")
    print(f"  the largest ratio is {worst:.2f}; to reach 1.2")
    MEASURED["for every n"] = {"cases": len(CASES), "compared": len(CASES) - len(FIXED), "worst": worst}
    return worst <= 1.2


def once_warm(rounds: int) -> bool:
    """Derivation and closed form of each case, in a process that has seen it before."""
    print("\neach case once warm (ms); to reach: derivation 5, closed form 200")
    slowest, fastest = [0.0, 0.0], [float("inf"), float("inf")]
    for case in CASES:
        graph = trace_function(case.program, (), dict(case.inputs)).graph
        closed(graph)
        derived, finished = [], []
        for _ in range(rounds):
            gc.collect()
            began = time.process_time()
            derivation = derive(symbolic_program(graph))
            middle = time.process_time()
            _ = closed_forms(derivation).general
            derived.append(middle - began)
            finished.append(time.process_time() - middle)
        here = [statistics.median(derived) * 1000, statistics.median(finished) * 1000]
        slowest = [max(pair) for pair in zip(slowest, here, strict=True)]
        fastest = [min(pair) for pair in zip(fastest, here, strict=True)]
        print(f"  {case.name:32} {here[0]:6.2f} {here[1]:7.1f}")
    print(f"  slowest                          {slowest[0]:6.2f} {slowest[1]:7.1f}")
    MEASURED["once warm"] = {"fastest": fastest, "slowest": slowest}
    return slowest[0] <= 5 and slowest[1] <= 200


# --- values ----------------------------------------------------------------------------------------------------------


def batch_norm_cubed(X: Any) -> Any:
    D = X - ad.mean(X, axis=0, keepdims=True)
    return ad.sum((D / ad.sqrt(ad.mean(D * D, axis=0, keepdims=True) + 1e-5)) ** 3)


ROW, SQUARE = (LARGE,), (1000, 1000)
PROGRAMS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "mean(x * x)": (lambda x: ad.mean(x * x), ROW),
    "sum(tanh(x * sin(x)) * exp(-x * x))": (lambda x: ad.sum(ad.tanh(x * ad.sin(x)) * ad.exp(-x * x)), ROW),
    "mean(softplus(x))": (lambda x: ad.mean(ad.softplus(x)), ROW),
    "mean(relu(x)**2)": (lambda x: ad.mean(ad.relu(x) ** 2), ROW),
    "sum(where(x > 0, exp(-x), x * x))": (lambda x: ad.sum(ad.where(x > 0, ad.exp(-x), x * x)), ROW),
    "sum((x[1:] - x[:-1])**2)": (lambda x: ad.sum((x[1:] - x[:-1]) ** 2), ROW),
    "norm(x)": (lambda x: ad.norm(x), ROW),
    "var(x)": (lambda x: ad.var(x), ROW),
    "max(x * x)": (lambda x: ad.max(x * x), ROW),
    "sum(softmax(x)**2)": (squared_softmax, ROW),
    "layer normalisation cubed": (layer_norm_cubed, ROW),
    "batch normalisation cubed, 1000 x 1000": (batch_norm_cubed, SQUARE),
    "mean(log_softmax(X, axis=1)[:, 0])": (lambda X: ad.mean(ad.log_softmax(X, axis=1)[:, 0]), SQUARE),
    "sum(max(X, axis=1)**2)": (lambda X: ad.sum(ad.max(X, axis=1) ** 2), SQUARE),
    "sum(cumsum(x)**2)": (lambda x: ad.sum(ad.cumsum(x) ** 2), ROW),
}


def evaluated(derivation: Derivation, field: Field) -> object:
    """All adjoints of a derivation in one kind of number."""
    return backward(derivation, forward(derivation.program, field))


def values_of_all_partials(rounds: int) -> bool:
    """Floats, and floats with their rounding bounds, against the engine."""
    print(
        "\nvalues of all partials at n = 10^6, as ratios to the engine's value and gradient; to reach 2, with bounds 8"
    )
    reached = True
    for name, (program, shape) in PROGRAMS.items():
        x = np.random.default_rng(0).normal(size=shape)
        derivation = derive(symbolic_program(trace_function(program, (x,)).graph))
        engine = ad.value_and_grad(program)
        times: dict[str, list[float]] = {"engine": [], "floats": [], "bounded": []}
        for _ in range(rounds):
            times["engine"].append(seconds(partial(engine, x)))
            times["floats"].append(seconds(partial(evaluated, derivation, Floats())))
            times["bounded"].append(seconds(partial(evaluated, derivation, Bounded())))
        medians = {key: statistics.median(taken) for key, taken in times.items()}
        plain, bounded = medians["floats"] / medians["engine"], medians["bounded"] / medians["engine"]
        reached &= plain <= 2 and bounded <= 8
        engine_ms = medians["engine"] * 1000
        row = {"program": name, "engine": engine_ms, "values": plain, "bounds": bounded}
        MEASURED.setdefault("values", []).append(row)
        print(f"  {name:38} engine {engine_ms:6.1f} ms   values {plain:5.2f}   with bounds {bounded:5.2f}")
    return reached


def what_bounds_ask_for(rounds: int) -> bool:
    """Elements of which extended precision may leave more than half an ulp open, and those evaluated with mpmath."""
    print("\nelements of 10^6 that the error bound sends to mpmath, and seconds for the truth of them all")
    near = np.full(LARGE, 1e9)
    near[:1000] = np.linspace(1e-3, 2e-3, 1000)
    programs: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
        "mean(x * x)": (lambda x: ad.mean(x * x), np.linspace(0.5, 1.5, LARGE)),
        "sum((x + 1e8)**2 - 2e8 * x), 1000 near 0": (lambda x: ad.sum((x + 1e8) ** 2 - 2e8 * x), near),
    }
    reached = True
    for name, (program, x) in programs.items():
        derivation = derive(symbolic_program(trace_function(program, (x,)).graph))
        began = time.process_time()
        found = numbers(derivation, 2.0**-53)
        taken = time.process_time() - began
        reached &= found.asked == found.refined
        row = {"program": name, "asked": found.asked, "seconds": taken}
        MEASURED.setdefault("refined", []).append(row)
        print(f"  {name:42} asked {found.asked:6}   evaluated {found.refined:6}   {taken:5.1f} s")
    return reached


def main() -> int:
    """Prints the tables; the status says whether every number in them is reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=7)
    parser.add_argument("--without-sympy", action="store_true")
    parser.add_argument("--json", metavar="FILE", help="write what was measured to this file, too")
    options = parser.parse_args()
    rounds = options.rounds
    warm: list[Case] = CASES[:5]
    for case in warm:
        closed(trace_function(case.program, (), dict(case.inputs)).graph)
    tables = [once_warm, for_every_n, values_of_all_partials, what_bounds_ask_for]
    if not options.without_sympy:
        tables.insert(0, against_sympy)
    reached = [table(rounds) for table in tables]
    if options.json:
        keep(options.json, {"rounds": rounds, **MEASURED})
    return 0 if all(reached) else 1


if __name__ == "__main__":
    raise SystemExit(main())
