"""The documents of the opening example, built by hand: what every renderer is looked at and tested with."""

from __future__ import annotations

from symdiff.pages.blocks import (
    Code,
    CodeSpan,
    Derivation,
    Display,
    Document,
    Emphasis,
    Formula,
    Heading,
    Link,
    ListBlock,
    Note,
    Paragraph,
    Quote,
    Row,
    Table,
    VerdictBadge,
    line,
)
from symdiff.printing.shorthand import add, as_math, chain, dot, partial, symbol, times
from symdiff.printing.tree import Call, Ellipsis, Fraction, Math, Matrix, Number, Power, Symbol

ONE_QUARTER = Fraction(Number("1"), Number("4"))
Y = Symbol("y")
TABLE_HEAD = (
    line("element"),
    line("in code"),
    line("partial derivative"),
    line("derived"),
    line("engine"),
    line("error in ulp"),
    line("verdict"),
)


def x(index: int | str) -> Math:
    return symbol("x", index)


def y(index: int | str) -> Math:
    return symbol("y", index)


def twice(index: int | str) -> Math:
    return times(2, x(index))


def partials(rows: list[tuple[int, Math, str]]) -> Table:
    cells = tuple(
        (
            line(x(i)),
            line(CodeSpan(f"x[{i - 1}]")),
            line(formula),
            line(Number(value)),
            line(Number(value)),
            line(Number("0")),
            line("agree"),
        )
        for i, formula, value in rows
    )
    return Table(TABLE_HEAD, cells, "llcrrrl")


def squares(title: str = "The squares") -> tuple[Heading, Derivation]:
    rows = tuple(Row((y(i), dot(x(i), x(i)), as_math((i - 1) ** 2)), anchor=f"y-{i}") for i in range(1, 5))
    return Heading(3, line(title, ": ", CodeSpan("y = x * x"))), Derivation(rows)


INPUT = Table(
    (line("name"), line("shape"), line("values"), line("elements")),
    ((line(CodeSpan("x")), line(CodeSpan("(4,)")), line(CodeSpan("[0., 1., 2., 3.]")), line(x(1), " to ", x(4))),),
)
COUNTING = Paragraph(
    line("Mathematics counts from 1 and code from 0: ", x(1), " is ", CodeSpan("x[0]"), ", and so on.")
)


def mean() -> Document:
    total = Fraction(add(y(1), y(2), y(3), y(4)), Number("4"))
    expanded = Fraction(add(*(Power(x(i), Number("2")) for i in range(1, 5))), Number("4"))
    chains = tuple(
        Row(
            (
                partial(Y, x(i)),
                dot(partial(Y, y(i)), partial(y(i), x(i))),
                dot(ONE_QUARTER, twice(i)),
                Fraction(x(i), Number("2")),
                as_math(0.5 * (i - 1)),
            ),
            anchor=f"x-{i}",
        )
        for i in range(1, 5)
    )
    table = partials([(i, Fraction(x(i), Number("2")), str((i - 1) / 2)) for i in range(1, 5)])
    general = chain(partial(Y, x("k")), Fraction(times(2, x("k")), Symbol("n")))
    blocks = (
        VerdictBadge("agree", "agree", line("The derivation and the engine give the same gradient, to the last bit.")),
        Heading(2, line("Input")),
        INPUT,
        COUNTING,
        Heading(2, line("The gradient")),
        table,
        Code("x.grad = tensor([0.0000, 0.5000, 1.0000, 1.5000])", "python"),
        Paragraph(line("For every size ", Symbol("n"), " and every element ", Symbol("k"), ":")),
        Display(general),
        Heading(2, line("Forward")),
        *squares(),
        Heading(3, line("Their mean: ", CodeSpan("mean(y)"))),
        Derivation((Row((Y, total, expanded, as_math(3.5))),)),
        Heading(2, line("Backward")),
        Paragraph(line("The chain rule takes the steps back, one factor for each. Each ", x("i"), " reaches ", Y)),
        Derivation(chains),
    )
    return Document(
        line("The gradient of ", CodeSpan("mean(x * x)")),
        blocks,
        verdict="agree",
        summary=line("Derived line by line, computed a second time in reverse mode, and compared."),
        foot=line("Written by symdiff. Every number on this page was computed twice."),
    )


def maximum() -> Document:
    chains = []
    for i in range(1, 5):
        factor = as_math(1 if i == 4 else 0)
        end = (twice(4), as_math(6)) if i == 4 else (as_math(0),)
        chains.append(Row((partial(Y, x(i)), dot(partial(Y, y(i)), partial(y(i), x(i))), dot(factor, twice(i)), *end)))
    blocks = (
        VerdictBadge("agree", "agree", line("The derivation and the engine give the same gradient, to the last bit.")),
        Heading(2, line("The gradient")),
        partials([(i, twice(4) if i == 4 else as_math(0), "6" if i == 4 else "0") for i in range(1, 5)]),
        Code("x.grad = tensor([0., 0., 0., 6.])", "python"),
        Heading(2, line("Forward")),
        *squares(),
        Heading(3, line("The largest: ", CodeSpan("max(y)"))),
        Derivation(
            (
                Row(
                    (Y, Call("max", (y(1), y(2), y(3), y(4))), y(4), as_math(9)),
                    note=line("found at position 4, and kept for the way back"),
                ),
            )
        ),
        Heading(2, line("Backward")),
        Paragraph(
            line("Only the element that won moves the maximum: ", partial(Y, y("i")), " is 1 there, 0 elsewhere.")
        ),
        Derivation(tuple(chains)),
        Note(
            "info",
            (
                Paragraph(
                    line(
                        "Calling ",
                        CodeSpan("y.max().backward()"),
                        " after ",
                        CodeSpan("y.mean().backward()"),
                        " on the same ",
                        CodeSpan("y"),
                        " raises in PyTorch, for the first call frees the graph. With ",
                        CodeSpan("retain_graph=True"),
                        " the two gradients add up, and the last one is 1.5 + 6 = 7.5.",
                    )
                ),
            ),
            title=line("Both in one session"),
        ),
    )
    return Document(line("The gradient of ", CodeSpan("max(x * x)")), blocks, verdict="agree")


def areas() -> Document:
    diagonal = Matrix(tuple(tuple(twice(i) if i == j else as_math(0) for j in range(1, 5)) for i in range(1, 5)))
    values = Matrix(tuple(tuple(as_math(2 * (i - 1) if i == j else 0) for j in range(1, 5)) for i in range(1, 5)))
    blocks = (
        VerdictBadge("agree", "agree", line("All 16 entries of the Jacobian agree, to the last bit.")),
        Heading(2, line("Forward")),
        *squares("Four areas"),
        Heading(2, line("Why there is no single derivative")),
        Paragraph(
            line(
                "The result is not one number but four areas, and each side ",
                x("k"),
                " moves an area of its own. Asked for ",
                Emphasis(line("the")),
                " derivative, the engine must refuse:",
            )
        ),
        Quote((Code("RuntimeError: grad can be implicitly created only for scalar outputs"),)),
        Paragraph(line("What there is, is a table of ", times(4, Number("4")), " derivatives, the Jacobian:")),
        Display(chain(Fraction(times("∂", "y"), times("∂", "x")), diagonal, values)),
        ListBlock(
            (
                line("choose one element: ", CodeSpan("y[0].backward()")),
                line("weigh them: ", CodeSpan("y.backward(v)"), ", which gives ", symbol("v", "k"), " ", twice("k")),
                line("make one number of them, as in ", Link(line("the mean"), "mean"), " ", Ellipsis()),
            )
        ),
        Derivation((Row((Formula(Y).math, Call("mean", (Y,))), line("one number"), "mean"),)),
    )
    return Document(line("The Jacobian of ", CodeSpan("x * x")), blocks, verdict="agree")


ALL = {"mean": mean, "max": maximum, "areas": areas}
