"""This release beside the one before: everything that is new, changed, fixed or back, and what made it so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from collateral.assessment import Assessment
from collateral.history import KINDS, STATES, Cause, Change, History, Kind, State, ToolChange
from collateral.history_data import PreviousBundle
from collateral.history_findings import finding_changes
from collateral.history_model import UNRESOLVED, ModelChanges, claim_key
from collateral.history_tools import REBUILD, Sides, tool_changes
from scanners.baseline import Trace
from scanners.finding import Severity
from scanners.sarif_baseline import Baseline, BaselineState, Gone
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError
from threatmodel.core.text import fold

_BASELINE: dict[State, BaselineState] = {
    "new": "new",
    "reopened": "new",
    "unchanged": "unchanged",
    "changed": "updated",
}


def compare(previous: PreviousBundle, assessment: Assessment) -> History:
    """All changes since the previous bundle. `assessment` is the whole one, before an edition leaves anything out.

    A cause is named where the manifests and digests of both sides show it. Where the code changed and a tool, rule or
    the toolkit as well, it is `unknown`.

    Raises:
        UsageError: U040, the bundle is of another project.
    """
    if previous.project != assessment.project.id:
        message = f"the previous bundle is of {fold(previous.project)}, not of {assessment.project.id}"
        raise UsageError(Diagnostic(code="U040", message=message, hint="name a bundle of the same model"))
    sides = Sides(previous, assessment)
    model = ModelChanges(sides)
    findings, past = finding_changes(sides)
    changes = sorted([*model.threats(), *model.claims(), *findings], key=_order)
    return History(
        previous_release=previous.release,
        previous_date=previous.date,
        previous_commit=previous.source_commit,
        previous_model=previous.model_digest,
        previous_toolkit=previous.toolkit,
        changes=tuple(changes),
        notes=tuple(_notes(sides)),
        past=tuple(sorted([*model.past(), *past], key=_order)),
        tools=tool_changes(sides),
        previous_manifest=previous.manifest_sha256,
    )


def _order(change: Change) -> tuple[int, int, str]:
    return KINDS.index(change.kind), STATES.index(change.state), change.id


def notes_of(history: History) -> tuple[str, ...]:
    """What could not be compared, with numbers: of the changes that are there, so that none counts what is left out."""
    claims, threats = (sum(_silent(c) for c in history.changes if c.kind == k) for k in ("claim", "threat"))
    notes = list(history.notes)
    if claims or threats:
        were = "was" if claims + threats == 1 else "were"
        what = " and ".join(_many(n, word) for n, word in ((claims, "claim"), (threats, "threat")) if n)
        notes.append(
            f"{what} {were} not compared: one of the two sides did not look, or does not say what it found"
        )
    if unclear := sum(change.cause == "unknown" for change in history.changes):
        notes.append(
            f"{_many(unclear, 'change')} {'has' if unclear == 1 else 'have'} no single cause; {REBUILD}"
        )
    return tuple(notes)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _notes(sides: Sides) -> list[str]:
    before, after = sides.before, sides.after
    notes = list(before.notes)
    if before.date > after.date.date().isoformat():
        notes.append(f"the previous bundle is dated {before.date}, after this release")
    if not after.source.available:
        notes.append("no source tree was read for this release: nothing is known to be fixed in the code")
    if before.withheld:
        count = "1 finding" if before.withheld == 1 else f"{before.withheld} findings"
        notes.append(
            f"the previous bundle withheld {count} and does not name them: they may show as new here"
        )
    for scan in after.scans:
        if scan.status not in {"complete", "partial"}:
            notes.append(f"{scan.scanner} {scan.status}: its earlier findings are carried on, not compared")
    for name in sorted(set(before.scans) - set(sides.scans)):
        notes.append(
            f"{name} did not run for this release: its earlier findings are carried on, not compared"
        )
    for name, was in sorted(before.scans.items()):
        if not was.ran:
            notes.append(f"{name} {was.status} for the previous bundle: all that it reports now shows as new")
    return notes


def _silent(change: Change) -> bool:
    return (change.state, change.cause) == ("unchanged", "not-checked")


def baseline(history: History | None) -> Baseline | None:
    """The findings' states as SARIF has them. What is not known to be gone is not said to be absent."""
    if history is None:
        return None
    gone: dict[str, list[Gone]] = {}
    states: dict[str, BaselineState] = {}
    for change in history.changes:
        if change.kind != "finding":
            continue
        if change.trace is None:
            states[change.id] = _BASELINE.get(change.state, "new")
        elif change.state == "fixed":
            item = Gone(trace=change.trace, level=change.level, message=change.title)
            gone.setdefault(change.trace.scanner, []).append(item)
    return Baseline(states=states, gone={name: tuple(items) for name, items in sorted(gone.items())})


EntryState = Literal["open", "settled", "fixed", "gone", "not-checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a later build needs to know of a threat, claim or finding.

    `open`: there, and not resolved. `settled`: never known to be a problem. `fixed`: it was one. `gone`: no longer in
    the model. `not-checked`: nobody looked since `last_seen`. A finding that is not there has its `trace`.
    """

    kind: Kind
    id: str
    state: EntryState
    first_seen: str
    last_seen: str
    title: str = ""
    level: Severity = "warning"
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousFacts:
    """The bundle that this one was compared with."""

    release: str
    date: str
    source_commit: str
    model_digest: str
    toolkit: str
    manifest_sha256: str
    tools: tuple[ToolChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A change, without what the entries hold."""

    kind: Kind
    id: str
    state: State
    cause: Cause
    reason: str
    before: str
    after: str
    previous: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFile:
    """`history.json`. `previous` null: no earlier bundle was given, which does not mean that nothing changed.

    `changes` leaves out what is unchanged; `notes` says what could not be compared.
    """

    format: Literal["threatmodel/history"] = "threatmodel/history"
    version: Literal[1] = 1
    project: str
    release: str
    date: str
    previous: PreviousFacts | None
    changes: tuple[Said, ...]
    notes: tuple[str, ...]
    entries: tuple[Entry, ...] = field(default_factory=tuple)


def history_file(a: Assessment) -> HistoryFile:
    """The history of everything that this edition shows, for readers and for the next build."""
    h, today = a.history, a.date.date().isoformat()
    changes = {(c.kind, c.id): c for c in h.changes} if h else {}
    entries = [*_present(a, changes, today), *(_absent(c) for c in changes.values() if _is_absent(c))]
    entries += [_absent(c) for c in h.past if c.trace is not None] if h else []
    return HistoryFile(
        project=a.project.id,
        release=a.release,
        date=today,
        previous=_facts(h) if h else None,
        changes=tuple(
            Said(**{name: getattr(c, name) for name in Said.__dataclass_fields__})
            for c in (h.changes if h else ())
            if c.cause != "none" or c.state != "unchanged"
        ),
        notes=notes_of(h) if h else ("no earlier bundle was given",),
        entries=tuple(sorted(entries, key=lambda e: (KINDS.index(e.kind), e.id, e.state, e.last_seen))),
    )


def _facts(h: History) -> PreviousFacts:
    return PreviousFacts(
        release=h.previous_release,
        date=h.previous_date,
        source_commit=h.previous_commit,
        model_digest=h.previous_model,
        toolkit=h.previous_toolkit,
        manifest_sha256=h.previous_manifest,
        tools=h.tools,
    )


def _present(a: Assessment, changes: dict[tuple[Kind, str], Change], today: str) -> list[Entry]:
    made: dict[tuple[Kind, str], Entry] = {}

    def add(kind: Kind, id_: str, problem: bool) -> None:
        change = changes.get((kind, id_))
        was_fixed = change is not None and change.state == "fixed"
        state: EntryState = (
            "open" if problem else ("fixed" if was_fixed or _stays(a, kind, id_) else "settled")
        )
        first = change.first_seen if change and change.first_seen else today
        made[kind, id_] = Entry(kind=kind, id=id_, state=state, first_seen=first, last_seen=today)

    for threat in a.threats:
        add("threat", threat.id, threat.status in UNRESOLVED)
    for check in a.ledger.checks:
        id_ = claim_key(check.control, check.text)
        old = made.get(("claim", id_))
        add(
            "claim",
            id_,
            check.state in {"contradicted", "not-found"} or (old is not None and old.state == "open"),
        )
    for finding in a.findings:
        add("finding", finding.fingerprint, True)
    return list(made.values())


def _stays(a: Assessment, kind: Kind, id_: str) -> bool:
    """True for what was fixed in an earlier release and is still resolved."""
    return a.history is not None and any(c.kind == kind and c.id == id_ for c in a.history.past)


def _is_absent(change: Change) -> bool:
    if change.kind == "finding":
        return change.trace is not None
    return change.after in {"not claimed", "does not apply", "not checked"} and bool(change.before)


def _absent(change: Change) -> Entry:
    state: EntryState = "fixed" if change.state == "fixed" else "not-checked"
    if change.kind != "finding":
        state = "gone" if change.cause != "not-checked" else "not-checked"
    return Entry(
        kind=change.kind,
        id=change.id,
        state=state,
        first_seen=change.first_seen,
        last_seen=change.last_seen,
        title=change.title,
        level=change.level,
        trace=change.trace,
    )
