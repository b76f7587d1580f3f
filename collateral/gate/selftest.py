"""The gate tried on itself: each rule must block a change that it is there for, and let the mended one pass."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from collateral.gate.gather import gather
from collateral.gate.model import GateInput, Stage, Verdict
from collateral.gate.scanfile import ScanFile, ScannerRun
from collateral.gate.state import Sources
from collateral.gate.verdict import evaluate
from collateral.policy import GATE_RULES, BoundaryPath, GatePolicy, GateRule, read_policy
from collateral.sides import Side
from scanners.finding import Finding, Location
from threatmodel.analysis import Disposition
from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Place
from threatmodel.load import Loading
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.source.tree import BaseTree, Entry
from threatmodel.system import Configuration

_DAY = datetime.date(2026, 1, 1)
_MODEL = """
from typing import Literal
from threatmodel.dsl import (
    Actor, Adversary, Boundary, Component, Control, Data, Datastore, Flow, Model, Options, Process, present,
)

class SelfTest(Options):
    variant: Literal["closed", "open", "guarded"] = "closed"

NOTES = Data("notes", name="Notes", confidentiality="high", integrity="high", availability="high")
TOKENS = Control(
    "tokens", "Callers show a token", provides=["peer-authentication"], claims=[present("service.py", "check_token")],
)
STRANGER = Adversary("stranger", name="Stranger", controls=["client"], goals=["Read notes"])
CODE = Component("code", "service.py", runs_in=["service"])

def build(o: SelfTest) -> None:
    outside = Boundary("outside", name="Outside", privilege="none")
    host = Boundary("host", name="Host", privilege="root")
    client = Actor("client", inside=outside, name="Client")
    service = Process(
        "service", inside=host, name="Service", language="python", data=[NOTES],
        controls=[TOKENS] if o.variant == "guarded" else [],
    )
    if o.variant != "closed":
        Flow("F1", client, service, "Requests", protocol="HTTP", traits=["control-api"], data=[NOTES])

MODEL = Model("gate-self-test", name="Self-test of the gate", options=SelfTest, build=build)
"""
_TOML = """
[project]
id = "gate-self-test"
default-configuration = "closed"

[configurations.closed]
options = { variant = "closed" }

[configurations.open]
options = { variant = "open" }

[configurations.guarded]
options = { variant = "guarded" }
"""
_CODE = "def check_token(token):\n    return token in KNOWN\n"
_Check = tuple[Side, Side, Sources, Stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one rule did: the levels of its events on the bad change and on the mended one."""

    rule: GateRule
    change: str
    mended: str
    bad: tuple[str, ...]
    good: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """True where the rule blocks the bad change and says nothing serious about the mended one."""
        return "block" in self.bad and not self.good


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    rule: GateRule
    change: str
    mended: str
    bad: Callable[[], _Check]
    good: Callable[[], _Check]


class _Tree(BaseTree):
    """A source tree in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.name, self.commit, self.ref, self.commit_time, self.dirty = "self-test", None, None, None, False
        self._data = {path: text.encode() for path, text in files.items()}
        super().__init__(
            {path: Entry(mode="100644", size=len(data), oid="") for path, data in self._data.items()}
        )

    def copy(self, path: str, sink: Callable[[bytes], object]) -> None:
        sink(self._data[path])

    def _content(self, path: str, entry: Entry) -> str:  # noqa: ARG002 - the same signature for every tree
        return f"sha256:{sha256(self._data[path])}"


def self_test(judge: Callable[[GateInput], Verdict] = evaluate) -> tuple[Outcome, ...]:
    """Run every case through the same steps as a real gate. `judge` is what is tried."""
    return tuple(_run(case, judge) for case in _Cases(_load()).all())


def table(outcomes: tuple[Outcome, ...]) -> str:
    """One line for each rule."""
    width = max(len(outcome.rule) for outcome in outcomes)
    lines = []
    for outcome in outcomes:
        word = "ok  " if outcome.passed else "FAIL"
        lines.append(f"{word}  {outcome.rule:{width}}  blocks: {outcome.change}; passes: {outcome.mended}")
        if not outcome.passed:
            lines.append(
                f"      levels were {', '.join(outcome.bad) or 'none'}; mended {', '.join(outcome.good) or 'none'}"
            )
    good = sum(outcome.passed for outcome in outcomes)
    return (
        "\n".join([*lines, f"{good} of {len(outcomes)} rules fail when they should and pass when mended"])
        + "\n"
    )


def _run(case: _Case, judge: Callable[[GateInput], Verdict]) -> Outcome:
    return Outcome(
        rule=case.rule,
        change=case.change,
        mended=case.mended,
        bad=_levels(_verdict(case.bad(), judge), case.rule),
        good=_levels(_verdict(case.good(), judge), case.rule),
    )


def _verdict(check: _Check, judge: Callable[[GateInput], Verdict]) -> Verdict:
    base, head, sources, stage = check
    return judge(gather(base, head, sources, model="model", as_of=_DAY, stage=stage, enforced=True))


def _levels(verdict: Verdict, rule: GateRule) -> tuple[str, ...]:
    return tuple(event.level for event in verdict.events if event.rule == rule)


def _load() -> Side:
    with tempfile.TemporaryDirectory(prefix="threatmodel-gate-") as parent:
        folder = Path(parent) / "model"
        folder.mkdir()
        (folder / "__init__.py").write_text(_MODEL, "utf-8")
        (folder / "threatmodel.toml").write_text(_TOML, "utf-8")
        vocabulary = load_vocabulary()
        with Loading(folder, "model") as loading:
            rules = load_packs(loading.manifest.packs, vocabulary)
            loaded = loading.finish(vocabulary)
    policy = read_policy(loaded.manifest)
    strict = GatePolicy(
        threshold="p3",
        levels=dict.fromkeys(GATE_RULES, "block"),
        boundary_paths=(BoundaryPath(name="service", paths=("service.py",), elements=("service",)),),
    )
    return Side(
        name="model",
        commit="",
        loaded=loaded,
        rules=rules,
        dispositions=(),
        triage={},
        policy=replace(policy, gate=strict),
        files={},
    )


class _Cases:
    """The cases, made from one model in three variants."""

    def __init__(self, side: Side) -> None:
        self._side = side

    def all(self) -> tuple[_Case, ...]:
        closed, open_, guarded = (self._variant(name) for name in ("closed", "open", "guarded"))
        good = self._sources(_CODE)
        decision = self._decided("NONE-001@service", _DAY.replace(year=2027))
        return (
            _Case(
                rule="new-threat",
                change="a flow from outside without a control",
                mended="the flow was there before",
                bad=lambda: (closed, open_, Sources(), "pull-request"),
                good=lambda: (open_, open_, Sources(), "pull-request"),
            ),
            _Case(
                rule="contradicted-claim",
                change="the source loses what a control claims",
                mended="the source keeps it",
                bad=lambda: (guarded, guarded, self._sources("KNOWN = ()\n"), "pull-request"),
                good=lambda: (guarded, guarded, good, "pull-request"),
            ),
            _Case(
                rule="new-finding",
                change="a scanner finds what it did not find before",
                mended="the old finding on another line",
                bad=lambda: (closed, closed, self._scans("a", "b"), "pull-request"),
                good=lambda: (closed, closed, self._scans("a", "a"), "pull-request"),
            ),
            _Case(
                rule="orphaned-disposition",
                change="a decision on a threat that is not there",
                mended="no such decision",
                bad=lambda: (closed, decision, Sources(), "pull-request"),
                good=lambda: (closed, closed, Sources(), "pull-request"),
            ),
            _Case(
                rule="model-not-followed",
                change="code of a boundary path changes, the model does not",
                mended="its comments and blanks change",
                bad=lambda: (closed, closed, self._sources(_CODE + "KNOWN = ()\n"), "pull-request"),
                good=lambda: (closed, closed, self._sources("# why\n\n" + _CODE), "pull-request"),
            ),
            _Case(
                rule="expiry",
                change="a release relies on a decision that has expired",
                mended="the decision still counts",
                bad=lambda: self._released(_DAY - datetime.timedelta(days=1)),
                good=lambda: self._released(_DAY + datetime.timedelta(days=31)),
            ),
            _Case(
                rule="policy-change",
                change="the change lowers a level of the gate",
                mended="the policy stays",
                bad=lambda: (closed, self._lowered(closed), Sources(), "pull-request"),
                good=lambda: (closed, closed, Sources(), "pull-request"),
            ),
        )

    def _variant(self, name: str) -> Side:
        """The model with this variant as its only configuration."""
        project = self._side.loaded.project
        system = project.system(name)
        only = replace(system, configuration=Configuration(name="only", options=system.configuration.options))
        return replace(
            self._side,
            loaded=replace(
                self._side.loaded, project=replace(project, systems=(only,), default_configuration="only")
            ),
        )

    @staticmethod
    def _sources(head: str) -> Sources:
        return Sources(trees=(_Tree({"service.py": _CODE}), _Tree({"service.py": head})))

    @staticmethod
    def _scans(*names: str) -> Sources:
        run = {"scanner": ScannerRun(status="complete", unread=frozenset())}
        files = [
            ScanFile(findings=(_finding(name, line),), runs=run) for line, name in enumerate(names, start=1)
        ]
        return Sources(scans=(files[0], files[1]))

    def _decided(self, threat: str, until: datetime.date) -> Side:
        return replace(self._variant("closed"), dispositions=(_decision(threat, until),))

    def _released(self, until: datetime.date) -> _Check:
        side = self._decided("NONE-001@service", until)
        return side, side, Sources(), "release"

    @staticmethod
    def _lowered(side: Side) -> Side:
        gate = side.policy.gate
        levels = {**gate.levels, "new-threat": "info"}
        return replace(side, policy=replace(side.policy, gate=replace(gate, levels=levels)))


def _decision(threat: str, until: datetime.date) -> Disposition:
    return Disposition(
        threat=threat,
        decision="accepted",
        reason="self-test",
        owner="nobody",
        expires=until.isoformat(),
        source="https://example.org/decision",
        configurations=(),
        place=Place("model/dispositions.yaml", 1),
    )


def _finding(name: str, line: int) -> Finding:
    return Finding(
        scanner="scanner",
        rule="rule",
        message="self-test",
        severity="error",
        confidence="high",
        cwe=(),
        stride="",
        location=Location(path="service.py", line=line),
        snippet="",
        fingerprint=sha256(name.encode()),
    )
