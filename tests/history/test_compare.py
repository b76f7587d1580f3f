"""What became of a finding, threat or claim since the bundle before, and what is given as the cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from collateral.assessment import Assessment
from collateral.history import History
from collateral.history_compare import baseline, compare, notes_of
from collateral.history_data import PreviousBundle
from scanners.finding import Finding
from tests.collateral.support import INIT, SOURCE, load_tiny
from tests.history.support import CODE, FILES, SAFE, Releases, Side, one
from threatmodel.load import Loaded


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load_tiny(tmp_path_factory.mktemp("model"))


@pytest.fixture
def releases(tiny: Loaded, tmp_path: Path) -> Releases:
    return Releases(tiny, tmp_path)


GONE = Side(hits=())
MENDED = Side(files={**FILES, "app/fetch.py": SAFE}, hits=())
MOVED = {**SOURCE, "app/lib/get.py": "import os\n\n" + CODE.replace("    ", "\t")}
RENAMED = Side(files=MOVED, hits=[("app/lib/get.py", "eval")])
OTHER = {**FILES, "app/new.py": "x = eval(y)\n"}

CASES = {
    "the same": (Side(), Side(), "unchanged", "none"),
    "moved, re-indented and renamed": (Side(), RENAMED, "unchanged", "none"),
    "line edited": (
        Side(),
        Side(files={**FILES, "app/fetch.py": CODE.replace("(url)\n\n", "(url, {})\n\n")}),
        "changed",
        "source",
    ),
    "mended": (Side(), MENDED, "fixed", "source"),
    "file deleted": (Side(), Side(files=SOURCE, hits=()), "fixed", "source"),
    "other scanner": (Side(), replace(GONE, version="2.0"), "fixed", "scanner"),
    "other rule": (Side(), replace(GONE, rule="digest-2"), "fixed", "rules"),
    "other toolkit": (Side(), replace(GONE, toolkit="0.2.0"), "fixed", "toolkit"),
    "mended, other scanner": (Side(), replace(MENDED, version="2.0"), "fixed", "unknown"),
    "mended, other toolkit": (Side(), replace(MENDED, toolkit="0.2.0"), "fixed", "unknown"),
    "nothing known changed": (Side(), GONE, "fixed", "unknown"),
    "file not read": (Side(), replace(MENDED, unread=("app/fetch.py",)), "unchanged", "not-checked"),
    "renamed and not read": (
        Side(),
        Side(files=MOVED, hits=(), unread=("app/lib/get.py",)),
        "unchanged",
        "not-checked",
    ),
    "scan of unknown extent": (Side(), replace(MENDED, notes=("lost",)), "unchanged", "not-checked"),
    "scanner failed": (Side(), replace(MENDED, ran="broken"), "unchanged", "not-checked"),
    "scanner absent": (Side(), replace(MENDED, ran=False), "unchanged", "not-checked"),
    "rule taken out": (Side(), replace(MENDED, rules=("r2",)), "unchanged", "not-checked"),
    "new code": (MENDED, Side(), "new", "source"),
    "new file, other scanner": (
        Side(files=SOURCE, hits=()),
        Side(version="2.0"),
        "new",
        "source",
    ),
    "new rule": (replace(MENDED, rules=("r2",)), Side(), "new", "rules"),
    "found by another scanner": (GONE, Side(version="2.0"), "new", "scanner"),
    "new code, other scanner": (MENDED, Side(version="2.0"), "new", "unknown"),
    "not read before": (replace(MENDED, unread=("app/fetch.py",)), Side(), "new", "not-checked"),
    "scanner failed before": (replace(MENDED, ran="broken"), Side(), "new", "not-checked"),
    "scanner absent before": (replace(MENDED, ran=False), Side(), "new", "not-checked"),
}


@pytest.mark.parametrize(("before", "after", "state", "cause"), CASES.values(), ids=CASES)
def test_finding(releases: Releases, before: Side, after: Side, state: str, cause: str) -> None:
    releases.add(before)
    change = one(releases.add(replace(after, day=2)))
    assert (change.state, change.cause) == (state, cause), change.reason
    assert bool(change.reason) == (cause != "none" or "app/lib" in str(after.files))


def test_renamed_finding_keeps_its_first_day_and_names_its_former_id(releases: Releases) -> None:
    releases.add(Side())
    change = one(releases.add(replace(RENAMED, day=9)))
    assert (change.first_seen, change.last_seen) == ("2026-01-01", "2026-01-09")
    assert change.previous not in {"", change.id}


CHAINS = {
    "fixed, then back": ([Side(), MENDED, Side()], "reopened", "2026-01-01"),
    "fixed for two releases, then back": ([Side(), MENDED, MENDED, Side()], "reopened", "2026-01-01"),
    "fixed, then back under another name": ([Side(), MENDED, RENAMED], "reopened", "2026-01-01"),
    "not looked at, then there": ([Side(), replace(MENDED, ran="broken"), Side()], "unchanged", "2026-01-01"),
    "not looked at twice": (
        [Side(), replace(MENDED, ran="broken"), replace(MENDED, ran=False), Side()],
        "unchanged",
        "2026-01-01",
    ),
    "not looked at, then mended": ([Side(), replace(Side(), ran=False), MENDED], "fixed", "2026-01-01"),
}


@pytest.mark.parametrize(("sides", "state", "first"), CHAINS.values(), ids=CHAINS)
def test_chain_of_releases(releases: Releases, sides: list[Side], state: str, first: str) -> None:
    history: History | None = None
    for day, side in enumerate(sides, 1):
        history = releases.add(replace(side, day=day))
    change = one(history)
    assert (change.state, change.first_seen) == (state, first), change


def test_sarif_states(releases: Releases) -> None:
    releases.add(Side())
    fixed = baseline(releases.add(replace(MENDED, day=2)))
    assert fixed is not None
    assert [item.trace.path for item in fixed.gone["s"]] == ["app/fetch.py"]
    silent = baseline(releases.add(replace(MENDED, ran="broken", day=3)))
    assert silent is not None
    assert (silent.states, silent.gone) == ({}, {})
    assert baseline(None) is None


def told(history: History | None, kind: str) -> set[tuple[str, str, str, str]]:
    assert history is not None
    return {
        (c.state, c.cause, c.before.partition(",")[0], c.after.partition(",")[0])
        for c in history.changes
        if c.kind == kind and c.cause != "none"
    }


WITHOUT = {**FILES, "app/service.py": "def fetch(url):\n    return 1\n"}


def test_claim_and_threat_follow_the_source(releases: Releases) -> None:
    releases.add(Side())
    worse = releases.add(Side(files=WITHOUT, day=2))
    assert told(worse, "claim") == {("changed", "source", "verified", "contradicted")}
    assert {state[:2] for state in told(worse, "threat")} == {("changed", "source")}
    better = releases.add(Side(day=3))
    assert told(better, "claim") == {("fixed", "source", "contradicted", "verified")}
    assert releases.add(Side(day=4)) is not None
    again = releases.add(Side(files=WITHOUT, day=5))
    assert told(again, "claim") == {("reopened", "source", "verified", "contradicted")}


def test_claim_under_another_toolkit_has_no_single_cause(releases: Releases) -> None:
    releases.add(Side())
    history = releases.add(Side(files=WITHOUT, toolkit="0.2.0", day=2))
    assert {state[1] for kind in ("claim", "threat") for state in told(history, kind)} == {"unknown"}
    assert history is not None
    assert "build the previous release again" in " ".join(notes_of(history))


def test_model_and_rules_are_told_apart(tiny: Loaded, tmp_path: Path) -> None:
    releases = Releases(tiny, tmp_path)
    releases.add(Side())
    smaller = load_tiny(
        tmp_path / "smaller",
        init=INIT.replace('    Flow("T1", client', '    Flow("T4", client'),
    )
    releases.loaded = smaller
    history = releases.add(Side(day=2))
    assert {state[:2] for state in told(history, "threat")} == {("new", "model"), ("fixed", "model")}
    assert history is not None
    assert {c.id.partition("@")[2] for c in history.changes if c.kind == "threat" and c.state == "new"} == {
        "T4"
    }


def test_threat_of_a_rule_that_came_changed_or_went(tiny: Loaded, tmp_path: Path) -> None:
    releases = Releases(tiny, tmp_path)
    releases.add(Side())
    releases.add(Side(day=2))
    before = releases.previous
    assert before is not None
    assert before.rules is not None
    after = Side(day=2).assess(tiny, tmp_path / "after")
    id_, was = next(iter(before.threats.items()))

    def what(previous: PreviousBundle, now: Assessment) -> tuple[str, str]:
        changes = {c.id: c for c in compare(previous, now).changes}
        return changes[id_].state, changes[id_].cause

    others = {key: value for key, value in before.threats.items() if value.rule != was.rule}
    fewer = {key: value for key, value in before.rules.items() if key != was.rule}
    assert what(replace(before, threats=others, rules=fewer), after) == ("new", "rules")
    assert what(replace(before, threats=others, rules={**fewer, was.rule: "other"}), after) == (
        "new",
        "rules",
    )
    kept = tuple(threat for threat in after.threats if threat.rule != was.rule)
    without = replace(after, threats=kept, rules=tuple(r for r in after.rules if r.id != was.rule))
    assert what(before, without) == ("unchanged", "not-checked")


def test_without_a_change_nothing_is_told(releases: Releases) -> None:
    releases.add(Side())
    history = releases.add(Side(day=2))
    assert history is not None
    assert {(c.state, c.cause) for c in history.changes} == {("unchanged", "none")}
    assert history.notes == ()
    assert all(tool.same for tool in history.tools)


def test_marks_survive_the_bundle(releases: Releases) -> None:
    releases.add(Side())
    releases.add(Side(day=2))
    [finding] = Side().scans()[0].findings
    assert isinstance(finding, Finding)
    assert releases.previous is not None
    assert [item.trace.marks for item in releases.previous.findings] == [finding.marks]
