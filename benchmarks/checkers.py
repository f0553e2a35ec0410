"""What checkers of gradients say: PyTorch's, JAX's, HIPS autograd's and ours, where finite differences go wrong.

    python -m benchmarks.checkers                the table, and the score on 300 seeded mutants
    python -m benchmarks.checkers --mutants 60   fewer
    python -m benchmarks.checkers --mutants 0    the table alone
    python -m benchmarks.checkers --json FILE    what was found, as JSON

Each checker is given the same function, as values, and the same gradient; those that are not installed are left out.
A mutant is an operation of ours whose rule was damaged (tests.mutation), at a point that was drawn with it before
anybody looked: its samples, moved at random, in the tails, or rounded to whole numbers. Left out are those whose rule
has the value of the right one at their point to 110 digits (both are run on symbols, and these evaluated by mpmath),
and points without a derivative. Of rules that do not run on symbols those are left out that return the same floats, bit
for bit. All are counted.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.declare.samples import Sample
from benchmarks.results import keep
from symdiff import InputError, check_gradients
from symdiff.checking.cotangents import default_cotangent
from symdiff.evaluation.evaluate import forward, positions_of
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.precision import mp
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Element, Relation
from symdiff.proof.trial import operand_name, trial_of
from tests.mutation.mutants import Mutant, mutants, operations

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(0)

DIGITS = 110
"""A mutant that has so many digits of the right rule at its point is no mutant there."""


@dataclass(frozen=True)
class Case:
    """A function of one array (``values`` on NumPy's, ``traced`` for us where that is another) and a gradient.

    ``right`` says whether the gradient is; ``verdict`` and ``words`` are what our report must have.
    """

    name: str
    values: Callable[[Any], Any]
    gradient: Callable[[Array], Array]
    x: Array
    right: bool
    verdict: str
    words: str = ""
    traced: Callable[[Any], Any] | None = None


def _with_nan(x: Array) -> Array:
    return np.full(x.shape, np.nan)


def _one_sign(x: Array) -> Array:
    found = 2 * x / x.size
    found.flat[1234] *= -1
    return found


def _sigmoid_slope(x: Array) -> Array:
    s = 1 / (1 + np.exp(-x))
    return s * (1 - s)


def _squares(x: Any) -> Any:
    return np.mean(x * x)


def _variance(x: Any) -> Any:
    return np.mean((x - np.mean(x)) ** 2)


def _relu(x: Any) -> Any:
    return np.sum(np.maximum(x, 0.0))


POINT = RNG.normal(size=5)
CENTRED = POINT - POINT.mean()

CASES = (
    Case(
        "mean(x*x) in float32, right",
        _squares,
        lambda x: 2 * x / x.dtype.type(x.size),
        POINT.astype(np.float32),
        True,
        "agree",
    ),
    Case(
        "1e-6*mean(x*x), twice",
        lambda x: 1e-6 * np.mean(x * x),
        lambda x: 4e-6 * x / x.size,
        POINT,
        False,
        "disagree",
        "twice",
    ),
    Case(
        "mean(x*x), n = 10^6, zero",
        _squares,
        lambda x: 0 * x,
        RNG.normal(size=10**6),
        False,
        "disagree",
        "0 everywhere",
    ),
    Case(
        "variance with n-1, n = 10^4",
        _variance,
        lambda x: 2 * (x - x.mean()) / (x.size - 1),
        RNG.normal(size=10**4),
        False,
        "disagree",
        "has n - 1 where n belongs",
    ),
    Case(
        "variance, no mean, x centred",
        _variance,
        lambda x: 2 * x / x.size,
        CENTRED,
        False,
        "disagree",
        "at another point",
    ),
    Case(
        "cos(x)*(1 + 5e-4)",
        lambda x: np.sum(np.sin(x)),
        lambda x: np.cos(x) * (1 + 5e-4),
        POINT,
        False,
        "disagree",
        "1.0005 times",
    ),
    Case("relu at 0, gradient 0", _relu, lambda x: (x > 0) * 1.0, np.array([0.0, 1.0]), True, "kink"),
    Case(
        "relu at 0, gradient 7", _relu, lambda x: np.where(x == 0, 7.0, x > 0), np.array([0.0, 1.0]), False, "disagree"
    ),
    Case("abs at 0, gradient 0", lambda x: np.sum(np.abs(x)), np.sign, np.array([0.0, 1.0]), True, "kink"),
    Case("1e8 + sum(x**2), right", lambda x: 1e8 + np.sum(x**2), lambda x: 2 * x, POINT, True, "agree"),
    Case(
        "sum(exp(30x)), right",
        lambda x: np.sum(np.exp(30 * x)),
        lambda x: 30 * np.exp(30 * x),
        np.array([0.5, -0.2, 1.0]),
        True,
        "agree",
    ),
    Case("sin(1e5*x), right", lambda x: np.sum(np.sin(1e5 * x)), lambda x: 1e5 * np.cos(1e5 * x), POINT, True, "agree"),
    Case("log at 1e-7, right", lambda x: np.sum(np.log(x)), lambda x: 1 / x, np.array([1e-7, 0.5]), True, "agree"),
    Case("sqrt at [0, 1], nan", lambda x: np.sum(np.sqrt(x)), _with_nan, np.array([0.0, 1.0]), False, "disagree"),
    Case(
        "one of 10^4 with the wrong sign",
        _squares,
        _one_sign,
        RNG.normal(size=10**4),
        False,
        "disagree",
        "x[1234] has the wrong sign",
    ),
    Case(
        "sigmoid at 12.6 as s*(1 - s)",
        lambda x: np.sum(1 / (1 + np.exp(-x))),
        _sigmoid_slope,
        np.array([12.6]),
        True,
        "imprecise",
        "keeps",
        lambda x: ad.sum(ad.sigmoid(x)),
    ),
)


# --- the checkers -----------------------------------------------------------------------------------------------------


def ours(case: Case, diagnosis: bool = True) -> tuple[bool, str]:
    """Whether we take the gradient, and what we say."""
    report = check_gradients(case.traced or case.values, case.x, gradient=case.gradient, diagnosis=diagnosis)
    said = next((each for each in report.reasons if case.words in each), "")
    return report.ok, f"{report.verdict}{f', {case.words!r}' if case.words and said else ''}"


def _torch(fast: bool) -> Callable[[Case], bool]:
    import torch

    def accepts(case: Case) -> bool:
        class Given(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return torch.as_tensor(np.asarray(case.values(x.detach().numpy())))

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                (x,) = ctx.saved_tensors
                return g * torch.as_tensor(np.asarray(case.gradient(x.detach().numpy().copy())))

        x = torch.tensor(case.x, requires_grad=True)
        return bool(torch.autograd.gradcheck(Given.apply, (x,), fast_mode=fast, raise_exception=True))

    return accepts


def _jax() -> Callable[[Case], bool]:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)

    def accepts(case: Case) -> bool:
        value = jax.ShapeDtypeStruct((), case.x.dtype)
        like = jax.ShapeDtypeStruct(case.x.shape, case.x.dtype)
        cast = case.x.dtype.type

        def call(x: Any) -> Any:
            return jax.pure_callback(lambda each: cast(case.values(np.asarray(each))), value, x)

        given = jax.custom_vjp(call)

        def backward(x: Any, g: Any) -> Any:
            slope = jax.pure_callback(
                lambda each: np.asarray(case.gradient(np.array(each)), dtype=case.x.dtype), like, x
            )
            return (g * slope,)

        given.defvjp(lambda x: (call(x), x), backward)
        check_grads(given, (case.x,), order=1, modes=["rev"])
        return True

    return accepts


def _hips() -> Callable[[Case], bool]:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def accepts(case: Case) -> bool:
        given = primitive(lambda x: float(case.values(x)))
        defvjp(given, lambda answer, x: lambda g: g * case.gradient(np.array(x)))
        check_grads(given, modes=["rev"], order=1)(case.x)
        return True

    return accepts


def others() -> dict[str, Callable[[Case], bool]]:
    """The checkers of other libraries that are installed, by name."""
    found: dict[str, Callable[[Case], bool]] = {}
    if find_spec("torch") is not None:
        found |= {"torch slow": _torch(False), "torch fast": _torch(True)}
    if find_spec("jax") is not None:
        found["jax"] = _jax()
    if find_spec("autograd") is not None:
        found["HIPS"] = _hips()
    return found


LARGEST = 2_000
"""Checkers that ask for a difference by every element are not asked above."""


def _said(accepts: Callable[[Case], bool], case: Case) -> str:
    """ "ok" and "rejects" of what is right, "passes" and "catches" of what is wrong."""
    taken = _taken(accepts, case)
    return ("ok" if taken else "rejects") if case.right else "passes" if taken else "catches"


def _taken(accepts: Callable[[Case], bool], case: Case) -> bool:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return accepts(case)
        except Exception:  # every checker raises something of its own
            return False


Rows = list[list[str]]


def table(
    checkers: dict[str, Callable[[Case], bool]], cases: Sequence[Case] = CASES, kept: Rows | None = None
) -> Iterator[str]:
    """The rows, as they are found; they are ``kept`` as cells, too."""
    yield f"{'case':34}" + "".join(f"{name:12}" for name in checkers) + "ours"
    for case in cases:
        cells = [
            "–" if case.x.size > LARGEST and name == "torch slow" else _said(accepts, case)
            for name, accepts in checkers.items()
        ]
        _, said = ours(case)
        if kept is not None:
            kept.append([case.name, *cells, said])
        yield f"{case.name:34}" + "".join(f"{cell:12}" for cell in cells) + said


# --- mutants ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """A damaged rule at a point: the case for every checker, the right gradient there, and what it is called.

    ``sample`` is the point, ``place`` the operand that the gradient is by.
    """

    name: str
    case: Case
    right: Case
    mutant: Mutant
    sample: Sample
    place: int


def drawn(count: int, seed: int = 20_261) -> Iterator[Drawn]:
    """Mutants with their points, drawn before anybody looked at what they do."""
    random = np.random.default_rng(seed)
    known: dict[str, list[Any]] = {}
    everything = [op for op in operations() if op.samples]
    while count:
        op = everything[int(random.integers(len(everything)))]
        found = known[op.name] = known[op.name] if op.name in known else list(mutants(op))
        if not found:
            continue
        count -= 1
        mutant = found[int(random.integers(len(found)))]
        sample = op.samples[int(random.integers(len(op.samples)))]
        kind = ("sample", "random", "tail", "boundary")[int(random.integers(4))]
        made = _made(mutant, sample, kind, random)
        if made is not None:
            yield made


def _made(mutant: Any, sample: Any, kind: str, random: np.random.Generator) -> Drawn | None:
    """The mutant at its point, as a function of its first floating operand."""
    operands = list(sample.operands)
    place = next((k for k, each in enumerate(operands) if _is_floating(each)), None)
    if place is None:
        return None
    x = np.asarray(operands[place], dtype=np.float64)
    factor = 1 + 0.3 * random.uniform(-1, 1, size=x.shape)
    x = {"sample": x, "random": x * factor, "tail": 12 * x, "boundary": np.rint(x)}[kind]

    def called(value: Any) -> Any:
        given = [*operands[:place], value, *operands[place + 1 :]]
        return mutant.op(*((given,) if mutant.op.sequence else given), **sample.params)

    def function(value: Any) -> Any:
        result = called(value)
        # the sum alone of what adds up to 1 has no gradient
        return ad.sum(ad.multiply(result, default_cotangent(np.shape(result))))

    def right(value: Array) -> Array:
        result, pullback = ad.vjp(called, value)
        return np.asarray(pullback(default_cotangent(np.shape(result)))[0])

    def wrong(value: Array) -> Array:
        with mutant.installed():  # of the operation alone: of a sum that is weighted and summed two signs would cancel
            return right(value)

    name = f"{mutant}, {kind}"
    cases = [Case(name, function, gradient, np.array(x), gradient is right, "") for gradient in (wrong, right)]
    operands[place] = x
    return Drawn(name, *cases, mutant, replace(sample, operands=tuple(operands)), place)


def _is_floating(operand: Any) -> bool:
    try:
        return np.asarray(operand).dtype.kind == "f"
    except ValueError:  # a list of arrays of several shapes
        return False


def _alike(each: Drawn) -> str:
    """How the damage makes no difference at this point, "" where it makes one; both or one may give nothing."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            right = each.right.gradient(each.right.x)
            wrong = each.case.gradient(each.case.x)
        except Exception:  # outside of the operation's domain; what raises is not passed by anybody
            return "without an answer"
        if wrong.shape != right.shape:
            return "without an answer"
        same = _same_to_the_digits(each)
    if same is None:
        return "not on symbols and the same in floats" if np.array_equal(wrong, right, equal_nan=True) else ""
    return f"the same to {DIGITS} digits" if same else ""


def _same_to_the_digits(each: Drawn) -> bool | None:
    """Whether both rules, run on symbols, have the same value at the point; None where they do not run on symbols."""
    try:
        with each.mutant.installed():
            wrong = _in_digits(each)
        right = _in_digits(each)
    except (NotImplementedError, ValueError, TypeError, KeyError, IndexError):
        return None
    if wrong is None or right is None:
        return None
    with mp.workdps(DIGITS + 20):
        pairs = list(zip(wrong.flat, right.flat, strict=True))
        if not all(mp.isfinite(number) for pair in pairs for number in pair):
            return None
        return all(abs(a - b) <= abs(b) * mp.mpf(10) ** -DIGITS for a, b in pairs)


def _in_digits(each: Drawn) -> Array | None:
    """What the operation's rule, as it is now, sends to the operand that is looked at; None: not on symbols."""
    trial = trial_of(each.mutant.op, each.sample, fixed=True)
    name = operand_name(each.mutant.op, each.place)
    found = next((made for made in trial.cotangents if made.name == name), None)
    if found is None or found.index is None or each.mutant.what.startswith("no sum"):
        return None
    if not all(map(partial(_is_within, trial.program), trial.program.elements)):
        return None  # a damaged move, to places that are not there
    field = Exact()
    with mp.workdps(DIGITS + 60):
        leaves = {
            element.index: field.load(np.asarray(element.value, dtype=np.float64))
            for element in trial.program.elements
            if element.meaning is None and element.name is not None
        }
        leaves[trial.g] = field.load(default_cotangent(trial.program.elements[trial.g].shape))
        return np.asarray(forward(trial.program, field, leaves).values[found.index])


def _is_within(program: SymbolicProgram, element: Element) -> bool:
    """Whether the index maps of an element stay within the arrays that they read and write."""
    terms = element.meaning.terms if isinstance(element.meaning, Relation) else ()
    for term in terms:
        box = [size.value for size in term.box]
        reads = [(read.at, program.elements[element.operands[read.operand]].shape) for read in term.reads]
        for at, shape in [(term.out, element.shape), *reads]:
            for index, length in zip(at, shape, strict=True):
                places = positions_of(index, box)
                if places.size and not (places.min() >= 0 and places.max() < length):
                    return False
    return True


def score(count: int, checkers: dict[str, Callable[[Case], bool]], kept: Counter[str] | None = None) -> Iterator[str]:
    """How many mutants each checker catches, and how many right rules it rejects; the numbers are ``kept``, too."""
    counted: Counter[str] = Counter() if kept is None else kept
    for each in drawn(count):
        counted["drawn"] += 1
        alike = _alike(each)
        if alike:
            counted[alike] += 1
            continue
        try:
            fine = ours(each.right, diagnosis=False)
        except InputError:
            counted["without an answer"] += 1
            continue
        except Exception as error:  # an error of ours is told, not hidden
            counted["where symdiff raises"] += 1
            yield f"  raised: {each.name}: {type(error).__name__}: {error}"
            continue
        if fine[1] in ("undefined", "unsupported", "kink"):
            counted["without a derivative"] += 1
            continue
        counted["judged"] += 1
        counted["ours, false alarms"] += not fine[0]
        caught = not _ours_takes(each.case)
        counted["ours, caught"] += caught
        if not caught or not fine[0]:
            point = np.array2string(each.case.x, precision=4, threshold=6).replace("\n", "")
            yield f"  {'false alarm' if caught else 'missed'}: {each.name} at {point}"
        for name, accepts in checkers.items():
            counted[f"{name}, caught"] += not _taken(accepts, each.case)
            counted[f"{name}, false alarms"] += not _taken(accepts, each.right)
    same = (f"the same to {DIGITS} digits", "not on symbols and the same in floats")
    kinds = (*same, "without a derivative", "without an answer", "where symdiff raises")
    left = ", ".join(f"{counted[key]} {key}" for key in kinds)
    yield f"{counted['drawn']} mutants drawn, {counted['judged']} judged; left out: {left}"
    for name in ("ours", *checkers):
        caught, alarms = counted[f"{name}, caught"], counted[f"{name}, false alarms"]
        yield f"{name:12}caught {caught} ({100 * caught / max(counted['judged'], 1):.1f} %), false alarms {alarms}"


def _ours_takes(case: Case) -> bool:
    try:
        return ours(case, diagnosis=False)[0]
    except InputError:
        return False  # the gradient raised, or has no number


def main() -> None:
    """Print the table, then the score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=300, help="so many mutants are drawn; 0 for none")
    parser.add_argument("--json", metavar="FILE", help="write what was found to this file, too")
    asked = parser.parse_args()
    checkers = others()
    rows: Rows = []
    counted: Counter[str] = Counter()
    for line in table(checkers, kept=rows):
        print(line, flush=True)
    if asked.mutants:
        print()
        for line in score(asked.mutants, checkers, counted):
            print(line, flush=True)
    if asked.json:
        keep(asked.json, {"checkers": [*checkers, "ours"], "rows": rows, "counted": dict(counted)})


if __name__ == "__main__":
    main()
