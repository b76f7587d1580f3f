"""What a model's `response.yaml` says about handling reports of vulnerabilities.

Every statement carries the public source that it was taken from. One without a source is `proposed`: shown as such, it
binds nobody. A name without a source is a candidate, never a holder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from threatmodel.core.diagnostics import Place

RESPONSE = "response.yaml"
_CLOSED = {"extra": "forbid"}
"""For the reader: unknown keys are refused."""

RoleState = Literal["held", "candidate", "case-by-case", "vacant"]
Target = Literal["acknowledge", "triage", "fix", "publish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. `source`: the public page or commit that it was taken from; empty: proposed."""

    __pydantic_config__: ClassVar = _CLOSED
    text: str
    title: str = ""
    source: str = ""

    @property
    def proposed(self) -> bool:
        """True where no public source says it."""
        return not self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportedRelease:
    """One kind of release. `until` is an ISO 8601 date, empty where none is published."""

    __pydantic_config__: ClassVar = _CLOSED
    release: str
    supported: bool
    note: str = ""
    until: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supported:
    """Which releases get fixes."""

    __pydantic_config__: ClassVar = _CLOSED
    policy: Statement
    releases: tuple[SupportedRelease, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to report. `uri` is https, mailto or tel; empty where the channel has no public address."""

    __pydantic_config__: ClassVar = _CLOSED
    name: str
    uri: str = ""
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How reports come in. `expires`: until when the contacts hold, ISO 8601, empty where nobody has said."""

    __pydantic_config__: ClassVar = _CLOSED
    channels: tuple[Channel, ...] = ()
    fields: tuple[Statement, ...] = ()
    policy: str = ""
    languages: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    expires: str = ""
    owner: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person who holds a role on public record, or without a source a candidate. `term_end` is ISO 8601."""

    __pydantic_config__: ClassVar = _CLOSED
    name: str
    handle: str = ""
    affiliation: str = ""
    term_end: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A duty and who has it. `source` stands behind the role itself, each holder has a source of its own."""

    __pydantic_config__: ClassVar = _CLOSED
    id: str
    role: str
    duties: str
    skills: str = ""
    term: str = ""
    holders: tuple[Holder, ...] = ()
    case_by_case: bool = False
    """Somebody is named for each report or release, nobody for a term."""
    source: str = ""
    place: Place | None = None

    @property
    def state(self) -> RoleState:
        """`held` where somebody is on public record with it."""
        if any(holder.source for holder in self.holders):
            return "held"
        if self.holders:
            return "candidate"
        return "case-by-case" if self.case_by_case else "vacant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """How one metric of CVSS is to be chosen."""

    __pydantic_config__: ClassVar = _CLOSED
    metric: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """Which CVSS is used and how."""

    __pydantic_config__: ClassVar = _CLOSED
    version: Statement
    conventions: tuple[Metric, ...] = ()
    notes: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTarget:
    """How long a step should take, in words; `days` where it is a number of calendar days."""

    __pydantic_config__: ClassVar = _CLOSED
    step: Target
    within: str
    days: int | None = None
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embargo:
    """What is kept private, and who is told early."""

    __pydantic_config__: ClassVar = _CLOSED
    rules: tuple[Statement, ...] = ()
    downstream: tuple[Statement, ...] = ()
    """Criteria of the list of downstreams that are told before publication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricTexts:
    """The authored parts of the triage rubric; the rest is generated from the model."""

    __pydantic_config__: ClassVar = _CLOSED
    proof: tuple[Statement, ...] = ()
    duplicates: tuple[Statement, ...] = ()
    automated: tuple[Statement, ...] = ()
    exclusions: tuple[Statement, ...] = ()
    not_vulnerabilities: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipPolicy:
    """How the ownership audit judges. What only `documentation_teams` own is under-owned where an element runs it."""

    __pydantic_config__: ClassVar = _CLOSED
    documentation_teams: tuple[str, ...] = ()
    contact_files: tuple[str, ...] = ()
    """Files that should name somebody to reach, besides SECURITY.md."""
    bots: tuple[str, ...] = ()
    """Words that tell the name of a bot, besides the built-in ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Something that ends on a day (ISO 8601). `proposed`: no public source says so."""

    what: str
    owner: str
    expires: str
    proposed: bool
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The whole file."""

    __pydantic_config__: ClassVar = _CLOSED
    scope: tuple[Statement, ...] = ()
    supported: Supported
    intake: Intake = field(default_factory=Intake)
    roles: tuple[Role, ...] = ()
    severity: Severity
    targets: tuple[TimeTarget, ...] = ()
    embargo: Embargo = field(default_factory=Embargo)
    advisories: tuple[Statement, ...] = ()
    cna: tuple[Statement, ...] = ()
    templates: tuple[Statement, ...] = ()
    kpis: tuple[Statement, ...] = ()
    rubric: RubricTexts = field(default_factory=RubricTexts)
    ownership: OwnershipPolicy = field(default_factory=OwnershipPolicy)
    place: Place | None = None

    @property
    def contacts(self) -> tuple[str, ...]:
        """URIs to report to, the preferred one first: only channels that a public source names."""
        return tuple(channel.uri for channel in self.intake.channels if channel.uri and channel.source)

    @property
    def policy(self) -> str:
        """The address of the published policy, or an empty text."""
        return self.intake.policy

    @property
    def expires(self) -> str:
        """Until when the contacts hold, or an empty text."""
        return self.intake.expires

    @property
    def languages(self) -> tuple[str, ...]:
        """Preferred languages (BCP 47)."""
        return self.intake.languages

    @property
    def canonical(self) -> tuple[str, ...]:
        """Where a published `security.txt` would stand."""
        return self.intake.canonical

    def expiring(self) -> tuple[Expiring, ...]:
        """Terms, contacts and releases that end on a day that somebody has published or proposed; by date."""
        found = [
            Expiring(
                what=f"term of {role.role}",
                owner=holder.name,
                expires=holder.term_end,
                proposed=not holder.source,
                place=role.place,
            )
            for role in self.roles
            for holder in role.holders
            if holder.term_end
        ]
        if self.intake.expires:
            owner = self.intake.owner or "the project"
            found.append(
                Expiring(
                    what="contacts",
                    owner=owner,
                    expires=self.intake.expires,
                    proposed=not self.intake.source,
                    place=self.place,
                )
            )
        found += [
            Expiring(
                what=f"support of {item.release}",
                owner="the project",
                expires=item.until,
                proposed=not item.source,
                place=self.place,
            )
            for item in self.supported.releases
            if item.until
        ]
        return tuple(sorted(found, key=lambda item: (item.expires, item.what, item.owner)))
