"""`threatmodel rules docs --format json`: the rules of packs in full, with the meaning of their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from threatmodel.rules import Rule
from threatmodel.rules.rule import Subject
from threatmodel.system import Stride
from threatmodel.system.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule. `mitigated_by`: one whole inner list of control classes suffices. `file` and `line` are where it stands."""

    id: str
    title: str
    stride: Stride
    applies_to: Subject
    when: str
    mitigated_by: tuple[tuple[str, ...], ...]
    likelihood: str
    impact: str
    cwe: tuple[str, ...]
    capec: tuple[str, ...]
    attack: tuple[str, ...]
    description: str
    detection: str
    false_positives: str
    references: tuple[str, ...]
    test: str
    firing: int
    quiet: int
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """A pack and its rules, by id."""

    name: str
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReferenceFile:
    """Packs in the order in which they were named. `classes` are the control classes that their rules name, with their
    meaning."""

    format: Literal["threatmodel/rule-reference"] = "threatmodel/rule-reference"
    version: Literal[1] = 1
    packs: tuple[PackRow, ...]
    classes: Mapping[str, str]


def rules_file(rules: Sequence[Rule], vocabulary: Vocabulary) -> RuleReferenceFile:
    """The reference of rules that were read."""
    packs: dict[str, list[RuleRow]] = {}
    for rule in rules:
        packs.setdefault(rule.pack, []).append(_row(rule))
    words = sorted({word for rule in rules for classes in rule.mitigated_by for word in classes})
    return RuleReferenceFile(
        packs=tuple(PackRow(name=name, rules=tuple(rows)) for name, rows in packs.items()),
        classes={word: vocabulary.control_classes.get(word, "") for word in words},
    )


def _row(rule: Rule) -> RuleRow:
    return RuleRow(
        id=rule.id,
        title=rule.title,
        stride=rule.stride,
        applies_to=rule.applies_to,
        when=_flat(rule.when.text),
        mitigated_by=rule.mitigated_by,
        likelihood=_flat(rule.likelihood.text),
        impact=_flat(rule.impact.text),
        cwe=rule.cwe,
        capec=rule.capec,
        attack=rule.attack,
        description=rule.description,
        detection=rule.detection,
        false_positives=rule.false_positives,
        references=rule.references,
        test=rule.test,
        firing=sum(case.fires for case in rule.cases),
        quiet=sum(not case.fires for case in rule.cases),
        file=rule.place.path,
        line=rule.place.line,
    )


def _flat(text: str) -> str:
    return " ".join(text.split())
