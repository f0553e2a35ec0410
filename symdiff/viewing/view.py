"""What a document says, as plain data: mathematics as trees, numbers as numbers, no sentence and no markup.

`document` turns a View into blocks in the words of a language. A row is a chain of equals:
(∂y/∂x_1, 1/4 · 2x_1, x_1/2, 0).
"""

from __future__ import annotations

from typing import TypeAlias

from symdiff.closed_forms.records import Beyond
from symdiff.picture.graph import Picture
from symdiff.picture.sketches import Slice
from symdiff.printing.record import Record
from symdiff.printing.tree import Math, Matrix, Rounded, Symbol
from symdiff.sentences import Said

__all__ = [
    "ElementView",
    "EverySize",
    "EngineCode",
    "ExerciseView",
    "GradientView",
    "HessianView",
    "InputView",
    "JacobianView",
    "KinkView",
    "MatrixView",
    "ProgramLine",
    "RuleGroup",
    "RuleView",
    "RulesView",
    "StepView",
    "TableView",
    "TroubleView",
    "View",
]

MathRow: TypeAlias = tuple[Math, ...]


class InputView(Record):
    """An input: ``values`` as they are printed in code, ``first`` and ``last`` of its elements on the page."""

    name: str
    shape: tuple[int, ...]
    values: str
    first: Math
    last: Math


class ElementView(Record):
    """One partial derivative, both ways; ``code`` is how the element is spelt in code, ``x[0]``."""

    symbol: Math
    code: str
    partial: Math | None
    symbolic: float
    automatic: float
    error_ulps: float
    verdict: str
    allowed: float = 0.0  # so many ulps rounding explains


class MatrixView(Record):
    """A gradient in matrix form: a row for each name in it, the gradient's last.

    It rests on the rows of the inputs in ``shares`` adding up to 1.
    """

    rows: tuple[MathRow, ...]
    shares: tuple[str, ...] = ()


class GradientView(Record):
    """The gradient by one input: the general formula, what its names mean, when it holds, and its elements.

    ``divides`` says that the formula may be 0/0 where the partial is not.
    Where a closed form was ``beyond`` what is attempted, the formula is in the names of the steps.
    """

    name: str
    printed: str
    elements: tuple[ElementView, ...]
    total: int
    general: MathRow = ()
    definitions: tuple[MathRow, ...] = ()
    conditions: tuple[Math, ...] = ()
    sizes: tuple[MathRow, ...] = ()
    beyond: Beyond | None = None
    divides: bool = False
    branches: int = 0  # so many more of Python's branches are not said by ``conditions``
    exceptions: MathRow = ()  # the elements at which the general formula does not hold
    positions: tuple[tuple[Math, int], ...] = ()  # a position that was chosen by its name, and what it is in code
    except_for: str = ""  # why: "kink", "tied", "infinite" or "zero"
    matrix: MatrixView | None = None


class RuleView(Record):
    """One line of a derivation by rules: a chain of equals and the rule that makes it.

    A chain that begins with None goes on from the line above. ``function`` is the function whose derivative a rule is,
    ``reference`` the number of the group that showed the line before.
    """

    parts: tuple[Math | None, ...]
    rule: str
    function: str = ""
    reference: int | None = None


class RuleGroup(Record):
    """The lines that lead to one partial of the result; other groups refer to it by its number."""

    number: int
    target: Math
    lines: tuple[RuleView, ...]


class RulesView(Record):
    """Every rule on the way to the gradient by one input; what an earlier input has shown is not repeated."""

    name: str
    groups: tuple[RuleGroup, ...]


class HessianView(Record):
    """The second derivatives by a pair of inputs: the general formula, and the entries where they are few.

    ``error_ulps`` is the largest difference from the engine's, in ulps of the entry or of the largest term summed for
    it; None where they were not compared.
    """

    first: str
    second: str
    count: int
    general: MathRow = ()
    definitions: tuple[MathRow, ...] = ()
    formulas: Matrix | None = None
    numbers: Matrix | None = None
    error_ulps: float | None = None


class StepView(Record):
    """One step, forward or back: the code it comes from, the line for every index, and the lines element by element.

    ``position`` is where a pick found what it picked, counted from 1; ``hidden`` how many lines are left out.
    ``folded`` is no step, but says that so many are left out here, ``alike`` that each is of a kind that is shown.
    ``remarks`` has a word for each line whose factors are no derivatives: "kink", "jump", "idle", "limit", "infinite";
    ``exceptions`` are the elements at which the general line does not hold. ``numbers`` are the steps that it is, or
    goes back through, the same both ways, ``reasons`` the rules that it follows, each with its operation, and ``uses``
    adds up what an element that stands in a step more than once sends back.
    """

    code: str
    rows: tuple[MathRow, ...] = ()
    general: MathRow = ()
    definitions: tuple[MathRow, ...] = ()
    position: Math | None = None
    hidden: int = 0
    folded: int = 0
    alike: bool = True
    remarks: tuple[str, ...] = ()
    exceptions: MathRow = ()
    except_for: str = ""
    numbers: tuple[int, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    uses: MathRow = ()


class JacobianView(Record):
    """All derivatives of an array result: as formulas and as numbers, where the table is small enough."""

    of: Math
    by: Math
    count: int
    formulas: Matrix | None = None
    numbers: Matrix | Rounded | None = None


class TableView(Record):
    """The Jacobian of the array that the last step reduces: its size, what it is, and which entries can differ from 0.

    ``kind`` is "diagonal", "blocks", "triangle", "full" or "sparse"; ``blocks`` are their number, rows and columns.
    """

    of: Math
    by: Math
    rows: int
    columns: int
    kind: str
    blocks: tuple[int, int, int]
    filled: tuple[tuple[bool, ...], ...]
    formulas: Matrix | None = None
    numbers: Matrix | Rounded | None = None


class KinkView(Record):
    """A place without a derivative: the one-sided values, the interval between them, and what each engine returns."""

    symbol: Math
    code: str
    operation: str
    left: float
    right: float
    returned: float
    conventions: tuple[tuple[str, str], ...] = ()
    jump: bool = False


class TroubleView(Record):
    """An element that disagrees or is not defined: what was got and what was wanted."""

    symbol: Math
    code: str
    verdict: str
    got: float
    want: float
    error_ulps: float
    reasons: tuple[Said, ...] = ()


class EverySize(Record):
    """A size that stands in the formula of one input: what it is here, the formula for this and other sizes, and the
    step that brings it in.
    """

    name: str
    size: Symbol
    here: int
    rows: tuple[tuple[Math, Math], ...]
    code: str = ""
    step: int = 0


class ProgramLine(Record):
    """A line of the program as its author wrote it, and the numbers of the steps that it is."""

    code: str
    steps: tuple[int, ...] = ()


class EngineCode(Record):
    """The program in one engine, to be copied; whether it asserts the page's numbers."""

    engine: str
    code: str
    asserted: bool = True


class ExerciseView(Record):
    """A question about the program: its kind and that of its answer, what its sentences hold (``values``, and
    ``names`` of code), and the answer as code prints it.
    """

    kind: str
    answer: str
    values: tuple[tuple[str, Math], ...] = ()
    names: tuple[str, ...] = ()
    code: str = ""


class View(Record):
    """A whole explanation; ``error`` is what ``backward()`` raises where the result is no scalar,
    ``session`` what the mean and the maximum of one array give for the same partial."""

    expression: str
    verdict: str
    result: Math
    printed: str
    inputs: tuple[InputView, ...]
    gradients: tuple[GradientView, ...]
    forward: tuple[StepView, ...]
    backward: tuple[StepView, ...]
    worst_ulps: float = 0.0
    elements: int = 0
    shape: tuple[int, ...] = ()
    error: str = ""
    jacobians: tuple[JacobianView, ...] = ()
    kinks: tuple[KinkView, ...] = ()
    jumps: bool = False  # whether at a kink the value itself jumps
    troubles: tuple[TroubleView, ...] = ()
    unsupported: tuple[str, ...] = ()
    picks: bool = False
    session: tuple[float, float] | None = None
    detail: str = "steps"
    by_rules: tuple[RulesView, ...] = ()
    hessians: tuple[HessianView, ...] = ()
    without_hessian: tuple[tuple[str, str, Said], ...] = ()
    picture: Picture | None = None
    reduced: tuple[str, int, str] | None = None  # the array that was made one number, its size, what backward() says
    engines: tuple[EngineCode, ...] = ()
    command: tuple[str, str] = ("", "")  # what makes the page again, and in which language that is
    to_load: tuple[str, ...] = ()  # the inputs whose values are too many to stand in code
    exercises: tuple[ExerciseView, ...] = ()
    program: tuple[ProgramLine, ...] = ()
    every_size: EverySize | None = None
    slice: Slice | None = None  # the function along one element around its kink
    table: TableView | None = None  # the Jacobian of the array that was made one number
    judged: str = "engine"  # whose gradient is compared: our engine's, or that of a framework, by its name
