"""``symdiff explain ... -o mean.html`` as a whole process, against ``import sympy`` as one: at most twice as long.

    python benchmarks/startup.py [rounds] [--json FILE]

The two are run in turn, so that what else the machine does falls on both; medians are compared.  Both run compiled, as
an installation leaves them, whatever ``PYTHONDONTWRITEBYTECODE`` says.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import keep

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 2.0
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
SYMDIFF = [sys.executable, "-m", "symdiff"]


def seconds(command: list[str]) -> float:
    """How long one process takes, from its start to its end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=ENVIRONMENT)
    return time.perf_counter() - began


def main() -> int:
    """Prints the medians and their ratio; the status says whether the ratio is within the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=15)
    parser.add_argument("--json", metavar="FILE", help="write what was measured to this file, too")
    options = parser.parse_args()
    rounds = options.rounds
    with tempfile.TemporaryDirectory() as folder:
        page = str(Path(folder) / "mean.html")
        commands = {
            'python -c "import sympy"': [sys.executable, "-c", "import sympy"],
            "symdiff explain mean(x*x) -o mean.html": [
                *SYMDIFF,
                "explain",
                "mean(x*x)",
                "--at",
                "x=0,1,2,3",
                "-o",
                page,
            ],
            "symdiff --help": [*SYMDIFF, "--help"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():
            seconds(command)  # once unmeasured, so that files are in memory and compiled
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    base = medians['python -c "import sympy"']
    for name, median in medians.items():
        print(f"{name:42} {median * 1000:7.0f} ms  {median / base:5.2f}")
    ratio = medians["symdiff explain mean(x*x) -o mean.html"] / base
    print(f"{ratio:.2f} times import sympy; to reach: {LIMIT:g}")
    if options.json:
        milliseconds = {name: median * 1000 for name, median in medians.items()}
        keep(options.json, {"rounds": rounds, "milliseconds": milliseconds, "ratio": ratio})
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
