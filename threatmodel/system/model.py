"""Elements, flows, boundaries and what stands beside them.

A `Project` holds what does not depend on a configuration (data assets, controls, adversaries, components,
views, options) and one `SystemModel` per configuration. Ids are unique over elements, flows and boundaries
of all configurations together; the same id in two configurations is the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from threatmodel.core.diagnostics import Place
from threatmodel.core.plain import OMIT_NONE
from threatmodel.core.tagged import By
from threatmodel.system.answers import NotApplicable
from threatmodel.system.claims import Claim
from threatmodel.system.pytm import PytmModel

Privilege = Literal["none", "restricted", "user", "elevated", "root", "kernel"]
Level = Literal["none", "low", "medium", "high"]
ElementKind = Literal["process", "datastore", "external", "actor"]
Authentication = Literal[
    "none", "file-permissions", "token", "server-certificate", "mutual", "attestation", "in-process"
]
Encryption = Literal["none", "tls", "storage", "in-process", "memory"]
Role = Literal["build", "test", "docs", "tools"]
Kind = Literal["test", "example", "generated", "vendored"]
TEMPLATE = "template"
"""In a `when`: the template of a configuration. No option may have this name."""
_FEW = 8
"""Options that are told one and all."""
_ALWAYS = 2
"""Options that are told whatever their value, where there are more than a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A trust boundary. `privilege` is what code inside it has over the machine; `parent` nests it."""

    id: str
    name: str
    privilege: Privilege
    parent: str | None = None
    description: str = ""
    controls: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A process, data store, external entity or actor inside one boundary.

    `traits` are words of the shipped catalogue that rules ask for (`emulates-devices`, `debug-shell` …).
    `language` is the implementation language in lower case, empty where unknown or not code.
    `multiple` marks several instances (many processes or threads).
    """

    id: str
    name: str
    kind: ElementKind
    boundary: str
    description: str = ""
    runs_as: str = ""
    language: str = ""
    multiple: bool = False
    traits: frozenset[str] = frozenset()
    data: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFact:
    """What is known of one operation of a flow beside its name.

    `policy` is the rule that decides on it, empty where none does; `parses` is what the receiver reads of the caller;
    `note` is for readers.
    """

    name: str
    policy: str = ""
    parses: str = ""
    note: str = ""

    def __str__(self) -> str:
        """What is compared between two states of a model, in one line; a note is words for people."""
        judged = f" (rule {self.policy})" if self.policy else ""
        return f"{self.name}{judged}{f': {self.parses}' if self.parses else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A directed data flow: `source` sends to `target`. A reply that matters is a flow of its own.

    `over` is the transport (uds, vsock, virtqueue …), `protocol` what is spoken on it, `port` the port or
    address where there is one. `operations` are the calls that the flow offers; `operation_facts` say more of some.
    """

    id: str
    source: str
    target: str
    name: str
    protocol: str = ""
    over: str = ""
    port: str = ""
    description: str = ""
    authentication: Authentication = "none"
    encryption: Encryption = "none"
    shares_memory: bool = False
    traits: frozenset[str] = frozenset()
    operations: tuple[str, ...] = ()
    operation_facts: tuple[OperationFact, ...] = ()
    data: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAsset:
    """Information worth protecting. `origin`: the elements that author its content."""

    id: str
    name: str
    description: str = ""
    confidentiality: Level = "low"
    integrity: Level = "low"
    availability: Level = "low"
    secret: bool = False
    origin: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A defence that the model claims. `provides` are control classes of the shipped catalogue."""

    id: str
    title: str
    provides: tuple[str, ...]
    claims: tuple[Annotated[Claim, By("kind")], ...] = ()
    description: str = ""
    references: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adversary:
    """A named attacker. `controls`: ids of elements and boundaries under its power from the start.

    `when` limits it to configurations whose options have the values named.
    """

    id: str
    name: str
    description: str = ""
    family: str = ""
    controls: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A place in the source: it runs in elements, or has a role. Of those that match a place the most specific one wins.

    `symbols`: globs of qualified names of functions and types; empty for all that is in the files.
    """

    id: str
    globs: tuple[str, ...]
    symbols: tuple[str, ...] = ()
    runs_in: tuple[str, ...] = ()
    role: Role | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeKind:
    """Source that is told apart whatever component it belongs to: `test` and `example` code does not run in the product,
    `generated` and `vendored` code does, and is mended elsewhere. No globs: all files; no symbols: all in these."""

    id: str
    kind: Kind
    globs: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A named selection of elements across boundaries, with a diagram and a report of its own."""

    id: str
    name: str
    elements: tuple[str, ...]
    description: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One option of the model and the values it may take; the first one is the default."""

    name: str
    values: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One choice of the model's options, by name. `template`: the file of the source that ships it."""

    name: str
    options: Mapping[str, str]
    description: str = ""
    template: str = ""

    def changed(self, changes: Mapping[str, str]) -> Configuration:
        """The same with these options changed; no file ships it."""
        words = ",".join(f"{key}={value}" for key, value in sorted(changes.items()))
        return Configuration(
            name=f"{self.name}+{words}",
            options={**self.options, **changes},
            description=f"{self.description or self.name}, changed: {words}",
        )

    def matches(self, when: Mapping[str, tuple[str, ...]]) -> bool:
        """True where the options have the values that `when` asks for; an empty `when` always matches.

        `template` asks for the file of the source that ships the configuration; one that was changed has none.
        """
        return all(
            (self.template if option == TEMPLATE else self.options.get(option)) in values
            for option, values in when.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemModel:
    """The system in one configuration. Tuples keep the author's order."""

    configuration: Configuration
    boundaries: tuple[Boundary, ...]
    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A whole model: what holds in every configuration, and the system in each of them.

    `pytm` is there for a plain pytm file only: its objects as pytm's own conditions see them.
    """

    id: str
    name: str
    description: str = ""
    default_configuration: str
    options: tuple[OptionSpec, ...] = ()
    data: tuple[DataAsset, ...] = ()
    controls: tuple[Control, ...] = ()
    adversaries: tuple[Adversary, ...] = ()
    components: tuple[Component, ...] = ()
    code_kinds: tuple[CodeKind, ...] = ()
    views: tuple[View, ...] = ()
    answers: tuple[NotApplicable, ...] = ()
    systems: tuple[SystemModel, ...] = ()
    pytm: PytmModel | None = field(default=None, metadata=OMIT_NONE)

    def system(self, configuration: str) -> SystemModel:
        """The system in the named configuration.

        Raises:
            KeyError: no configuration has this name.
        """
        for system in self.systems:
            if system.configuration.name == configuration:
                return system
        raise KeyError(configuration)

    @property
    def element_ids(self) -> frozenset[str]:
        """The elements of all configurations."""
        return frozenset(element.id for system in self.systems for element in system.elements)

    @property
    def flow_ids(self) -> frozenset[str]:
        """The flows of all configurations."""
        return frozenset(flow.id for system in self.systems for flow in system.flows)

    def flow_numbers(self) -> dict[str, int]:
        """The number of each flow by its id, the same in every configuration.

        Those of the default configuration are 1 to n in the order of the model; what only others have goes on there.
        """
        first = [s for s in self.systems if s.configuration.name == self.default_configuration]
        numbers: dict[str, int] = {}
        for system in (*first, *self.systems):
            for flow in system.flows:
                numbers.setdefault(flow.id, len(numbers) + 1)
        return numbers

    def told(self, configuration: Configuration) -> dict[str, str]:
        """The options that a reader is told: all where they are few, else the first two and those off their default."""
        if len(configuration.options) <= _FEW:
            return dict(configuration.options)
        default = {option.name: option.values[0] for option in self.options}
        return {
            name: value
            for at, (name, value) in enumerate(configuration.options.items())
            if at < _ALWAYS or value != default.get(name)
        }

    def summary(self, configuration: Configuration) -> str:
        """The options that a reader is told as `option=value`, and how many more have their default."""
        told = self.told(configuration)
        words = [f"{name}={value}" for name, value in told.items()]
        if more := len(configuration.options) - len(told):
            words.append(f"and the default of {more} more")
        return " ".join(words)
