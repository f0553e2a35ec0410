"""The command line."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from symdiff.build.commands import are_cases, build, check_cases, shared_options
from symdiff.deadline import Deadline
from symdiff.errors import FunctionError, InputError, printable, said_by
from symdiff.formats import FORMATS, Format
from symdiff.options import DETAILS, LANGUAGES, ORDERS
from symdiff.process import ReaderLeft, Terminated, alarm, complain, forget, tell, write_error

if TYPE_CHECKING:
    from symdiff.explanation import Explanation

OK, NOT_OK, WRONG, OURS, INTERRUPTED = 0, 1, 2, 3, 130
SECONDS = 60.0
"""The limit for one explanation, where none is given."""

_EXAMPLES = """
\b
Examples:
  symdiff explain "mean(x * x)" --at x=0,1,2,3
  symdiff explain "y = x * x; max(y)" --at "x=arange(4)" -o max.html
  symdiff explain model.py:loss --at W=@weights.npy --at x=1,2 --wrt W
"""

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(slots=True)
class _Session:
    """One command: whether the process is its own, and whether tracebacks were asked for."""

    alone: bool
    traceback: bool = False


def run(arguments: Sequence[str], *, alone: bool = False) -> int:
    """Runs one command and returns its exit status; whatever goes wrong is one line on stderr.

    ``alone`` in a process of its own, whose alarm clock may be used.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    session = _Session(alone)
    try:
        tell("", end="")  # a stream that is closed is told of before anything is computed
        status = cli.main(args=list(arguments), prog_name="symdiff", standalone_mode=False, obj=session)
    except BaseException as error:
        status = _failed(error, session, arguments)
    return status if isinstance(status, int) else OK


def _failed(error: BaseException, session: _Session, arguments: Sequence[str]) -> int:
    """The exit status of what was raised, after one line about it."""
    if session.traceback and error.__cause__ is not None and isinstance(error, FunctionError):
        write_error(_traceback(error.__cause__, without_ours=True))
    match error:
        case ReaderLeft():
            forget(sys.stdout)
            return OK
        case click.exceptions.Exit():
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            return _interrupted(error)
        case InputError():
            complain(str(error))
        case click.ClickException():
            complain(_words_of_click(error, arguments))
        case MemoryError():
            complain("there is not enough memory for this; use smaller arrays")
        case OSError() if error.filename is None and error.errno is not None:  # help, which click writes itself
            forget(sys.stdout)
            complain(f"standard output cannot be written to ({os.strerror(error.errno).lower()})")
        case _:
            return _ours(error, session)
    return WRONG


def _interrupted(error: BaseException) -> int:
    cause = error.__cause__ or error  # click wraps it
    if isinstance(cause, Terminated):
        return cause.status
    complain("interrupted")
    return INTERRUPTED


def _ours(error: BaseException, session: _Session) -> int:
    """A defect of this program: told in one line that can be reported."""
    if session.traceback:
        write_error(_traceback(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    complain(
        f"this is an error of symdiff, not of your input: {type(error).__name__}{where}: {said_by(error, 200)}; please "
        f"report it with the command{'' if session.traceback else ' and what --traceback shows'}"
    )
    return OURS


def _words_of_click(error: click.ClickException, arguments: Sequence[str]) -> str:
    message = error.format_message()
    if isinstance(error, click.NoSuchOption) and not error.option_name.startswith("--"):
        return f"{message} An expression that begins with - is written in brackets or after --: (-x*x)"
    if isinstance(error, click.MissingParameter) and "at" in (error.param.name or "" if error.param else ""):
        return f"{message} Write --at NAME=VALUES"
    return message


def _traceback(error: BaseException, *, without_ours: bool = False) -> str:
    """A traceback whose lines a terminal shows and does not obey."""
    ours = (str(Path(__file__).resolve().parent), "<frozen")
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not (without_ours and frame.filename.startswith(ours))
    ]
    lines = "".join((*traceback.format_list(frames), f"{type(error).__name__}: {said_by(error)}")).splitlines()
    indents = (line[: len(line) - len(line.lstrip(" "))] + printable(line) for line in lines)
    return "\n".join(("Traceback (most recent call last):", *indents, ""))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=_EXAMPLES)
@click.version_option(package_name="symdiff-explain", message="%(prog)s %(version)s")
def cli() -> None:
    """Explains derivatives by computing them twice: with sympy, derived line by line, and with a reverse-mode engine.

    The exit status is 0 when the two agree, 1 when they do not (or the derivative is undefined here), 2 when the input
    is wrong, a limit was reached or a function raised, 3 for an error of ours, 130 when it was interrupted.
    """


def _note_traceback(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.obj.traceback |= value


_traceback_option = click.option(
    "--traceback",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_note_traceback,
    help="Show where an exception came from, yours or ours.",
)
_language_option = click.option(
    "--language",
    default="en",
    show_default=True,
    metavar="|".join(LANGUAGES),
    help="The language of documents and reports.",
)
_claim_option = click.option(
    "--claim",
    multiple=True,
    metavar="NAME=FORMULA",
    help='Is this gradient right? "x = 2*x[k]/n", "W = X.T @ (X @ W - y)/m"; repeatable.',
)
_timeout_option = click.option(
    "--timeout",
    type=float,
    default=SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="The limit for one explanation; inf for none.",
)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """A limit on the time of what is done in the block."""
    deadline = Deadline(seconds)
    with deadline.at_work():
        if click.get_current_context().obj.alone:
            with alarm(seconds):
                yield
        else:
            yield


def _target(command: _Command) -> _Command:
    """The argument and options that say what is differentiated, and where."""
    return click.argument("expression", metavar="EXPRESSION|FILE.py:NAME")(_where(command))


def _targets(command: _Command) -> _Command:
    """The same for several at once: files of cases."""
    metavar = "EXPRESSION|FILE.py:NAME|CASES..."
    return click.argument("targets", nargs=-1, required=True, metavar=metavar)(_where(command))


def _where(command: _Command) -> _Command:
    wrt = click.option("--wrt", multiple=True, metavar="NAME", help="Differentiate by this input only; repeatable.")
    at = click.option("--at", multiple=True, metavar="NAME=VALUES", help=_AT_HELP)
    return at(wrt(_timeout_option(_traceback_option(command))))


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
@click.option("--blank", is_flag=True, help="A worksheet: blanks for the factors, the answers on the last page.")
@click.option("--open", "open_it", is_flag=True, help="Show the document in a browser.")
@_claim_option
@_language_option
def explain(
    expression: str,
    at: tuple[str, ...],
    wrt: tuple[str, ...],
    output: Path | None,
    wanted: str | None,
    order: int,
    detail: str,
    blank: bool,
    open_it: bool,
    claim: tuple[str, ...],
    language: str,
    timeout: float,
) -> int:
    """Derive the partial derivatives of EXPRESSION at the values given, and show that two ways agree."""
    from symdiff.language.names import shown
    from symdiff.output import check_place, format_of, whole_file

    if open_it and output is None:
        output = _temporary_page()
    form = format_of(output, wanted)
    if output is not None:
        check_place(output)
    with _within(timeout):
        options = {"order": order, "detail": detail, "blank": blank, "claim": claim, "language": language}
        explanation = _explained(expression, at, wrt, **options)
        if output is None:
            _print_document(explanation, form)
        else:
            document = explanation.written(form)
    if output is not None:
        with whole_file(output) as file:
            file.write(document)
            tell(f"{shown(str(output), 200)}: {explanation.report.verdict}")
    if open_it:
        click.launch(str(output))
    return OK if all(each.ok for each in (explanation.report, *explanation.claims)) else NOT_OK


@cli.command()
@_targets
@_claim_option
@shared_options
@_language_option
def check(
    targets: tuple[str, ...],
    at: tuple[str, ...],
    wrt: tuple[str, ...],
    claim: tuple[str, ...],
    language: str,
    timeout: float,
    **of_cases: Any,
) -> int:
    """Print the agreement table only: the engine's, or that of each claim; of files of cases a line for each case."""
    if are_cases(targets):
        if at or wrt or claim:
            raise InputError("--at, --wrt and --claim are for one expression; cases say themselves what is checked")
        return check_cases(targets, language, timeout=timeout, **of_cases)
    if len(targets) > 1:
        raise InputError(
            f"{len(targets)} expressions are given; check takes one, or files of cases (.toml .jsonl .json .py)"
        )
    if of_cases["junit"] is not None:
        raise InputError("--junit is for files of cases (.toml .jsonl .json .py)")
    (expression,) = targets
    with _within(timeout):
        explanation = _explained(expression, at, wrt, claim=claim, language=language)
        reports = explanation.claims or (explanation.report,)
        text = "\n\n".join(map(str, reports))
    tell(text)
    return OK if all(each.ok for each in reports) else NOT_OK


@cli.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("symdiff-demo"), metavar="FOLDER", show_default=True
)
@_language_option
@_timeout_option
@_traceback_option
def demo(output: Path, language: str, timeout: float) -> int:
    """Write the three documents of the opening example: x = 0, 1, 2, 3, its squares, their mean, their maximum."""
    from symdiff.language.names import shown
    from symdiff.output import whole_file

    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise InputError(f"-o {shown(str(output))}: the folder cannot be made ({reason})") from None
    status = OK
    for name, text in (("squares", "x * x"), ("mean", "y = x * x; mean(y)"), ("max", "y = x * x; max(y)")):
        path = output / f"{name}.html"
        with _within(timeout):
            explanation = _explained(text, ("x=arange(4)",), (), language=language)
            document = explanation.to_html().encode()
        with whole_file(path) as file:
            file.write(document)
            tell(f"{text}    at x = 0, 1, 2, 3\n{shown(str(path.resolve()), 1000)}\n{explanation.report}\n")
        if not explanation.report.ok:
            status = NOT_OK
    return status


@cli.command()
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--prove", is_flag=True, help="Prove or refute every rule of the engine; 1 where one is refuted.")
@_traceback_option
def ops(name: str | None, form: str, prove: bool) -> int:
    """List every operation, its meaning and its derivative; with NAME one of them whole."""
    from symdiff.proof.operations_table import as_json, as_text, rows, width_of_terminal

    if name is not None:
        from symdiff.proof.one_operation import one_operation

        tell(one_operation(name, width_of_terminal(), form, prove=prove))
        return OK
    if not prove:
        tell(as_json(rows()) if form == "json" else as_text(rows(), width_of_terminal()))
        return OK
    from symdiff.proof import prove_all, refuted, summary

    proofs = prove_all(progress=_told_on_terminal)
    if form == "json":
        tell(as_json(rows(proofs)))
    else:
        tell(f"{as_text(rows(proofs), width_of_terminal())}\n\n{summary(proofs)}")
    return NOT_OK if refuted(proofs) else OK


cli.add_command(_traceback_option(build))


def _told_on_terminal(number: int, total: int, name: str) -> None:
    """How far a long run has come, on a line that is written over; not where nobody watches."""
    if sys.stderr.isatty():
        line = f"\r{number + 1}/{total} {name:<28}" if number + 1 < total else f"\r{'':<40}\r"
        write_error(line)


def _values(at: Sequence[str]) -> Mapping[str, Any]:
    from symdiff.tracing.values import values_at

    return values_at(at)


def _explained(expression: str, at: Sequence[str], wrt: Sequence[str], **options: Any) -> Explanation:
    from symdiff.language import parse
    from symdiff.language.functions import known
    from symdiff.tracing.sources import is_source

    values = _values(at)
    target: Any = expression
    holds_values = False
    if is_source(expression):
        from symdiff.frameworks.files import loaded

        target, values, holds_values = loaded(expression, values, write_error)
    if isinstance(target, str):
        parse(target, known(values))  # a slip of the pen is told before sympy is imported
    from symdiff.explanation import explain

    explanation = explain(target, at=values, wrt=list(wrt) or None, **options)
    return explanation if isinstance(target, str) else explanation.from_source(expression, holds_values)


def _print_document(explanation: Explanation, form: Format) -> None:
    if form.name == "text" and sys.stdout.isatty():
        explanation.show()  # in colour, by rich, which is imported for this alone
    elif form.binary and sys.stdout.isatty():
        raise InputError(f"--format {form.name} is nothing for a terminal to show; give -o FILE{form.suffixes[0]}")
    else:
        tell(explanation.written(form) if form.binary else explanation.printed(form), end="")


def _temporary_page() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(prefix="symdiff-")) / "explanation.html"
