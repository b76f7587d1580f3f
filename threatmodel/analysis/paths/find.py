"""Attack paths of one configuration: for each adversary and goal the weakest way, others, and what separates them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import networkx as nx

from threatmodel.analysis.paths.cut import cut
from threatmodel.analysis.paths.defeat import shared_fate
from threatmodel.analysis.paths.search import (
    Graph,
    Listing,
    Node,
    Option,
    Route,
    Units,
    Weakest,
    build,
    several,
    weakest,
)
from threatmodel.analysis.paths.steps import Attacker, Field, Step
from threatmodel.analysis.paths.values import (
    AttackPath,
    Defeated,
    GoalKind,
    Limits,
    Outcome,
    Pair,
    PathStep,
    Separation,
)
from threatmodel.rules.rule import Rule
from threatmodel.system import ControlStates, Element, Flow, Project, SystemModel


@dataclass(slots=True)
class _Seen:
    attacker: Attacker
    graph: Graph
    weakest: Weakest


@dataclass(slots=True)
class Paths:
    """Finds paths in one configuration; what concerns one adversary is worked out once.

    `excluded` are threats that a decision in force says are not applicable, `without` controls that are taken to fail.
    """

    project: Project
    system: SystemModel
    rules: Sequence[Rule]
    states: ControlStates = field(default_factory=dict)
    excluded: Collection[str] = ()
    without: Collection[str] = ()
    limits: Limits = field(default_factory=Limits)
    _seen: dict[str, _Seen] = field(default_factory=dict, init=False)
    _field: Field = field(init=False)
    _fates: nx.Graph[str] = field(init=False)

    def __post_init__(self) -> None:
        self._field = Field(
            self.project,
            self.system,
            self.rules,
            self.states,
            excluded=self.excluded,
            failed=self.failing,
        )
        usable, proven = self._field.usable(), self._field.proven()
        self._fates = shared_fate(
            self.project, self.system, [control.id for control in self.project.controls]
        )
        units = Units(self._fates.subgraph(proven), self._fates.subgraph(usable - proven))
        for adversary in self.project.adversaries:
            if self.system.configuration.matches(adversary.when):
                attacker = Attacker(self._field, adversary)
                if attacker.present:
                    graph = build(attacker.start, attacker.steps(), units)
                    found = weakest(graph, self.limits.labels)
                    self._seen[adversary.id] = _Seen(attacker, graph, found)

    @property
    def failing(self) -> frozenset[str]:
        """The controls that are taken to fail, with all that share the fate of one of them."""
        if not self.without:
            return frozenset()
        fates = shared_fate(self.project, self.system, [control.id for control in self.project.controls])
        return frozenset(self.without).union(*(fates.neighbors(id_) for id_ in self.without))

    @property
    def adversaries(self) -> tuple[str, ...]:
        """Those with a foothold in the configuration, in the order of the model."""
        return tuple(self._seen)

    @property
    def assets(self) -> tuple[str, ...]:
        """Those of the model that some element or flow of the configuration has, in the order of the model."""
        items: tuple[Element | Flow, ...] = (*self.system.elements, *self.system.flows)
        there = {id_ for item in items for id_ in item.data}
        return tuple(asset.id for asset in self.project.data if asset.id in there)

    def pair(self, adversary: str, kind: GoalKind, goal: str, *, detailed: bool = False) -> Pair:
        """One pair; `detailed`: with other paths and with what separates the two.

        Raises:
            KeyError: the adversary has no foothold in the configuration.
        """
        seen = self._seen[adversary]
        node: Node = ("element" if kind == "element" else "goal", goal)
        own = seen.attacker.own(goal) if kind == "asset" else tuple({goal} & set(seen.attacker.start))
        route = None if kind == "element" and own else seen.weakest.routes.get(node)
        if route is None:
            outcome = self._without_way(seen, kind, goal, own)
            return Pair(
                adversary=adversary, goal_kind=kind, goal=goal, outcome=outcome, own=own, weakest=None
            )
        best = self._path(route, seen)
        found = Pair(adversary=adversary, goal_kind=kind, goal=goal, outcome="path", own=own, weakest=best)
        return self._detailed(found, node, seen) if detailed else found

    def _without_way(self, seen: _Seen, kind: GoalKind, goal: str, own: tuple[str, ...]) -> Outcome:
        if kind == "asset" and goal not in self.assets:
            return "nowhere"
        if not seen.weakest.complete:
            return "not-searched"
        return "start" if own else "none"

    def _detailed(self, pair: Pair, node: Node, seen: _Seen) -> Pair:
        limits = self.limits
        listing: Listing = several(
            seen.graph, node, most=limits.paths, steps=limits.steps, looked=limits.looked
        )
        paths = [self._path(route, seen) for route in listing.routes]
        if pair.weakest in paths:
            paths.remove(pair.weakest)
        kept = (pair.weakest, *paths)[: limits.paths]
        separation = cut(seen.graph, node, self._field.proven())
        return replace(
            pair,
            paths=tuple(path for path in kept if path is not None),
            complete=listing.complete and len(paths) < limits.paths,
            separation=Separation(
                controls=None
                if separation.controls is None
                else tuple(self._control(id_) for id_ in separation.controls),
                exact=separation.exact,
                open_way=tuple(id_ for _, id_ in separation.open_way if id_),
                narrowest=None
                if separation.narrowest is None
                else tuple((one[1], other[1]) for one, other in separation.narrowest),
            ),
        )

    def _path(self, route: Route, seen: _Seen) -> AttackPath:
        taken = [option for option in route.options if option.step.kind != "has"]
        last = route.options[-1].step if route.options else None
        proven, claimed, flaws, length = route.cost
        return AttackPath(
            proven=proven,
            claimed=claimed,
            flaws=flaws,
            length=length,
            steps=tuple(self._step(option, seen) for option in taken),
            found=last.via[0] if last and last.kind == "has" else "",
        )

    def _step(self, option: Option, seen: _Seen) -> PathStep:
        step, attempt = option.step, option.attempt
        return PathStep(
            kind=step.kind,
            source=step.source,
            target=step.target,
            via=attempt.via if attempt and attempt.via else step.via[0],
            enters=() if step.reaches_asset else self._enters(step.source, step.target),
            effect=attempt.effect if attempt else "",
            threat=attempt.threat if attempt else "",
            title=attempt.title if attempt else "",
            status=attempt.status if attempt else "",
            reason=attempt.reason if attempt else "",
            needs_flaw=bool(option.flaw),
            defeats=tuple(self._control(id_) for id_ in seen.graph.units.named(option.mask)),
            other_threats=self._others(option, seen),
        )

    def _others(self, option: Option, seen: _Seen) -> tuple[str, ...]:
        kind = "goal" if option.step.reaches_asset else "element"
        edge = seen.graph.graph.edges[("element", option.step.source), (kind, option.step.target)]
        every = {
            attempt.threat for step in edge["steps"] if isinstance(step, Step) for attempt in step.attempts
        }
        return tuple(sorted(every - {option.attempt.threat if option.attempt else ""}))

    def _enters(self, source: str, target: str) -> tuple[str, ...]:
        chains = self._field.index.chains
        return tuple(id_ for id_ in reversed(chains[target]) if id_ not in chains[source])

    def _control(self, id_: str) -> Defeated:
        return Defeated(
            control=id_,
            state=self._field.states[id_],
            proven=id_ in self._field.proven(),
            not_independent_of=tuple(sorted(self._fates.neighbors(id_))),
        )
