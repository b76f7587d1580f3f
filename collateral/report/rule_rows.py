"""The rules that were asked, as the documents show them."""

from __future__ import annotations

from collections import Counter

from collateral.assessment import Assessment
from collateral.report.facts import View
from collateral.report.front import fold_all
from collateral.rules.reference import RuleRow, rules_file
from threatmodel.rules import load_vocabulary


def rules_view(a: Assessment) -> View:
    """Packs with their rules and how many threats each has raised in the configuration of the documents."""
    file = rules_file(a.rules, load_vocabulary())
    raised = Counter(threat.rule for threat in a.threats if a.configuration in threat.by_configuration)
    view: View = fold_all(
        {
            "count": len(a.rules),
            "quiet": sum(not raised[rule.id] for rule in a.rules),
            "packs": [
                {"name": pack.name, "rules": [_row(rule, raised[rule.id]) for rule in pack.rules]}
                for pack in file.packs
            ],
            "classes": [{"name": name, "meaning": meaning} for name, meaning in file.classes.items()],
        }
    )
    return view


def _row(rule: RuleRow, threats: int) -> View:
    return {
        "id": rule.id,
        "title": rule.title,
        "stride": rule.stride,
        "applies_to": rule.applies_to,
        "when": rule.when,
        "mitigated_by": " or ".join(", ".join(group) for group in rule.mitigated_by),
        "likelihood": rule.likelihood,
        "impact": rule.impact,
        "catalogues": [*rule.cwe, *rule.capec, *rule.attack],
        "description": rule.description,
        "detection": rule.detection,
        "false_positives": rule.false_positives,
        "references": list(rule.references),
        "test": rule.test,
        "threats": threats,
    }
