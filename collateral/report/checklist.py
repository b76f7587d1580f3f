"""The view of the operator's checklist: what to check in one's own deployment of this release, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from collateral.advisories import Advisory
from collateral.assessment import Assessment
from collateral.deployed.keys import DeployedKeys
from collateral.report.facts import used_controls
from collateral.report.front import fold_all, front
from collateral.response import Response
from threatmodel.claims.evidence import OF_PEOPLE, counting
from threatmodel.system import ControlState

View = dict[str, Any]
_MOST_CONTROLS = 4
_BY_HAND: tuple[ControlState, ...] = (
    "contradicted",
    "not-found",
    "not-checked",
    "unclaimed",
    "proposed",
    "attested",
)
"""States of controls that somebody has to look at; the worst first."""
_OPEN = ("affected", "unknown")


def checklist_view(
    view: Mapping[str, Any],
    a: Assessment,
    advisories: Sequence[Advisory],
    response: Response | None,
    keys: DeployedKeys | None,
) -> View:
    """The view. `view` is that of the threat model; `keys` say which keys of a configuration file decide an option."""
    made = {
        **front(view, "withheld"),
        "policy": response.supported.policy.text if response else "",
        "advisories": _advisories(a, advisories),
        "settled": sum(item.affects(a.release) not in _OPEN for item in advisories),
        "components": _components(view),
        "options": _options(a, keys),
        "keyed": keys is not None,
        "controls": _controls(a),
        "doubtful": [{"id": c["id"], "title": c["title"]} for c in view["controls"] if c["doubts"]],
        "transferred": _transferred(a),
        "assumptions": list(view["texts"]["assumptions"]),
    }
    folded: View = fold_all(made)
    return folded


def _advisories(a: Assessment, advisories: Sequence[Advisory]) -> list[View]:
    """Those that affect the release, then those of which that is not known."""
    return [
        {
            "id": item.ids[0],
            "title": item.title,
            "url": item.source,
            "affects": answer,
            "fixed": list(item.fixed),
        }
        for answer in _OPEN
        for item in advisories
        if item.affects(a.release) == answer
    ]


def _components(view: Mapping[str, Any]) -> list[View]:
    """Components of others whose published flaws may be in what the release is built of or runs on."""
    backtest = view.get("backtest")
    rows = []
    for row in backtest["components"] if backtest else ():
        states = [state for state in row["states"] if state["state"] in _OPEN]
        if states or not row["states"]:
            rows.append(
                {
                    "id": row["id"],
                    "title": row["title"],
                    "url": row["link"],
                    "component": row["component"],
                    "condition": row["condition"],
                    "states": [f"{state['tag']}: {state['state'].replace('-', ' ')}" for state in states]
                    or [row["unread"] or "not known"],
                }
            )
    return rows


def _options(a: Assessment, keys: DeployedKeys | None) -> list[View]:
    """Every option with the value that the documents are about, and what depends on it."""
    by_option: dict[str, list[str]] = defaultdict(list)
    if keys and keys.hypervisors:
        by_option["hypervisor"].append("[hypervisor.*]")
    for rule in (*keys.rules, *keys.snapshotters) if keys else ():
        by_option[rule.option].append(rule.key)
    needing: dict[str, list[str]] = defaultdict(list)
    for check in a.ledger.checks:
        for name in check.when:
            needing[name].append(check.control)
    value = a.system.configuration.options
    rows = []
    for option in a.project.options:
        controls = list(dict.fromkeys(needing[option.name]))
        rows.append(
            {
                "name": option.name,
                "description": option.description,
                "value": value.get(option.name, ""),
                "others": [word for word in option.values if word != value.get(option.name)],
                "keys": list(dict.fromkeys(by_option[option.name])),
                "controls": controls[:_MOST_CONTROLS],
                "more_controls": max(0, len(controls) - _MOST_CONTROLS),
            }
        )
    return rows


def _controls(a: Assessment) -> list[View]:
    """The controls of this configuration that no program has proven, the worst first."""
    used = used_controls(a.system)
    here = counting(a.ledger, a.system)
    rows = [
        {
            "id": control.id,
            "title": control.title,
            "state": a.ledger.states[a.configuration, control.id],
            "at": used[control.id],
            "seen": [
                check.seen if check.kind in OF_PEOPLE else check.detail
                for check in here
                if check.control == control.id and check.state != "verified"
            ],
        }
        for control in a.project.controls
        if control.id in used and a.ledger.states[a.configuration, control.id] in _BY_HAND
    ]
    return sorted(rows, key=lambda row: _BY_HAND.index(row["state"]))


def _transferred(a: Assessment) -> list[View]:
    """Threats that a decision gives to somebody else, or proposes to."""
    titles = {threat.id: threat.title for threat in a.threats if a.configuration in threat.by_configuration}
    return [
        {
            "id": item.threat,
            "title": titles[item.threat],
            "owner": item.owner,
            "reason": item.reason,
            "proposed": item.proposed,
            "expires": item.expires,
        }
        for item in a.dispositions
        if item.decision == "transferred"
        and item.threat in titles
        and (not item.configurations or a.configuration in item.configurations)
    ]
