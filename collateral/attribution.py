"""Findings joined to the model: by path to a component and its elements, by weakness to threats there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scanners.finding import Finding
from threatmodel.analysis import Threat
from threatmodel.core.globs import Glob, compile_glob
from threatmodel.system import Component, Flow, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatLink:
    """A threat that a finding bears on, and why."""

    threat: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Where a finding belongs. No component: the model does not cover the path, which is said, not hidden."""

    fingerprint: str
    component: str = ""
    role: str = ""
    elements: tuple[str, ...] = ()
    threats: tuple[ThreatLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a source tree the components cover. `by_component` counts files."""

    files: int
    mapped: int
    unmapped: tuple[str, ...]
    by_component: Mapping[str, int]


class ComponentMap:
    """Path to component; the first component in the order of the model whose glob matches wins."""

    def __init__(self, components: Sequence[Component]) -> None:
        self._globs: list[tuple[Glob, Component]] = [
            (compile_glob(glob), component) for component in components for glob in component.globs
        ]
        self._found: dict[str, Component | None] = {}

    def component(self, path: str) -> Component | None:
        """The component of a path, or None."""
        if path not in self._found:
            self._found[path] = next((c for glob, c in self._globs if glob.fullmatch(path)), None)
        return self._found[path]

    def coverage(self, paths: Iterable[str]) -> Coverage:
        """How many of the paths have a component."""
        counts: Counter[str] = Counter()
        unmapped = []
        for path in paths:
            component = self.component(path)
            if component is None:
                unmapped.append(path)
            else:
                counts[component.id] += 1
        mapped = sum(counts.values())
        return Coverage(
            files=mapped + len(unmapped),
            mapped=mapped,
            unmapped=tuple(sorted(unmapped)),
            by_component=dict(sorted(counts.items())),
        )


def attribute(
    project: Project, findings: Iterable[Finding], threats: Sequence[Threat], components: ComponentMap
) -> tuple[Attribution, ...]:
    """One attribution per finding, in the order of the findings.

    A finding bears on a threat of the same weakness (CWE) that strikes an element where its component runs, or a
    flow that starts or ends there.
    """
    flows = {flow.id: flow for system in project.systems for flow in system.flows}
    by_element: dict[str, list[Threat]] = {}
    for threat in threats:
        for element in _ends(threat, flows):
            by_element.setdefault(element, []).append(threat)
    return tuple(
        _one(finding, components.component(finding.location.path), by_element) for finding in findings
    )


def _ends(threat: Threat, flows: Mapping[str, Flow]) -> tuple[str, ...]:
    if threat.target.kind == "element":
        return (threat.target.id,)
    flow = flows[threat.target.id]
    return tuple(dict.fromkeys((flow.source, flow.target)))


def _one(
    finding: Finding, component: Component | None, by_element: Mapping[str, list[Threat]]
) -> Attribution:
    if component is None:
        return Attribution(fingerprint=finding.fingerprint)
    links: dict[str, ThreatLink] = {}
    for element in component.runs_in:
        for threat in by_element.get(element, ()):
            shared = [weakness for weakness in finding.cwe if weakness in threat.cwe]
            if shared and threat.id not in links:
                links[threat.id] = ThreatLink(
                    threat=threat.id, reason=f"{', '.join(shared)} in {component.id}, which runs in {element}"
                )
    return Attribution(
        fingerprint=finding.fingerprint,
        component=component.id,
        role=component.role or "",
        elements=component.runs_in,
        threats=tuple(links[id_] for id_ in sorted(links)),
    )
