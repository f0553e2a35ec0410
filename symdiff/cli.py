"""The command line."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from symdiff.errors import FunctionError, InputError
from symdiff.formats import FORMATS, Format
from symdiff.options import DETAILS, ORDERS

if TYPE_CHECKING:
    from symdiff.explanation import Explanation

OK, NOT_OK, WRONG, OURS, INTERRUPTED = 0, 1, 2, 3, 130
SECONDS = 60.0
"""The limit on one explanation where --timeout gives none."""
_EXAMPLES = """
\b
Examples:
  symdiff explain "mean(x * x)" --at x=0,1,2,3
  symdiff explain "y = x * x; max(y)" --at "x=arange(4)" -o max.html
  symdiff explain model.py:loss --at W=@weights.npy --at x=1,2 --wrt W
"""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit status; input that is wrong is one line on stderr."""
    with_traceback = "--traceback" in arguments
    if sys.stdout is None:  # closed by whoever started us
        return _complain("there is no standard output to write to")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(args=list(arguments), prog_name="symdiff", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever read our output has seen enough; keep the interpreter from flushing into the closed pipe once more
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except FunctionError as error:
        if with_traceback:
            _show_users_traceback(error)
        return _complain(str(error))
    except InputError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"the output cannot be written ({os.strerror(error.errno or 0).lower()})")
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _complain(_words_of_click(error, arguments))
    except (KeyboardInterrupt, click.Abort):
        click.echo("symdiff: interrupted", err=True)
        return INTERRUPTED
    except MemoryError:
        return _complain("there is not enough memory for this; use smaller arrays")
    except Exception as error:
        if with_traceback:
            click.echo(visible(traceback.format_exc()), err=True, nl=False)
        told = f"{type(error).__name__}: {error}"
        _complain(f"an error of ours ({told[:200]}); please report it with this command and what --traceback shows")
        return OURS
    return status if isinstance(status, int) else OK


def _complain(message: str) -> int:
    click.echo(f"symdiff: {visible(' '.join(message.split()))}", err=True)
    return WRONG


def visible(text: str) -> str:
    """Control characters as escapes that can be read: a terminal must not obey what a user's exception says."""
    return "".join(c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _words_of_click(error: click.ClickException, arguments: Sequence[str]) -> str:
    message = error.format_message()
    if isinstance(error, click.NoSuchOption) and not error.option_name.startswith("--"):
        return f"{message} An expression that begins with - is written in brackets or after --: (-x*x)"
    if isinstance(error, click.MissingParameter) and "at" in (error.param.name or "" if error.param else ""):
        return f"{message} Write --at NAME=VALUES"
    return message


def _show_users_traceback(error: FunctionError) -> None:
    cause = error.__cause__
    if cause is None:
        return
    ours = str(Path(__file__).resolve().parent)
    frames = [
        frame for frame in traceback.extract_tb(cause.__traceback__) if not frame.filename.startswith((ours, "<frozen"))
    ]
    lines = [
        "Traceback (most recent call last):\n",
        *traceback.format_list(frames),
        *traceback.format_exception_only(cause),
    ]
    click.echo(visible("".join(lines)), err=True, nl=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=_EXAMPLES)
@click.version_option(package_name="symdiff-explain", message="%(prog)s %(version)s")
def cli() -> None:
    """Explains derivatives by computing them twice: with sympy, derived line by line, and with a reverse-mode engine.

    The exit status is 0 when the two agree, 1 when they do not (or the derivative is undefined here), 2 when the input
    is wrong, the function raised or a limit was reached, 3 for an error of ours.
    """


def _target(command: _Command) -> _Command:
    """The argument and options that say what is differentiated, and where."""
    wrt = click.option("--wrt", multiple=True, metavar="NAME", help="Differentiate by this input only; repeatable.")
    at = click.option("--at", multiple=True, metavar="NAME=VALUES", help=_AT_HELP)
    timeout = click.option(
        "--timeout", type=float, default=SECONDS, show_default=True, metavar="SECONDS", help="Give up after so long."
    )
    told = click.option(
        "--traceback", is_flag=True, expose_value=False, help="Show where the function raised, or we did."
    )
    return click.argument("expression", metavar="EXPRESSION|FILE.py:FUNCTION")(at(wrt(timeout(told(command)))))


_AT_HELP = (
    "The value of an input: 2.5, 0,1,2,3, [[1,2],[3,4]], arange(4), linspace(0,1,5), "
    "@file.npy|.npz|.csv|.json; repeatable."
)


@cli.command()
@_target
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write here; the suffix decides the format."
)
@click.option("--format", "wanted", type=click.Choice(tuple(FORMATS)), help="The format; text without -o.")
@click.option(
    "--order",
    type=click.IntRange(min(ORDERS), max(ORDERS)),
    default=1,
    show_default=True,
    help="2: second derivatives, too.",
)
@click.option(
    "--detail", type=click.Choice(DETAILS), default="steps", show_default=True, help="How much the document shows."
)
@click.option("--open", "open_it", is_flag=True, help="Show the document in a browser.")
def explain(
    expression: str,
    at: tuple[str, ...],
    wrt: tuple[str, ...],
    timeout: float,
    output: Path | None,
    wanted: str | None,
    order: int,
    detail: str,
    open_it: bool,
) -> int:
    """Derive the partial derivatives of EXPRESSION at the values given, and show that two ways agree."""
    from symdiff.deadline import within
    from symdiff.output import check_target, format_of, write_whole

    if open_it and output is None:
        output = _temporary_page()
    form = format_of(output, wanted)
    if output is not None:
        check_target(output)
    with within(timeout):
        explanation = _explained(expression, at, wrt, order=order, detail=detail)
        if output is None:
            _print_document(explanation, form)
        else:
            write_whole(output, explanation.printed(form).encode())
            click.echo(visible(f"{output}: {explanation.report.verdict}"))
    if open_it:
        click.launch(str(output))
    return OK if explanation.report.ok else NOT_OK


@cli.command()
@_target
def check(expression: str, at: tuple[str, ...], wrt: tuple[str, ...], timeout: float) -> int:
    """Print the agreement table only."""
    from symdiff.deadline import within

    with within(timeout):
        report = _explained(expression, at, wrt).report
    click.echo(visible(str(report)))
    return OK if report.ok else NOT_OK


@cli.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("symdiff-demo"), metavar="FOLDER", show_default=True
)
def demo(output: Path) -> int:
    """Write the three documents of the opening example: x = 0, 1, 2, 3, its squares, their mean, their maximum."""
    from symdiff.output import check_target, write_whole

    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"-o {output}: the folder cannot be made ({os.strerror(error.errno or 0).lower()})") from None
    status = OK
    for name, text in (("squares", "x * x"), ("mean", "y = x * x; mean(y)"), ("max", "y = x * x; max(y)")):
        path = output / f"{name}.html"
        check_target(path)
        explanation = _explained(text, ("x=arange(4)",), ())
        write_whole(path, explanation.to_html().encode())
        click.echo(f"{text}    at x = 0, 1, 2, 3\n{path.resolve()}\n{explanation.report}\n")
        if not explanation.report.ok:
            status = NOT_OK
    return status


@cli.command()
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--prove", is_flag=True, help="Prove or refute every rule of the engine; 1 where one is refuted.")
def ops(form: str, prove: bool) -> int:
    """List every operation, its meaning and its derivative."""
    from symdiff.proof.operations_table import as_json, as_text, rows, width_of_terminal

    if not prove:
        click.echo(as_json(rows()) if form == "json" else as_text(rows(), width_of_terminal()))
        return OK
    from symdiff.proof import prove_all, refuted, summary

    proofs = prove_all(progress=_told_on_terminal)
    if form == "json":
        click.echo(as_json(rows(proofs)))
    else:
        click.echo(f"{as_text(rows(proofs), width_of_terminal())}\n\n{summary(proofs)}")
    return NOT_OK if refuted(proofs) else OK


def _told_on_terminal(number: int, total: int, name: str) -> None:
    """How far a long run has come, on a line that is written over; not where nobody watches."""
    if sys.stderr.isatty():
        line = f"\r{number + 1}/{total} {name:<28}" if number + 1 < total else f"\r{'':<40}\r"
        click.echo(line, err=True, nl=False)


def _values(at: Sequence[str]) -> Mapping[str, Any]:
    from symdiff.tracing.values import parse_at

    found: dict[str, Any] = {}
    for given in at:
        name, array = parse_at(given)
        if name in found:
            raise InputError(f"--at {name}=... is given twice; give each input once")
        found[name] = array
    return found


def _explained(expression: str, at: Sequence[str], wrt: Sequence[str], **options: Any) -> Explanation:
    from symdiff.language import parse
    from symdiff.language.functions import known
    from symdiff.tracing.sources import is_source, load_function

    values = _values(at)
    with contextlib.redirect_stdout(sys.stderr):
        target = load_function(expression) if is_source(expression) else expression
    if isinstance(target, str):
        parse(target, known(values))  # a slip of the pen is told before sympy is imported
    from symdiff.explanation import explain
    from symdiff.tracing.streams import Once

    with contextlib.redirect_stdout(Once(sys.stderr)):  # the process is ours; what a function prints is no document
        return explain(target, at=values, wrt=list(wrt) or None, **options)


def _print_document(explanation: Explanation, form: Format) -> None:
    if form.name == "text" and sys.stdout.isatty():
        explanation.show()  # in colour, by rich, which is imported for this alone
    else:
        click.echo(explanation.printed(form), nl=False)


def _temporary_page() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(prefix="symdiff-")) / "explanation.html"
