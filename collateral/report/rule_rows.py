"""The rules that were asked, as the documents show them."""

from __future__ import annotations

from collateral.assessment import Assessment
from collateral.report.facts import View
from collateral.report.front import fold_all
from collateral.rules.reference import RuleRow, rules_file
from threatmodel.rules import load_vocabulary

_NOBODY = "the configuration has no adversary to ask it for"


def rules_view(a: Assessment) -> View:
    """Packs with their rules and the threats that each has raised in the configuration of the documents."""
    file = rules_file(a.rules, load_vocabulary())
    raised: dict[str, list[str]] = {rule.id: [] for rule in a.rules}
    for threat in a.threats:
        if a.configuration in threat.by_configuration:
            raised[threat.rule].append(threat.id)
    unasked = _unasked(a)
    view: View = fold_all(
        {
            "count": len(a.rules),
            "unasked": len(unasked),
            "quiet": sum(not raised[rule.id] and rule.id not in unasked for rule in a.rules),
            "packs": [
                {
                    "name": pack.name,
                    "rules": [_row(rule, raised[rule.id], unasked.get(rule.id, "")) for rule in pack.rules],
                }
                for pack in file.packs
            ],
            "classes": [{"name": name, "meaning": meaning} for name, meaning in file.classes.items()],
        }
    )
    return view


def _unasked(a: Assessment) -> dict[str, str]:
    """Why rules could raise no threat whatever the system is, by their ids."""
    here = any(a.system.configuration.matches(adversary.when) for adversary in a.project.adversaries)
    reasons = {
        rule.id: rule.library.not_evaluated if rule.library else "" if here else _NOBODY for rule in a.rules
    }
    return {id_: reason for id_, reason in reasons.items() if reason}


def _row(rule: RuleRow, threats: list[str], unasked: str) -> View:
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
        "unasked": unasked,
    }
