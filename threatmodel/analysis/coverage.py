"""Which of the questions of STRIDE have an answer: each element and flow by each category, and why where there is none.

`docs/decisions/0023-coverage.md` says what counts as an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from threatmodel.analysis.threats import Threat
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.globs import select
from threatmodel.rules.language import Code, World
from threatmodel.rules.outline import Outline, outline
from threatmodel.rules.rule import Rule
from threatmodel.system import STRIDE, Element, Flow, NotApplicable, Project, Stride, SystemModel
from threatmodel.system.model import ElementKind
from threatmodel.system.vocabulary import Vocabulary

CellState = Literal[
    "unanswered", "threats", "author", "asked", "method", "unreached", "same-trust", "interactions"
]
CELL_STATES: tuple[CellState, ...] = get_args(CellState)
_WHAT = frozenset({"traits", "kind", "shares_memory"})
"""Attributes that say what a thing is, not how it is protected or who can get at it."""
_OFF_MACHINE = frozenset({"remote", "plaintext-network"})
METHOD: Mapping[ElementKind, frozenset[Stride]] = {
    "process": frozenset(STRIDE),
    "datastore": frozenset({"tampering", "information-disclosure", "denial-of-service"}),
    "external": frozenset({"spoofing", "repudiation"}),
    "actor": frozenset({"spoofing", "repudiation"}),
}
"""The categories that STRIDE per element asks of each kind; a data store that keeps records is asked for repudiation too
(Shostack, Threat Modeling, 2014, chapter 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Conditions that kept rules about such a thing from holding."""

    why: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One element or flow and one category. `about` counts the rules of the category that are about such a thing, `rules`
    all that are asked of its kind. `answer` is the id of what the authors say, `proposed` where nobody is on record with
    it. `flows` are those whose answers stand for this one."""

    kind: Literal["element", "flow"]
    id: str
    category: Stride
    state: CellState
    reason: str
    threats: tuple[str, ...] = ()
    failed: tuple[Failed, ...] = ()
    rules: int = 0
    about: int = 0
    answer: str = ""
    proposed: bool = False
    flows: tuple[str, ...] = ()

    @property
    def answered(self) -> bool:
        """True where there is an answer."""
        return self.state != "unanswered"


Crossing = Literal["threats", "none", "inside", "unreached", "no-foothold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryCell:
    """One adversary and one boundary: the threats that it has across it, or why there are none."""

    adversary: str
    boundary: str
    state: Crossing
    threats: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All cells of one configuration, in the order of the model."""

    configuration: str
    cells: tuple[Cell, ...]
    boundaries: tuple[BoundaryCell, ...]

    @property
    def unanswered(self) -> tuple[Cell, ...]:
        """The cells without an answer."""
        return tuple(cell for cell in self.cells if not cell.answered)


def cover(
    project: Project,
    system: SystemModel,
    rules: Sequence[Rule],
    threats: Iterable[Threat],
    vocabulary: Vocabulary,
) -> Coverage:
    """The coverage of one configuration. `threats` are those of the engine, of this configuration or more."""
    name = system.configuration.name
    return _Coverer(
        project, system, rules, [t for t in threats if name in t.by_configuration], vocabulary
    ).coverage()


def wrong_answers(project: Project, threats: Iterable[Threat]) -> tuple[Diagnostic, ...]:
    """M038 for each answer of the authors for a place where there is a threat of the category."""
    found = []
    configurations = {system.configuration.name: system.configuration for system in project.systems}
    listed = tuple(threats)
    for answer in project.answers:
        here = [
            threat
            for threat in listed
            if threat.stride == answer.category
            and any(select((threat.target.id,), glob) for glob in answer.at)
            and any(configurations[name].matches(answer.when) for name in threat.by_configuration)
        ]
        found += [
            Diagnostic(
                code="M038",
                message=f'answer "{answer.id}": {answer.category} applies at {threat.target.id}: {threat.id}',
                place=answer.place,
                hint="leave the place out, or decide on the threat in dispositions.yaml",
            )
            for threat in here
        ]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule with its condition in parts: what the thing is, how it is, and what depends on the adversary."""

    rule: Rule
    what: tuple[Code, ...]
    how: tuple[tuple[str, Code], ...]
    adversarial: tuple[tuple[str, Code], ...]


class _Coverer:
    def __init__(
        self,
        project: Project,
        system: SystemModel,
        rules: Sequence[Rule],
        threats: Sequence[Threat],
        vocabulary: Vocabulary,
    ) -> None:
        self._project, self._system, self._threats = project, system, threats
        self._index = SystemIndex(project, system)
        self._neutral = AdversaryWorld(self._index, None)
        self._worlds = {
            adversary.id: world
            for adversary in project.adversaries
            if system.configuration.matches(adversary.when)
            and (world := AdversaryWorld(self._index, adversary)).present
        }
        self._rules: dict[tuple[str, Stride], list[_Asked]] = defaultdict(list)
        for rule in rules:
            if rule.library is None:
                self._rules[rule.applies_to, rule.stride].append(_split(rule, vocabulary))
        self._at: dict[tuple[str, Stride], list[str]] = defaultdict(list)
        for threat in threats:
            self._at[threat.target.id, threat.stride].append(threat.id)
        self._answers = [a for a in project.answers if system.configuration.matches(a.when)]

    def coverage(self) -> Coverage:
        flows = [self._cell("flow", flow, category) for flow in self._system.flows for category in STRIDE]
        known = {(cell.id, cell.category): cell for cell in flows}
        elements = [
            self._by_interactions(self._cell("element", element, category), known)
            for element in self._system.elements
            for category in STRIDE
        ]
        return Coverage(
            configuration=self._system.configuration.name,
            cells=(*elements, *flows),
            boundaries=tuple(self._boundaries()),
        )

    def _cell(self, kind: Literal["element", "flow"], thing: Element | Flow, category: Stride) -> Cell:
        asked = self._rules.get((kind, category), [])
        about = [found for found in asked if _all(found.what, self._neutral, {kind: thing})]
        cell = Cell(
            kind=kind,
            id=thing.id,
            category=category,
            state="unanswered",
            reason="",
            rules=len(asked),
            about=len(about),
        )
        if found := self._at.get((thing.id, category)):
            return replace(
                cell, state="threats", threats=tuple(sorted(found)), reason=_count(len(found), "threat")
            )
        if answer := next((a for a in self._answers if a.category == category and _is_at(a, thing.id)), None):
            return replace(
                cell, state="author", reason=answer.reason, answer=answer.id, proposed=answer.proposed
            )
        if about and self._worlds:
            failed = self._failed(about, {kind: thing})
            thing_ = "a flow" if kind == "flow" else "an element"
            reason = f"{_count(len(about), 'rule')} about such {thing_}, none holds"
            return replace(cell, state="asked", failed=failed, reason=reason)
        if isinstance(thing, Element) and not self._method(thing, category):
            return replace(
                cell, state="method", reason=f"STRIDE per element does not ask it of {_KINDS[thing.kind]}"
            )
        state, reason = self._trust(thing)
        return replace(cell, state=state, reason=reason or _missing(asked))

    def _method(self, element: Element, category: Stride) -> bool:
        if element.kind == "datastore" and category == "repudiation":
            return any("log-records" in flow.traits for flow in self._index.inbound.get(element.id, ()))
        return category in METHOD[element.kind]

    def _trust(self, thing: Element | Flow) -> tuple[CellState, str]:
        """An answer that comes from where the adversaries are; none where no adversary has a foothold."""
        worlds = self._worlds.values()
        ends = (
            [thing]
            if isinstance(thing, Element)
            else [self._index.elements[i] for i in (thing.source, thing.target)]
        )
        if worlds and not any(world.reached(end) for world in worlds for end in ends):
            return "unreached", "no adversary has a way there"
        if isinstance(thing, Flow) and worlds and _OFF_MACHINE.isdisjoint(thing.traits):
            source, target = ends
            changes = [
                world
                for world in worlds
                if world.controls(source) is not world.controls(target)
                or (world.influences(thing) and not world.controls(target))
            ]
            if not changes:
                return (
                    "same-trust",
                    "no adversary sends it, receives it alone or wrote what it carries; it stays on the machine",
                )
        return "unanswered", ""

    def _by_interactions(self, cell: Cell, flows: Mapping[tuple[str, Stride], Cell]) -> Cell:
        """An element whose flows are all answered is answered by them: it is attacked through its interactions."""
        if cell.answered:
            return cell
        near = (*self._index.inbound.get(cell.id, ()), *self._index.outbound.get(cell.id, ()))
        cells = {flow.id: flows[flow.id, cell.category] for flow in near}
        open_ = [id_ for id_, found in cells.items() if not found.answered]
        if open_ or not cells:
            reason = (
                f"{cell.reason}; unanswered at {_some(open_)}" if cells else f"{cell.reason}; it has no flow"
            )
            return replace(cell, reason=reason)
        threats = tuple(sorted({id_ for found in cells.values() for id_ in found.threats}))
        word = f", with {_count(len(threats), 'threat')}" if threats else ""
        return replace(
            cell,
            state="interactions",
            flows=tuple(cells),
            reason=f"asked and answered at each of its {_count(len(cells), 'flow')}{word}",
        )

    def _failed(self, about: Sequence[_Asked], variables: Mapping[str, Element | Flow]) -> tuple[Failed, ...]:
        grouped: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for found in about:
            why = tuple(text for text, code in found.how if not code(self._neutral, variables))
            if not why:
                per = [
                    {text for text, code in found.adversarial if not code(world, variables)}
                    for world in self._worlds.values()
                ]
                always = set.intersection(*per) if per else set()
                any_ = always or set().union(*per)
                why = tuple(text for text, _ in found.adversarial if text in any_)
            grouped[why].append(found.rule.id)
        return tuple(Failed(why=why, rules=tuple(ids)) for why, ids in grouped.items())

    def _boundaries(self) -> Iterator[BoundaryCell]:
        chains = self._index.chains
        places = {flow.id: {*chains[flow.source]} ^ {*chains[flow.target]} for flow in self._system.flows} | {
            id_: {*chain} for id_, chain in chains.items()
        }
        name = self._system.configuration.name
        by: dict[tuple[str, str], list[str]] = defaultdict(list)
        for threat in self._threats:
            for adversary in threat.by_configuration[name].adversaries:
                for boundary in places[threat.target.id]:
                    by[adversary, boundary].append(threat.id)
        for who in self._project.adversaries:
            for line in self._system.boundaries:
                inside = [id_ for id_, chain in chains.items() if line.id in chain]
                found = tuple(sorted(by.get((who.id, line.id), ())))
                state, reason = self._crossing(who.id, inside, found)
                yield BoundaryCell(
                    adversary=who.id, boundary=line.id, state=state, threats=found, reason=reason
                )

    def _crossing(
        self, adversary: str, inside: Sequence[str], found: Collection[str]
    ) -> tuple[Crossing, str]:
        world = self._worlds.get(adversary)
        if world is None:
            return "no-foothold", "the adversary has no foothold in this configuration"
        if found:
            return "threats", _count(len(found), "threat")
        elements = [self._index.elements[id_] for id_ in inside]
        if elements and all(world.controls(element) for element in elements):
            return "inside", "everything inside it is the adversary's from the start"
        if not any(world.reached(element) for element in elements):
            return (
                "unreached",
                "no chain of flows leads from the adversary into it" if elements else "nothing is inside it",
            )
        return "none", "the adversary gets inside, and no rule holds for it across this boundary"


def _split(rule: Rule, vocabulary: Vocabulary) -> _Asked:
    parts = outline(rule.when, rule.applies_to, vocabulary).top
    return _Asked(
        rule=rule,
        what=tuple(code for part in parts for code in _what(part)),
        how=tuple((p.text, p.code.code) for p in parts if not p.code.adversarial and not _says_what(p)),
        adversarial=tuple((part.text, part.code.code) for part in parts if part.code.adversarial),
    )


def _what(part: Outline) -> Iterator[Code]:
    """What of a part says what the thing is: itself, or that one of its items is such a thing."""
    if _says_what(part):
        yield part.code.code
    elif part.kind == "any" and part.items is not None and part.body is not None:
        asked = [inner.code.code for inner in (*part.guards, *part.body.top) if _says_what(inner)]
        items, variable = part.items.code, part.variable
        if asked:
            yield lambda world, variables: any(
                _all(asked, world, {**variables, variable: item}) for item in items(world, variables)
            )


def _says_what(part: Outline) -> bool:
    """True for a part that asks for nothing but traits, kind and shared memory."""
    if part.code.adversarial or part.items is not None:
        return False
    if part.parts:
        return all(_says_what(inner) for inner in part.parts)
    return bool(part.terms) and all(term.code.text.rpartition(".")[2] in _WHAT for term in part.terms)


def _all(codes: Iterable[Code], world: World, variables: Mapping[str, Element | Flow]) -> bool:
    return all(code(world, variables) for code in codes)


def _is_at(answer: NotApplicable, id_: str) -> bool:
    return any(select((id_,), glob) for glob in answer.at)


_KINDS: Mapping[ElementKind, str] = {
    "process": "a process",
    "datastore": "a data store",
    "external": "an external entity",
    "actor": "an actor",
}
_MANY = 6


def _missing(asked: Sequence[_Asked]) -> str:
    if not asked:
        return "no rule of the enabled packs is of this category and asked of such things"
    return f"{_count(len(asked), 'rule')} of the category, none about such a thing"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - _MANY
    return ", ".join(ids[:_MANY]) + (f" and {more} more" if more > 0 else "")
