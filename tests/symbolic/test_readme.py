"""The stages that the README of closed forms shows are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import autodiff as ad
import symdiff.closed_forms
from symdiff.closed_forms.closed_form import ClosedForms
from tests.symbolic.cases import ROW
from tests.symbolic.closed_values import closed

FOLDER = Path(symdiff.closed_forms.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def forms() -> ClosedForms:
    return closed(lambda x: ad.sum(ad.softmax(x) ** 2), x=ROW)


def shown(stage: str) -> dict[str, list[str]]:
    """The table under a stage's name: by element what stands beside it."""
    part = README.split(f"**{stage}**", 1)[1].split("\n**", 1)[0].split("\n## ", 1)[0]
    rows = [re.findall(r"`([^`]+)`", line) for line in part.splitlines() if line.startswith("| `")]
    return {row[0]: row[1:] for row in rows}


def of_adjoints(forms: ClosedForms, stage: str) -> dict[str, list[str]]:
    found = {}
    for index, adjoint in forms.composed.adjoints.items():
        letters, indices = forms.naming.partial_letters((index, adjoint.at))
        name = forms.naming.name("value", index)
        element = f"{name}[{indices[0]}]" if indices else name
        stages = {
            "What consumers send": [each.whole for each in adjoint.sent],
            "Composed": [forms.composed.with_adjoints(adjoint.step)],
            "Settled": [adjoint.closed],
        }
        if name in ("x", "e", "s", "p"):
            found[element] = [str(forms.naming.write(form, letters)) for form in stages[stage]]
    return found


@pytest.mark.parametrize("stage", ["What consumers send", "Composed", "Settled"])
def test_softmax_is_shown_as_it_is_after_each_stage(forms: ClosedForms, stage: str) -> None:
    assert shown(stage) == of_adjoints(forms, stage)


def test_softmax_is_shown_in_its_names(forms: ClosedForms) -> None:
    general = forms.general["x"]
    named = {str(each.symbol): [str(each.formula)] for each in general.definitions}
    assert shown("Named") == {"x[k]": [str(general.expression)], **named}


def test_every_file_that_the_readme_names_is_there_and_every_file_is_named() -> None:
    table = README.split("## softmax", 1)[0]
    named = {FOLDER.joinpath(name).resolve() for name in re.findall(r"`((?:\.\./)?[\w/]+\.py)`", table)}
    assert all(path.is_file() for path in named)
    here = {path.resolve() for path in FOLDER.rglob("*.py") if path.name != "__init__.py"}
    assert here <= named
