"""The command as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

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


FUNCTIONS = """
import sys, time
import numpy as np
print("loaded")

def chatty(x):
    print("called")
    return np.sum(x * x)

def endless(x):
    while True:
        pass

def asleep(x):
    time.sleep(60)

def stubborn(x):
    while True:
        try:
            time.sleep(60)
        except Exception:
            time.sleep(60)

def rude(x):
    raise BaseException("\\x1b[31mred\\nand more")
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(FUNCTIONS)
    return path


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SYMDIFF, *arguments], capture_output=True, text=True, check=False, **options)


def test_what_a_function_prints_goes_to_standard_error_once(model: Path) -> None:
    done = command("explain", f"{model}:chatty", "--at", "x=1,2", "--format", "json")
    assert json.loads(done.stdout)["verdict"] == "agree"
    assert done.stderr == "loaded\ncalled\n"


def test_an_exception_of_every_kind_is_one_line(model: Path) -> None:
    done = command("check", f"{model}:rude", "--at", "x=1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[1:] == [
        r"symdiff: rude(x) raises BaseException at x of shape (): \x1b[31mred and more"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no alarm")
@pytest.mark.parametrize("name", ["endless", "asleep", "stubborn"])
def test_a_limit_on_time_ends_the_users_own_loop(model: Path, name: str) -> None:
    done = command("check", f"{model}:{name}", "--at", "x=1", "--timeout", "3")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the limit of 3 s was reached" in done.stderr
    assert "the limit of 3 s was reached" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [["check", "x*x", "--at", "x=1"], ["--help"], ["ops"]])
def test_a_full_disk_behind_standard_output(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*SYMDIFF, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "symdiff: standard output cannot be written to (no space left on device)\n"


def test_a_closed_standard_output(tmp_path: Path) -> None:
    line = f"{' '.join(SYMDIFF)} explain x*x --at x=1 -o {tmp_path}/a.html >&-"
    done = subprocess.run(line, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "symdiff: standard output is closed; leave it open, or send it to a file with > FILE\n"
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_whole_is_not_written(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="there is no limit on the size of files")
    done = command(
        "explain", "x*x", "--at", "x=1", "-o", str(tmp_path / "a.html"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written (file too large)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_file_behind(tmp_path: Path, number: signal.Signals) -> None:
    slow = (
        "import os, sys, time\nfsync = os.fsync\n"
        "def slowly(number):\n    print('writing', file=sys.stderr, flush=True)\n    time.sleep(30)\n"
        "os.fsync = slowly\n"
        "from symdiff.__main__ import main\n"
        f"sys.argv[1:] = ['explain', 'x*x', '--at', 'x=1', '-o', {str(tmp_path / 'a.html')!r}]\nmain()"
    )
    listening = lambda: signal.signal(number, signal.SIG_DFL)
    process = subprocess.Popen(
        [sys.executable, "-c", slow], preexec_fn=listening, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == "writing\n"
        assert len(os.listdir(tmp_path)) == 1
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 128 + number
    assert err.strip() == ""  # click ends the line that a terminal shows ^C on
    assert os.listdir(tmp_path) == []


def test_warnings_of_numpy_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("import numpy as np\ndef f(x):\n    np.mean(np.array([]))\n    return x / 0.0\n")
    plain = [sys.executable, "-m", "symdiff"]
    for arguments in (["check", f"{tmp_path}/model.py:f", "--at", "x=1"], ["check", "log(x)/x", "--at", "x=0"]):
        done = subprocess.run([*plain, *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (1, "")
