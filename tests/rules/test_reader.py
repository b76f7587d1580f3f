"""Rule files: each mistake has a code, a line and a hint; the shipped packs hold what they promise."""

from __future__ import annotations

import re
from importlib import resources

import pytest
import yaml

from threatmodel.analysis.cases import build
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import load
from threatmodel.rules import PACKS, load_packs, load_vocabulary
from threatmodel.rules.reader import read_rule

VOCABULARY = load_vocabulary()
RULES = load_packs(PACKS, VOCABULARY)
GOOD = """\
id: X-001
title: A title
stride: tampering
applies_to: flow
when: flow.shares_memory
mitigated_by: [[syscall-filter]]
impact: privilege(flow.target)
likelihood: "3"
cwe: [CWE-20]
description: Words.
detection: Words.
false_positives: Words.
references: [https://example.org/x]
test: Words.
cases:
  firing: [{flow: {shares_memory: true}}]
  quiet: [{flow: {shares_memory: false}}]
"""


def problems(text: str) -> list[str]:
    try:
        rule = read_rule(load(text.encode(), "packs/core/X-001.yaml"), "core", VOCABULARY)
        for case in rule.cases:
            build(case)
    except InvalidInput as error:
        return [found.render().removeprefix("packs/core/X-001.yaml") for found in error.diagnostics]
    return []


def test_a_good_rule() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title:", "titel:", [':2  R003  unknown key "titel"; did you mean "title"?', ':1  R004  "title" is missing']),
        ("id: X-001", "id: X-002", [':1  R005  id "X-002" is not the name of the file']),
        ("id: X-001", "id: 7", [':1  R006  "id" must be text', ":1  R005"]),
        ("A title", '" "', [':2  R006  "title" must be text']),
        ("tampering", "tamper", [':3  R006  "stride" cannot be "tamper"; one of spoofing, ']),
        ("applies_to: flow", "applies_to: [flow]", [":4  R006"]),
        ("when: flow.shares_memory", "when: flow.shares_memry", [
            ':5  R007  when, column 1: flow has no attribute "shares_memry"; did you mean "shares_memory"?'
        ]),
        ("when: flow.shares_memory", "when: true and reach(flow.source)", [
            ':5  R007  when, column 1: unknown name "true"'
        ]),
        ("privilege(flow.target)", "crosses(flow)", [":7  R007  impact, column 1: gives bool, int is needed"]),
        ("[[syscall-filter]]", "[[syscall-filtr]]", [
            ':6  R008  unknown control class "syscall-filtr"; did you mean "syscall-filter"?'
        ]),
        ("[[syscall-filter]]", "[[{a: b}]]", [":6  R008  unknown control class"]),
        ("[[syscall-filter]]", "[syscall-filter]", [':6  R006  "mitigated_by" must be a list of lists']),
        ("[[syscall-filter]]", "[]", [':6  R006  "mitigated_by" must be a list of lists']),
        ("[[syscall-filter]]", "[[]]", [':6  R006  "mitigated_by" must be a list of lists']),
        ("[CWE-20]", "[20]", [':9  R006  "cwe": 20 does not look like CWE-']),
        ("[CWE-20]", "[]", [':9  R006  "cwe" must be a list that is not empty']),
        ("[CWE-20]", "CWE-20", [':9  R006  "cwe" must be a list']),
        ("https://example.org/x", "http://example.org", [':13  R006  "references": ']),
        ("  firing: [{", "  fires: [{", [':15  R009  "cases" needs at least one under "firing"']),
        ("quiet: [{flow: {shares_memory: false}}]", "quiet: []", [':15  R009  "cases" needs at least one under "quiet"']),
        ("quiet: [{flow: {shares", "quiet: [{flow: {share", [
            ':17  R010  a case has no "share_memory"; did you mean "shares_memory"?'
        ]),
        ("quiet: [{flow", "quiet: [{flwo", [':17  R010  a case has no "flwo"; did you mean "flow"?']),
    ],
)  # fmt: skip
def test_problems(old: str, new: str, expected: list[str]) -> None:
    found = problems(GOOD.replace(old, new))
    assert [line[: len(text)] for line, text in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize("text", ["", "[]", "x"])
def test_what_is_missing_is_named(text: str) -> None:
    found = problems(text)
    assert len(found) == 15
    assert all("  R004  " in line for line in found)


def test_an_unknown_pack() -> None:
    with pytest.raises(InvalidInput, match=r'R001  no rule pack "cor"; did you mean "core"\?'):
        load_packs(["cor"], VOCABULARY)


def test_a_pack_named_twice() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_packs(["core", "core"], VOCABULARY)
    first = caught.value.diagnostics[0].render()
    assert first.endswith('R002  rule "CORE-001" stands twice; the first is at packs/core/CORE-001.yaml:1')


def test_rules_are_sorted_whatever_the_order_of_packs() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(ids) == [rule.id for rule in load_packs(reversed(PACKS), VOCABULARY)]


@pytest.mark.parametrize(
    "words", [VOCABULARY.element_traits, VOCABULARY.flow_traits, VOCABULARY.control_classes]
)
def test_the_catalogue_is_sorted_and_explained(words: dict[str, str]) -> None:
    assert list(words) == sorted(words)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", word) for word in words)
    assert all(len(text) > 10 for text in words.values())


SYSTEMS = re.compile(
    r"\b(kata|qemu|firecracker|cloud[- ]hypervisor|dragonball|virtiofsd|containerd|crio|cri-o|runc|crun|gvisor)\b",
    re.I,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_a_rule_names_no_system(rule: object) -> None:
    pack, id_ = getattr(rule, "pack", ""), getattr(rule, "id", "")
    text = resources.files("threatmodel.rules").joinpath("packs", pack, f"{id_}.yaml").read_text("utf-8")
    value = yaml.safe_load(text)
    del value["references"]
    assert SYSTEMS.findall(yaml.safe_dump(value)) == []
