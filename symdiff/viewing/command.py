"""What makes a page again: a command for a shell, or a line of Python."""

from __future__ import annotations

import shlex

import numpy as np

from symdiff.viewing.engines.program_code import LONGEST
from symdiff.viewing.view import View
from symdiff.viewing.writing import Writing

__all__ = ["command", "to_load"]


def command(writing: Writing, view: View) -> tuple[str, str]:
    """The command and its language; for a function that was given in Python the call, its arrays by their names."""
    explained = writing.explained
    graph, source = explained.evidence.traced.graph, explained.source
    values = {name: np.asarray(explained.evidence.traced.tensors[name].data) for name in graph.inputs}
    options = _options(writing)
    if not source:
        function = graph.text.partition("(")[0]
        given = [function, *values, *(f"{key}={value!r}" for key, value in options.items())]
        return f"symdiff.explain({', '.join(given)})", "python"
    parts = ["symdiff", "explain", _quoted(source)]
    for name, value in ({} if explained.holds_values else values).items():
        parts += ["--at", _quoted(f"{name}={_written(name, value)}")]
    for key, option in options.items():
        if isinstance(option, list):
            parts += [part for name in option for part in (f"--{key}", _quoted(name))]
        else:
            parts += [f"--{key}"] if option is True else [f"--{key}", str(option)]
    return " ".join([*parts, "-o", "page.html"]), "sh"


def to_load(writing: Writing, view: View) -> tuple[str, ...]:
    """The inputs whose values are too many for a line of code: they come from a file of their name."""
    traced = writing.evidence.traced
    return tuple(name for name in traced.graph.inputs if traced.tensors[name].data.size > LONGEST)


def _options(writing: Writing) -> dict[str, object]:
    explained = writing.explained
    graph = explained.evidence.traced.graph
    floating = [name for name in graph.inputs if explained.evidence.traced.tensors[name].data.dtype.kind == "f"]
    found: dict[str, object] = {}
    if list(graph.wrt) != floating:
        found["wrt"] = list(graph.wrt)
    if explained.order != 1:
        found["order"] = explained.order
    if explained.detail != "steps":
        found["detail"] = explained.detail
    if explained.blank:
        found["blank"] = True
    if explained.language != "en":
        found["language"] = explained.language
    return found


def _quoted(text: str) -> str:
    """One word of a shell, in double quotes where these are enough."""
    plain = shlex.quote(text)
    if plain == text or any(sign in text for sign in '"$`\\!\n'):
        return plain
    return f'"{text}"'


def _written(name: str, value: np.ndarray) -> str:
    if value.size > LONGEST:
        return f"@{name}.npy"
    written = _nested(value.tolist())
    return written[1:-1] if value.ndim == 1 and value.size > 1 else written


def _nested(value: object) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_nested, value))}]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)
