"""What the gate is given, what it finds, and what it says."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, get_args

from collateral.policy import GatePolicy, GateRule, Level, Priority, Subject, Waiver
from threatmodel.analysis import Status
from threatmodel.analysis.change import RecordChange
from threatmodel.core.diagnostics import Place
from threatmodel.core.errors import Exit

Stage = Literal["pull-request", "release"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Tree = Literal["model", "source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatStep:
    """One threat of HEAD in one configuration, judged by the rules and decisions of BASE.

    `before` is None where BASE has no such threat there; `was` is its priority then.
    """

    id: str
    title: str
    configuration: str
    before: Status | None
    after: Status
    was: Priority
    priority: Priority
    because: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictedClaim:
    """A claim that the source of HEAD contradicts. `known`: the source of BASE contradicted it already. `fate`: what
    HEAD's model does with it; `replaced` where its control makes new claims, or was about a file that is gone."""

    control: str
    text: str
    seen: str
    known: bool
    priority: Priority
    because: str
    fate: Literal["kept", "replaced", "dropped"] = "kept"
    place: Place | None = None
    tree: Tree = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFinding:
    """A result of a scanner that the scan of BASE has not. `told`: the scanner also ran over BASE, to its end."""

    fingerprint: str
    scanner: str
    rule: str
    message: str
    priority: Priority
    because: str
    place: Place
    told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A decision on a threat that HEAD does not have."""

    threat: str
    side: Literal["BASE", "HEAD"]
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """An entry of `[[gate.boundary-paths]]` with the files that mean something else in HEAD."""

    name: str
    files: tuple[str, ...]
    elements: tuple[str, ...]
    model_followed: bool
    documents_followed: bool | None
    """None: the entry names no documents."""
    in_head: bool = True
    """False: the first file is gone in HEAD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Something that counts until a day. `proposed`: it counts for nothing, so its end matters to nobody but its
    author."""

    what: str
    subject: str
    owner: str
    expires: datetime.date
    about: Subject = "threat"
    proposed: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateInput:
    """Everything that the gate judges. `policy` is that of BASE; of HEAD's waivers it is only told that they do not
    count yet. `undone` was asked for and could not be checked; `notes` was not asked for."""

    policy: GatePolicy
    as_of: datetime.date
    stage: Stage = "pull-request"
    enforced: bool = False
    base: str = "BASE"
    head: str = "HEAD"
    model_touched: bool = False
    threats: tuple[ThreatStep, ...] = ()
    claims: tuple[ContradictedClaim, ...] = ()
    findings: tuple[NewFinding, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    touched: tuple[Touched, ...] = ()
    expiring: tuple[Expiring, ...] = ()
    records: tuple[RecordChange, ...] = ()
    head_waivers: tuple[Waiver, ...] = ()
    undone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a rule found, before the policy. The level that the policy gives stays between `floor` and `ceiling`.

    `discloses`: it tells a weakness of the source that may not be public yet.
    """

    rule: GateRule
    subject: str
    message: str
    about: Subject = "threat"
    priority: Priority = "none"
    why: str = ""
    place: Place | None = None
    tree: Tree = "model"
    floor: Level = "off"
    ceiling: Level = "block"
    discloses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a rule found, with the level that policy and waivers leave. `waived_by` names the waiver's owner and
    source. `tree` says what `place` is relative to. `count` is more than one where details are withheld."""

    rule: GateRule
    subject: str
    message: str
    level: Level
    about: Subject
    priority: Priority
    why: str
    place: Place | None
    tree: Tree
    waived_by: str = ""
    discloses: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer. `would` is the exit code with `--enforce`; `exit` the one of this run. `as_of` is an ISO 8601 date."""

    base: str
    head: str
    stage: Stage
    enforced: bool
    as_of: str
    events: tuple[Event, ...]
    blocked: bool
    would: Exit
    exit: Exit
    undone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
