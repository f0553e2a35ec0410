"""The text language: Python's expression syntax, read with ``ast.parse`` and a list of allowed nodes, run by us."""

from symdiff.language.limits import LIMITS, Limits
from symdiff.language.names import check_name
from symdiff.language.parse import Known, parse, parse_formula
from symdiff.language.run import run
from symdiff.language.tree import (
    Assign,
    Binary,
    Call,
    Compare,
    Constant,
    Expression,
    Method,
    Name,
    Program,
    Sequence,
    Slice,
    Subscript,
    Text,
    Transpose,
    Unary,
    children,
    walk,
)

__all__ = [
    "LIMITS", "Assign", "Binary", "Call", "Compare", "Constant", "Expression", "Known", "Limits", "Method", "Name",
    "Program", "Sequence", "Slice", "Subscript", "Text", "Transpose", "Unary", "check_name", "children", "parse",
    "parse_formula",
    "run", "walk",
]  # fmt: skip
