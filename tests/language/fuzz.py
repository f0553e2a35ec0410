"""Texts as nobody would write them, explained and checked: an answer or an InputError in one line, nothing else.

``python -m tests.language.fuzz 30000 [SEED]`` draws so many and prints what else came out, and what took long; each
text is drawn from its own number, so that ``python -m tests.language.fuzz 1 NUMBER`` draws one of them again.
"""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from collections import Counter
from random import Random
from typing import Any

import symdiff
from symdiff.deadline import TimeLimit
from symdiff.errors import InputError
from symdiff.formats import FORMATS
from symdiff.language.functions import functions, methods

SECONDS, OVER = 5.0, 2.0
INF, NAN = float("inf"), float("nan")
WORDS = [
    "x", "W", "i", "y", "s", "m", "A", "sum", "mean", "where", "exp", "log", "T", "axis", "keepdims", "True", "None",
    "pi", "e", "and", "not", "if", "lambda", "for", "in", "0", "1", "2", "-1", "0.5", "1e308", "1j", "1_0", "+", "-",
    "*", "/", "//", "%", "**", "@", "<", ">", "==", "&", "|", "~", "||", "(", ")", "[", "]", ",", ":", ".", "=", ";",
    "\n", "...", "'a'", '"', "{", "}", "#", "\\", "^", "!", "_", "__class__", "(x)", "[0]", "x.T", "\ufeff",
    "é", "\x1b",
]  # fmt: skip
NUMBERS = ["0", "1", "2", "3", "-1", "0.5", "-2.5", "1e-300", "1e300", "700", "1/3", "pi", "e", "1_000", "2**0.5", "i"]
VALUES: list[dict[str, Any]] = [
    dict(zip(("x", "W", "i", "s", "m", "A"), values, strict=True))
    for values in (
        ([0.5, 2.0], [[1.0, 2.0], [3.0, 4.0]], 1, 0.7, [True, False], [[2.0, 0.3], [0.3, 1.0]]),
        ([0.0, 0.0], [[0.0, 1.0], [1.0, 0.0]], 0, 0.0, [False, False], [[1.0, 0.0], [0.0, 1.0]]),
        ([-1.5, 1e200], [[-1.0, 2.0], [-2.0, 4.0]], -1, -3.0, [True, True], [[1e-9, 1.0], [1.0, 1.0]]),
        ([INF, NAN], [[1.0, 1e-200], [3e7, 4.0]], 1, 1e308, [True, False], [[4.0, 0.0], [0.0, -4.0]]),
        ([1.0], [[2.0]], 0, 1.0, [True], [[3.0]]),
    )
]


def text_of(number: int) -> tuple[str, dict[str, Any]]:
    """One text and the values of its inputs."""
    random = Random(number)
    kind = random.random()
    if kind < 0.15:
        text = random.choice(["", " "]).join(random.choices(WORDS, k=random.randint(0, 20)))
    else:
        text = _program(random)
        if kind < 0.35:
            text = _damaged(random, text)
    return text, random.choice(VALUES)


def _program(random: Random) -> str:
    names = ["x", "W", "s", "A"]
    lines = []
    for name in ["y", "z"][: random.choice([0, 0, 1, 2])]:
        lines.append(f"{name} = {_expression(random, names, 2)}")
        names = [*names, name, name]
    result = _expression(random, names, random.choice([1, 2, 2, 3]))
    return "; ".join([*lines, random.choice([result, f"sum({result})", f"mean({result})"])])


def _expression(random: Random, names: list[str], depth: int) -> str:
    if depth <= 0 or random.random() < 0.1:
        return random.choice(names) if random.random() < 0.75 else random.choice(NUMBERS)

    def part() -> str:
        return _expression(random, names, depth - 1)

    kind = random.random()
    if kind < 0.35:
        function = random.choice(_FUNCTIONS if random.random() < 0.6 else _ELEMENTWISE)
        fitting = len(getattr(getattr(functions()[function], "binding", None), "operands", "x"))
        operands = [part() for _ in range(fitting if random.random() < 0.9 else random.choice([1, 2, 3]))]
        options = random.choice(["", "", "", "", "", "", "", ", axis=0", ", axis=-1", ", keepdims=True", ", axis=1"])
        sequence = random.random() < 0.03
        arguments = f"[{', '.join(operands)}]" if sequence else ", ".join(operands)
        return f"{function}({arguments}{options})"
    if kind < 0.6:
        return f"({part()} {random.choice(['+', '-', '*', '/', '**', '//', '%', '@'])} {part()})"
    if kind < 0.7:
        return f"where({part()} {random.choice(['<', '>', '==', '<=', '!='])} {part()}, {part()}, {part()})"
    if kind < 0.78:
        return f"({part()}).{random.choice(_METHODS)}({random.choice(['', '', 'axis=0', '2'])})"
    if kind < 0.9:
        index = random.choice(
            ["0", "-1", "i", "[i, 0]", "0:0", ":", "::-1", "None", "..., 0", "m", "[0, 0]", f"{part()} > 0"]
        )
        return f"({part()})[{index}]"
    return random.choice([f"-{part()}", f"({part()}).T", f"[{part()}, {part()}]", f"where(m, {part()}, {part()})"])


def _damaged(random: Random, text: str) -> str:
    place = random.randint(0, len(text))
    return text[:place] + random.choice(["", random.choice(WORDS)]) + text[place + random.randint(0, 3) :]


_FUNCTIONS = sorted(functions())
_METHODS = sorted(methods())
_ELEMENTWISE = [name for name in _FUNCTIONS if getattr(functions()[name], "elementwise", False)]


def outcome(text: str, at: dict[str, Any], seconds: float = SECONDS) -> str:
    """The verdict, or "refused", or "time"; what else is raised comes through."""
    began = time.monotonic()
    try:
        explanation = symdiff.explain(text, at=at, timeout=seconds)
        table = str(explanation.report)
        assert symdiff.check_gradients(text, at=at, timeout=2 * seconds).verdict == explanation.report.verdict
        for form in ("text", "json"):
            assert explanation.printed(FORMATS[form])
    except InputError as error:
        message = str(error)
        assert message.isprintable(), message
        assert len(message) < 1000, message
        word = "time" if isinstance(error, TimeLimit) else "refused"
    else:
        assert str(explanation.report.verdict) in table
        word = str(explanation.report.verdict)
    assert time.monotonic() - began < 3 * seconds + OVER, f"{time.monotonic() - began:.1f} s"
    return word


def main(count: int, seed: int) -> int:
    """Draws ``count`` texts and prints what was wrong; the number of these."""
    warnings.simplefilter("error")
    found: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for number in range(seed, seed + count):
        text, at = text_of(number)
        began = time.monotonic()
        try:
            found[outcome(text, at)] += 1
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}"
            wrong[place] += 1
            if wrong[place] <= 3:
                print(
                    f"{number}: {text!r} {VALUES.index(at)}: {type(error).__name__} at {place}: {error}"[:500],
                    flush=True,
                )
        took = time.monotonic() - began
        if took > SECONDS:
            print(f"{number}: {text!r} {VALUES.index(at)} took {took:.1f} s"[:300], flush=True)
    print(dict(found), "wrong:", dict(wrong), flush=True)
    return sum(wrong.values())


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0) else 0)
