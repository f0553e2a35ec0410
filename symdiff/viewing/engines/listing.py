"""Code to copy: a page's program in one engine, its gradient, and the assertion that it is the page's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from symdiff.agreement.evidence import Evidence
from symdiff.agreement.verdict import Verdict
from symdiff.code_out.layout import WIDTH, laid_out
from symdiff.viewing.engines.dialects import DIALECTS, JAX, TORCH, Dialect
from symdiff.viewing.engines.program_code import LONGEST, Lines, NotSpelt, array, listed, literal, program_code
from symdiff.viewing.view import EngineCode, View
from symdiff.viewing.writing import Writing

__all__ = ["engine_codes"]


def engine_codes(writing: Writing, view: View) -> tuple[EngineCode, ...]:
    """The code of every engine that has the page's operations."""
    evidence, of_node = writing.evidence, writing.evidence.program.of_node
    names = {node: writing.code_name(index) for node, index in of_node.items() if index in writing.forms.names}
    found = []
    for dialect in DIALECTS:
        try:
            lines = program_code(evidence.traced.graph, dialect, names)
            code = _Listing(evidence, dialect, lines).text()
        except NotSpelt:
            continue
        found.append(EngineCode(dialect.name, code, _is_asserted(evidence)))
    return tuple(found)


def _is_asserted(evidence: Evidence) -> bool:
    """At kinks, and where digits are lost, every engine has an answer of its own: none is asserted."""
    return evidence.report.verdict == Verdict.AGREE


@dataclass(frozen=True)
class _Listing:
    evidence: Evidence
    dialect: Dialect
    lines: Lines

    @property
    def wrt(self) -> list[str]:
        graph = self.evidence.traced.graph
        return [name for name in graph.wrt if self.evidence.program.inputs[name] in self._reached]

    @property
    def _reached(self) -> frozenset[int]:
        derivation = self.evidence.derivation
        return frozenset() if derivation is None else frozenset(derivation.contributions)

    def text(self) -> str:
        if not self.wrt:
            raise NotSpelt("nothing to differentiate by")
        shape = self.evidence.traced.result.shape
        walked = not shape and self.dialect is not JAX
        body = self._walked() if walked else self._transformed("jacobian" if shape else "grad")
        parts = (self._imports(), [*self._inputs(), *self.lines.given], *body, list(self._asserted(walked)))
        return "\n\n".join("\n".join(map(_laid_out, part)) for part in parts if part)

    @property
    def _taken(self) -> set[str]:
        assigned = {line.split(" = ")[0] for line in (*self.lines.given, *self.lines.body)}
        return assigned | set(self.lines.names.values()) | self.dialect.reserved

    # --- parts ------------------------------------------------------------------------------------------------------

    def _imports(self) -> list[str]:
        loads = any(value.size > LONGEST for value in self._values().values())
        match self.dialect.module:
            case "torch":
                return [*(["import numpy as np"] if loads else []), "import torch"]
            case "jax":
                lines = ["import jax", "import jax.numpy as jnp", "import numpy as np"]
                return [*lines, "", 'jax.config.update("jax_enable_x64", True)']
        return ["import autodiff as ad", "import numpy as np"]

    def _values(self) -> dict[str, np.ndarray]:
        return {name: self.evidence.traced.tensors[name].data for name in self.evidence.traced.graph.inputs}

    def _inputs(self) -> Iterator[str]:
        for name, value in self._values().items():
            yield f"{self.lines.names[name]} = {self._input(name, np.asarray(value))}"

    def _input(self, name: str, value: np.ndarray) -> str:
        wanted = name in self.wrt and not self.evidence.traced.result.shape
        load = f'np.load("{name}.npy")'
        if self.dialect is JAX:
            return f"jnp.array({load})" if value.size > LONGEST else self._small(value)
        made = "torch.tensor" if self.dialect is TORCH else "ad.tensor"
        if value.size > LONGEST:
            return f"{made}({load}{', requires_grad=True' if wanted else ''})"
        inner = self._small(value)
        if self.dialect is TORCH:
            return f"{inner[:-1]}, requires_grad=True)" if wanted else inner
        if value.dtype == np.float64:
            inner = listed(value) if value.ndim else literal(value)
        return f"ad.tensor({inner}{', requires_grad=True' if wanted else ''})"

    def _small(self, value: np.ndarray) -> str:
        return array(value, self.dialect)

    def _walked(self) -> Iterator[list[str]]:
        """The program line by line, then ``backward()``."""
        result = self.lines.result
        body = list(self.lines.body)
        if not result.isidentifier():
            name = next(each for each in ("L", "loss", "result", "result_") if each not in self._taken)
            body, result = [*body, f"{name} = {result}"], name
        yield [*body, f"{result}.backward()", *(f"print({self.lines.names[name]}.grad)" for name in self.wrt)]

    def _transformed(self, transform: str) -> Iterator[list[str]]:
        """The program as a function of what it is differentiated by, and a transform of that function."""
        names = [self.lines.names[name] for name in self.wrt]
        function = next(each for each in ("f", "loss", "function", "function_") if each not in self._taken)
        yield [
            "",
            f"def {function}({', '.join(names)}):",
            *(f"    {line}" for line in (*self.lines.body, f"return {self.lines.result}")),
        ]
        given = ", ".join(names)
        if self.dialect is TORCH:
            several = f"({given})" if len(names) > 1 else given
            made = [f"gradients = torch.autograd.functional.{transform}({function}, {several})"]
        else:
            numbers = tuple(range(len(names)))
            which = f", argnums={numbers!r}" if len(names) > 1 else ""
            module = "jax" if self.dialect is JAX else "ad"
            made = [f"gradients = {module}.{transform}({function}{which})({given})"]
        yield ["", *made, "print(gradients)"]

    def _asserted(self, walked: bool) -> Iterator[str]:
        if not _is_asserted(self.evidence):
            return
        for place, name in enumerate(self.wrt):
            want = np.asarray(self.evidence.report.inputs[name].symbolic)
            own = self.lines.names[name]
            got = f"{own}.grad" if walked else "gradients" if len(self.wrt) == 1 else f"gradients[{place}]"
            dtype = self._values()[name].dtype
            if want.size > LONGEST:
                flat = _telling(want)
                got, want = f"{got}.reshape(-1)[{flat!r}]", want.reshape(-1)[flat]
            if self.dialect is TORCH:
                yield f"torch.testing.assert_close({got}, {array(want.astype(dtype), self.dialect)})"
            else:
                of = got if self.dialect is JAX else f"{got}.numpy()" if walked else f"np.asarray({got})"
                wanted = listed(want) if want.ndim else literal(want)
                rtol = "1e-5" if dtype == np.float32 else "1e-7"
                yield f"np.testing.assert_allclose({of}, {wanted}, rtol={rtol}, atol={rtol})"


def _laid_out(line: str) -> str:
    """A line that is longer than a screen is broad, in several."""
    statement = line.lstrip()
    return laid_out(statement, len(line) - len(statement)) if len(line) > WIDTH else line


def _telling(values: np.ndarray) -> Sequence[int]:
    """The first, the last and the extreme elements."""
    flat = values.reshape(-1)
    return sorted({0, flat.size - 1, int(np.argmax(flat)), int(np.argmin(flat))})
