"""Findings joined to the model: by path and symbol to a component and its elements, by weakness to threats there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collateral.weaknesses import relation
from scanners.finding import Finding
from threatmodel.analysis import Threat
from threatmodel.core.globs import Glob, compile_glob
from threatmodel.system import CodeKind, Component, Flow, Project

NOT_RUN = frozenset({"test", "example"})
"""Kinds of code that do not run in the product."""
_MANY = 12
"""Threats of one category at the boundary of an element; where there are more, the category tells none of them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatLink:
    """A threat that a finding bears on, and why."""

    threat: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Where a finding belongs, and why. No component: the model does not cover the place, which is said, not hidden.

    `kind`: test, example, generated or vendored code, by the model's own rules; empty for any other.
    """

    fingerprint: str
    component: str = ""
    role: str = ""
    kind: str = ""
    elements: tuple[str, ...] = ()
    reason: str = ""
    threats: tuple[ThreatLink, ...] = ()

    @property
    def part(self) -> str:
        """What the code is in the product: test or example, the role of its component, `runs`, or `unknown`."""
        if self.kind in NOT_RUN:
            return self.kind
        return self.role or ("runs" if self.elements else "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a source tree the components cover. `by_component` counts files."""

    files: int
    mapped: int
    unmapped: tuple[str, ...]
    by_component: Mapping[str, int]


class ComponentMap:
    """Places in the source to components and kinds of code. Of the components that match, the most specific one wins: one
    that names symbols before one that does not, then the one whose glob has more characters beside its wildcards, then
    the first of the model."""

    def __init__(self, components: Sequence[Component], kinds: Sequence[CodeKind] = ()) -> None:
        entries = [
            _Entry(
                compile_glob(glob), glob, tuple(compile_glob(name) for name in component.symbols), component
            )
            for component in components
            for whole in component.globs
            for glob in _alternatives(whole)
        ]
        self._entries = sorted(entries, key=_Entry.rank)
        self._kinds = [
            (
                tuple(compile_glob(glob) for glob in kind.globs),
                tuple(compile_glob(name) for name in kind.symbols),
                kind,
            )
            for kind in kinds
        ]
        self._found: dict[str, tuple[_Entry, ...]] = {}

    @classmethod
    def of(cls, project: Project) -> ComponentMap:
        """The map of a model."""
        return cls(project.components, project.code_kinds)

    def component(self, path: str, symbol: str = "") -> Component | None:
        """The component of a place, or None."""
        found = self._entry(path, symbol)
        return found.component if found else None

    def place(self, path: str, symbol: str) -> tuple[Component | None, str, str]:
        """The component of a place, the kind of its code, and the reason for both."""
        entry = self._entry(path, symbol)
        said = []
        if entry is not None:
            said.append(f"{symbol} in {entry.glob}" if entry.symbols else f"path in {entry.glob}")
        kind = next((k for globs, names, k in self._kinds if _any(globs, path) and _any(names, symbol)), None)
        if kind is not None:
            said.append(f"{kind.kind} code by {kind.id}")
        return (entry.component if entry else None), (kind.kind if kind else ""), "; ".join(said)

    def _entry(self, path: str, symbol: str) -> _Entry | None:
        if path not in self._found:
            self._found[path] = tuple(entry for entry in self._entries if entry.files.fullmatch(path))
        return next((entry for entry in self._found[path] if _any(entry.symbols, symbol)), None)

    def coverage(self, paths: Iterable[str]) -> Coverage:
        """How many of the paths have a component."""
        counts: Counter[str] = Counter()
        unmapped = []
        for path in paths:
            entry = self._entry(path, "")
            if entry is None:
                unmapped.append(path)
            else:
                counts[entry.component.id] += 1
        mapped = sum(counts.values())
        return Coverage(
            files=mapped + len(unmapped),
            mapped=mapped,
            unmapped=tuple(sorted(unmapped)),
            by_component=dict(sorted(counts.items())),
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    files: Glob
    glob: str
    symbols: tuple[Glob, ...]
    component: Component

    def rank(self) -> tuple[bool, int]:
        """Lowest for the most specific one."""
        return not self.symbols, -len(re.sub(r"\*\*/|[*?]", "", self.glob))


def _alternatives(glob: str) -> Iterator[str]:
    """The globs that braces stand for, without braces."""
    head, brace, rest = glob.partition("{")
    if not brace:
        yield glob
        return
    depth, start, parts = 1, 0, []
    for at, char in enumerate(rest):
        depth += (char == "{") - (char == "}")
        if depth == 0 or (depth == 1 and char == ","):
            parts.append(rest[start:at])
            start = at + 1
        if depth == 0:
            break
    for part in parts:
        yield from _alternatives(head + part + rest[start:])


def _any(globs: Sequence[Glob], text: str) -> bool:
    """True where one matches, or none is asked for."""
    return not globs or any(glob.fullmatch(text) for glob in globs)


def attribute(
    project: Project, findings: Iterable[Finding], threats: Sequence[Threat], components: ComponentMap
) -> tuple[Attribution, ...]:
    """One attribution per finding, in the order of the findings.

    A finding bears on a threat that strikes an element where its component runs, or a flow that starts or ends there, and
    that names its weakness (CWE), a kind of it, or what it is a kind of. A weakness that is only related counts where
    the rule of the scanner and the threat do not name different categories of STRIDE. A finding without a weakness
    that a threat names there bears on the threats of its category at flows that cross the boundary of the element, where
    these are few. Code that does not run in the product bears on none.
    """
    joined = _Joined(project, threats)
    return tuple(joined.one(finding, components) for finding in findings)


class _Joined:
    """Threats by the elements that they concern."""

    def __init__(self, project: Project, threats: Sequence[Threat]) -> None:
        flows = {flow.id: flow for system in project.systems for flow in system.flows}
        self._by_element: dict[str, list[Threat]] = {}
        for threat in threats:
            for element in _ends(threat, flows):
                self._by_element.setdefault(element, []).append(threat)
        self._crossing = _crossing(project)

    def one(self, finding: Finding, components: ComponentMap) -> Attribution:
        component, kind, reason = components.place(finding.location.path, finding.symbol)
        if component is None:
            return Attribution(fingerprint=finding.fingerprint, kind=kind, reason=reason)
        links: dict[str, ThreatLink] = {}
        if kind not in NOT_RUN:
            for how in (self._by_weakness, self._by_category):
                for element in component.runs_in:
                    for link in how(finding, component.id, element):
                        links.setdefault(link.threat, link)
                if links:
                    break
        return Attribution(
            fingerprint=finding.fingerprint,
            component=component.id,
            role=component.role or "",
            kind=kind,
            elements=component.runs_in,
            reason=reason,
            threats=tuple(links[id_] for id_ in sorted(links)),
        )

    def _by_weakness(self, finding: Finding, component: str, element: str) -> Iterator[ThreatLink]:
        for threat in self._by_element.get(element, ()):
            shared = [weakness for weakness in finding.cwe if weakness in threat.cwe]
            said = ", ".join(shared)
            if not shared and finding.stride in ("", threat.stride):
                said = next((s for f in finding.cwe for t in threat.cwe if (s := relation(f, t))), "")
            if said:
                where = f"in {component}, which runs in {element}"
                yield ThreatLink(threat=threat.id, reason=f"{said} {where}")

    def _by_category(self, finding: Finding, component: str, element: str) -> Iterator[ThreatLink]:
        if not finding.stride:
            return
        near = [
            threat
            for threat in self._by_element.get(element, ())
            if threat.stride == finding.stride and threat.target.id in self._crossing
        ]
        where = f"at a boundary of {element}, where {component} runs"
        for threat in near if len(near) <= _MANY else ():
            yield ThreatLink(threat=threat.id, reason=f"{threat.stride} {where}")


def _crossing(project: Project) -> frozenset[str]:
    """The flows whose ends live in different boundaries, in some configuration."""
    found: set[str] = set()
    for system in project.systems:
        homes = {element.id: element.boundary for element in system.elements}
        found |= {f.id for f in system.flows if homes.get(f.source) != homes.get(f.target)}
    return frozenset(found)


def _ends(threat: Threat, flows: Mapping[str, Flow]) -> tuple[str, ...]:
    if threat.target.kind == "element":
        return (threat.target.id,)
    flow = flows[threat.target.id]
    return tuple(dict.fromkeys((flow.source, flow.target)))
