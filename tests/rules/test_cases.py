"""Every rule fires where its firing cases say, and stays quiet where its quiet cases say."""

from __future__ import annotations

import pytest

from threatmodel.analysis.cases import fires
from threatmodel.rules import PACKS, Rule, load_packs, load_vocabulary
from threatmodel.rules.rule import Case
from threatmodel.system import STRIDE

RULES = load_packs(PACKS, load_vocabulary())
CASES = [
    pytest.param(rule, case, id=f"{rule.id}-{'fires' if case.fires else 'quiet'}-{number}")
    for rule in RULES
    for number, case in enumerate(rule.cases)
]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_case(rule: Rule, case: Case) -> None:
    assert fires(rule, case) is case.fires, f"{case.place}: {rule.when.text}"


@pytest.mark.parametrize("pack", PACKS)
def test_pack_covers_every_stride_category(pack: str) -> None:
    assert {rule.stride for rule in RULES if rule.pack == pack} == set(STRIDE)


def test_there_are_at_least_forty_rules() -> None:
    assert len(RULES) >= 40
