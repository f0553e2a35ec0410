"""Documents as PDF: the LaTeX document, set by TeX in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from symdiff.deadline import look
from symdiff.errors import InputError, printable
from symdiff.pages.blocks import Document
from symdiff.pages.latex import engine, latex

__all__ = ["INSTALL", "PROGRAM", "compiled", "pdf"]

PROGRAM = "pdflatex"

SECONDS = 60.0
"""The limit for one run of TeX, beside that of the explanation."""

RUNS = 3
"""Tables that break over pages find their widths in a second run, and are looked at once more."""

INSTALL = {
    "linux": "sudo apt-get install texlive-latex-recommended texlive-fonts-recommended lmodern",
    "darwin": "brew install --cask mactex-no-gui",
    "win32": "winget install MiKTeX.MiKTeX",
}
"""What installs TeX, by ``sys.platform``."""

BEYOND = {"xelatex": " texlive-xetex texlive-lang-chinese"}
"""What Debian's names add to these for a program that comes apart from the others."""


def pdf(document: Document) -> bytes:
    """The document as a PDF file.

    Raises:
        InputError: TeX or one of its packages is not installed, or its time is over.
    """
    program = engine(document)
    advice = INSTALL.get(sys.platform, INSTALL["linux"])
    return compiled(latex(document), program, advice + BEYOND.get(program, "") * ("apt-get" in advice))


def compiled(source: str, program: str = PROGRAM, install: str = "") -> bytes:
    """A LaTeX file as PDF; ``install`` is the command that a message names where the ``program`` is missing.

    The program may not start others, runs in a folder that is gone afterwards, and writes nowhere else. The same file
    gives the same bytes.

    Raises:
        InputError: the program or one of its packages is not installed, it did not end in time, or it failed.
    """
    found = shutil.which(program)
    advice = install or INSTALL.get(sys.platform, INSTALL["linux"])
    if found is None:
        raise InputError(f"{program} is not installed, and a PDF needs it: {advice}; or write .tex or .html instead")
    with tempfile.TemporaryDirectory(prefix="symdiff-") as name:
        folder = Path(name)
        (folder / "page.tex").write_text(source, encoding="utf-8")
        for _ in range(RUNS):
            _run(found, folder)
            log = (folder / "page.log").read_text(encoding="utf-8", errors="replace") if _there(folder, "log") else ""
            if not _there(folder, "pdf") or re.search(r"^! ", log, re.MULTILINE):
                raise _failed(program, log, advice)
            if "Rerun" not in log:
                break
        return (folder / "page.pdf").read_bytes()


def _there(folder: Path, suffix: str) -> bool:
    return (folder / f"page.{suffix}").is_file()


def _run(program: str, folder: Path) -> None:
    command = [program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    with _started(command, folder) as process:
        ends = monotonic() + SECONDS
        while True:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
                return
            look()
            if monotonic() > ends:
                raise InputError(
                    f"{Path(program).name} did not end within {SECONDS:g} s; write .tex or .html instead of .pdf"
                )


@contextmanager
def _started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is gone when the block ends, however it ends."""
    # what TeX writes into a file may not depend on the day, nor be written outside of the folder
    told = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "openout_any": "p", "shell_escape": "f"}
    null = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=os.environ | told, stdin=null, stdout=null, stderr=null)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _failed(program: str, log: str, advice: str) -> InputError:
    """What went wrong, from the log, in one line."""
    missing = re.search(r"File `([^']+)' not found", log) or re.search(r"I can't find file `([^']+)'", log)
    if missing is not None:
        return InputError(f"{program} does not find {printable(missing[1])}, which a PDF needs: {advice}")
    said = re.search(r"^! (.*)$", log, re.MULTILINE)
    reason = printable(said[1])[:160] if said is not None else "no PDF came out"
    return InputError(f"{program} failed: {reason}; write .tex and look at it, or write .html instead")
