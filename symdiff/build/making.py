"""Makes what is wanted of one case, in a worker: explains it and prints its documents."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from symdiff.agreement.report import GradientReport
from symdiff.build.corpus_line import corpus_line
from symdiff.build.marks import marks_of
from symdiff.build.outcome import Limits, Listing, Outcome, Task
from symdiff.deadline import Deadline, TimeLimit
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.explanation import Explanation, explain
from symdiff.formats import FORMATS
from symdiff.frameworks.files import Loaded, loaded, names_frameworks
from symdiff.language.names import shown
from symdiff.printing.mathml import mathml
from symdiff.printing.tree import Chain
from symdiff.sentences import sentences
from symdiff.tracing.draws import drawn, is_drawn
from symdiff.tracing.sources import function_of, load_module
from symdiff.tracing.values import parse_values

__all__ = ["done", "listed"]

SHOWN = 3
"""So many general formulas of a case stand in the index."""


def done(task: Task, limits: Limits) -> Outcome:
    """The case as it ended; whatever goes wrong is told in the outcome, unless the process itself ends."""
    began = perf_counter()
    try:
        with Deadline(limits.seconds).at_work():
            return _made(task, limits, began)
    except BaseException as error:
        return Outcome(task.case.number, _ending(error), _reason(error), seconds=perf_counter() - began)


def listed(listing: Listing, limits: Limits) -> Outcome:
    """The functions of a module that are marked, in the order in which they stand."""
    try:
        with Deadline(limits.seconds).at_work():
            module = load_module(Path(listing.path))
        found = ((name, mark) for name, value in vars(module).items() for mark in _marks(name, value))
        return Outcome(0, "made", marks=tuple((name, _plain(mark)) for name, mark in found))
    except BaseException as error:
        return Outcome(0, _ending(error), _reason(error))


def _marks(name: str, value: object) -> tuple[dict[str, Any], ...]:
    # under a second name it is the same function
    return marks_of(value) if callable(value) and getattr(value, "__name__", name) == name else ()


def _plain(mark: dict[str, Any]) -> dict[str, Any]:
    """A mark whose values another process can read without the module: numbers, lists, texts, arrays."""
    at = {name: value if _is_plain(value) else np.asarray(value) for name, value in mark["at"].items()}
    return {**mark, "at": at}


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(each) for each in value)
    return isinstance(value, int | float | str | np.ndarray | np.generic)


def _ending(error: BaseException) -> str:
    cause = error.__cause__
    for kind, ending in (
        (TimeLimit, "time"),
        (MemoryError, "memory"),
        (FunctionError, "raised"),
        (InputError, "wrong"),
    ):
        if isinstance(error, kind):
            return "memory" if isinstance(cause, MemoryError) else ending
    return "ours"


def _reason(error: BaseException) -> str:
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; use smaller arrays, or give more with --memory"
    return f"an error of symdiff: {type(error).__name__}: {said_by(error, 300)}"


# --- one case ---------------------------------------------------------------------------------------------------------


def _made(task: Task, limits: Limits, began: float) -> Outcome:
    case, wanted = task.case, task.wanted
    at = {name: _value(name, value, case.folder, case.seed) for name, value in case.at.items()}
    found = _named(case.expression, at) if case.is_function else Loaded(case.expression, at)
    explanation = explain(
        found.target, at=found.at, wrt=case.wrt, order=case.order, detail=case.detail, language=wanted.table or "en"
    )
    if found.holds_values:
        file, _, name = case.expression.rpartition(":")
        explanation = explanation.from_source(f"{Path(file).name}:{name}", holds_values=True)
    report = explanation.report
    return Outcome(
        case.number,
        "made",
        verdict=str(report.verdict),
        ok=report.ok,
        ulps=_worst(report),
        elements=sum(each.automatic.size for each in report.inputs.values()),
        expression=explanation.expression,
        formulas={language: _formulas(explanation, language) for language in wanted.formulas},
        documents={
            (language, form): explanation.written(FORMATS[form], language) for language, form in wanted.documents
        },
        line=corpus_line(explanation, task) if wanted.corpus else b"",
        table=(str(report) if report.ok else report.failure()) if wanted.table else "",
        seconds=perf_counter() - began,
    )


def _named(expression: str, at: dict[str, object]) -> Loaded:
    """A function of a file's; or what a framework's file itself says of it, which is then run for this case."""
    file, _, name = expression.rpartition(":")
    if names_frameworks(expression):
        return loaded(f"{file}:{name.strip()}", at, lambda said: None)
    return Loaded(function_of(_module(file), Path(file), name.strip()), at)


@lru_cache(maxsize=256)
def _module(file: str) -> Any:
    """A module is run once in a worker, whichever of its functions are asked for."""
    return load_module(Path(file))


def _value(name: str, value: object, folder: Path, seed: int) -> object:
    if isinstance(value, str):
        text = value.strip()
        if is_drawn(text):
            return drawn(name, text, seed)
        return parse_values(name, f"@{folder / text[1:].strip()}" if text.startswith("@") else text)
    if isinstance(value, bool) or value is None or isinstance(value, dict):
        raise InputError(f"{name} = {shown(repr(value), 30)}: give a number, a list, or a text such as arange(4)")
    return _numbers(name, value)


_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
"""As the JSON document writes what JSON has no numbers for."""


def _numbers(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(name, each) for each in value]
    if isinstance(value, str):
        if value not in _WORDS:
            raise InputError(f"{name} holds {shown(repr(value), 30)} where a number is wanted")
        return _WORDS[value]
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _worst(report: GradientReport) -> float:
    errors = [each.error_ulps[np.isfinite(each.error_ulps)] for each in report.inputs.values()]
    return max((float(each.max()) for each in errors if each.size), default=0.0)


def _formulas(explanation: Explanation, language: str) -> tuple[str, ...]:
    otherwise = sentences(language)["otherwise"]
    rows = [gradient.general for gradient in explanation.view.gradients if gradient.general]
    return tuple(mathml(Chain((row[0], row[-1]) if len(row) > 1 else row), otherwise=otherwise) for row in rows[:SHOWN])
