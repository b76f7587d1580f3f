"""The cases of a rule show that each part of its condition is needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

import pytest

from threatmodel.analysis.cases import fires
from threatmodel.rules import Rule, load_packs, load_vocabulary
from threatmodel.rules.language import compile_condition

VOCABULARY = load_vocabulary()
RULES = [
    *load_packs(("filesystem", "confidential"), VOCABULARY),
    *(rule for rule in load_packs(("virtualisation",), VOCABULARY) if rule.id >= "VIRT-030"),
]


def _weakened(text: str) -> Iterator[tuple[str, str]]:
    """Each operand of `and` and `or` with the condition that is left without it."""
    tree = ast.parse(text, mode="eval").body
    for node in [node for node in ast.walk(tree) if isinstance(node, ast.BoolOp)]:
        whole = node.values
        for index, dropped in enumerate(whole):
            node.values = whole[:index] + whole[index + 1 :]
            yield ast.unparse(dropped), ast.unparse(tree)
        node.values = whole


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_case_fails_where_a_part_of_the_condition_is_missing(rule: Rule) -> None:
    parts = list(_weakened(rule.when.text))
    assert parts
    for part, text in parts:
        other = replace(rule, when=compile_condition(text, rule.applies_to, "bool", VOCABULARY))
        assert any(fires(other, case) is not case.fires for case in rule.cases), f"no case needs {part}"
