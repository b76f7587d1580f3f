"""`threatmodel rules test --format json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from threatmodel.core.diagnostics import Diagnostic
from threatmodel.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A rule, how many cases it has, and how many of them fail."""

    id: str
    pack: str
    cases: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTestsFile:
    """The outcome of all cases. `problems` are lines with the places of those that fail."""

    format: Literal["threatmodel/rule-tests"] = "threatmodel/rule-tests"
    version: Literal[1] = 1
    rules: tuple[ResultRow, ...]
    problems: tuple[str, ...]


def results_file(rules: Sequence[Rule], failed: Sequence[Diagnostic]) -> RuleTestsFile:
    """The rules in their order, with the failures that belong to each."""
    by = Counter(item.message.partition(" ")[0] for item in failed)
    return RuleTestsFile(
        rules=tuple(
            ResultRow(id=rule.id, pack=rule.pack, cases=len(rule.cases), failed=by[rule.id]) for rule in rules
        ),
        problems=tuple(item.render() for item in failed),
    )
