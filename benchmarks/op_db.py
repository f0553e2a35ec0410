"""PyTorch's own samples of its operations, each judged: is PyTorch's gradient the one that the derivation finds?

    python -m benchmarks.op_db                         all operations; each one's counts are kept in build/op_db
    python -m benchmarks.op_db add nn.functional.gelu  these
    python -m benchmarks.op_db --faults                every sample that does not agree, with the reason
    python -m benchmarks.op_db --write docs/pytorch.md the tables of that page, from all that is kept

``op_db`` is the list from which PyTorch's own tests are drawn: for each operation samples of arguments, here in
float64. A sample's result (of several the floating ones) is multiplied by fixed weights and summed: its gradient by
every tensor that requires grad is asked of PyTorch, and of ours.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten

from symdiff import InputError, check_gradients
from symdiff.checking.cotangents import default_cotangent

KINDS = ("agree", "imprecise", "kink", "undefined", "disagree", "unsupported", "refused")
"""What becomes of a sample: a verdict; or *refused*, where there is no gradient that could be judged."""
MOST = 60
"""Of an operation with more samples so many are drawn, evenly."""
SECONDS = 20.0
RECORDS = Path("build/op_db")


@dataclass
class Counts:
    """What became of an operation's samples; ``causes`` are the reasons of those that do not agree, by kind."""

    samples: Counter[str] = field(default_factory=Counter)
    causes: dict[str, Counter[str]] = field(default_factory=dict)
    unmapped: int = 0
    """So many of the unsupported ones have a primitive without an entry."""

    def add(self, kind: str, cause: str, unmapped: bool = False) -> None:
        """One more sample."""
        self.samples[kind] += 1
        self.unmapped += unmapped
        if kind != "agree":
            self.causes.setdefault(kind, Counter())[cause] += 1

    @property
    def mapped(self) -> int:
        """The samples that have a gradient, and whose primitives all have an entry."""
        return self.samples.total() - self.samples["refused"] - self.unmapped


def operations() -> dict[str, Any]:
    """PyTorch's operations that have samples in float64, and a derivative."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    return {
        op.name + (f" ({op.variant_test_name})" if op.variant_test_name else ""): op
        for op in op_db
        if op.supports_autograd and torch.float64 in op.supported_dtypes("cpu")
    }


def samples(op: Any) -> Iterator[Any]:
    """An operation's samples, the same every time."""
    torch.manual_seed(0)
    yield from op.sample_inputs("cpu", torch.float64, requires_grad=True)


def as_function(op: Any, sample: Any) -> tuple[Callable[..., Any], list[Any]]:
    """A scalar function of those tensors of a sample that require grad, and these tensors."""
    leaves, spec = tree_flatten((sample.input, sample.args, sample.kwargs))
    moving = [place for place, each in enumerate(leaves) if isinstance(each, torch.Tensor) and each.requires_grad]

    def scalar(*given: Any) -> Any:
        filled = list(leaves)
        for place, tensor in zip(moving, given, strict=True):
            filled[place] = tensor
        first, args, kwargs = tree_unflatten(filled, spec)
        results = tree_leaves(sample.output_process_fn_grad(op.op(first, *args, **kwargs)))
        total: Any = 0.0
        for place, each in enumerate(results):
            if isinstance(each, torch.Tensor) and each.is_floating_point():
                total = total + (each * torch.from_numpy(default_cotangent(tuple(each.shape), place))).sum()
        return total

    scalar.__name__ = op.name.rpartition(".")[2]
    return scalar, [leaves[place].detach() for place in moving]


def judged(op: Any, sample: Any, seconds: float = SECONDS) -> tuple[str, str, bool]:
    """What becomes of one sample, why where it does not agree, and whether a primitive has no entry."""
    function, tensors = as_function(op, sample)
    if not tensors:
        return "refused", "no tensor of the sample requires grad", False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = check_gradients(function, *tensors, diagnosis=False, timeout=seconds)
    except InputError as error:
        return "refused", _without_numbers(str(error).partition("; ")[0]), False
    except Exception as error:  # a fault of ours is one, and is told
        return "disagree", f"{type(error).__name__}: {error}"[:200], False
    if report.unsupported:
        missing = any(re.fullmatch(r"aten\.\S+|.* cannot trace: .*", name) for name in report.unsupported)
        return "unsupported", _without_numbers(", ".join(report.unsupported)), missing
    why = "; ".join(dict.fromkeys(_without_numbers(reason) for reason in report.reasons))
    return str(report.verdict), why or _digits(report), False


def _digits(report: Any) -> str:
    """How many digits of a gradient are right, where nothing else is said of it."""
    worst = report.worst
    if worst is None or not np.isfinite(worst.error_ulps) or not worst.error_ulps:
        return "wrong"
    kept = max(0, int(-np.log10(worst.error_ulps * 2.0**-52)))
    return f"{kept} digits are right, and rounding explains no more than the loss of the last"


def _without_numbers(text: str) -> str:
    """A reason without what is another at every sample."""
    return re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?|\bnan\b", "…", text)[:240]


def run(name: str, op: Any, tell: Callable[[str], None], limit: int | None = None) -> Counts:
    """Every sample of an operation, or some that are drawn evenly."""
    counts, start = Counts(), time.process_time()
    every = list(samples(op))
    drawn = range(len(every)) if limit is None else range(0, len(every), -(-len(every) // limit))
    for number in drawn:
        kind, cause, unmapped = judged(op, every[number])
        counts.add(kind, cause, unmapped)
        if kind != "agree":
            tell(f"{name} #{number}: {kind}: {cause}")
    tell(f"{name}: {dict(counts.samples)} in {time.process_time() - start:.1f} s")
    return counts


# --- what is kept, and the page ---------------------------------------------------------------------------------------


def _path(name: str) -> Path:
    return RECORDS / (re.sub(r"\W+", "_", name) + ".json")


def keep(name: str, counts: Counts) -> None:
    """Write an operation's counts."""
    RECORDS.mkdir(parents=True, exist_ok=True)
    _path(name).write_text(json.dumps({"name": name, **vars(counts)}, indent=1))


def kept() -> dict[str, Counts]:
    """All counts that were written."""
    found = {}
    for path in sorted(RECORDS.glob("*.json")):
        read = json.loads(path.read_text())
        causes = {kind: Counter(each) for kind, each in read["causes"].items()}
        found[read["name"]] = Counts(Counter(read["samples"]), causes, read["unmapped"])
    return found


BEGIN, END = "<!-- written by python -m benchmarks.op_db --write -->", "<!-- end of what is written -->"


def mapped() -> list[str]:
    """Every aten operation that has an entry, once, however many overloads it has."""
    from symdiff.frameworks.pytorch.aten import ENTRIES

    return sorted({name.partition(".")[0] for name in ENTRIES})


def markdown(found: dict[str, Counts]) -> str:
    """The page's part that is written: what is mapped, the counts together and by operation, and the causes."""
    names = mapped()
    total = sum((each.samples for each in found.values()), Counter())
    judged_ones = sum(each.mapped for each in found.values())
    share = total["agree"] / judged_ones
    head = f"| {' | '.join(('operation', *KINDS))} |\n|{'---|' * (len(KINDS) + 1)}"
    rows = [f"| {_row(name, each.samples)} |" for name, each in sorted(found.items())]
    causes = [
        f"| `{name}` | {kind} | {number} | {_cell(cause)} |"
        for name, each in sorted(found.items())
        for kind in KINDS
        if kind not in ("agree", "refused")
        for cause, number in sorted(each.causes.get(kind, Counter()).items())
    ]
    refused: Counter[str] = Counter()
    for each in found.values():
        for cause, number in each.causes.get("refused", Counter()).items():
            refused[re.sub(r"^\w+\([^)]*\) ", "it ", cause)] += number
    return "\n".join(
        [
            f"PyTorch {torch.__version__.partition('+')[0]}; {len(found)} operations of `op_db`, "
            f"{total.total():,} samples in float64.",
            "",
            f"Of the {judged_ones:,} samples that have a gradient, and whose primitives are all mapped, "
            f"{total['agree']:,} *agree* ({share:.1%}).",
            "",
            "## Mapped primitives",
            "",
            f"{len(names)} aten operations:",
            "",
            ", ".join(f"`{name}`" for name in names) + ".",
            "",
            "## What does not agree, and why",
            "",
            "| operation | verdict | samples | cause |\n|---|---|---|---|",
            *causes,
            "",
            "*Refused*: there is no gradient to be judged.",
            "",
            "| samples | why |\n|---|---|",
            *(f"| {number} | {_cell(cause)} |" for cause, number in refused.most_common()),
            "",
            "## Every operation",
            "",
            head,
            f"| {_row('together', total)} |",
            *rows,
        ]
    )


def _row(name: str, counts: Counter[str]) -> str:
    return " | ".join((f"`{name}`" if name != "together" else name, *(str(counts[kind] or "") for kind in KINDS)))


def _cell(cause: str) -> str:
    return cause.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def write(path: Path) -> None:
    """Put the tables into a page, between its two marks."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{markdown(kept())}\n\n{END}{after}", encoding="utf-8")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.op_db")
    parser.add_argument("names", nargs="*", help="operations; all without")
    parser.add_argument("--faults", action="store_true", help="print every sample that does not agree")
    parser.add_argument("--again", action="store_true", help="also those whose counts are kept")
    parser.add_argument("--samples", type=int, default=MOST, help=f"of each operation at most so many ({MOST})")
    parser.add_argument("--write", type=Path, help="write the tables into this document, and run nothing")
    asked = parser.parse_args()
    if asked.write:
        write(asked.write)
        return 0
    have = operations()
    torch.set_num_threads(1)
    for name in asked.names or have:
        if _path(name).exists() and not asked.again and not asked.names:
            continue
        counts = run(name, have[name], lambda line: print(line, flush=True) if asked.faults else None, asked.samples)
        keep(name, counts)
        print(
            f"{name}: " + ", ".join(f"{counts.samples[kind]} {kind}" for kind in KINDS if counts.samples[kind]),
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
