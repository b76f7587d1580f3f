"""Configurations side by side, on systems made at random and on small ones made by hand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collateral.report.compare.rows import candidate
from collateral.report.compare.words import cell_words, column_groups, where, where_coded
from tests.diagrams.systems import small
from threatmodel.analysis import Threat, analyse
from threatmodel.analysis.candidates import candidates
from threatmodel.analysis.comparison import Column, Comparison, Counts, Surface
from threatmodel.analysis.configdiff import compare_configurations
from threatmodel.analysis.threats import STATUSES
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.system import (
    Adversary,
    Configuration,
    Control,
    ControlStates,
    Element,
    Flow,
    OptionSpec,
    Present,
    Project,
    SystemModel,
)

RULES = load_packs(("core", "ipc"), load_vocabulary())
DAY = datetime.date(2026, 3, 1)
ENDS = ("user", "registry", "shim", "state", "api", "vcpu")
CONTROL = Control(
    id="tokens",
    title="Tokens",
    provides=("peer-authentication",),
    claims=(Present(paths=("a",), pattern="x"),),
)


def named(system: SystemModel, name: str, **options: str) -> SystemModel:
    return replace(system, configuration=Configuration(name=name, options=options))


def project(*systems: SystemModel, options: Sequence[OptionSpec] = ()) -> Project:
    return Project(
        id="p",
        name="P",
        default_configuration=systems[0].configuration.name,
        options=tuple(options),
        controls=(CONTROL,),
        adversaries=(
            Adversary(id="a", name="A", controls=("user",)),
            Adversary(id="z", name="Z", controls=("state",)),
        ),
        systems=systems,
    )


def threats_of(found: Project, states: ControlStates | None = None) -> tuple[Threat, ...]:
    return analyse(found, RULES, states, as_of=DAY)


def compared(
    found: Project, *names: str, states: ControlStates | None = None
) -> tuple[Comparison, tuple[Threat, ...]]:
    threats = threats_of(found, states)
    return compare_configurations(found, threats, names, states), threats


def surfaces(comparison: Comparison) -> list[Surface]:
    return [surface for group in comparison.groups for surface in group.surfaces]


flows = st.builds(
    Flow,
    id=st.integers(100, 106).map("G{}".format),
    source=st.sampled_from(ENDS),
    target=st.sampled_from(ENDS),
    name=st.text(max_size=5),
    over=st.sampled_from(["", "uds", "vsock"]),
    traits=st.frozensets(st.sampled_from(["control-api", "remote"]), max_size=2),
    controls=st.sampled_from([(), ("tokens",)]),
)
systems = st.lists(flows, max_size=5, unique_by=lambda f: f.id).map(
    lambda more: replace(small(), flows=(*small().flows, *more))
)


@settings(max_examples=50, deadline=None)
@given(systems)
def test_a_configuration_beside_itself_differs_in_nothing(system: SystemModel) -> None:
    found, _ = compared(project(named(system, "one"), named(system, "two")), "one", "two")
    assert found.empty
    assert (found.parts, found.controls, found.threats, found.options) == ((), (), (), {})
    assert not any(surface.differs for surface in surfaces(found))


@settings(max_examples=50, deadline=None)
@given(systems, systems, systems, st.permutations(["one", "two", "three"]))
def test_the_order_of_configurations_is_that_of_the_columns_and_nothing_else(
    one: SystemModel, two: SystemModel, three: SystemModel, order: list[str]
) -> None:
    whole = project(named(one, "one"), named(two, "two"), named(three, "three"))
    first, _ = compared(whole, "one", "two", "three")
    other, _ = compared(whole, *order)
    assert other.names == tuple(order)
    assert {column.name: column for column in other.columns} == {c.name: c for c in first.columns}
    assert replace(other, columns=()) == replace(first, columns=())


@settings(max_examples=50, deadline=None)
@given(systems, systems, st.sampled_from([None, "verified", "contradicted"]))
def test_every_threat_stands_on_one_surface_or_inside_a_boundary(
    one: SystemModel, two: SystemModel, state: str | None
) -> None:
    whole = project(named(one, "one"), named(two, "two"))
    states = {(name, "tokens"): state for name in ("one", "two")} if state else None
    found, threats = compared(whole, "one", "two", states=states)  # type: ignore[arg-type]
    for column in found.columns:
        here = {t.id: t.by_configuration[column.name] for t in threats if column.name in t.by_configuration}
        on = [surface.cells[column.name] for surface in surfaces(found)]
        listed = [id_ for cell in on for id_ in cell.threats]
        assert len({*listed}) == len(listed)
        assert {*listed} <= {*here}
        assert len(listed) + column.inside.total == len(here) == column.threats
        assert sum(column.statuses.values()) == column.threats
        for cell in on:
            assert cell.counts.total == len(cell.threats)
            assert cell.counts == Counts.of(here[id_].status for id_ in cell.threats)
            assert (cell.state == "mitigated") <= all(here[t].status == "mitigated" for t in cell.threats)


@settings(max_examples=50, deadline=None)
@given(systems, systems)
def test_parts_that_differ_are_what_one_has_and_another_has_not(one: SystemModel, two: SystemModel) -> None:
    found, _ = compared(project(named(one, "one"), named(two, "two")), "one", "two")
    old, new = ({flow.id for flow in system.flows} for system in (one, two))
    only = {(row.id, row.configurations[0]) for row in found.parts if len(row.configurations) == 1}
    assert only == {*((id_, "one") for id_ in old - new), *((id_, "two") for id_ in new - old)}
    assert all(row.variations for row in found.parts if len(row.configurations) == 2)


ATTACK = Flow(id="G1", source="user", target="api", name="Calls", traits=frozenset({"control-api", "remote"}))


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (None, "unverified"),
        ("verified", "mitigated"),
        ("contradicted", "contradicted"),
        ("unclaimed", "unverified"),
    ],
)
def test_what_is_only_claimed_is_never_mitigated(state: str | None, word: str) -> None:
    guarded = replace(small(), flows=(*small().flows, replace(ATTACK, controls=("tokens",))))
    whole = project(named(guarded, "with"), named(small(), "without"))
    states = {("with", "tokens"): state} if state else None
    found, _ = compared(whole, "with", "without", states=states)  # type: ignore[arg-type]
    [row] = [surface for surface in surfaces(found) if surface.id == "G1"]
    cell = row.cells["with"]
    assert getattr(cell.counts, word) >= 1
    assert row.cells["without"].state == "absent"
    if word != "mitigated":
        assert "mitigated" not in cell_words(cell.state, cell.counts, "")[0]
    [control] = found.controls
    assert control.states == {"with": state or "not-checked"}


def test_a_flow_that_enters_another_boundary_is_said_to() -> None:
    one = replace(small(), flows=(*small().flows, ATTACK))
    two = replace(small(), flows=(*small().flows, replace(ATTACK, target="shim")))
    three = replace(small(), flows=(*small().flows, replace(ATTACK, target="registry")))
    whole = project(named(one, "vmm"), named(two, "host"), named(three, "inside"))
    found, _ = compared(whole, "vmm", "host", "inside")
    rows = {g.boundary: s.cells for g in found.groups for s in g.surfaces if s.id == "G1"}
    assert {*rows} == {"vmm", "host"}
    assert (rows["vmm"]["host"].state, rows["vmm"]["host"].enters) == ("elsewhere", "host")
    assert (rows["host"]["vmm"].state, rows["host"]["vmm"].enters) == ("elsewhere", "vmm")
    assert rows["vmm"]["inside"].state == "inside"
    assert rows["vmm"]["host"].threats == ()


def test_an_adversary_without_a_foothold_is_none_there() -> None:
    bare = replace(
        small(),
        elements=tuple(e for e in small().elements if e.id != "state"),
        flows=tuple(f for f in small().flows if f.target != "state"),
    )
    found, _ = compared(project(named(small(), "one"), named(bare, "two")), "one", "two")
    cells = {row.id: row.cells for row in found.adversaries}
    assert [cells["z"][name].present for name in ("one", "two")] == [True, False]
    assert [cells["a"][name].present for name in ("one", "two")] == [True, True]


def test_names_and_orders_that_are_wrong() -> None:
    whole = project(named(small(), "one"))
    with pytest.raises(KeyError):
        compare_configurations(whole, (), ["two"])
    with pytest.raises(ValueError, match="twice"):
        compare_configurations(whole, (), ["one", "one"])


OPTIONS = (
    OptionSpec(name="hv", values=("q", "f", "d", "x")),
    OptionSpec(name="fs", values=("on", "off")),
    OptionSpec(name="net", values=("a", "b")),
)


def several() -> Project:
    kinds = {
        "start": ("q", "on", "a"),
        "far": ("f", "off", "b"),
        "near": ("f", "off", "a"),
        "only": ("d", "on", "a"),
    }
    made = [
        named(small(), name, **dict(zip(("hv", "fs", "net"), values, strict=True)))
        for name, values in kinds.items()
    ]
    return project(*made, options=OPTIONS)


def rules(combinations: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    return [
        ("f shares nothing",)
        if c["hv"] == "f" and c["fs"] == "on"
        else ("x is gone",)
        if c["hv"] == "x"
        else ()
        for c in combinations
    ]


def test_across_takes_the_nearest_configuration_and_says_why() -> None:
    found = {item.value: item for item in candidates(several(), "hv", "start", rules)}
    assert list(found) == ["q", "f", "d", "x"]
    assert [i.configuration.name if i.configuration else "" for i in found.values()] == [
        "start",
        "near",
        "only",
        "",
    ]
    assert [(o.option, o.start, o.here) for o in found["f"].also] == [("fs", "on", "off")]
    assert (found["f"].why, found["x"].why, found["d"].why) == (("f shares nothing",), ("x is gone",), ())


def test_across_changes_the_option_alone_where_that_is_valid() -> None:
    [own, changed] = candidates(several(), "net", "start", rules)
    assert (own.value, own.named, changed.named, changed.also) == ("a", True, False, ())
    assert changed.configuration is not None
    assert changed.configuration.name == "start+net=b"
    assert dict(changed.configuration.options) == {"hv": "q", "fs": "on", "net": "b"}


def test_across_changes_one_option_more_where_no_file_helps() -> None:
    def strict(combinations: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
        return [("x needs net=b",) if c["hv"] == "x" and c["net"] != "b" else () for c in combinations]

    found = {item.value: item for item in candidates(several(), "hv", "start", strict)}["x"]
    assert found.configuration is not None
    assert (found.configuration.name, found.named, found.why) == (
        "start+hv=x,net=b",
        False,
        ("x needs net=b",),
    )
    assert [(o.option, o.start, o.here) for o in found.also] == [("net", "a", "b")]
    line = candidate(found, "hv", "start")
    assert line["words"] == (
        "differs also in net=b, because hv=x alone breaks a rule: x needs net=b, "
        "and no file names a configuration that has it"
    )


def test_across_takes_a_named_one_with_the_option_changed() -> None:
    def strict(combinations: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
        good = {"fs": "off", "net": "b"}
        return [("two",) if c["hv"] == "x" and {**c, **good} != c else () for c in combinations]

    found = {item.value: item for item in candidates(several(), "hv", "start", strict)}["x"]
    assert found.configuration is not None
    assert found.configuration.name == "far+hv=x"


def test_across_refuses_what_is_not_there_or_not_judged() -> None:
    with pytest.raises(KeyError):
        candidates(several(), "colour", "start", rules)
    with pytest.raises(KeyError):
        candidates(several(), "hv", "nowhere", rules)
    with pytest.raises(ValueError, match="judged"):
        candidates(several(), "hv", "start", lambda _: [])


def column(name: str, **options: str) -> Column:
    return Column(
        name=name,
        description="",
        options=options,
        threats=0,
        statuses=dict.fromkeys(STATUSES, 0),
        unsettled={},
        surfaces=0,
        inside=Counts(),
    )


@given(
    st.lists(st.tuples(st.sampled_from("rg"), st.sampled_from("qcdf"), st.sampled_from("01")), max_size=40),
    st.integers(1, 7),
)
def test_groups_hold_each_column_once_and_no_more_than_fit(
    values: list[tuple[str, str, str]], most: int
) -> None:
    columns = [column(f"c{at}", rt=r, hv=h, tee=t) for at, (r, h, t) in enumerate(values)]
    groups = column_groups(columns, ["rt", "hv", "tee"], most)
    assert sorted(place for group in groups for place in group["columns"]) == [*range(len(columns))]
    assert all(len(group["columns"]) <= most for group in groups)


def test_groups_keep_what_is_alike_together() -> None:
    kinds = [("r", "q")] * 4 + [("r", "c")] * 2 + [("r", "f")] + [("g", "q")] * 2
    columns = [column(f"c{at}", rt=r, hv=h) for at, (r, h) in enumerate(kinds)]
    groups = column_groups(columns, ["rt", "hv"], 6)
    assert [(group["title"], group["columns"]) for group in groups] == [
        ("rt r; hv q, c", [0, 1, 2, 3, 4, 5]),
        ("rt r; hv f", [6]),
        ("rt g; hv q", [7, 8]),
    ]


@pytest.mark.parametrize(
    ("names", "words", "coded"),
    [
        ("abcd", "all", "all"),
        ("", "none", "none"),
        ("abd", "all but c", "all but C3"),
        ("ac", "a, c", "C1, C3"),
        ("bcd", "all but a", "C2-C4"),
    ],
)
def test_where_is_said_in_the_shorter_form(names: str, words: str, coded: str) -> None:
    assert where([*names], [*"abcd"]) == words
    assert where_coded([*names], [*"abcd"]) == coded


def test_elements_count_only_with_threats_of_their_own() -> None:
    quiet = Element(id="quiet", name="Quiet", kind="process", boundary="vmm")
    system = replace(small(), elements=(*small().elements, quiet))
    found, threats = compared(project(named(system, "one"), named(system, "two")), "one", "two")
    struck = {t.target.id for t in threats if t.target.kind == "element"}
    assert {s.id for s in surfaces(found) if s.kind == "element"} == struck
    assert "quiet" not in struck
