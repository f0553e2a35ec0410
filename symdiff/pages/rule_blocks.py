"""Every rule of a derivation as blocks of a document: one group of lines for each partial on the way."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Derivation, Heading, Line, Paragraph, Row, Words
from symdiff.pages.locale import Locale
from symdiff.printing.tree import Math, Text
from symdiff.viewing.view import RuleGroup, RulesView, RuleView

__all__ = ["rule_blocks"]


def rule_blocks(rules: tuple[RulesView, ...], words: Locale) -> list[Block]:
    """The section of every input, one after the other."""
    blocks: list[Block] = []
    for place, each in enumerate(rules):
        key = "rules" if len(rules) == 1 else "rules.by"
        blocks.append(Heading(2, words.say(key, name=CodeSpan(each.name)), f"rules-{each.name}"))
        blocks.append(Paragraph(words.say("rules.words" if place == 0 else "rules.more")))
        for group in each.groups:
            blocks += _group(group, words)
    return blocks


def _group(group: RuleGroup, words: Locale) -> list[Block]:
    title = words.say("rules.group", number=group.number, target=group.target)
    rows = [Row(tuple(map(_part, line.parts)), note=_note(line, group.number, words)) for line in group.lines]
    # the conclusion stands apart from what it rests on, so that each is aligned by itself
    cut = next((place for place, line in enumerate(group.lines) if line.parts[0] == group.target), 0)
    parts = [tuple(part) for part in (rows[:cut], rows[cut:]) if part]
    return [Heading(3, title, f"rule-{group.number}"), *map(Derivation, parts)]


def _part(part: Math | None) -> Math:
    """Nothing stands where a line goes on from the one above."""
    return Text("") if part is None else part


def _note(line: RuleView, group: int, words: Locale) -> Line:
    if line.reference == group:
        return words.say("rule.again")
    if line.reference is not None:
        return words.say("rule.known", number=line.reference)
    if line.function:
        return words.say("rule.function", name=CodeSpan(line.function))
    key = f"rule.{line.rule}"
    return words.say(key) if key in words.sentences else (Words(line.rule),)
