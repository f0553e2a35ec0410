"""Writes the figures of the documents from the results that the repository keeps: ``make figures``.

    python benchmarks/figures.py [--check]

A figure stands between ``<!-- NAME: begin -->`` and ``<!-- NAME: end -->``. ``--check`` writes nothing, and the status
says whether all stand there as they would be written. To measure anew: ``--json benchmarks/results/...`` of each.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from results import kept

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "benchmarks.md")
ENGINES = {"autodiff": "autodiff", "torch": "PyTorch", "mygrad": "MyGrad", "autograd": "autograd", "jax": "JAX"}
BLOCK = re.compile(r"(<!-- (?P<name>[\w-]+): begin[^>]*-->\n).*?(<!-- (?P=name): end -->)", re.DOTALL)

SMALL, LARGE, PERCEPTRON = (
    "(x*x).mean(), 4 elements",
    "sum(tanh(x*sin(x))*exp(-x*x)), 10^6",
    "128-256-10 perceptron, cross-entropy, batch 64",
)
STEPS = "200 steps of h = tanh(W @ h), 8 units"
WRITTEN = {
    SMALL: "`(x*x).mean()`, 4 elements",
    LARGE: "`sum(tanh(x*sin(x))*exp(-x*x))`, 10⁶ elements",
    STEPS: "200 steps of `h = tanh(W @ h)`, 8 units",
}
"""Names of works that a document writes otherwise than a terminal."""


# --- how numbers are written ------------------------------------------------------------------------------------------


def number(value: float) -> str:
    """A ratio with as many digits as it deserves.

    >>> number(236.09), number(15.12), number(3.183)
    ('236', '15', '3.2')
    """
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


def ulps(value: float | str | None) -> str:
    """An error in units in the last place; what is not finite is a word, what was not measured a dash.

    >>> ulps(1.26), ulps(1.94e14), ulps("inf"), ulps(None)
    ('1.3', '2e14', 'inf', '–')
    """
    if value is None or isinstance(value, str):
        return "–" if value is None else value
    return f"{value:.1f}" if value < 100 else f"{value:.0e}".replace("e+0", "e").replace("e+", "e")


def seconds(value: float) -> str:
    """A time with its unit.

    >>> seconds(4.1e-6), seconds(0.0259), seconds(5.2)
    ('4.1 µs', '26 ms', '5.2 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size or unit == "µs":
            return f"{value / size:.0f} {unit}" if value >= 10 * size else f"{value / size:.1f} {unit}"
    raise AssertionError


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown, its first column to the left."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def made_with(found: Mapping[str, Any], *names: str) -> str:
    """What was measured with, as words."""
    packages = found["with"]["packages"]
    listed = [f"{ENGINES.get(name, name)} {packages[name]}" for name in names if name in packages]
    return f"{', '.join(listed)}; {found['with']['machine']}, {found['with']['date']}"


# --- the engine -------------------------------------------------------------------------------------------------------


def ratios(base: str, works: Callable[[str], bool] = lambda work: True, columns: Sequence[str] = ()) -> str:
    """The rows of the engine's benchmark with a base, the least ratio of each standing out."""
    found = kept("engine")
    rows = [row for row in found["rows"] if works(row["work"]) and (not base or row["base"] == base)]
    engines = [each for each in ENGINES if any(each in row["ratios"] for row in rows) and each in (columns or ENGINES)]
    return table(["work", "base", *(ENGINES[each] for each in engines)], [_ratio_row(row, engines) for row in rows])


def _ratio_row(row: Mapping[str, Any], engines: Sequence[str]) -> list[str]:
    shown = [row["ratios"][each] for each in engines if each in row["ratios"]]
    cells = [_standing_out(row["ratios"].get(each), min(shown)) for each in engines]
    work = row["work"].removeprefix("NumPy: ")
    work = WRITTEN.get(work, work)
    return [work, seconds(row["microseconds"] * 1e-6), *cells]


def _standing_out(value: float | None, least: float) -> str:
    if value is None:
        return "–"
    return f"**{number(value)}**" if value == least else number(value)


def ratio(work: str, engine: str) -> str:
    """One ratio of the engine's benchmark."""
    return number(next(row["ratios"][engine] for row in kept("engine")["rows"] if row["work"] == work))


def engine_rest() -> str:
    """Memory and growth, in sentences."""
    found = kept("engine")
    names = {"hand": "by hand", **ENGINES}
    peaks = ", ".join(f"{names[each]} {mib:.0f}" for each, mib in found["peak"].items())
    longer = ", ".join(f"{ENGINES[each]} {times:.0f}" for each, times in found["growth"].items())
    return (
        f"Memory at the peak of the second row, in MiB: {peaks}. A chain of 100,000 operations takes so many times as "
        f"long as one of 10,000: {longer}.\n\nMeasured with {made_with(found, 'numpy', *ENGINES)}."
    )


def overhead() -> str:
    """What NumPy's names take beside ours."""
    rows = [[f"`{row['call']}`", f"{row['numpy']:.1f}", f"{row['ours']:.1f}"] for row in kept("engine")["overhead"]]
    return table(["call, in µs", "NumPy's name", "ours"], rows)


# --- accuracy, derivations, the command -------------------------------------------------------------------------------


def accuracy() -> str:
    """The worst errors of derivatives, by operation and engine."""
    found = kept("accuracy")
    engines = {"ours": "autodiff", "PyTorch": "PyTorch", "JAX": "JAX", "autograd": "autograd"}
    rows = [[f"`{name}`", *(ulps(each.get(key)) for key in engines)] for name, each in found["ulps"].items()]
    told = f"Measured at {found['points']:,} points with {made_with(found, 'torch', 'jax', 'autograd')}."
    return f"{table(['derivative of', *engines.values()], rows)}\n\n{told}"


def faster(row: Mapping[str, Any]) -> str:
    """How many times as fast as sympy, to two digits."""
    times = float(f"{row['sympy'] / row['ours']:.2g}")
    return f"{times:,.0f}"


def derivations() -> str:
    """Derivations beside sympy's, and what they cost."""
    found = kept("derive")
    rows = [
        [
            f"{each['work']}: traced, derived, in closed form",
            seconds(each["sympy"]),
            seconds(each["ours"]),
            faster(each),
        ]
        for each in found["against sympy"]
    ]
    every, warm = found["for every n"], found["once warm"]
    (low, first), (high, second) = warm["fastest"], warm["slowest"]
    return (
        f"{table(['work', 'sympy, `[diff(y, x_i) for x_i]`', 'here', 'times'], rows)}\n\n"
        f"Of {every['compared']} cases, n = 4 and 10⁶ elements in the largest input take the same time: the largest "
        f"ratio is {every['worst']:.2f}. Once warm a derivation takes {low:.1f} to {high:.0f} ms, its closed forms "
        f"{first:.1f} to {second:.0f} ms.\n\nMeasured with {made_with(found, 'numpy', 'sympy')}."
    )


def values() -> str:
    """Values of all partials at a million elements."""
    rows = [
        [f"`{row['program']}`", f"{row['engine']:.1f} ms", number(row["values"]), number(row["bounds"])]
        for row in kept("derive")["values"]
    ]
    return table(["all partials at n = 10⁶", "engine's value and gradient", "values", "with error bounds"], rows)


def startup() -> str:
    """The command as a whole process."""
    found = kept("startup")
    rows = [[f"`{name}`", f"{milliseconds:.0f} ms"] for name, milliseconds in found["milliseconds"].items()]
    return f"{table(['a whole process', 'median'], rows)}\n\nMeasured with {made_with(found, 'numpy', 'sympy')}."


# --- many documents -------------------------------------------------------------------------------------------------


def build(*parts: str) -> str:
    """What parts of the benchmark of many documents found; a part that was not measured has no rows."""
    found = kept("build")
    rows = [each for part in parts for each in found["parts"].get(part, ())]
    return f"{table(['work', ''], rows)}\n\nMeasured with {made_with(found, 'numpy', 'sympy')}."


# --- the README -------------------------------------------------------------------------------------------------------


def five() -> str:
    """The five figures that the README has."""
    softmax = kept("derive")["against sympy"][0]
    worst = kept("accuracy")["ulps"]["arctan"]
    peers = ("torch", "autograd")
    small, network = ([f"{ENGINES[each]} {ratio(work, each)}" for each in peers] for work in (SMALL, PERCEPTRON))
    return "\n".join(
        (
            f"- value and gradient of `mean(x*x)`: {ratio(SMALL, 'autodiff')} times the time of a gradient written by "
            f"hand in NumPy ({', '.join(small)})",
            f"- of a perceptron with 128-256-10 units: {ratio(PERCEPTRON, 'autodiff')} times ({', '.join(network)})",
            f"- the derivative of `arctan` at its worst: off by {ulps(worst['ours'])} ulp "
            f"(PyTorch {ulps(worst['PyTorch'])}, JAX {ulps(worst['JAX'])})",
            f"- the sum of squared softmax at n = 64, derived in closed form: {faster(softmax)} times faster than "
            "`[diff(y, x_i) for x_i]` in sympy",
            f"- the whole command, page written: {kept('startup')['ratio']:.1f} times the time of `import sympy`",
        )
    )


FIGURES: dict[str, Callable[[], str]] = {
    "engine": lambda: ratios("hand", lambda work: "NumPy" not in work),
    "engine-rest": engine_rest,
    "numpy": lambda: ratios("", lambda work: "NumPy" in work),
    "overhead": overhead,
    "accuracy": accuracy,
    "derivations": derivations,
    "values": values,
    "startup": startup,
    "build": lambda: build("rate", "scale", "again", "jobs", "dask", "kill"),
    "build-paper": lambda: build("paper"),
    "five": five,
}


def filled(text: str) -> str:
    """A document with every figure as it is now.

    Raises:
        KeyError: a block's name is that of no figure.
    """
    return BLOCK.sub(lambda found: f"{found[1]}\n{FIGURES[found['name']]()}\n\n{found[3]}", text)


def main() -> int:
    """Writes the documents, or says which are not as they should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    stale = 0
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        if filled(text) != text:
            stale += 1
            print(f"{path.relative_to(ROOT)} {'is not as the results have it' if options.check else 'is written anew'}")
            if not options.check:
                path.write_text(filled(text), encoding="utf-8")
    return int(bool(stale) and options.check)


if __name__ == "__main__":
    sys.exit(main())
