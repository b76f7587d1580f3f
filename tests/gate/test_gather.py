"""No change weakens its own gate: policy, waivers, rules and decisions of HEAD do not count for HEAD."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collateral.gate import Verdict, evaluate
from collateral.gate.gather import gather
from collateral.gate.scanfile import ScanFile, ScannerRun
from collateral.gate.state import Sources, state_of
from collateral.policy import DEFAULT_GATE_LEVELS, GATE_RULES, Criterion, Waiver
from collateral.response import read_response
from collateral.sides import Side
from collateral.triage import TriageEntry
from tests.collateral.support import SOURCE, finding, write_files
from tests.gate.support import DAY
from threatmodel.analysis import Disposition
from threatmodel.core.diagnostics import Place
from threatmodel.core.errors import InvalidInput
from threatmodel.source import DirectoryTree
from threatmodel.system import Absent, Attested, Project, SystemModel
from threatmodel.system.risk import PRIVILEGES, Mitigation

Sides = tuple[Side, Side]
BROKEN = "def fetch(url):\n    return eval(url)\n"
URL = "https://example.org/1"
FAR = datetime.date(2099, 1, 1)
WORD = Attested(by="A. Person", date="2026-01-01", expires="2099-01-01", evidence=URL, paths=())


def judge(base: Side, head: Side, sources: Sources | None = None, **options: Any) -> Verdict:
    """The verdict on these sides."""
    return evaluate(
        gather(base, head, sources or Sources(), model="model", as_of=DAY, enforced=True, **options)
    )


def facts(verdict: Verdict) -> set[tuple[str, str, str]]:
    """What blocks or could, without the events on the policy itself."""
    return {(e.rule, e.subject, e.level) for e in verdict.events if e.rule != "policy-change"}


def with_gate(side: Side, **changes: Any) -> Side:
    return replace(side, policy=replace(side.policy, gate=replace(side.policy.gate, **changes)))


def with_risk(side: Side, **changes: Any) -> Side:
    manifest = side.loaded.manifest
    risk = replace(manifest.risk, **changes)
    return replace(side, loaded=replace(side.loaded, manifest=replace(manifest, risk=risk)))


def with_project(side: Side, change: Callable[[Project], Project]) -> Side:
    return replace(side, loaded=replace(side.loaded, project=change(side.loaded.project)))


def disposition(threat: str, **changes: Any) -> Disposition:
    made = Disposition(
        threat=threat,
        decision="accepted",
        reason="fine",
        owner="A. Person",
        expires="2099-01-01",
        source=URL,
        configurations=(),
        place=Place("head/model/dispositions.yaml", 2),
    )
    return replace(made, **changes)


def waiver(rule: Any, subject: str, **changes: Any) -> Waiver:
    made = Waiver(rule=rule, subject=subject, reason="fine", owner="A. Person", expires=FAR, source=URL)
    return replace(made, **changes)


def scans(*names: str, scanner: str = "bandit", **run: Any) -> ScanFile:
    state = {"status": "complete", "unread": frozenset(), **run}
    found = tuple(finding(name, severity="error", confidence="high") for name in names)
    return ScanFile(findings=found, runs={scanner: ScannerRun(**state)})


def trees(folder: Path, **head: str) -> Sources:
    """The source of the tiny model, and the same with some files replaced."""
    pair = [
        DirectoryTree(write_files(folder / name, files), name=name)
        for name, files in (("sb", SOURCE), ("sh", {**SOURCE, **head}))
    ]
    return Sources(trees=(pair[0], pair[1]))


def test_a_new_flow_brings_its_threats_and_nothing_else(sides: Sides) -> None:
    base, head = sides
    verdict = judge(base, head)
    assert {e.rule for e in verdict.events} == {"new-threat"}
    assert all(e.subject.endswith("@T9") for e in verdict.events)
    assert {str(e.place) for e in verdict.events} == {"model/__init__.py:46"}
    assert verdict.exit == 10
    assert judge(base, base).events == judge(head, base).events == ()


ATTEMPTS: dict[str, Callable[[Side, tuple[str, ...]], Side]] = {
    "levels": lambda head, _: with_gate(head, levels=dict.fromkeys(GATE_RULES, "off")),
    "threshold": lambda head, _: with_gate(head, threshold="none"),
    "waiver": lambda head, ids: with_gate(head, waivers=tuple(waiver("new-threat", id_) for id_ in ids)),
    "criteria": lambda head, _: replace(
        head,
        policy=replace(
            head.policy, criteria=(Criterion(priority="p3", about="threat", facts={}, because="calm"),)
        ),
    ),
    "disposition": lambda head, ids: replace(head, dispositions=tuple(disposition(id_) for id_ in ids)),
    "packs": lambda head, _: replace(
        head, rules=(), loaded=replace(head.loaded, manifest=replace(head.loaded.manifest, packs=()))
    ),
    "risk matrix": lambda head, _: with_risk(head, matrix=(("low",) * 5,) * 5),
    "risk weight reach": lambda head, _: with_risk(head, reach=(1,) * 5),
    "risk weight privilege": lambda head, _: with_risk(head, privilege=dict.fromkeys(PRIVILEGES, 0)),
    "risk weight mitigation": lambda head, _: with_risk(head, mitigation=Mitigation(verified=4, attested=4)),
    "boundary paths": lambda head, _: with_gate(head, boundary_paths=()),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_change_weakens_its_own_gate(sides: Sides, tmp_path: Path, name: str) -> None:
    base, head = sides
    sources = trees(tmp_path, **{"app/service.py": BROKEN})
    plain = judge(base, head, sources)
    ids = tuple(e.subject for e in plain.events if e.rule == "new-threat")
    tried = judge(base, ATTEMPTS[name](head, ids), sources)
    assert facts(tried) == facts(plain)
    assert tried.exit == plain.exit == 10
    assert {e.level for e in tried.events if e.rule == "policy-change"} <= {"warn", "block"}
    assert any(e.rule == "policy-change" and "lets more pass" in e.message for e in tried.events)


def test_the_same_in_base_counts(sides: Sides) -> None:
    base, head = sides
    ids = tuple(e.subject for e in judge(base, head).events)
    for name in ("levels", "threshold", "waiver", "disposition", "packs"):
        assert judge(ATTEMPTS[name](base, ids), ATTEMPTS[name](head, ids)).exit == 0, name


def test_a_waiver_may_name_a_threat_that_does_not_exist_yet(sides: Sides) -> None:
    base, head = sides
    ids = tuple(e.subject for e in judge(base, head).events)
    waived = tuple(waiver("new-threat", id_) for id_ in (*ids, "IPC-999@nowhere"))
    verdict = judge(with_gate(base, waivers=waived), with_gate(head, waivers=waived))
    assert {e.level for e in verdict.events} == {"info"}
    assert all(e.waived_by for e in verdict.events)


@pytest.mark.parametrize(("source", "expires"), [("", FAR), (URL, DAY - datetime.timedelta(days=1))])
def test_a_waiver_of_base_that_does_not_count_waives_nothing(
    sides: Sides, source: str, expires: datetime.date
) -> None:
    base, head = sides
    ids = tuple(e.subject for e in judge(base, head).events)
    waived = tuple(waiver("new-threat", id_, source=source, expires=expires) for id_ in ids)
    verdict = judge(with_gate(base, waivers=waived), with_gate(head, waivers=waived))
    assert {e.level for e in verdict.events if e.rule == "new-threat"} == {"block"}


def test_a_word_of_a_person_counts_once_it_is_merged(sides: Sides) -> None:
    base, _ = sides
    vouched = with_project(
        base,
        lambda p: replace(p, controls=tuple(replace(c, claims=(WORD,)) for c in p.controls)),
    )
    first, merged = judge(base, vouched), judge(vouched, vouched)
    (event,) = (e for e in first.events if e.rule == "policy-change" and e.subject.startswith("disposition:"))
    assert event.level == "warn"
    worse = judge(vouched, with_project(base, lambda p: p))
    assert merged.events == ()
    assert "new-threat" in {e.rule for e in worse.events}


@pytest.mark.parametrize("drop", ["gate", "priority"])
def test_a_head_without_the_gate_is_invalid(sides: Sides, drop: str) -> None:
    base, head = sides
    manifest = head.loaded.manifest
    policy = {key: value for key, value in manifest.policy.items() if key != drop}
    without = replace(head, loaded=replace(head.loaded, manifest=replace(manifest, policy=policy)))
    if drop == "gate":
        with pytest.raises(InvalidInput) as caught:
            judge(base, without)
        assert [d.code for d in caught.value.diagnostics] == ["G001"]
    else:
        assert judge(base, without).exit == 10


def test_claims_that_the_source_loses(sides: Sides, tmp_path: Path) -> None:
    base, _ = sides
    broken = trees(tmp_path, **{"app/service.py": BROKEN})
    verdict = judge(base, base, broken)
    (event,) = (e for e in verdict.events if e.rule == "contradicted-claim")
    assert event.subject == "caller-tokens#app/service.py has /^def check_token/"
    assert (event.tree, str(event.place)) == ("source", "app/service.py")
    assert "new-threat" in {e.rule for e in verdict.events}
    only = Sources(trees=(None, broken.trees[1]))
    assert "contradicted-claim" in {e.rule for e in judge(base, base, only).events}
    both = Sources(trees=(broken.trees[1], broken.trees[1]))
    assert judge(base, base, both).events == ()


@pytest.mark.parametrize(
    ("claims", "level"),
    [
        ((), "block"),
        ((Absent(paths=("app/service.py",), pattern="^def old"),), "warn"),
        (None, "warn"),
    ],
    ids=["dropped", "replaced", "control gone"],
)
def test_to_drop_a_claim_is_no_answer_to_a_source_that_contradicts_it(
    sides: Sides, tmp_path: Path, claims: tuple[Any, ...] | None, level: str
) -> None:
    base, _ = sides

    def less(project: Project) -> Project:
        if claims is None:
            return replace(project, controls=(), systems=tuple(map(_unguarded, project.systems)))
        return replace(project, controls=tuple(replace(c, claims=claims) for c in project.controls))

    head = with_project(base, less)
    broken = judge(base, head, trees(tmp_path, **{"app/service.py": BROKEN}))
    (event,) = (e for e in broken.events if e.rule == "contradicted-claim")
    assert (event.level, event.subject) == (level, "caller-tokens#app/service.py has /^def check_token/")
    assert "that HEAD has" in event.message
    held = judge(base, head, trees(tmp_path / "held"))
    assert [e for e in held.events if e.rule == "contradicted-claim"] == []


def _unguarded(system: SystemModel) -> SystemModel:
    return replace(system, elements=tuple(replace(e, controls=()) for e in system.elements))


def test_a_configuration_that_goes_takes_its_threats_and_is_said(sides: Sides) -> None:
    base, _ = sides
    fewer = with_project(
        base, lambda p: replace(p, systems=tuple(s for s in p.systems if s.configuration.name != "bare"))
    )
    (event,) = judge(base, fewer).events
    assert (event.level, event.subject) == ("warn", "policy:configuration bare")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"evidence": ""}, {}, "added"),
        ({"by": ""}, {}, "added"),
        ({"expires": "2026-03-05"}, {}, "changed"),
        ({}, {"expires": "2026-03-05"}, ""),
        ({}, {}, ""),
    ],
)
def test_a_word_that_was_proposed_or_shorter_is_no_word_of_base(
    sides: Sides, before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    pair = [
        with_project(sides[0], lambda p, w=word: replace(p, controls=(replace(p.controls[0], claims=(w,)),)))  # type: ignore[misc]
        for word in (replace(WORD, **before), replace(WORD, **after))
    ]
    states = (state_of(pair[0], pair[0], None, DAY), state_of(pair[1], pair[0], None, DAY))
    assert (states[1].ledger.checks[0].state == "attested") is (before == after)
    found = [e for e in judge(pair[0], pair[1]).events if e.subject.startswith("disposition:attested:")]
    assert [e.level for e in found] == (["warn"] if said else [])
    assert all(f" {said}; it lets more pass" in e.message for e in found)


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        (lambda p: replace(p, adversaries=()), "policy:adversary stranger"),
        (lambda p: _adversary(p, controls=()), "policy:adversary stranger"),
        (lambda p: _adversary(p, family="other"), "policy:adversary stranger"),
        (lambda p: _adversary(p, when={"auth": ("none",)}), "policy:adversary stranger"),
        (lambda p: _adversary(p, controls=("client", "store")), ""),
        (lambda p: _adversary(p, name="Other"), ""),
        (lambda p: _notes(p, confidentiality="low"), "policy:data notes"),
        (lambda p: _notes(p, integrity="high"), ""),
        (lambda p: _notes(p, secret=True), ""),
    ],
)
def test_who_attacks_and_what_data_are_worth_is_no_quiet_change(
    sides: Sides, change: Callable[[Project], Project], subject: str
) -> None:
    head = with_project(sides[0], change)
    found = [e for e in judge(sides[0], head).events if e.rule == "policy-change"]
    assert [(e.level, e.subject) for e in found] == ([("warn", subject)] if subject else [])


def _adversary(project: Project, **changes: Any) -> Project:
    return replace(project, adversaries=(replace(project.adversaries[0], **changes),))


def _notes(project: Project, **changes: Any) -> Project:
    return replace(project, data=(replace(project.data[0], **changes),))


@pytest.mark.parametrize(
    ("changes", "fires"),
    [({"protocol": "gRPC"}, True), ({"target": "store"}, True), ({"name": "Other"}, False)],
)
def test_a_decision_is_not_carried_to_another_flow_unseen(
    sides: Sides, changes: dict[str, Any], fires: bool
) -> None:
    base, _ = sides
    known = {t.id for t in state_of(base, base, None, DAY).threats if t.target.id == "T1"}

    def turned(system: SystemModel) -> SystemModel:
        flows = tuple(replace(f, **changes) if f.id == "T1" else f for f in system.flows)
        return replace(system, flows=flows)

    head = with_project(base, lambda p: replace(p, systems=tuple(map(turned, p.systems))))
    threat = min(known & {t.id for t in state_of(head, base, None, DAY).threats})
    decisions = (disposition(threat), disposition(max(known), source=""))
    pair = [
        replace(with_gate(side, waivers=(waiver("new-threat", threat),)), dispositions=decisions)
        for side in (base, head)
    ]
    found = [e for e in judge(pair[0], pair[1]).events if e.rule == "policy-change"]
    subjects = [f"{kind}:{threat}, whose flow T1" for kind in ("disposition", "waiver")] if fires else []
    assert [(e.level, e.subject) for e in found] == [("warn", subject) for subject in subjects]


def test_terms_of_roles_and_contacts_end_too(sides: Sides) -> None:
    base, head = sides
    text = b"""
supported: {policy: {text: Newest only}}
severity: {version: {text: CVSS v4.0}}
intake:
  owner: The team
  expires: 2026-03-20
  source: https://example.org/security
  channels: []
"""
    response = read_response(text, "model/response.yaml")
    verdict = judge(replace(base, response=response), replace(head, response=response))
    assert ("warn", "expiry", "response:contacts:The team") in {
        (e.level, e.rule, e.subject) for e in verdict.events
    }


def test_a_claim_that_can_no_longer_be_checked_is_not_clean(sides: Sides, tmp_path: Path) -> None:
    base, _ = sides
    sources = trees(tmp_path)
    empty = DirectoryTree(write_files(tmp_path / "empty", {"README.md": "x"}))
    lost = judge(base, base, Sources(trees=(sources.trees[0], empty)))
    assert any("not-found" in item for item in lost.undone)
    same = judge(base, base, Sources(trees=(empty, empty)))
    assert not any("not-found" in item for item in same.undone)
    assert any("boundary path service: no file" in item for item in same.undone)
    assert same.exit == 3


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        (
            '# why\n\ndef check_token(token):\n    return token == "x"\n\ndef fetch(url):\n    return eval(url)  # no\n',
            False,
        ),
        ("def check_token(token):\n    return True\n\ndef fetch(url):\n    return eval(url)\n", True),
    ],
)
def test_a_boundary_file_blocks_where_its_code_changed(
    sides: Sides, tmp_path: Path, text: str, fires: bool
) -> None:
    base, _ = sides
    verdict = judge(base, base, trees(tmp_path, **{"app/service.py": text}))
    assert [e.rule for e in verdict.events] == (["model-not-followed"] if fires else [])
    assert verdict.exit == (10 if fires else 0)


def test_findings_new_decided_and_of_scanners_that_base_lacks(sides: Sides) -> None:
    base, head = sides
    pair = Sources(scans=(scans("app/a.py"), scans("app/a.py", "app/b.py")))
    new = finding("app/b.py", severity="error", confidence="high")
    verdict = judge(base, base, pair)
    (event,) = verdict.events
    assert (event.subject, event.level, verdict.exit) == (new.fingerprint, "block", 11)
    entry = TriageEntry(
        finding=new.fingerprint,
        decision="false-positive",
        reason="fine",
        owner="A. Person",
        expires="2099-01-01",
        source=URL,
        place=Place("head/model/dispositions.yaml", 1),
    )
    decided = replace(base, triage={new.fingerprint: entry})
    assert judge(decided, decided, pair).exit == 0
    assert judge(base, decided, pair).exit == 11
    unsaid = replace(base, triage={new.fingerprint: replace(entry, source="")})
    assert judge(unsaid, unsaid, pair).exit == 11
    other = judge(base, base, Sources(scans=(scans("app/a.py"), scans("app/b.py", scanner="new"))))
    assert {e.level for e in other.events} == {"block"} or other.exit == 3
    assert any("scanner new over BASE" in item for item in other.undone)
    assert head.triage == {}


def test_a_component_of_head_does_not_calm_a_finding(sides: Sides) -> None:
    base, _ = sides
    calm = with_project(
        base,
        lambda p: replace(p, components=tuple(replace(c, runs_in=(), role="test") for c in p.components)),
    )
    pair = Sources(scans=(scans(), scans("app/b.py")))
    assert [e.priority for e in judge(base, calm, pair).events if e.rule == "new-finding"] == ["p1"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((), ("NO-001@T1",), "block"),
        (("NO-001@T1",), ("NO-001@T1",), "block"),
        (("NO-001@T1",), (), "info"),
        ((), (), ""),
    ],
)
def test_decisions_without_a_threat(
    sides: Sides, before: tuple[str, ...], after: tuple[str, ...], expected: str
) -> None:
    base, _ = sides
    pair = [replace(base, dispositions=tuple(disposition(id_) for id_ in ids)) for ids in (before, after)]
    found = [e for e in judge(pair[0], pair[1]).events if e.rule == "orphaned-disposition"]
    assert [e.level for e in found] == ([expected] if expected else [])


def test_a_decision_for_a_configuration_that_head_has_not_is_invalid(sides: Sides) -> None:
    base, _ = sides
    head = replace(base, dispositions=(disposition("NO-001@T1", configurations=("elsewhere",)),))
    with pytest.raises(InvalidInput) as caught:
        judge(base, head)
    assert [d.code for d in caught.value.diagnostics] == ["D006"]
    assert judge(head, base).exit == 0


def test_a_change_does_not_prolong_what_has_expired(sides: Sides) -> None:
    base, _ = sides
    ended = waiver("new-threat", "IPC-001@T1", expires=DAY - datetime.timedelta(days=1))
    old = with_gate(base, waivers=(ended,))
    renewed = with_gate(base, waivers=(replace(ended, expires=FAR),))
    assert judge(old, renewed, stage="release").exit == 10
    assert judge(renewed, renewed, stage="release").exit == 0
    assert judge(old, base, stage="release").exit == 0
    assert [e.level for e in judge(old, old).events] == ["info"]
    assert judge(old, replace(old, files={"x": "y"})).events[0].level == "warn"


def test_defaults_are_those_of_the_documents() -> None:
    text = (Path(__file__).parents[2] / "docs/gate.md").read_text("utf-8")
    for rule, level in DEFAULT_GATE_LEVELS.items():
        assert f"| `{rule}` | {level} |" in text
