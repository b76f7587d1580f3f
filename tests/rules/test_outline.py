"""A condition taken apart: every part is there once, with the values that it rests on."""

from __future__ import annotations

import pytest

from threatmodel.rules import PACKS, Rule, load_packs, load_vocabulary
from threatmodel.rules.language import compile_condition
from threatmodel.rules.outline import Outline, outline

VOCABULARY = load_vocabulary()
RULES = load_packs(PACKS, VOCABULARY)


def made(text: str, subject: str = "flow", wanted: str = "bool") -> Outline:
    return outline(compile_condition(text, subject, wanted, VOCABULARY), subject, VOCABULARY)


def terms(part: Outline) -> list[tuple[str, str]]:
    return [(term.code.text, term.holder.text if term.holder else "") for term in part.terms]


def test_parts_and_the_values_that_they_rest_on() -> None:
    found = made('not controls(flow.target) and (flow.encryption == "none" or len(flow.operations) > 2)')
    assert [part.kind for part in found.top] == ["not", "or"]
    assert terms(found.top[0].parts[0]) == [("controls(flow.target)", "flow.target")]
    assert [terms(part) for part in found.top[1].parts] == [
        [("flow.encryption", "flow")],
        [("len(flow.operations)", "")],
    ]


def test_a_loop_has_its_list_its_guard_and_its_test() -> None:
    found = made('all(f.encryption != "none" for f in inbound(element) if crosses(f))', "element")
    assert (found.kind, found.variable, found.items and found.items.text) == ("all", "f", "inbound(element)")
    assert [guard.text for guard in found.guards] == ["crosses(f)"]
    assert found.body is not None
    assert terms(found.body) == [("f.encryption", "f")]


def test_numbers() -> None:
    found = made("min(reach(flow.source), 4) - 1", wanted="int")
    assert [part.text for part in found.parts] == ["min(reach(flow.source), 4)", "1"]
    assert [part.text for part in found.parts[0].parts] == ["reach(flow.source)", "4"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_top_parts_are_those_that_the_engine_asks(rule: Rule) -> None:
    found = outline(rule.when, rule.applies_to, VOCABULARY)
    engine = rule.when.parts or (rule.when,)
    assert [(part.code.text, part.code.adversarial) for part in found.top] == [
        (part.text, part.adversarial) for part in engine
    ]
