"""Where somebody could help, from the data alone: never tested, never verified, unowned, known to one person, vacant.

What skill a piece of work needs follows from the language, the traits and the boundary of its elements by the tables
below.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from collateral.response.model import Response
from collateral.response.ownership import Ownership
from threatmodel.analysis import RISK_LEVELS, Threat
from threatmodel.claims import Ledger
from threatmodel.system import ControlState, Element, Privilege, Project, SystemModel
from threatmodel.system.model import Role

Kind = Literal["never-tested", "never-verified", "unowned", "one-person", "vacant"]
KINDS: Mapping[Kind, str] = {
    "never-tested": "Threats that no test case of a recorded engagement has tried",
    "never-verified": "Controls that the model claims and nothing has proven",
    "unowned": "Files without an owner, or that only a documentation team owns",
    "one-person": "Elements with most commits of twelve months by one author",
    "vacant": "Roles that nobody holds on public record",
}
LANGUAGES: Mapping[str, str] = {
    "c": "C",
    "c++": "C++",
    "go": "Go",
    "rust": "Rust",
    "python": "Python",
    "rego": "Rego",
    "shell": "shell",
}
TRAITS: Mapping[str, str] = {
    "attests-platform": "attestation",
    "boots-guest": "firmware and boot",
    "emulates-devices": "device emulation and virtio",
    "file-server": "file systems (FUSE, virtio-fs)",
    "hypervisor": "virtualisation (KVM)",
    "kernel": "Linux kernel",
    "mounts-filesystems": "mounts and namespaces",
    "network-facing": "network services",
    "orchestrates": "Kubernetes",
    "parses-images": "image and archive formats",
    "policy-decision": "policy languages",
    "pulls-artefacts": "supply chain",
    "shared-kernel": "Linux kernel isolation",
    "spawns-processes": "process and argument handling",
    "stores-secrets": "key handling",
}
ROLES: Mapping[Role, str] = {
    "build": "build systems and CI",
    "test": "testing",
    "docs": "technical writing",
    "tools": "developer tools",
}
PRIVILEGES: Mapping[Privilege, str] = {"kernel": "Linux kernel", "root": "privileged system code"}
_WORK: Mapping[ControlState, str] = {
    "contradicted": "mend the code, or take the control out of the model",
    "undisclosed": "ask the security team: this edition does not say more",
    "not-found": "find where the code went, and name that place in the claim",
    "not-checked": "check the claims against a source tree",
    "unclaimed": "write a claim that a machine can check, or vouch for it in public",
    "proposed": "vouch for it in public, with name, date and expiry, or find what a machine can check",
}
_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A piece of work. `count` is how many things it is about, `refs` are their ids or paths, some of them."""

    kind: Kind
    what: str
    where: tuple[str, ...]
    count: int
    skills: tuple[str, ...]
    work: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Helping:
    """All tasks by kind, and for each kind that could not be worked out, why."""

    tasks: tuple[Task, ...]
    not_known: Mapping[Kind, str]


def where_to_help(
    project: Project,
    configuration: str,
    threats: Sequence[Threat],
    ledger: Ledger,
    *,
    ownership: Ownership | None = None,
    response: Response | None = None,
    never_tested: Collection[str] | None = None,
) -> Helping:
    """The tasks of one configuration. `never_tested` are ids of threats; None: nobody knows what was tested."""
    system = project.system(configuration)
    elements = {element.id: element for element in system.elements}
    privileges = {boundary.id: boundary.privilege for boundary in system.boundaries}
    skills = _Skills(elements, privileges)
    not_known: dict[Kind, str] = {}
    tasks: list[Task] = []
    if never_tested is None:
        not_known["never-tested"] = "there is no test plan, so nobody knows what was tested"
    else:
        tasks += _untested(system, threats, configuration, frozenset(never_tested), skills)
    tasks += _unproven(project, system, ledger, skills)
    if ownership is None:
        not_known["unowned"] = not_known["one-person"] = "no source tree was read"
    else:
        tasks += _unowned(ownership, skills, {c.id: c.role for c in project.components})
        if ownership.history:
            not_known["one-person"] = ownership.history
        else:
            tasks += _one_person(ownership, skills)
    if response is None:
        not_known["vacant"] = "the model has no response.yaml"
    else:
        tasks += _vacant(response)
    return Helping(tasks=tuple(tasks), not_known=not_known)


class _Skills:
    def __init__(self, elements: Mapping[str, Element], privileges: Mapping[str, Privilege]) -> None:
        self._elements = elements
        self._privileges = privileges

    def of(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The skills of some elements: languages first, then subjects, at most six."""
        here = [self._elements[id_] for id_ in sorted(set(ids)) if id_ in self._elements]
        found = Counter(LANGUAGES[e.language] for e in here if e.language in LANGUAGES)
        subjects = Counter(TRAITS[trait] for e in here for trait in sorted(e.traits) if trait in TRAITS)
        if not subjects:
            words = [PRIVILEGES[p] for e in here if (p := self._privileges[e.boundary]) in PRIVILEGES]
            subjects = Counter(words)
        ordered = [*_by_count(found), *_by_count(subjects)]
        return tuple(dict.fromkeys(ordered))[:_MOST]

    def name(self, id_: str) -> str:
        """The element's name, or its id where the configuration does not have it."""
        return self._elements[id_].name if id_ in self._elements else id_


def _by_count(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda word: (-counts[word], word))


def _untested(
    system: SystemModel, threats: Sequence[Threat], name: str, wanted: frozenset[str], skills: _Skills
) -> list[Task]:
    """By element that is struck: that of the threat, or the target of its flow."""
    targets = {flow.id: flow.target for flow in system.flows}
    groups: dict[str, list[Threat]] = defaultdict(list)
    for threat in threats:
        if threat.id in wanted and name in threat.by_configuration:
            groups[targets.get(threat.target.id, threat.target.id)].append(threat)

    def risk(threat: Threat) -> int:
        return -RISK_LEVELS.index(threat.by_configuration[name].risk)

    tasks = []
    for element, found in groups.items():
        found.sort(key=lambda threat: (risk(threat), threat.id))
        worst = found[0].by_configuration[name].risk
        tasks.append(
            (
                (risk(found[0]), -len(found), element),
                Task(
                    kind="never-tested",
                    what=f"{skills.name(element)}: {_counted(len(found), 'threat')}, the worst of risk {worst}",
                    where=(skills.name(element),),
                    count=len(found),
                    skills=skills.of([element]),
                    work="try the test cases of the plan on a test node, and record the result",
                    refs=tuple(threat.id for threat in found[:_MOST]),
                ),
            )
        )
    return [task for _, task in sorted(tasks, key=lambda pair: pair[0])]


def _unproven(project: Project, system: SystemModel, ledger: Ledger, skills: _Skills) -> list[Task]:
    """By state, worst first, then by control."""
    holders: dict[str, set[str]] = defaultdict(set)
    for element in system.elements:
        for id_ in element.controls:
            holders[id_].add(element.id)
    for flow in system.flows:
        for id_ in flow.controls:
            holders[id_] |= {flow.source, flow.target}
    for boundary in system.boundaries:
        for id_ in boundary.controls:
            holders[id_] |= {e.id for e in system.elements if e.boundary == boundary.id}
    order = list(_WORK)
    tasks = []
    for control in project.controls:
        state = ledger.states.get((system.configuration.name, control.id))
        if control.id not in holders or state is None or state not in _WORK:
            continue
        here = sorted(holders[control.id])
        tasks.append(
            (
                (order.index(state), control.id),
                Task(
                    kind="never-verified",
                    what=f"{control.title} ({state.replace('-', ' ')})",
                    where=tuple(skills.name(id_) for id_ in here),
                    count=sum(check.control == control.id for check in ledger.checks),
                    skills=skills.of(here),
                    work=_WORK[state],
                    refs=(control.id,),
                ),
            )
        )
    return [task for _, task in sorted(tasks, key=lambda pair: pair[0])]


def _unowned(audit: Ownership, skills: _Skills, roles: Mapping[str, Role | None]) -> list[Task]:
    tasks = []
    for item in audit.sets:
        documents = item.documentation_only if item.elements else ()
        paths = (*item.unowned, *documents)
        role = roles.get(item.id) if item.component else None
        if paths:
            parts = [_counted(len(item.unowned), "file") + " without an owner"] if item.unowned else []
            parts += [f"{len(documents)} with a documentation team alone"] if documents else []
            tasks.append(
                (
                    (not item.elements, -len(paths), item.id),
                    Task(
                        kind="unowned",
                        what=f"{item.id}: {', '.join(parts)}",
                        where=tuple(skills.name(id_) for id_ in item.elements) or ((role,) if role else ()),
                        count=len(paths),
                        skills=(ROLES[role],) if role else skills.of(item.elements),
                        work="review changes there, and ask to be made an owner in CODEOWNERS",
                        refs=paths[:_MOST],
                    ),
                )
            )
    return [task for _, task in sorted(tasks, key=lambda pair: pair[0])]


def _one_person(audit: Ownership, skills: _Skills) -> list[Task]:
    return [
        Task(
            kind="one-person",
            what=f"{item.name}: {item.authors[0].commits} of {item.commits} commits by one of "
            f"{_counted(len(item.authors), 'author')}",
            where=(item.name,),
            count=item.commits,
            skills=skills.of([item.element]),
            work="review and change this code until a second person knows it",
            refs=item.components[:_MOST],
        )
        for item in audit.elements
        if item.bus_factor == 1
    ]


def _vacant(response: Response) -> list[Task]:
    return [
        Task(
            kind="vacant",
            what=role.role if role.source else f"{role.role} (a role that is proposed)",
            where=(),
            count=1,
            skills=tuple(part.strip() for part in role.skills.replace(";", ",").split(",") if part.strip()),
            work=role.duties,
            refs=(role.id,),
        )
        for role in response.roles
        if role.state in {"vacant", "candidate"}
    ]


def _counted(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"
