"""``python -m symdiff`` and the command ``symdiff``."""

from __future__ import annotations

import gc
import sys

YOUNG = 1_000_000
"""So many objects more than were freed make the collector look for cycles: few commands make as many."""


def main() -> None:
    """Runs the command line and ends the process with its exit status."""
    from symdiff.cli import run
    from symdiff.process import own_process

    own_process()
    # imports make objects by the hundred thousand, none of them garbage: looking for cycles among them, again and
    # again and once more at the end, took a quarter of a short command's time
    gc.set_threshold(YOUNG)
    status = run(sys.argv[1:], alone=True)
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    main()
