"""The command as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

SYMDIFF = [sys.executable, "-W", "error", "-m", "symdiff"]


def test_help_imports_neither_sympy_nor_numpy() -> None:
    script = (
        "import sys\nfrom symdiff.cli import run\nassert run(['--help']) == 0\nimport symdiff\n"
        "late = {'sympy', 'numpy', 'jinja2', 'rich'} & set(sys.modules)\nassert not late, late"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_wrong_text_is_told_without_a_traceback() -> None:
    done = subprocess.run([*SYMDIFF, "explain", "x^2", "--at", "x=1"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "symdiff: column 2: ^ is exclusive-or in Python; write ** for a power\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    done = subprocess.run(
        f"{' '.join(SYMDIFF)} ops | head -n 1", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.strip().isupper()


def test_an_ascii_terminal_is_written_to_all_the_same() -> None:
    environment = {"PYTHONIOENCODING": "ascii", "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([*SYMDIFF, "explain", "х"], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 2
    assert "U+0445 CYRILLIC SMALL LETTER HA" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_control_c_ends_with_130() -> None:
    slow = (
        "import sys, time\nfrom symdiff import cli\ncli.ops.callback = lambda **options: time.sleep(30)\n"
        "print('on', flush=True)\nsys.exit(cli.run(['ops']))"
    )
    # under nohup, and in the background of a shell, children inherit that the signal is ignored
    listening = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", slow], preexec_fn=listening, **pipes)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
