"""Differences of systems made at random."""

from __future__ import annotations

import datetime
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagrams.systems import small
from threatmodel.analysis import analyse
from threatmodel.analysis.modeldiff import compare_projects
from threatmodel.analysis.threatdiff import compare_threats
from threatmodel.claims import describe
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.system import Adversary, Flow, OperationFact, Project, SystemModel

RULES = load_packs(("core", "ipc"), load_vocabulary())
DAY = datetime.date(2026, 3, 1)
ENDS = ("user", "registry", "shim", "state", "api", "vcpu")


def project(system: SystemModel) -> Project:
    return Project(
        id="p",
        name="P",
        default_configuration="default",
        adversaries=(Adversary(id="a", name="A", controls=("user",)),),
        systems=(system,),
    )


flows = st.builds(
    Flow,
    id=st.integers(100, 109).map("G{}".format),
    source=st.sampled_from(ENDS[:3]),
    target=st.sampled_from(ENDS[3:]),
    name=st.text(max_size=5),
    over=st.sampled_from(["", "uds", "vsock"]),
    traits=st.frozensets(st.sampled_from(["control-api", "remote"]), max_size=2),
)
systems = st.lists(flows, max_size=5, unique_by=lambda f: f.id).map(
    lambda more: replace(small(), flows=(*small().flows, *more))
)


@settings(max_examples=60, deadline=None)
@given(systems, st.randoms(use_true_random=False), st.text(max_size=4))
def test_order_and_words_are_no_change(system: SystemModel, random: object, word: str) -> None:
    def mixed(items: tuple[object, ...]) -> tuple[object, ...]:
        made = [replace(item, name=f"{item.name}{word}", description=word) for item in items]  # type: ignore[attr-defined,type-var]
        random.shuffle(made)  # type: ignore[attr-defined]
        return tuple(made)

    other = replace(
        system,
        flows=mixed(system.flows),  # type: ignore[arg-type]
        elements=mixed(system.elements),  # type: ignore[arg-type]
        boundaries=mixed(system.boundaries),  # type: ignore[arg-type]
    )
    base, head = project(system), project(other)
    changes = compare_projects(base, head, ["default"], describe)
    assert changes == ()
    threats = (analyse(base, RULES, as_of=DAY), analyse(head, RULES, as_of=DAY))
    assert compare_threats((base, head), threats, changes, (), ["default"]) == ()


@settings(max_examples=60, deadline=None)
@given(systems, systems)
def test_the_difference_is_what_one_has_and_the_other_has_not(one: SystemModel, two: SystemModel) -> None:
    base, head = project(one), project(two)
    found = compare_projects(base, head, ["default"], describe)
    old, new = ({f.id for f in system.flows} for system in (one, two))
    assert {c.id for c in found if c.state == "added"} == new - old
    assert {c.id for c in found if c.state == "removed"} == old - new
    back = compare_projects(head, base, ["default"], describe)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(c.kind, c.id, turned[c.state]) for c in back} == {(c.kind, c.id, c.state) for c in found}
    threats = (analyse(base, RULES, as_of=DAY), analyse(head, RULES, as_of=DAY))
    ids = tuple({t.id for t in side} for side in threats)
    moved = compare_threats((base, head), threats, found, (), ["default"])
    assert {t.id for t in moved if t.state == "added"} == ids[1] - ids[0]
    assert {t.id for t in moved if t.state == "removed"} == ids[0] - ids[1]
    assert bool(moved) <= bool(found)


def test_operations_come_go_and_change_their_rule_and_a_note_is_no_change() -> None:
    def with_(*facts: OperationFact) -> Project:
        first = small().flows[0]
        named = replace(first, operations=tuple(f.name for f in facts), operation_facts=facts)
        return project(replace(small(), flows=(named, *small().flows[1:])))

    read, write = OperationFact(name="Read", policy="R"), OperationFact(name="Write")

    def edits(old: Project, new: Project) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        changes = compare_projects(old, new, ["default"], describe)
        return [(e.attribute, e.gone, e.came) for c in changes for e in c.edits]

    assert edits(with_(read), with_(read, write)) == [
        ("operations", (), ("Write",)),
        ("operation_facts", (), ("Write",)),
    ]
    assert edits(with_(read, write), with_(read))[0] == ("operations", ("Write",), ())
    assert edits(with_(read), with_(replace(read, policy="S", parses="id"))) == [
        ("operation_facts", ("Read (rule R)",), ("Read (rule S): id",))
    ]
    assert edits(with_(read), with_(replace(read, note="n"))) == []
