"""What the first page says of a release: support, advisories, controls, review, tests. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collateral.advisories import Advisory
from collateral.assessment import Assessment
from collateral.doubts import doubtful
from collateral.pentest import Engagement
from collateral.report.facts import used_controls
from collateral.report.front import fold_all
from collateral.report.result_rows import percent
from collateral.response import Response

View = dict[str, Any]
_TESTS = ("pentest", "code-audit", "fuzzing-audit")
"""Kinds of engagements in which somebody else looked for flaws on purpose; the newest one is told."""
_NEVER_PROVEN = ("not-found", "not-checked", "unclaimed", "undisclosed")
_MOST = 12


def glance_view(
    a: Assessment,
    advisories: Sequence[Advisory],
    engagements: Sequence[Engagement],
    response: Response | None,
) -> View:
    """Rows in their order, each with a `name`, a `value`, notes, and whether it asks for attention."""
    made = {
        "rows": [
            _support(a, response),
            _advisories(a, advisories),
            _controls(a),
            _doubts(a),
            _reviewed(a),
            _tested(engagements),
        ]
    }
    folded: View = fold_all(made)
    return folded


def _row(name: str, value: str, notes: Sequence[str] = (), *, alarm: bool = False) -> View:
    return {"name": name, "value": value, "notes": list(notes), "alarm": alarm}


def _support(a: Assessment, response: Response | None) -> View:
    day = a.date.strftime("%Y-%m-%d")
    name = f"Support on {day}"
    if response is None:
        return _row(name, "not on record", alarm=True)
    supported = response.supported
    own = next((item for item in supported.releases if item.release == a.release), None)
    policy = supported.policy.text
    if own is not None:
        ended = bool(own.until) and own.until < day
        value = "supported" if own.supported and not ended else "not supported"
        until = f" until {own.until}" if own.until else ""
        return _row(
            name,
            value + until,
            [text for text in (own.note, policy) if text],
            alarm=value != "supported",
        )
    kinds = [
        f"{item.release}: {'supported' if item.supported else 'not supported'}" for item in supported.releases
    ]
    return _row(
        name,
        "not known to this build",
        [f"The policy names no release {a.release}. It says: {'; '.join(kinds)}." if kinds else "", policy],
        alarm=True,
    )


def _advisories(a: Assessment, advisories: Sequence[Advisory]) -> View:
    name = "Published advisories"
    if not advisories:
        return _row(name, "none on record", ["The model lists no advisory of its own project."], alarm=True)
    by_answer: dict[str, list[str]] = {}
    for item in advisories:
        by_answer.setdefault(item.affects(a.release), []).append(item.ids[0])
    affected, unknown = by_answer.get("affected", []), by_answer.get("unknown", [])
    settled = len(advisories) - len(affected) - len(unknown)
    notes = [
        f"{what}: {_some(ids)}" for what, ids in (("Affect it", affected), ("Range unknown", unknown)) if ids
    ]
    notes.append(f"{settled} of {len(advisories)} say that they do not affect it, or are fixed in it.")
    value = f"{len(affected)} affect {a.release}" + (f", {len(unknown)} range unknown" if unknown else "")
    return _row(name, value, notes, alarm=bool(affected or unknown))


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST} more" if len(ids) > _MOST else ""
    return ", ".join(ids[:_MOST]) + more


def _controls(a: Assessment) -> View:
    used = used_controls(a.system)
    states = [a.ledger.states[a.configuration, id_] for id_ in used]
    counts = (
        ("verified", states.count("verified")),
        ("attested", states.count("attested")),
        ("unverified", sum(state in _NEVER_PROVEN for state in states)),
        ("proposed", states.count("proposed")),
        ("contradicted", states.count("contradicted")),
    )
    value = ", ".join(
        f"{count} {word} ({percent(count, len(states))})"
        for word, count in counts
        if count or word != "attested"
    )
    checked = "" if a.source.available else f"No source tree was read: {a.source.reason or 'none was given'}."
    return _row(
        f"Controls ({len(states)})",
        value if states else "none",
        [
            text
            for text in (checked, "Verified: every claim was checked against the source and holds.")
            if text
        ],
        alarm=not a.source.available or bool(dict(counts)["contradicted"]),
    )


def _doubts(a: Assessment) -> View:
    looked = any(scan.status in {"complete", "partial"} for scan in a.scans)
    if not looked:
        return _row("Controls in doubt", "not checked: no scanner finished", alarm=True)
    count = len(doubtful(a.doubts, used_controls(a.system), a.system.configuration))
    return _row(
        "Controls in doubt",
        str(count),
        ["A scanner has an open finding in code that proves them."] if count else [],
        alarm=bool(count),
    )


def _reviewed(a: Assessment) -> View:
    if a.manifest.adopted:
        return _row("Reviewed", a.manifest.project["status"])
    return _row("Reviewed", "by nobody of the project: proposed", alarm=True)


def _tested(engagements: Sequence[Engagement]) -> View:
    found = sorted(
        (item for item in engagements if item.kind in _TESTS), key=lambda item: (item.published, item.id)
    )
    others = len(engagements) - len(found)
    more = [
        f"{others} other {'record' if others == 1 else 'records'} of looks at the security of the system."
    ]
    if not found:
        return _row("Last penetration test", "none on record", more if others else [], alarm=True)
    last = found[-1]
    when = last.published or "date not published"
    kind = last.kind.replace("-", " ")
    return _row(
        "Last penetration test",
        f"{when}: {last.title}",
        [f"{kind} by {last.provider.organisation}", last.source],
    )
