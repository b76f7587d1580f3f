"""Small random graphs of steps, small random systems that can be attacked, and answers found by trying everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations, pairwise, product
from typing import Any

import networkx as nx
from hypothesis import strategies as st

from tests.analysis.support import RULES
from threatmodel.analysis.paths.defeat import smallest
from threatmodel.analysis.paths.find import Paths
from threatmodel.analysis.paths.search import Cost, Graph, Node, Units, build
from threatmodel.analysis.paths.steps import Attempt, Step
from threatmodel.system import (
    Adversary,
    Boundary,
    Configuration,
    Control,
    ControlState,
    DataAsset,
    Element,
    FileExists,
    Flow,
    Project,
    SystemModel,
)

CONTROLS = ("k0", "k1", "k2", "k3")
PROVEN = ("k0", "k1", "k2")
NODES = ("n0", "n1", "n2", "n3")
GOAL: Node = ("goal", "g")


def attempt(
    threat: str, defeats: Iterable[Iterable[str]], *, flaw: bool = False, holds: Iterable[Iterable[str]] = ()
) -> Attempt:
    """A threat that makes a step."""
    return Attempt(
        threat=threat,
        title=threat,
        effect="takes",
        via="F",
        flaw=flaw,
        status="open",
        reason="",
        defeats=smallest(frozenset(item) for item in defeats),
        holds=smallest(frozenset(item) for item in holds),
    )


def step(source: str, target: str, *attempts: Attempt, asset: bool = False, has: bool = False) -> Step:
    """A step over a flow, or an asset that is there."""
    return Step(
        kind="has" if has else "flow",
        source=source,
        target=target,
        reaches_asset=asset,
        via=("F",),
        attempts=tuple(attempts),
    )


@st.composite
def graphs(draw: Any) -> Graph:
    """A graph of at most four elements, and an asset at one of them or read by a step."""
    sets = st.frozensets(st.sampled_from(CONTROLS), max_size=2)
    steps = []
    for number, (one, other) in enumerate(product(NODES, NODES)):
        if one != other and draw(st.booleans()):
            made = [
                attempt(
                    f"T-{at}@F{number}",
                    draw(st.lists(sets, min_size=1, max_size=2)),
                    flaw=draw(st.booleans()),
                    holds=draw(
                        st.lists(st.frozensets(st.sampled_from(CONTROLS), min_size=1, max_size=2), max_size=2)
                    ),
                )
                for at in range(draw(st.integers(1, 2)))
            ]
            steps.append(step(one, other, *made))
    steps.append(step(draw(st.sampled_from(NODES[1:])), "g", asset=True, has=True))
    if draw(st.booleans()):
        steps.append(step(draw(st.sampled_from(NODES)), "g", attempt("R@F", [draw(sets)]), asset=True))
    fates: nx.Graph[str] = nx.Graph()
    fates.add_nodes_from(CONTROLS)
    fates.add_edges_from(draw(st.lists(st.sampled_from(list(combinations(CONTROLS, 2))), max_size=3)))
    return build(["n0"], steps, Units(fates.subgraph(PROVEN), fates.subgraph(set(CONTROLS) - set(PROVEN))))


def every_cost(graph: Graph, goal: Node = GOAL) -> Iterator[Cost]:
    """The cost of every way to the goal: every simple path, and every choice of attempts on it."""
    if goal not in graph.graph:
        return
    for nodes in nx.all_simple_paths(graph.graph, ("start", ""), goal):
        edges = [graph.graph.edges[pair] for pair in pairwise(nodes)]
        chosen = product(*(_ways(edge) for edge in edges))
        length = sum(edge["weight"] for edge in edges)
        for ways in chosen:
            mask = 0
            for controls, _ in ways:
                mask |= graph.units.mask(controls)
            yield (*graph.units.cost(mask), sum(flaw for _, flaw in ways), length)


def _ways(edge: Any) -> list[tuple[frozenset[str], bool]]:
    steps = edge.get("steps", ())
    if not steps or not all(step.attempts for step in steps):
        return [(frozenset(), False)]
    attempts = [attempt for step in steps for attempt in step.attempts]
    return [(found, attempt.flaw) for attempt in attempts for found in attempt.defeats]


FLOW_TRAITS = (
    "control-api",
    "virtqueue",
    "filesystem-requests",
    "system-calls",
    "queries",
    "carries-secrets",
)
ELEMENT_TRAITS = (
    "file-server",
    "kernel",
    "hypervisor",
    "emulates-devices",
    "stores-secrets",
    "network-facing",
)
_PROVIDES = {
    "who": ("peer-authentication",),
    "may": ("authorization-policy", "deny-by-default"),
    "box": ("syscall-filter", "capability-drop", "least-privilege-user", "mandatory-access-control"),
    "path": ("path-resolution-confined", "bounds-checked-descriptors", "interface-disabled"),
}
STATES: dict[tuple[str, str], ControlState] = {
    ("x", "who"): "verified",
    ("x", "may"): "attested",
    ("x", "box"): "verified",
}
ASKED = tuple(rule for rule in RULES if rule.stride != "denial-of-service")


@st.composite
def projects(draw: Any) -> Project:
    """Elements in two machines, flows that rules ask about, and controls of which one is not proven."""
    boundaries = (
        Boundary(id="out", name="O", privilege="none"),
        Boundary(id="host", name="H", privilege="root"),
        Boundary(id="core", name="C", privilege="kernel", parent="host"),
    )
    chosen = st.lists(st.sampled_from(sorted(_PROVIDES)), max_size=2, unique=True).map(tuple)
    elements = tuple(
        Element(
            id=f"e{at}",
            name="E",
            kind="process" if at == 0 else draw(st.sampled_from(["process", "datastore"])),
            boundary="out" if at == 0 else draw(st.sampled_from(["host", "core"])),
            language=draw(st.sampled_from(["c", "rust"])),
            traits=draw(st.frozensets(st.sampled_from(ELEMENT_TRAITS), max_size=2)),
            data=draw(st.sampled_from([(), ("d",)])) if at else (),
            controls=draw(chosen),
        )
        for at in range(draw(st.integers(3, 5)))
    )
    ids = st.sampled_from([element.id for element in elements])
    flows = tuple(
        Flow(
            id=f"f{at}",
            source="e0" if at == 0 else draw(ids),
            target=draw(ids),
            name="F",
            shares_memory=draw(st.booleans()),
            traits=draw(st.frozensets(st.sampled_from(FLOW_TRAITS), min_size=1, max_size=2)),
            data=draw(st.sampled_from([(), ("d",)])),
            controls=draw(chosen),
        )
        for at in range(draw(st.integers(2, 7)))
    )
    return Project(
        id="p",
        name="P",
        default_configuration="x",
        data=(DataAsset(id="d", name="D", secret=True, confidentiality="high", integrity="high"),),
        controls=tuple(
            Control(id=id_, title=id_, provides=words, claims=(FileExists(paths=(id_,)),))
            for id_, words in _PROVIDES.items()
        ),
        adversaries=(Adversary(id="a", name="A", controls=("out",)),),
        systems=(
            SystemModel(
                configuration=Configuration(name="x", options={}),
                boundaries=boundaries,
                elements=elements,
                flows=flows,
            ),
        ),
    )


def found(project: Project, **changes: Any) -> Paths:
    """The paths of the only configuration."""
    [system] = project.systems
    return Paths(project, system, ASKED, STATES, **changes)


def with_system(project: Project, **changes: Any) -> Project:
    """The project with another system."""
    [system] = project.systems
    return replace(project, systems=(replace(system, **changes),))
