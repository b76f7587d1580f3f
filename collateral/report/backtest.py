"""The view of published advisories: would the model have named them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collateral.advisories import UnknownKey
from collateral.assessment import Assessment
from collateral.backtest import BacktestFile, BacktestRow, NamedThreat, ThirdPartyRow
from collateral.backtest.text import UNREAD, figures, place_said, rules_said, verdict_said
from collateral.report.facts import View
from collateral.report.front import fold_all

_LACKS: Mapping[UnknownKey, str] = {
    "claims": "claims",
    "cve": "CVE id",
    "cvss": "CVSS vector",
    "cwe": "weakness",
    "fix_commits": "commits of the fix",
    "fixed": "release with the fix",
    "introduced": "first release with the flaw",
    "published": "date",
    "tags": "tags",
    "threats": "threats",
}


def backtest_view(file: BacktestFile | None, a: Assessment) -> View | None:
    """What the documents show of it; None where the model records no advisory. The status of a threat today is the worst
    over the configurations of this release; empty where none of them has it."""
    if file is None:
        return None
    today = {threat.id: threat.status for threat in a.threats}
    view: View = fold_all(
        {
            "count": len(file.advisories),
            "named": file.totals.named,
            "checked": file.checked,
            "figures": figures(file),
            "rows": [_own(row, today) for row in file.advisories],
            "components": [_part(row, today) for row in file.third_party],
            "component_count": len(file.third_party),
            "component_named": file.third_party_totals.named,
            "left_out": [{"id": item.id, "because": item.because} for item in file.left_out],
        }
    )
    return view


def _own(row: BacktestRow, today: Mapping[str, str]) -> View:
    return {
        **_common(row, today),
        "verdict": row.verdict,
        "tags": f"{row.last_affected} to {row.first_fixed}" if row.last_affected else "",
        "claims": verdict_said(row),
        "flips": list(dict.fromkeys(flip.control for flip in row.flips)),
        "by_fix": any(flip.from_fix == "yes" for flip in row.flips),
        "rules": rules_said(row.rules),
        "rules_verdict": row.rules.verdict,
    }


def _part(row: ThirdPartyRow, today: Mapping[str, str]) -> View:
    states = dict.fromkeys(pin.tag for pin in row.pins)
    return {
        **_common(row, today),
        "component": row.component,
        "condition": row.condition,
        "states": [{"tag": tag, "state": row.at(tag), "pins": _pins(row, tag)} for tag in states],
        "unread": "" if row.pins else UNREAD,
    }


def _pins(row: ThirdPartyRow, tag: str) -> list[str]:
    """What the pins say at a tag, without the state that stands above them."""
    state = row.at(tag)
    lines = []
    for pin in row.pins:
        if pin.tag == tag:
            other = pin.state.replace("-", " ") if pin.state != state else ""
            lines.append(", ".join(text for text in (other, place_said(pin), pin.reason) if text))
    return lines


def _common(row: BacktestRow | ThirdPartyRow, today: Mapping[str, str]) -> View:
    return {
        "id": row.id,
        "names": list(row.aliases),
        "title": row.title,
        "link": row.source,
        "published": row.published,
        "score": "" if row.score is None else f"{row.score:.1f}",
        "severity": row.severity,
        "verified": row.verified,
        "stride": row.stride,
        "cwe": list(row.cwe),
        "inferred": row.cwe_source == "inferred",
        "elements": list(row.elements),
        "fixed": list(row.fixed),
        "configuration": row.configuration,
        "threats": _threats(row.threats, today),
        "unmodelled": row.unmodelled,
        "unknown": [
            {"keys": ", ".join(_LACKS[key] for key in item.keys), "because": item.because}
            for item in row.unknown
        ],
    }


def _threats(threats: Sequence[NamedThreat], today: Mapping[str, str]) -> list[View]:
    return [
        {"id": t.id, "title": t.title, "target": t.target, "status": t.status, "today": today.get(t.id, "")}
        for t in threats
    ]
