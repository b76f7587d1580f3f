"""The posture in words: sentences made of figures, each true of this assessment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from collateral.assessment import Assessment
from collateral.doubts import doubtful
from collateral.duplicates import hidden, told_twice
from collateral.report.facts import used_controls
from threatmodel.analysis import RISK_LEVELS, STATUSES, Threat

_TOP = 5
_UNRESOLVED = ("contradicted", "open", "unverified")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def summary(a: Assessment) -> list[str]:
    """Paragraphs of the executive summary, for the configuration of the documents."""
    here = [t.by_configuration[a.configuration] for t in a.threats if a.configuration in t.by_configuration]
    counts: Counter[str] = Counter(result.status for result in here)
    grave = sum(r.status in _UNRESOLVED and r.risk in {"high", "critical"} for r in here)
    system = a.system
    stopped, unproven, bare, untrue = (
        counts[status] for status in ("mitigated", "unverified", "open", "contradicted")
    )
    first = (
        f"In the configuration {a.configuration} the model of {a.project.name} {a.release} has "
        f"{_count(len(system.elements), 'element')}, {_count(len(system.flows), 'data flow')} and "
        f"{_count(len(system.boundaries), 'trust boundary', 'trust boundaries')}. "
        f"{_count(len(here), 'threat')} {_verb(len(here), 'applies', 'apply')}: "
        f"{stopped} {_verb(stopped, 'is', 'are')} mitigated by controls that were proven, "
        f"{unproven} {_verb(unproven, 'rests', 'rest')} on controls that nobody has proven, "
        f"{bare} {_verb(bare, 'has', 'have')} no complete set of controls that claims to stop "
        f"{_verb(bare, 'it', 'them')}, "
        f"and for {untrue} {_known(a)}the source tree contradicts what the model claims. "
        f"Of those that are not resolved, {grave} {_verb(grave, 'carries', 'carry')} a high or critical risk."
    )
    return [first, _source(a), _scanners(a), *_decisions(counts)]


def _known(a: Assessment) -> str:
    """What must stand before a number of contradictions where some are withheld."""
    return "that this edition may name " if a.withheld and a.withheld.claims else ""


def _source(a: Assessment) -> str:
    used = used_controls(a.system)
    counts = Counter(a.ledger.states[a.configuration, id_] for id_ in used)
    proven = counts["verified"]
    if not a.source.available:
        start = f"No control was checked, because no source tree was read ({a.source.reason or 'none was given'}). "
        vouched = counts["attested"]
        if not vouched:
            return start + "Every control is therefore unverified, and no threat is shown as mitigated."
        return (
            f"{start}{_count(vouched, 'control')} {_verb(vouched, 'is', 'are')} attested by a person; "
            "every other one is unverified."
        )
    silent, said = counts["undisclosed"], counts["proposed"]
    rest = len(used) - proven - counts["attested"] - counts["contradicted"] - silent - said
    unsaid = f"{silent} undisclosed in this edition, " if silent else ""
    other = "".join(f"This is not the release: {item.why}. " for item in a.not_done if item.what == "Release")
    return (
        f"{other}The controls were checked against {a.source.name}"
        f"{f' (commit {a.source.commit[:12]})' if a.source.commit else ''}: of {_count(len(used), 'control')} in this "
        f"configuration {proven} {_verb(proven, 'is', 'are')} verified, {counts['attested']} attested by a person, "
        f"{counts['contradicted']} contradicted, {unsaid}{f'{said} proposed, ' if said else ''}and {rest} without "
        f"evidence.{_doubts(a, used)}"
    )


def _doubts(a: Assessment, used: Iterable[str]) -> str:
    """What open findings do to controls that were verified; nothing where they do nothing."""
    configuration = a.system.configuration
    here = [t.by_configuration[a.configuration] for t in a.threats if a.configuration in t.by_configuration]
    controls = len(doubtful(a.doubts, used, configuration))
    if not controls:
        return ""
    resting = sum(
        result.status == "mitigated" and bool(doubtful(a.doubts, result.controls, configuration))
        for result in here
    )
    return (
        f" {_count(controls, 'verified control')} {_verb(controls, 'is', 'are')} doubtful, because a scanner has an open "
        f"finding in the code that proves {_verb(controls, 'it', 'them')}; {_count(resting, 'mitigated threat')} "
        f"{_verb(resting, 'rests', 'rest')} on {_verb(controls, 'it', 'them')}."
    )


def _scanners(a: Assessment) -> str:
    if not a.scans:
        return "No scanner was run; the absence of findings says nothing about the code."
    parts = [f"{scan.scanner} {scan.version}: {scan.status}".strip() for scan in a.scans]
    failed = [scan for scan in a.scans if scan.status in {"failed", "skipped"}]
    tail = ""
    if failed:
        names = ", ".join(scan.scanner for scan in failed)
        tail = f" What {names} would have found is not known."
    less = ", those not counted that this edition withholds" if a.withheld and a.withheld.findings else ""
    decided = sum(entry.in_force(a.date.date()) for key, entry in a.triage.items() if key in a.attributions)
    triage = f" Decisions with a public source are in force on {decided} of them." if decided else ""
    report = f"They report {_count(len(a.findings), 'finding')}{less}{_repeated(a)}."
    return f"Scanners: {'; '.join(parts)}. {report}{triage}{tail}"


def _repeated(a: Assessment) -> str:
    """How many findings tell what another tool tells too."""
    count = len(hidden(told_twice(a.findings)))
    return f", {count} of which {_verb(count, 'tells', 'tell')} what another tool tells too" if count else ""


def _decisions(counts: Counter[str]) -> list[str]:
    decided = counts["accepted"] + counts["transferred"] + counts["not-applicable"]
    if not decided:
        return [
            "No threat is accepted, transferred or set aside: no such decision with a public source is on record."
        ]
    are = _verb(decided, "is", "are")
    return [f"{_count(decided, 'threat')} {are} accepted, transferred or set aside by recorded decisions."]


def top_threats(a: Assessment) -> list[str]:
    """The ids of the gravest threats that are not resolved, one of each rule: by risk, then by status, then by id."""

    def key(threat: Threat) -> tuple[int, int, int, str]:
        here = threat.by_configuration[a.configuration]
        return (
            -RISK_LEVELS.index(here.risk),
            -here.likelihood * here.impact,
            STATUSES.index(here.status),
            threat.id,
        )

    open_here = [
        t
        for t in a.threats
        if a.configuration in t.by_configuration and t.by_configuration[a.configuration].status in _UNRESOLVED
    ]
    of_rule: dict[str, str] = {}
    for threat in sorted(open_here, key=key):
        of_rule.setdefault(threat.rule, threat.id)
    return list(of_rule.values())[:_TOP]
