"""The triage rubric: for each boundary and adversary of a configuration, whether a report is in scope, and why.

It is worked out from the model and its threats alone, so it changes with them and says nothing that they do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from threatmodel.analysis import STATUSES, Status, Threat
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.system import Adversary, Boundary, Element, Project, SystemModel

Verdict = Literal["in-scope", "needs-team", "by-design", "out-of-model"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
MEANING: Mapping[Verdict, str] = {
    "in-scope": "The model has threats here: a report that shows one of them, or another one, is a vulnerability report.",
    "needs-team": "A flow leads straight there and no rule gives a threat: the model cannot tell, people have to.",
    "by-design": "The adversary has this side from the start, or a recorded decision says that it is so.",
    "out-of-model": "The adversary is not considered here, or no way leads straight there. A report that shows one is "
    "welcome: it shows that the model is wrong.",
}
_NEXT = 4
"""What `reach` gives for an element with one boundary between it and the adversary."""
_DECIDED: frozenset[Status] = frozenset({"accepted", "transferred", "not-applicable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownThreat:
    """A threat of the model at this place, with its status in this configuration."""

    id: str
    status: Status
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One answer. `assumptions` are the numbers (from 1) of the model's assumptions that name something here."""

    boundary: str
    adversary: str
    verdict: Verdict
    reason: str
    threats: tuple[KnownThreat, ...] = ()
    assumptions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricBoundary:
    """A row: a boundary with elements directly inside it."""

    id: str
    name: str
    privilege: str
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricAdversary:
    """A column."""

    id: str
    name: str
    considered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """The rubric of one configuration. Cells stand in the order of boundaries, then adversaries."""

    configuration: str
    options: Mapping[str, str]
    boundaries: tuple[RubricBoundary, ...]
    adversaries: tuple[RubricAdversary, ...]
    cells: tuple[Cell, ...]
    not_vulnerabilities: tuple[str, ...]
    """Derived: what follows from the model and is often reported all the same."""
    not_modelled: tuple[str, ...]
    """Derived: values of options that no configuration has."""


def make_rubric(
    project: Project, threats: Sequence[Threat], configuration: str, assumptions: Sequence[str] = ()
) -> Rubric:
    """The rubric of a configuration. `assumptions` are the model's authored ones, in their order.

    Raises:
        KeyError: no such configuration.
    """
    system = project.system(configuration)
    index = SystemIndex(project, system)
    inside: dict[str, list[Element]] = {}
    for element in system.elements:
        inside.setdefault(element.boundary, []).append(element)
    rows = [boundary for boundary in system.boundaries if boundary.id in inside]
    judges = [_Judge(index, adversary, threats, configuration) for adversary in project.adversaries]
    named = {b.id: _naming(assumptions, b, inside[b.id]) for b in rows}
    cells = tuple(judge.cell(b, inside[b.id], named[b.id]) for b in rows for judge in judges)
    return Rubric(
        configuration=configuration,
        options=project.told(system.configuration),
        boundaries=tuple(
            RubricBoundary(
                id=b.id, name=b.name, privilege=b.privilege, elements=tuple(e.name for e in inside[b.id])
            )
            for b in rows
        ),
        adversaries=tuple(
            RubricAdversary(id=j.adversary.id, name=j.adversary.name, considered=not j.absent) for j in judges
        ),
        cells=cells,
        not_vulnerabilities=_not_vulnerabilities(project, system, rows, judges, cells),
        not_modelled=_not_modelled(project),
    )


class _Judge:
    """One adversary in one configuration. `absent` says why it is not considered; empty where it is."""

    def __init__(
        self, index: SystemIndex, adversary: Adversary, threats: Sequence[Threat], configuration: str
    ) -> None:
        self.adversary = adversary
        self._index = index
        self._name = configuration
        self._world = AdversaryWorld(index, adversary)
        self._flows = {flow.id: flow for flow in index.system.flows}
        self.absent = self._absence(index.system)
        self._at: dict[str, list[KnownThreat]] = {}
        if self.absent:
            return
        for threat in threats:
            here = threat.by_configuration.get(configuration)
            if here is not None and adversary.id in here.adversaries:
                known = KnownThreat(id=threat.id, status=here.status, title=threat.title)
                for boundary in self._struck(threat):
                    self._at.setdefault(boundary, []).append(known)

    def _absence(self, system: SystemModel) -> str:
        options = system.configuration.options
        if not system.configuration.matches(self.adversary.when):
            wanted = " and ".join(
                f"{option} is {' or '.join(values)}" for option, values in self.adversary.when.items()
            )
            here = ", ".join(f"{option} = {options.get(option, '–')}" for option in self.adversary.when)
            return f"{self.adversary.name} counts only where {wanted}; {self._name} has {here}."
        if not self._world.present:
            return f"Nothing that {self.adversary.name} controls is in {self._name}."
        return ""

    def _struck(self, threat: Threat) -> tuple[str, ...]:
        """The boundary that a threat strikes: of its element, or of the end of its flow that is not the adversary's."""
        if threat.target.kind == "element":
            ends = [self._index.elements[threat.target.id]]
        else:
            flow = self._flows[threat.target.id]
            ends = [self._index.elements[flow.target], self._index.elements[flow.source]]
            ends = [end for end in ends if not self._world.controls(end)][:1] or ends[:1]
        return tuple(dict.fromkeys(end.boundary for end in ends))

    def controls_all(self, elements: Iterable[Element]) -> bool:
        """True where the adversary has every element of a boundary from the start."""
        return not self.absent and all(self._world.controls(element) for element in elements)

    def cell(self, boundary: Boundary, elements: Sequence[Element], assumptions: tuple[int, ...]) -> Cell:
        """The answer for one boundary."""
        verdict, reason, threats = self._judged(boundary, elements)
        return Cell(
            boundary=boundary.id,
            adversary=self.adversary.id,
            verdict=verdict,
            reason=reason,
            threats=threats,
            assumptions=assumptions if verdict != "out-of-model" else (),
        )

    def _judged(
        self, boundary: Boundary, elements: Sequence[Element]
    ) -> tuple[Verdict, str, tuple[KnownThreat, ...]]:
        if self.absent:
            return "out-of-model", self.absent, ()
        if self.controls_all(elements):
            return (
                "by-design",
                f"It controls {boundary.name} from the start. What it does in there is no vulnerability; "
                "a way out is judged at the boundary that it enters.",
                (),
            )
        threats = tuple(sorted(self._at.get(boundary.id, ()), key=lambda t: (STATUSES.index(t.status), t.id)))
        if threats and all(threat.status in _DECIDED for threat in threats):
            return "by-design", f"Recorded decisions cover it: {_counted(threats)}.", threats
        if threats:
            return (
                "in-scope",
                f"It does not control {boundary.name} (privilege {boundary.privilege}) at the start. "
                f"Known threats: {_counted(threats)}.",
                threats,
            )
        others = [element for element in elements if not self._world.controls(element)]
        direct = [element.name for element in others if self._world.reach(element) >= _NEXT]
        if direct:
            return (
                "needs-team",
                f"Flows lead straight to {_some(direct)}, and no rule gives a threat there.",
                (),
            )
        if any(self._world.reached(element) for element in others):
            return (
                "out-of-model",
                f"No way in without breaking {self._first()}: a report is judged there. One that shows another way "
                "goes to the team.",
                (),
            )
        return "out-of-model", "No chain of flows leads here.", ()

    def _first(self) -> str:
        """The boundaries that the adversary can strike directly."""
        near = {
            element.boundary
            for element in self._index.system.elements
            if self._world.reach(element) == _NEXT and not self._world.controls(element)
        }
        names = [boundary.name for boundary in self._index.system.boundaries if boundary.id in near]
        return _some(names, 3, "or") or "another boundary"


def _counted(threats: Iterable[KnownThreat]) -> str:
    counts = Counter(threat.status for threat in threats)
    return ", ".join(f"{counts[status]} {status.replace('-', ' ')}" for status in STATUSES if counts[status])


def _some(names: Sequence[str], most: int = 4, last: str = "and") -> str:
    if len(names) > most:
        return f"{', '.join(names[:most])} {last} {len(names) - most} more"
    return f" {last} ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""


def _naming(assumptions: Sequence[str], boundary: Boundary, elements: Iterable[Element]) -> tuple[int, ...]:
    """The assumptions that name the boundary or an element in it, as whole words."""
    names = {boundary.name, *(name for e in elements for name in (e.name, e.id))}
    words = [re.escape(name) for name in sorted(names) if len(name) > 3]
    if not words:
        return ()
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
    return tuple(number for number, text in enumerate(assumptions, 1) if pattern.search(text))


def _not_vulnerabilities(
    project: Project,
    system: SystemModel,
    rows: Sequence[Boundary],
    judges: Sequence[_Judge],
    cells: Sequence[Cell],
) -> tuple[str, ...]:
    names = {boundary.id: boundary.name for boundary in rows}
    out = []
    for judge in judges:
        if judge.absent:
            out.append(f"Anything that needs {judge.adversary.name} in this configuration. {judge.absent}")
            continue
        own = [
            names[cell.boundary]
            for cell in cells
            if cell.adversary == judge.adversary.id and cell.verdict == "by-design" and not cell.threats
        ]
        if own:
            out.append(
                f"What {judge.adversary.name} does inside {_some(own, 8)}: it has that side from the start."
            )
    theirs = {id_ for adversary in project.adversaries for id_ in adversary.controls}
    upstream = [
        element.name
        for element in system.elements
        if element.kind == "external"
        and element.id not in theirs
        and not any(element.id in component.runs_in for component in project.components)
    ]
    if upstream:
        out.append(
            f"A weakness of {_some(upstream, 12)} itself: modelled by its interfaces alone, so it belongs upstream. "
            "How the system uses it is in scope."
        )
    return tuple(out)


def _not_modelled(project: Project) -> tuple[str, ...]:
    used = {
        (name, value) for system in project.systems for name, value in system.configuration.options.items()
    }
    return tuple(
        f"{option.name} = {value}"
        for option in project.options
        for value in option.values
        if (option.name, value) not in used
    )
