"""What is said of doubtful rules: one doubtful and one good rule for each code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from threatmodel.analysis.rulecheck import doubts, failing, failures, needless
from threatmodel.core.diagnostics import Place
from threatmodel.rules import Rule, load_packs, load_vocabulary
from threatmodel.rules.language import compile_condition
from threatmodel.rules.rule import Case

VOCABULARY = load_vocabulary()
GOOD = next(rule for rule in load_packs(("ipc",), VOCABULARY) if rule.id == "IPC-001")


def changed(**changes: Any) -> Rule:
    if "when" in changes:
        changes["when"] = compile_condition(changes["when"], "flow", "bool", VOCABULARY)
    return replace(GOOD, **changes)


def test_the_good_rule_is_not_doubtful() -> None:
    assert failures([GOOD]) == doubts([GOOD], VOCABULARY) == ()


def test_a_case_that_fails_is_told_with_its_place() -> None:
    place = Place("r.yaml", 7)
    wrong = replace(GOOD.cases[0], fires=not GOOD.cases[0].fires, place=place)
    rule = changed(cases=(wrong, *GOOD.cases[1:]))
    assert failing(rule) == (wrong,)
    (found,) = failures([GOOD, rule])
    assert (found.code, found.place) == ("R017", place)


def test_an_operand_that_no_case_needs() -> None:
    text = f'{GOOD.when.text} and flow.protocol != "made-up"'
    rule = changed(when=text)
    assert needless(rule, VOCABULARY) == ("flow.protocol != 'made-up'",)
    assert [found.code for found in doubts([rule], VOCABULARY)] == ["R018"]
    quiet = Case(
        fires=False,
        system={**GOOD.cases[0].system, "flow": {**GOOD.cases[0].system["flow"], "protocol": "made-up"}},
        place=GOOD.place,
    )
    assert needless(changed(when=text, cases=(*GOOD.cases, quiet)), VOCABULARY) == ()


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"id": "X-1"}, ["R019", "R020"]),
        ({"id": "X-1", "title": "Other"}, ["R019"]),
        ({"id": "X-1", "title": GOOD.title.upper(), "mitigated_by": (("tls",),)}, ["R020"]),
        ({"id": "X-1", "title": "Other", "mitigated_by": (("tls",),)}, []),
        ({"id": "X-1", "title": "Other", "stride": "tampering"}, []),
    ],
)
def test_repetition(changes: dict[str, Any], codes: list[str]) -> None:
    found = doubts([GOOD, changed(**changes)], VOCABULARY)
    assert [item.code for item in found] == codes
    assert all(item.message.startswith("X-1 ") and item.message.endswith("IPC-001") for item in found)


def test_a_test_idea_says_what_to_expect() -> None:
    assert [found.code for found in doubts([changed(test="Connect.")], VOCABULARY)] == ["R021"]
