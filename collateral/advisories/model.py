"""One record per published advisory: what the public record says, and the place in the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from collateral.records import CLOSED
from collateral.vex import Affects, affects
from threatmodel.analysis import Threat
from threatmodel.system import Configuration, Project, Stride

ADVISORIES = "advisories.yaml"
THIRD_PARTY = "third-party-advisories.yaml"
CweSource = Literal["record", "inferred"]
UnknownKey = Literal[
    "claims",
    "cve",
    "cvss",
    "cwe",
    "fix_commits",
    "fixed",
    "introduced",
    "published",
    "tags",
    "threats",
]
"""What an entry of an advisory may lack. `tags` are `last_affected` and `first_fixed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Versions from `introduced` (empty: nobody has said in public) up to, and without, `fixed` (empty: no fix known), or
    up to, and with, `last`: a range has one of the two at most."""

    __pydantic_config__: ClassVar = CLOSED
    introduced: str = ""
    fixed: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Whom the public record credits."""

    __pydantic_config__: ClassVar = CLOSED
    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What nobody has said in public, or what there is not, and why the entry lacks it."""

    __pydantic_config__: ClassVar = CLOSED
    keys: tuple[UnknownKey, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an entry says of a published advisory. `cwe_source` tells whether the record names the weakness or a reader of
    it inferred it.

    `score` and `severity` are those of the vector `cvss`, worked out anew, and as published where there is none.
    `score_published` is there only where what was published differs. `verified` says how the facts were checked.
    `unknown` names what the entry lacks.
    `adversary`, `crossed`, `elements` and `flows` are ids of the model; `unmodelled` says what of the surface the model
    does not have. `configuration`, with `options` changed, is one in which a release was affected; `threats` are those of
    the model that name the surface there.
    """

    __pydantic_config__: ClassVar = CLOSED
    id: str
    title: str
    source: str
    verified: str
    surface: str
    cause: str
    stride: Stride
    adversary: str
    elements: tuple[str, ...]
    crossed: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    published: str = ""
    cvss: str = ""
    score: float | None = None
    score_published: float | None = None
    severity: str = ""
    cwe: tuple[str, ...] = ()
    cwe_source: CweSource = "record"
    ranges: tuple[Range, ...] = ()
    unmodelled: str = ""
    configuration: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    threats: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def lacking(self) -> frozenset[UnknownKey]:
        """What the entry does not say."""
        return frozenset(key for key, there in self.said().items() if not there)

    def said(self) -> dict[UnknownKey, bool]:
        """What an entry of this kind says or lacks."""
        return {
            "cve": any(id_.startswith("CVE-") for id_ in self.ids),
            "cvss": bool(self.cvss),
            "cwe": bool(self.cwe),
            "fixed": bool(self.fixed),
            "introduced": bool(self.ranges) and all(item.introduced for item in self.ranges),
            "published": bool(self.published),
            "threats": bool(self.threats),
        }

    @property
    def ids(self) -> tuple[str, ...]:
        """The name to use first, then the others."""
        return (self.id, *self.aliases)

    @property
    def fixed(self) -> tuple[str, ...]:
        """The releases with the fix, as far as they are known."""
        return tuple(item.fixed for item in self.ranges if item.fixed)

    @property
    def where(self) -> str:
        """The configuration that was affected, with the options that are changed in it; empty where none is named."""
        named = Configuration(name=self.configuration, options={})
        return named.changed(self.options).name if self.options else self.configuration

    def affects(self, release: str) -> Affects:
        """What the published range says of a release."""
        return affects(release, [(item.introduced, item.fixed, item.last) for item in self.ranges])


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory(Entry):
    """An advisory of the system that the model describes. `justification` is a word of OpenVEX, where somebody said in
    public why a release is not affected.

    `fix_commits` are in their order: the parent of the first has the flaw, the last has the whole fix. `last_affected`
    and `first_fixed` are tags of the source, the last one with the flaw and the first one with the fix; `claims` are
    controls of which a claim fails at the one and holds at the other because of the fix.
    """

    __pydantic_config__: ClassVar = CLOSED
    fix_commits: tuple[str, ...] = ()
    reporters: tuple[Reporter, ...] = ()
    justification: str = ""
    last_affected: str = ""
    first_fixed: str = ""
    claims: tuple[str, ...] = ()

    def said(self) -> dict[UnknownKey, bool]:
        """What an entry of this kind says or lacks."""
        return {
            **Entry.said(self),
            "claims": bool(self.claims),
            "fix_commits": bool(self.fix_commits),
            "tags": bool(self.last_affected),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Where the source says which version of a component a release takes: a dotted `key` of a YAML, TOML or JSON file, or
    a `package` of a Cargo.lock or go.mod. `commits` are versions by the commit or name that may stand there instead."""

    __pydantic_config__: ClassVar = CLOSED
    path: str
    key: str = ""
    package: str = ""
    commits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty(Entry):
    """An advisory of a component that others make and the system is built of or runs on. Its ranges are versions of the
    component. `pins` say which version a release takes; where the source pins none, `unpinned` says why. `condition` is
    what has to be so for the flaw to matter."""

    __pydantic_config__: ClassVar = CLOSED
    component: str
    pins: tuple[Pin, ...] = ()
    unpinned: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An advisory that has no entry, and why."""

    __pydantic_config__: ClassVar = CLOSED
    id: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoriesFile:
    """`advisories.yaml`."""

    __pydantic_config__: ClassVar = CLOSED
    advisories: tuple[Advisory, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyFile:
    """`third-party-advisories.yaml`."""

    __pydantic_config__: ClassVar = CLOSED
    advisories: tuple[ThirdParty, ...]
    left_out: tuple[LeftOut, ...] = ()


def covered(advisory: Entry, threats: Iterable[Threat], project: Project) -> tuple[str, ...]:
    """The threats of the model at the advisory's elements or flows with the same STRIDE category or a CWE in common.

    Such a threat could have named the surface; that it would have led to the flaw is not said.
    """
    places = {*advisory.elements, *advisory.flows}
    places |= {
        flow.id
        for system in project.systems
        for flow in system.flows
        if flow.target in advisory.elements and not advisory.flows
    }
    return tuple(threat.id for threat in threats if threat.target.id in places and alike(advisory, threat))


def alike(advisory: Entry, threat: Threat) -> bool:
    """True where both have the same STRIDE category or a CWE in common."""
    return threat.stride == advisory.stride or bool(set(threat.cwe) & set(advisory.cwe))
