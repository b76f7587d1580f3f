"""What a threat gives, what has to be defeated for it, where assets are, and what a machine is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.analysis.support import RULES
from threatmodel.analysis.paths.assets import held, wanted
from threatmodel.analysis.paths.defeat import shared_fate, to_defeat, to_hold
from threatmodel.analysis.paths.effects import At, effects, needs_flaw
from threatmodel.analysis.paths.machine import spread
from threatmodel.analysis.paths.values import Effect
from threatmodel.analysis.world import SystemIndex
from threatmodel.system import (
    Boundary,
    Configuration,
    Control,
    DataAsset,
    Element,
    Flow,
    Present,
    Project,
    SystemModel,
)

BY_ID = {rule.id: rule for rule in RULES}
PROCESS = Element(id="p", name="P", kind="process", boundary="b")
STORE = Element(id="s", name="S", kind="datastore", boundary="b")
FLOW = Flow(id="f", source="x", target="p", name="F")


@pytest.mark.parametrize(
    ("rule", "subject", "at", "victim", "gives"),
    [
        ("CRT-001", FLOW, "source", PROCESS, {"takes"}),
        ("CRT-001", FLOW, "beside", PROCESS, set()),
        ("CRT-001", FLOW, "source", replace(PROCESS, kind="actor"), set()),
        ("CORE-004", FLOW, "beside", PROCESS, {"reads"}),
        ("CORE-012", FLOW, "source", PROCESS, {"stops"}),
        ("CORE-003", FLOW, "source", PROCESS, set()),
        ("VIRT-016", PROCESS, "source", PROCESS, {"spreads"}),
        ("VIRT-017", PROCESS, "source", PROCESS, set()),
        ("OPS-018", PROCESS, "source", PROCESS, set()),
        ("VIRT-007", FLOW, "source", PROCESS, {"takes", "changes"}),
        ("CORE-002", FLOW, "source", PROCESS, {"changes"}),
        ("CORE-002", FLOW, "source", STORE, {"takes", "changes"}),
        ("CRT-005", replace(FLOW, traits=frozenset({"binds-code"})), "source", PROCESS, {"takes", "changes"}),
        (
            "CRT-005",
            replace(FLOW, traits=frozenset({"binds-code", "block-device"})),
            "source",
            replace(PROCESS, traits=frozenset({"hypervisor"})),
            {"changes"},
        ),
        (
            "VIRT-023",
            replace(FLOW, traits=frozenset({"secret-release"})),
            "source",
            PROCESS,
            {"changes", "reads"},
        ),
    ],
)
def test_what_a_threat_gives(
    rule: str, subject: Flow | Element, at: At, victim: Element, gives: set[Effect]
) -> None:
    assert effects(BY_ID[rule], subject, at, victim) == gives


def test_a_mistake_in_code_is_needed_for_memory_and_not_for_a_missing_check() -> None:
    assert needs_flaw(BY_ID["VIRT-001"])
    assert not needs_flaw(BY_ID["CRT-001"])


LISTS = (("a",), ("b", "c"))


@pytest.mark.parametrize(
    ("provides", "defeats"),
    [
        ({}, [set()]),
        ({"k": ["b"]}, [set()]),
        ({"k": ["a"]}, [{"k"}]),
        ({"k": ["a"], "l": ["a"]}, [{"k", "l"}]),
        ({"k": ["b"], "l": ["c"]}, [{"k"}, {"l"}]),
        ({"k": ["a"], "l": ["b"], "m": ["c"]}, [{"k", "l"}, {"k", "m"}]),
        ({"k": ["a", "b"], "m": ["c"]}, [{"k"}]),
    ],
)
def test_what_has_to_be_defeated(provides: dict[str, list[str]], defeats: list[set[str]]) -> None:
    assert [set(found) for found in to_defeat(LISTS, (), provides)] == defeats


def test_a_control_that_says_that_the_thing_is_absent_stands_alone() -> None:
    provides = {"k": ["interface-disabled"]}
    assert to_defeat(LISTS, ("k",), provides) == (frozenset({"k"}),)
    assert to_defeat(LISTS, (), provides) == (frozenset(),)
    assert to_hold(LISTS, ("k",), provides) == (frozenset({"k"}),)


def test_what_stops_a_threat_if_it_holds() -> None:
    provides = {"k": ["a"], "l": ["b"], "m": ["b"], "n": ["c"]}
    assert [set(found) for found in to_hold(LISTS, (), provides)] == [{"k"}, {"l", "n"}, {"m", "n"}]
    assert to_hold(LISTS, (), {"l": ["b"]}) == ()


def _system(**changes: object) -> SystemModel:
    base = SystemModel(
        configuration=Configuration(name="x", options={}),
        boundaries=(
            Boundary(id="node", name="N", privilege="root"),
            Boundary(id="b", name="B", privilege="root", parent="node"),
            Boundary(id="core", name="C", privilege="kernel", parent="node"),
            Boundary(id="vm", name="V", privilege="none"),
            Boundary(id="guest", name="G", privilege="root", parent="vm"),
        ),
        elements=(
            PROCESS,
            STORE,
            Element(id="k", name="K", kind="process", boundary="core"),
            Element(id="u", name="U", kind="external", boundary="node"),
            Element(id="g", name="G", kind="process", boundary="guest"),
            Element(id="h", name="H", kind="datastore", boundary="vm", data=("d",)),
        ),
        flows=(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def _project(system: SystemModel, *controls: Control) -> Project:
    return Project(
        id="p",
        name="P",
        default_configuration="x",
        data=(DataAsset(id="d", name="D", confidentiality="high", origin=("k",)),),
        controls=controls,
        systems=(system,),
    )


def test_root_has_its_machine_but_not_the_kernel_nor_another_machine() -> None:
    system = _system()
    index = SystemIndex(_project(system), system)
    reach = spread(PROCESS, index)
    assert (reach.machine, reach.elements, reach.by_right) == ("node", ("s",), False)
    kernel = spread(index.elements["k"], index)
    assert (kernel.machine, kernel.elements, kernel.by_right) == ("node", ("p", "s"), True)
    assert spread(index.elements["g"], index).elements == ("h",)
    assert spread(STORE, index).elements == ()


def test_who_has_an_asset_and_why() -> None:
    flows = (
        Flow(id="in", source="h", target="p", name="I", data=("d",)),
        Flow(id="asks", source="s", target="u", name="A", data=("d",)),
        Flow(id="sealed", source="h", target="g", name="S", data=("d",), encryption="storage"),
        Flow(id="on", source="p", target="s", name="O", data=("d",)),
    )
    system = _system(flows=flows)
    index = SystemIndex(_project(system), system)
    told = {
        id_: (found["d"].why, sorted(found["d"].loses))
        for id_ in index.elements
        if "d" in (found := held(index.elements[id_], index))
    }
    assert told == {
        "h": ("stored", ["changes", "reads", "stops"]),
        "k": ("written", ["changes", "reads"]),
        "p": ("received", ["changes", "reads"]),
        "s": ("received", ["changes", "reads"]),
        "u": ("received", ["reads"]),
    }


@pytest.mark.parametrize(
    ("levels", "properties"),
    [
        (("high", "low", "high"), {"reads"}),
        (("medium", "high", "none"), {"reads", "changes"}),
        (("low", "low", "high"), {"stops"}),
        (("none", "low", "low"), {"changes"}),
        (("low", "low", "low"), {"reads", "changes"}),
    ],
)
def test_what_an_adversary_wants_of_an_asset(levels: tuple[str, str, str], properties: set[str]) -> None:
    confidentiality, integrity, availability = levels
    asset = DataAsset(
        id="d",
        name="D",
        confidentiality=confidentiality,  # type: ignore[arg-type]
        integrity=integrity,  # type: ignore[arg-type]
        availability=availability,  # type: ignore[arg-type]
    )
    assert wanted(asset) == properties
    assert "reads" in wanted(replace(asset, secret=True))


def test_controls_share_their_fate_by_a_claim_or_by_class_and_place() -> None:
    same = Present(paths=("a",), pattern="x")
    other = Present(paths=("a",), pattern="y")
    elsewhere = Present(paths=("a",), pattern="x", when={"tee": ("snp",)})
    controls = (
        Control(id="one", title="1", provides=("a",), claims=(same,)),
        Control(id="two", title="2", provides=("b",), claims=(same, other)),
        Control(id="three", title="3", provides=("c",), claims=(elsewhere,)),
        Control(id="four", title="4", provides=("d",)),
        Control(id="five", title="5", provides=("d",)),
        Control(id="six", title="6", provides=("d",)),
    )
    system = _system(
        elements=(replace(PROCESS, controls=("four", "five")), replace(STORE, controls=("six",)))
    )
    fates = shared_fate(_project(system, *controls), system, [control.id for control in controls])
    assert sorted(map(sorted, fates.edges)) == [["five", "four"], ["one", "two"]]
