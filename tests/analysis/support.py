"""Small random systems, and the rules that they are asked."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

from threatmodel.rules import PACKS, load_packs, load_vocabulary
from threatmodel.system import (
    Adversary,
    Boundary,
    Configuration,
    Control,
    DataAsset,
    Element,
    FileExists,
    Flow,
    Project,
    SystemModel,
)

VOCABULARY = load_vocabulary()
RULES = load_packs(PACKS, VOCABULARY)
DAY = datetime.date(2026, 6, 1)
TRAITS = sorted(VOCABULARY.element_traits)
FLOW_TRAITS = sorted(VOCABULARY.flow_traits)


@st.composite
def projects(draw: Any) -> Project:
    """A small system of three boundaries, two adversaries and a control on some of it."""
    boundaries = tuple(
        Boundary(
            id=f"b{n}", name="B", privilege=draw(st.sampled_from(["user", "root", "kernel"])), parent=parent
        )
        for n, parent in enumerate([None, "b0", None])
    )
    elements = tuple(
        Element(
            id=f"e{n}",
            name="E",
            kind=draw(st.sampled_from(["process", "datastore", "external", "actor"])),
            boundary=draw(st.sampled_from(["b0", "b1", "b2"])),
            language=draw(st.sampled_from(["c", "rust", ""])),
            traits=draw(st.frozensets(st.sampled_from(TRAITS), max_size=3)),
            data=draw(st.sampled_from([(), ("d",)])),
            controls=draw(st.sampled_from([(), ("k",)])),
        )
        for n in range(draw(st.integers(2, 4)))
    )
    ids = st.sampled_from([element.id for element in elements])
    flows = tuple(
        Flow(
            id=f"f{n}",
            source=draw(ids),
            target=draw(ids),
            name="F",
            authentication=draw(st.sampled_from(["none", "mutual"])),
            shares_memory=draw(st.booleans()),
            traits=draw(st.frozensets(st.sampled_from(FLOW_TRAITS), max_size=2)),
            data=draw(st.sampled_from([(), ("d",)])),
            controls=draw(st.sampled_from([(), ("k",)])),
        )
        for n in range(draw(st.integers(1, 4)))
    )
    return Project(
        id="p",
        name="P",
        default_configuration="x",
        data=(DataAsset(id="d", name="D", secret=True, confidentiality="high", origin=("e0",)),),
        controls=(Control(id="k", title="K", provides=tuple(sorted(VOCABULARY.control_classes))[:40]),),
        adversaries=(
            Adversary(id="a1", name="A", controls=("b2",)),
            Adversary(id="a2", name="A", controls=("e1",)),
        ),
        systems=(
            SystemModel(
                configuration=Configuration(name="x", options={}),
                boundaries=boundaries,
                elements=elements,
                flows=flows,
            ),
        ),
    )


CHAIN = SystemModel(
    configuration=Configuration(name="x", options={"tee": "none"}),
    boundaries=(
        Boundary(id="out", name="O", privilege="none"),
        Boundary(id="host", name="H", privilege="root", controls=("on-host",)),
        Boundary(id="inner", name="I", privilege="root", parent="host"),
    ),
    elements=(
        Element(id="evil", name="E", kind="process", boundary="out", controls=("on-evil",)),
        Element(id="one", name="1", kind="process", boundary="host", controls=("on-one",)),
        Element(id="two", name="2", kind="process", boundary="inner"),
        Element(id="far", name="F", kind="process", boundary="inner"),
        Element(id="island", name="I", kind="process", boundary="host"),
    ),
    flows=(
        Flow(id="F1", source="evil", target="one", name="1", controls=("on-flow",)),
        Flow(id="F2", source="one", target="two", name="2"),
        Flow(id="F3", source="two", target="far", name="3"),
    ),
)


def chain(claims: bool = True) -> Project:
    proof = (FileExists(paths=("a",)),) if claims else ()
    return Project(
        id="p",
        name="P",
        default_configuration="x",
        controls=tuple(
            Control(id=id_, title=id_, provides=("a",), claims=proof)
            for id_ in ("on-host", "on-evil", "on-one", "on-flow")
        ),
        adversaries=(Adversary(id="a", name="A", controls=("out",)),),
        systems=(CHAIN,),
    )
