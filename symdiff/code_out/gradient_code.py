"""``explanation.code("numpy")``: the gradient as a function that stands alone, in matrix form where there is one."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence

import numpy as np

from symdiff.calculus.chain_rule import Derivation
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.code_out.backends import BACKENDS, Backend
from symdiff.code_out.from_terms import TermWriter
from symdiff.code_out.from_text import NotSpelt, TextWriter
from symdiff.code_out.layout import WIDTH, laid_out
from symdiff.errors import InputError
from symdiff.language import parse, tree
from symdiff.language.functions import known
from symdiff.matrix_form.matrix_forms import MatrixForms
from symdiff.meaning.formula import readable_numbers
from symdiff.printing.ascii import ascii_text
from symdiff.printing.from_sympy import from_sympy

__all__ = ["FRAMEWORKS", "gradient_code"]

FRAMEWORKS = tuple(BACKENDS)
Lines = list[tuple[str, str]]


def gradient_code(
    expression: str, derivation: Derivation, forms: ClosedForms, matrix: MatrixForms, framework: str
) -> str:
    """Source text of ``gradient(inputs...)``: the gradient, or a tuple of those by several inputs.

    Raises:
        InputError: there is no such framework, or an operation cannot be written in it, which is named.
    """
    backend = BACKENDS.get(framework)
    if backend is None:
        raise InputError(f"code({framework!r}): choose one of {', '.join(BACKENDS)}")
    inputs = list(derivation.program.inputs)
    for name in inputs:
        if not name.isidentifier() or name in (backend.module, "math", "special"):
            raise InputError(f"code: the input {name} has a name that the code needs itself; rename it")
    try:
        lines, results = _from_matrices(derivation, matrix, backend)
        if None in results.values():
            more, found = _from_terms(derivation, backend, {name for name, _ in lines})
            lines += more
            results = {name: found[name] if result is None else result for name, result in results.items()}
    except NotSpelt as error:
        raise InputError(
            f"code({framework!r}): {error} has no code; explanation.symbolic has the numbers, and another framework "
            "may have the operation"
        ) from error
    texts = [text for text in results.values() if text is not None]
    return _function(expression, derivation, forms, backend, _pruned(lines, texts), texts)


def _from_matrices(
    derivation: Derivation, matrix: MatrixForms, backend: Backend
) -> tuple[Lines, dict[str, str | None]]:
    """The statements of matrix forms, and by input what its gradient is in them; None where it has no form."""
    lines: Lines = []
    meant: dict[str, str] = {}
    results: dict[str, str | None] = {}
    for name in derivation.program.wrt:
        found = matrix.without_shares(name)
        try:
            results[name] = None if found is None else _statements(found.text, derivation, backend, lines, meant)
        except NotSpelt:
            results[name] = None
    return lines, results


def _statements(text: str, derivation: Derivation, backend: Backend, lines: Lines, meant: dict[str, str]) -> str:
    """The result of one form in code; its statements are added to ``lines``, what their names mean to ``meant``."""
    inputs = derivation.program.inputs
    parsed = parse(text, known(inputs))
    names, sizes = {each: each for each in inputs}, set[str]()
    new: Lines = []
    for assign in parsed.assignments:
        written = TextWriter(backend, names, sizes)(assign.value)
        if isinstance(assign.value, tree.Size):
            # so that what is the same by every input is written the same
            names[assign.name] = written
            sizes.add(assign.name)
            continue
        own = assign.name
        while meant.setdefault(own, written) != written or own in inputs or own in (backend.module, "math", "special"):
            own += "_"
        names[assign.name] = own
        if (own, f"{own} = {written}") not in [*lines, *new]:
            new.append((own, f"{own} = {written}"))
    result = TextWriter(backend, names, sizes)(parsed.result)
    lines += new
    return result


def _from_terms(derivation: Derivation, backend: Backend, taken: set[str]) -> tuple[Lines, dict[str, str]]:
    program = derivation.program
    names = {index: name for name, index in program.inputs.items()}
    reserved = {*program.inputs, *taken, backend.module, "math", "special", "gradient"}
    writer = TermWriter(backend, derivation, names, reserved)
    found = writer.write()
    return writer.lines, found


def _pruned(lines: Lines, results: Sequence[str]) -> list[str]:
    """The statements that the results need."""
    needed = set(_words(" ".join(results)))
    kept: list[str] = []
    for name, text in reversed(lines):
        if name in needed:
            needed |= set(_words(text))
            kept.append(text)
    return kept[::-1]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d]\w*", text)


def _function(
    expression: str, derivation: Derivation, forms: ClosedForms, backend: Backend, lines: list[str], results: list[str]
) -> str:
    program = derivation.program
    body: list[str] = []
    used = set(_words(" ".join([*lines, *results])))
    for name, index in program.inputs.items():
        if name in used:
            value = program.elements[index].value
            whole = value is not None and np.asarray(value).dtype.kind in "iub"
            pattern = backend.as_positions if whole else backend.as_array
            body.append(f"{name} = {pattern.format(name, m=backend.module)}")
    body += lines
    body.append(f"return {results[0] if len(results) == 1 else ', '.join(results)}")
    text = "\n".join(laid_out(line) for line in body)
    extra = [line for mark, line in backend.extra.items() if mark in text]
    helpers = [code for name, code in backend.helpers.items() if f"{name}(" in text]
    standard = [line for line in extra if line == "import math"]
    others = [*backend.imports, *(line for line in extra if line not in standard)]
    others.sort(key=lambda line: (line.startswith("from"), line))
    header = "\n\n".join("\n".join(group) for group in (standard, others) if group)
    docstring = _docstring(expression, program.wrt, forms)
    signature = f"def gradient({', '.join(program.inputs)}):"
    whole_body = textwrap.indent(docstring, "    ", lambda line: bool(line.strip())) + f"\n{text}"
    parts = [header, *(helper.rstrip() for helper in helpers), f"{signature}\n{whole_body}"]
    made = "\n\n\n".join(parts) + "\n"
    ast.parse(made)  # what is handed out can be read
    return made


def _docstring(expression: str, wrt: Sequence[str], forms: ClosedForms) -> str:
    """What the function returns, with the formula of a general element."""
    program = " ".join(expression.split())
    lines = [f"The gradient of {program} by {', '.join(wrt)}.", ""]
    said: dict[str, None] = {}
    for name in wrt:
        general = forms.general.get(name)
        if general is None or general.beyond is not None:
            continue
        index = ",".join(map(str, general.indices))
        place = f"_{index}" if len(index) == 1 else f"_{{{index}}}" if index else ""
        lines.append(f"By {name}{place}: {ascii_text(from_sympy(readable_numbers(general.expression)))}")
        for definition in general.definitions:
            if definition.formula is not None:
                formulas = (definition.symbol, readable_numbers(definition.formula))
                left, right = map(ascii_text, map(from_sympy, formulas))
                said[f"{left} = {right}"] = None
    lines += [f"with {each}" for each in said]
    if len(lines) == 2:
        lines.pop()
    wrapped = [part for line in lines for part in (textwrap.wrap(line, WIDTH - 4, subsequent_indent="    ") or [""])]
    text = "\n".join(wrapped).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text}\n"""' if len(wrapped) > 1 else f'"""{text}"""'
