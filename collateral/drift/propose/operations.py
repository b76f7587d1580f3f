"""Where the operations of a flow stand in the Python files of a model."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from collateral.drift.model import Source
from collateral.drift.propose import layout
from collateral.drift.propose.files import ModelFiles, parsed
from threatmodel.core.globs import select
from threatmodel.extract import Fact
from threatmodel.system import Flow, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list, tuple or set that names operations. `names`: of its elements in order, empty where one is no literal.
    `owner`: the flow in whose call it stands, empty where it stands in none."""

    path: str
    which: int
    line: int
    names: tuple[str, ...]
    elements: tuple[ast.expr, ...]
    owner: str
    maker: str
    """How its elements are made where they are not plain texts: the name of the class as the file writes it."""

    @property
    def known(self) -> frozenset[str]:
        """The names that it spells out."""
        return frozenset(name for name in self.names if name)

    def rule_of(self, at: int) -> str | None:
        """The policy rule of element `at`; None where it says none."""
        return next(
            (
                keyword.value.value
                for keyword in getattr(self.elements[at], "keywords", ())
                if keyword.arg == "policy"
                and isinstance(keyword.value, ast.Constant)
                and isinstance(keyword.value.value, str)
            ),
            None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where an operation goes: behind element `after` of a listing, or as the first one of a call that makes a flow.

    `beside`: the fact whose operation stands there; `others`: whether the extract names other flows that it may be of.
    """

    flow: str
    path: str
    listing: Listing | None = None
    after: int = -1
    call: int = -1
    beside: Fact | None = None
    others: bool = False


@dataclass(slots=True)
class Operations:
    """The flows of a model, and the places of their operations."""

    project: Project
    files: ModelFiles
    shown: str = ""
    _listings: dict[str, tuple[str, tuple[Listing, ...]]] = field(default_factory=dict)
    _added: dict[str, set[str]] = field(default_factory=dict)

    def spot(self, source: Source, fact: Fact, facts: Sequence[Fact]) -> Spot | str:
        """The place for the operation of a new fact; a sentence where none can be worked out.

        The flow is the only one that the extract names, or the one whose protocol the name of the fact fits, or the one
        that has the operation of the nearest fact beside it in the file of the source.
        """
        flows = self._flows(source)
        if not flows:
            return "the extract names no flow of operations that is in the model"
        pool = flows
        if fitting := {name: ops for name, ops in flows.items() if self._fits(name, fact.name)}:
            own = [name for name in fitting if name in source.belongs_to]
            if len(fitting) == 1 or len(own) == 1:
                only = next(iter(fitting)) if len(fitting) == 1 else own[0]
                pool = {only: fitting[only]}
            else:
                pool = fitting
        unclear = ""
        for near in _near(fact, facts):
            found = self._beside(source, near, pool)
            if isinstance(found, Spot):
                return found
            unclear = unclear or found
        explicit = [name for name in pool if name in source.operations_of]
        named = explicit if len(explicit) == 1 else [name for name in explicit if name in source.belongs_to]
        if len(pool) == 1 or len(named) == 1:
            return self._in_flow(next(iter(pool)) if len(pool) == 1 else named[0], pool)
        return (
            unclear
            or f"one of the flows {', '.join(sorted(pool))}, and nothing beside it in the source says which"
        )

    def added(self, flow: str, name: str) -> None:
        """Remember an operation that a stub has."""
        self._added.setdefault(flow, set()).add(name)

    def _flows(self, source: Source) -> dict[str, frozenset[str]]:
        """The flows of an extract with all their operations, in the configurations that have all it belongs to."""
        systems = [
            system
            for system in self.project.systems
            if {*source.belongs_to} <= {e.id for e in system.elements} | {f.id for f in system.flows}
        ] or self.project.systems
        found: dict[str, set[str]] = {}
        for system in systems:
            ids = [flow.id for flow in system.flows]
            wanted = {id_ for glob in source.operations_of for id_ in select(ids, glob)}
            for flow in system.flows:
                if flow.id in wanted:
                    found.setdefault(flow.id, set()).update(flow.operations)
        return {name: frozenset(ops | self._added.get(name, set())) for name, ops in found.items()}

    def _fits(self, flow: str, name: str) -> bool:
        """Whether the protocol of a flow is a pattern of such names."""
        for part in {f.protocol for s in self.project.systems for f in s.flows if f.id == flow}:
            for glob in part.split(", "):
                try:
                    if "." in glob and select((name,), glob):
                        return True
                except ValueError:
                    continue
        return False

    def _beside(self, source: Source, near: Fact, pool: Mapping[str, frozenset[str]]) -> Spot | str:
        """Behind the operation of a fact that the model has."""
        names = (near.name, near.name.rpartition(".")[2])
        found: list[tuple[tuple[bool, int, int], Spot]] = []
        for flow, operations in pool.items():
            for listing in self._of(flow, operations):
                at = next((i for i, name in enumerate(listing.names) if name in names), -1)
                if at >= 0:
                    spot = Spot(
                        flow=flow,
                        path=listing.path,
                        listing=listing,
                        after=at,
                        beside=near,
                        others=len(pool) > 1,
                    )
                    rank = (flow in source.belongs_to, -len(operations), len(listing.known))
                    found.append((rank, spot))
        best = max((rank for rank, _ in found), default=None)
        spots = {(s.path, s.listing.which if s.listing else 0): s for rank, s in found if rank == best}
        if len(spots) == 1:
            return next(iter(spots.values()))
        where = ", ".join(f"{s.path}:{s.listing.line}" for s in spots.values() if s.listing)
        return f"beside {near.name}, which stands in several places: {where}" if spots else ""

    def _in_flow(self, flow: str, pool: Mapping[str, frozenset[str]]) -> Spot | str:
        """At the end of the operations of one flow, or as its first one."""
        listings = sorted(self._of(flow, pool[flow]), key=lambda listing: -len(listing.known))
        if listings and (len(listings) == 1 or len(listings[0].known) > len(listings[1].known)):
            first = listings[0]
            return Spot(flow=flow, path=first.path, listing=first, after=len(first.names) - 1)
        if listings:
            where = ", ".join(f"{listing.path}:{listing.line}" for listing in listings[:4])
            return f"flow {flow}, whose operations stand in several places: {where}"
        if pool[flow]:
            return f"flow {flow}, whose operations are spelled out nowhere"
        spots = {
            (path, which)
            for system in self.project.systems
            for item in system.flows
            if item.id == flow
            for path, which in self._made(item)
        }
        if len(spots) != 1:
            return f"flow {flow}, which is made {'in several places' if spots else 'by a helper'}"
        path, which = spots.pop()
        return Spot(flow=flow, path=path, call=which)

    def _made(self, flow: Flow) -> Iterator[tuple[str, int]]:
        """The call that makes a flow, where it spells out the id and has no operations.

        Which of the calls with its id it is, the line says in the file as it was; edits do not change their order.
        """
        path = self.path_of(flow.place.path if flow.place else "")
        was, now = parsed(self.files.before.get(path, "")), self.files.tree(path)
        if was is None or now is None or flow.place is None:
            return
        for (call, _), (again, which) in zip(_calls(was, flow.id), _calls(now, flow.id), strict=True):
            here = call.lineno <= flow.place.line <= (call.end_lineno or 0)
            if here and not any(keyword.arg in (None, "operations") for keyword in again.keywords):
                yield path, which

    def path_of(self, shown: str) -> str:
        """The path below the model's folder of a place as it is shown."""
        return shown.removeprefix(f"{self.shown}/") if self.shown else shown

    def _of(self, flow: str, operations: frozenset[str]) -> list[Listing]:
        """The listings that name operations of a flow and nothing else, and stand in the call of no other."""
        return [
            listing
            for listing in self.listings()
            if listing.known and listing.known <= operations and listing.owner in ("", flow)
        ]

    def listings(self) -> Iterator[Listing]:
        """All of the model as it is now."""
        for path in self.files.python():
            text = self.files.texts[path]
            if path not in self._listings or self._listings[path][0] != text:
                tree = self.files.tree(path)
                made = tuple(_listings(path, tree)) if tree else ()
                self._listings[path] = (text, made)
            yield from self._listings[path][1]


def _calls(tree: ast.Module, flow: str) -> list[tuple[ast.Call, int]]:
    """The calls whose first argument is the id of a flow, in the order of their lines, with their numbers."""
    found = [
        (call, which)
        for which, call in enumerate(layout.calls(tree))
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == flow
    ]
    return sorted(found, key=lambda item: (item[0].lineno, item[0].col_offset))


def _near(fact: Fact, facts: Iterable[Fact]) -> list[Fact]:
    """The other facts of the file with the same first part, those above first, each side by distance."""
    start = fact.name.rpartition(".")[0]
    others = [
        f for f in facts if f.path == fact.path and f.name != fact.name and f.name.rpartition(".")[0] == start
    ]
    above = sorted((f for f in others if f.line <= fact.line), key=lambda f: fact.line - f.line)
    return above + sorted((f for f in others if f.line > fact.line), key=lambda f: f.line)


def _listings(path: str, tree: ast.Module) -> Iterator[Listing]:
    other = {
        id(keyword.value)
        for call in layout.calls(tree)
        for keyword in call.keywords
        if keyword.arg not in (None, "operations")
    }
    owners = {
        id(part): str(call.args[0].value)
        for call in layout.calls(tree)
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
        for keyword in call.keywords
        if keyword.arg == "operations"
        for part in ast.walk(keyword.value)
    }
    for which, node in enumerate(layout.lists(tree)):
        if id(node) in other or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            continue
        names = tuple(_name(element) for element in node.elts)
        if any(names):
            makers = [ast.unparse(e.func) for e in node.elts if isinstance(e, ast.Call) and _name(e)]
            yield Listing(
                path=path,
                which=which,
                line=node.lineno,
                names=names,
                elements=tuple(node.elts),
                owner=owners.get(id(node), ""),
                maker=makers[-1] if makers else "",
            )


def _name(element: ast.expr) -> str:
    """The operation that an element names: a text, or the first argument of `Operation`."""
    if isinstance(element, ast.Call) and element.args:
        function = element.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        element = element.args[0] if called == "Operation" else element
    return element.value if isinstance(element, ast.Constant) and isinstance(element.value, str) else ""
