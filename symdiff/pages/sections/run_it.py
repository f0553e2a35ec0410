"""Run it yourself: the program in each engine, with its assertion, and what makes the page again."""

from __future__ import annotations

from symdiff.pages.blocks import Block, Choice, Code, CodeSpan
from symdiff.pages.teller import Teller
from symdiff.viewing.view import EngineCode

__all__ = ["run_it"]


def run_it(teller: Teller) -> list[Block]:
    """Code to copy."""
    view = teller.view
    blocks: list[Block] = []
    options = tuple((each.engine, _code(each, teller)) for each in view.engines)
    if options:
        blocks.append(Choice(options, "engine"))
    for name in view.to_load if options or view.command[0] else ():
        code = CodeSpan(f'np.save("{name}.npy", {name})')
        blocks.append(teller.paragraph("run.load", name=CodeSpan(name), code=code))
    command, language = view.command
    if command:
        key = "run.call" if language == "python" else "run.command"
        blocks += [teller.paragraph(key), Code(command, language)]
    return [teller.heading("run", "run"), *blocks] if blocks else []


def _code(each: EngineCode, teller: Teller) -> tuple[Block, ...]:
    key = "run.words" if each.asserted else "run.unasserted"
    return teller.paragraph(key, engine=each.engine), Code(each.code, "python")
