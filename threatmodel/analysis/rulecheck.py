"""What can be said of rules without a model: cases that fail, parts of a condition that no case needs, repetition."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from threatmodel.analysis.cases import fires
from threatmodel.core.diagnostics import Diagnostic, Severity
from threatmodel.rules import Rule
from threatmodel.rules.language import compile_condition
from threatmodel.rules.rule import Case
from threatmodel.system.vocabulary import Vocabulary


def failing(rule: Rule) -> tuple[Case, ...]:
    """The cases on which the rule does not do what they say.

    Raises:
        InvalidInput: R010, a case has a key that it cannot have.
    """
    return tuple(case for case in rule.cases if fires(rule, case) is not case.fires)


def failures(rules: Sequence[Rule]) -> tuple[Diagnostic, ...]:
    """R017 for each case that fails.

    Raises:
        InvalidInput: R010, a case has a key that it cannot have.
    """
    return tuple(
        Diagnostic(
            code="R017",
            message=f"{rule.id} {'stays quiet' if case.fires else 'fires'} on a case where it must not",
            place=case.place,
            hint="mend the condition or the case",
        )
        for rule in rules
        for case in failing(rule)
    )


def needless(rule: Rule, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The operands of `and` and `or` without which every case ends the same: nothing shows that they are needed."""
    found = []
    for part, text in _weakened(rule.when.text):
        other = replace(rule, when=compile_condition(text, rule.applies_to, "bool", vocabulary))
        if all(fires(other, case) is fires(rule, case) for case in rule.cases):
            found.append(part)
    return tuple(found)


def doubts(rules: Sequence[Rule], vocabulary: Vocabulary) -> tuple[Diagnostic, ...]:
    """Warnings: R018 no case needs a part of a condition, R019 two rules ask the same and are mitigated alike, R020 two
    rules have one title, R021 a test idea does not say what to expect."""
    found = [
        _doubt("R018", rule, f"{rule.id}: no case needs {part}", "add a case that differs in this alone")
        for rule in rules
        for part in needless(rule, vocabulary)
    ]
    asked: dict[tuple[object, ...], list[Rule]] = defaultdict(list)
    titled: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        condition = ast.dump(ast.parse(rule.when.text.strip(), mode="eval"))
        asked[rule.applies_to, rule.stride, condition, rule.mitigated_by].append(rule)
        titled[rule.title.casefold()].append(rule)
        if "expect" not in rule.test.lower():
            hint = 'write what to do, and "expect …"'
            found.append(_doubt("R021", rule, f"{rule.id}: the test idea does not say what to expect", hint))
    for code, what, groups in (
        ("R019", "asks the same as", asked.values()),
        ("R020", "has the title of", titled.values()),
    ):
        for first, *others in groups:
            found += [
                _doubt(code, other, f"{other.id} {what} {first.id}", "join them or tell them apart")
                for other in others
            ]
    return tuple(found)


def _doubt(code: str, rule: Rule, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code=code, message=message, place=rule.place, hint=hint, severity=Severity.WARNING)


def _weakened(text: str) -> Iterator[tuple[str, str]]:
    """Each operand of `and` and `or` with the condition that is left without it."""
    tree = ast.parse(text.strip(), mode="eval").body
    for node in [node for node in ast.walk(tree) if isinstance(node, ast.BoolOp)]:
        whole = node.values
        for index, dropped in enumerate(whole):
            node.values = whole[:index] + whole[index + 1 :]
            yield ast.unparse(dropped), ast.unparse(tree)
        node.values = whole
