"""A View as a document: headings, sentences, tables and derivations, in the words of a language."""

from __future__ import annotations

from math import isfinite, isnan

from symdiff.pages.blocks import (
    Block,
    Code,
    CodeSpan,
    Display,
    Document,
    Formula,
    Heading,
    Line,
    Note,
    Paragraph,
    Quote,
    Table,
    VerdictBadge,
    Words,
    line,
)
from symdiff.pages.locale import Locale, locale
from symdiff.pages.step_blocks import definitions, exceptions, joined, step_blocks, why_a_number
from symdiff.pages.text import width_of
from symdiff.printing.breadth import breadth
from symdiff.printing.numbers import number
from symdiff.printing.plain import plain
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import Chain, Math, Matrix, Negative, Number, Rounded
from symdiff.viewing.view import ElementView, GradientView, KinkView, TroubleView, View

__all__ = ["document"]

WIDEST_TABLE = 100
"""A table of formulas with longer rows is left out: each formula stands in the list of partials, too."""


BROADEST = 34.0
"""A formula and the two numbers beside it may take so many letters of a table."""


def document(view: View, language: str = "en", words: Locale | None = None) -> Document:
    """The document of an explanation; ``words`` are others than the language's own."""
    return _Writer(view, words or locale(language)).document()


class _Writer:
    def __init__(self, view: View, words: Locale) -> None:
        self.view = view
        self.words = words
        self.say = words.say

    def document(self) -> Document:
        view, kind = self.view, "jacobian" if self.view.error else "gradient"
        gradients = tuple(block for gradient in view.gradients for block in self.gradient(gradient))
        # why an array has no one derivative comes before all those that it has
        forward, backward = (self.forward(), self.backward()) if view.detail != "result" else ([], [])
        steps = (*forward, *self.array(), *gradients) if view.error else (*gradients, *forward)
        sections = (
            self.badge(kind),
            *self.troubles(),
            *self.inputs(),
            *self.kinks(),
            *steps,
            *backward,
            *self.on_request(),
            *self.remarks(),
        )
        return Document(
            title=self.say(f"title.{kind}", expression=CodeSpan(view.expression)),
            blocks=sections,
            language=self.words.language,
            verdict=view.verdict,
            summary=self.say("summary"),
            foot=self.say("foot"),
            otherwise=self.words.word("otherwise"),
        )

    def on_request(self) -> list[Block]:
        """Every rule, and second derivatives: for those who ask for them."""
        view, blocks = self.view, list[Block]()
        if view.by_rules:
            from symdiff.pages.rule_blocks import rule_blocks

            blocks += rule_blocks(view.by_rules, self.words)
        if view.hessians or view.without_hessian:
            from symdiff.pages.hessian_blocks import hessian_blocks

            blocks += hessian_blocks(view, self.words)
        return blocks

    def heading(self, key: str, anchor: str = "", level: int = 2, **values: Words | CodeSpan) -> Heading:
        return Heading(level, self.say(key, **values), anchor)

    def badge(self, kind: str) -> Block:
        view = self.view
        exact = ".exact" if view.verdict == "agree" and view.worst_ulps == 0 else ""
        key = "badge.jump" if view.verdict == "kink" and view.jumps else f"badge.{view.verdict}{exact}"
        sentence = self.say(
            key,
            what=self.words.word(f"what.{kind}"),
            ulps=number(float(f"{view.worst_ulps:.3g}")),
            names=joined([CodeSpan(name) for name in view.unsupported]),
        )
        return VerdictBadge(view.verdict, self.words.word(f"verdict.{view.verdict}"), sentence)

    def inputs(self) -> list[Block]:
        head = tuple(self.say(f"inputs.{key}") for key in ("name", "shape", "values", "elements"))
        rows = []
        for given in self.view.inputs:
            span = self.say("inputs.range", first=given.first, last=given.last)
            elements = line(given.first) if given.first == given.last else span
            rows.append(
                (line(CodeSpan(given.name)), line(CodeSpan(str(given.shape))), line(CodeSpan(given.values)), elements)
            )
        result = Paragraph(self.say("result", printed=CodeSpan(self.view.printed)))
        return [self.heading("inputs", "input"), Table(head, tuple(rows), "llll"), *self.counting(), result]

    def counting(self) -> list[Block]:
        for given in self.view.inputs:
            if given.shape:
                code = f"{given.name}[{', '.join('0' for _ in given.shape)}]"
                return [Paragraph(self.say("counting", element=given.first, code=CodeSpan(code)))]
        return []

    def gradient(self, gradient: GradientView) -> list[Block]:
        alone = len(self.view.gradients) == 1
        key = ("jacobian" if self.view.error else "gradient") + ("" if alone else ".by")
        blocks: list[Block] = [self.heading(key, f"gradient-{gradient.name}", name=CodeSpan(gradient.name))]
        if gradient.elements:
            blocks.append(self.table(gradient.elements))
        hidden = gradient.total - len(gradient.elements)
        if gradient.elements and hidden:
            blocks.append(Paragraph(self.words.count("table.hidden", hidden)))
        if gradient.printed:
            blocks.append(Code(f"{gradient.name}.grad = {gradient.printed}", "python"))
        return [*blocks, *self.general(gradient)]

    def table(self, elements: tuple[ElementView, ...]) -> Table:
        written = any(element.partial is not None for element in elements) and _has_room(elements)
        partials = ("partial",) if written else ()
        keys = ("element", "code", *partials, "symbolic", "automatic", "error", "verdict")
        rows = tuple(self.cells(element, written) for element in elements)
        return Table(tuple(self.say(f"table.{key}") for key in keys), rows, "llcrrrl" if written else "llrrrl")

    def cells(self, element: ElementView, written: bool) -> tuple[Line, ...]:
        partials = (line(element.partial) if element.partial is not None else (),) if written else ()
        return (
            line(element.symbol),
            line(CodeSpan(element.code)),
            *partials,
            line(number(element.symbolic)),
            line(number(element.automatic)),
            line(number(float(f"{element.error_ulps:.3g}"))),
            self.say(f"verdict.{element.verdict}"),
        )

    def general(self, gradient: GradientView) -> list[Block]:
        beyond = gradient.beyond
        # what is said of the whole program is said once
        again = beyond is not None and beyond == self.view.gradients[0].beyond and gradient != self.view.gradients[0]
        if not gradient.general:
            steps = {} if beyond is None or again else {"count": beyond.count, "most": beyond.most}
            return [Paragraph(self.say("general.beyond.array", **steps))] if steps else []
        words = self.say("general.mostly" if gradient.exceptions else "general")
        if beyond is not None:
            key = "general.beyond.again" if again else f"general.beyond.{beyond.what}"
            words = self.say(key, count=beyond.count, most=beyond.most)
        blocks: list[Block] = [Paragraph(words), Display(Chain(gradient.general))]
        blocks += exceptions(gradient.exceptions, gradient.except_for, self.words)
        blocks += definitions(gradient.definitions, self.words)
        if gradient.divides and not gradient.exceptions:
            blocks.append(Paragraph(self.say("general.divides")))
        for position, code in gradient.positions:
            blocks.append(Paragraph(self.say("general.position", position=position, code=CodeSpan(str(code)))))
        if gradient.sizes:
            sizes = joined([Formula(Chain(size)) for size in gradient.sizes])
            blocks.append(Paragraph(self.say("general.here", sizes=sizes)))
        if gradient.conditions:
            conditions = joined([Formula(condition) for condition in gradient.conditions])
            blocks.append(Paragraph(self.say("conditions", conditions=conditions)))
        if gradient.branches:
            blocks.append(Paragraph(self.say("conditions.others")))
        return blocks

    def forward(self) -> list[Block]:
        if not self.view.forward:
            return []
        steps = step_blocks(self.view.forward, self.words)
        why = why_a_number(self.view, self.words)
        return [self.heading("forward", "forward"), Paragraph(self.say("forward.words")), *steps, *why]

    def backward(self) -> list[Block]:
        view = self.view
        if not view.backward:
            return []
        blocks: list[Block] = [self.heading("backward", "backward"), Paragraph(self.say("backward.words"))]
        if view.picks:
            blocks.append(Paragraph(self.say("backward.pick.tied" if view.kinks else "backward.pick")))
        return blocks + step_blocks(view.backward, self.words)

    def array(self) -> list[Block]:
        view = self.view
        if not view.error:
            return []
        blocks: list[Block] = [
            self.heading("array", "jacobian"),
            Paragraph(self.say("array.words", count=view.elements)),
            Quote((Code(view.error),)),
        ]
        for jacobian in view.jacobians:
            tables = [table for table in (jacobian.formulas, jacobian.numbers) if table is not None and _fits(table)]
            blocks.append(Paragraph(self.say("array.jacobian", count=jacobian.count, input=jacobian.by)))
            blocks += [Display(Chain((partial(jacobian.of, jacobian.by), *tables)))] if tables else []
        mean, total = (CodeSpan(f"{name}({view.expression})") for name in ("mean", "sum"))
        return [*blocks, Paragraph(self.say("array.way", mean=mean, sum=total))]

    def kinks(self) -> list[Block]:
        if not self.view.kinks:
            return []
        inner = tuple(block for kink in self.view.kinks for block in self.kink(kink))
        return [Note("kink", inner, self.say("kinks"))]

    def kink(self, kink: KinkView) -> list[Block]:
        sentence = self.say(
            f"kink.{_kind_of(kink)}",
            element=_spelt(kink.symbol, kink.code),
            operation=CodeSpan(kink.operation),
            left=number(kink.left),
            right=number(kink.right),
            returned=number(kink.returned),
        )
        if not kink.conventions:
            return [Paragraph(sentence)]
        rows = tuple((line(engine), line(returns)) for engine, returns in kink.conventions)
        head = (self.say("kink.engine"), self.say("kink.returns"))
        return [Paragraph(sentence), Table(head, rows, "ll", self.say("kink.conventions"))]

    def troubles(self) -> list[Block]:
        if not self.view.troubles:
            return []
        return [Note("warning", tuple(map(self.trouble, self.view.troubles)), self.say("troubles"))]

    def trouble(self, trouble: TroubleView) -> Paragraph:
        # what is finite is not called anything else: it is the result that has no value there
        finite = trouble.verdict == "undefined" and isfinite(trouble.got) and isfinite(trouble.want)
        sentence = self.say(
            f"trouble.{trouble.verdict}{'.finite' if finite else ''}",
            element=_spelt(trouble.symbol, trouble.code),
            got=number(trouble.got),
            want=number(trouble.want),
            ulps=number(float(f"{trouble.error_ulps:.3g}")),
        )
        reason = (Words(" "), *self.say("trouble.reason", reason=trouble.reason)) if trouble.reason else ()
        return Paragraph((*sentence, *reason))

    def remarks(self) -> list[Block]:
        if self.view.session is None:
            return []
        mean, largest = self.view.session
        words = self.say("session", mean=number(mean), max=number(largest), total=number(mean + largest))
        return [Note("info", (Paragraph(words),), self.say("session.title"))]


def _spelt(element: Math, code: str) -> Line:
    """An element as it is written and, where code spells it otherwise, as it is in code."""
    if "[" not in code:
        return line(element)
    return line(element, " (", CodeSpan(code), ")")


def _kind_of(kink: KinkView) -> str:
    if kink.jump:
        return "jump"
    return "meet" if isnan(kink.left) or isnan(kink.right) or kink.left == kink.right else "one"


def _has_room(elements: tuple[ElementView, ...]) -> bool:
    """Whether formulas stand beside the numbers of a table without making it broader than a page."""
    formulas = max((breadth(each.partial) for each in elements if each.partial is not None), default=0.0)
    numbers = max(breadth(number(each.symbolic)) + breadth(number(each.automatic)) for each in elements)
    return formulas + numbers <= BROADEST


def _fits(table: Matrix | Rounded) -> bool:
    """Whether a row of formulas fits the page; numbers, which the page shows nowhere else, stand whatever they take."""
    if isinstance(table, Rounded):
        return True
    if all(isinstance(entry, Number | Negative) for row in table.rows for entry in row):
        return True
    return max((sum(width_of(plain(entry)) + 2 for entry in row) for row in table.rows), default=0) <= WIDEST_TABLE
