"""The engine: status, risk, stable ids, and what adversaries can do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.support import CHAIN, DAY, RULES, TRAITS, VOCABULARY, chain, projects
from threatmodel.analysis import (
    RISK_LEVELS,
    STATUSES,
    Disposition,
    Threat,
    analyse,
    present_threats,
)
from threatmodel.analysis.judgement import judge
from threatmodel.analysis.risk import clamp
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.core.diagnostics import Place
from threatmodel.core.errors import InvalidInput
from threatmodel.rules import Rule
from threatmodel.rules.language import compile_condition
from threatmodel.system import (
    HOLDS,
    WORST_FIRST,
    Adversary,
    Boundary,
    Configuration,
    ControlState,
    Element,
    Project,
)

CLASSES = ("a", "b", "c")


@pytest.mark.parametrize(
    ("wanted", "provides", "states", "status", "used"),
    [
        ([["a"]], {}, {}, "open", ()),
        ([["a"]], {"x": "b"}, {"x": "verified"}, "open", ()),
        ([["a"]], {"x": "a"}, {"x": "verified"}, "mitigated", ("x",)),
        ([["a"]], {"x": "a"}, {"x": "attested"}, "mitigated", ("x",)),
        ([["a"]], {"x": "a"}, {"x": "not-checked"}, "unverified", ("x",)),
        ([["a"]], {"x": "a"}, {"x": "not-found"}, "unverified", ("x",)),
        ([["a"]], {"x": "a"}, {"x": "unclaimed"}, "unverified", ("x",)),
        ([["a"]], {"x": "a"}, {"x": "contradicted"}, "contradicted", ("x",)),
        ([["a"]], {"x": "b"}, {"x": "contradicted"}, "open", ()),
        ([["a"]], {"x": "a", "y": "a"}, {"x": "contradicted", "y": "verified"}, "mitigated", ("y",)),
        ([["a"]], {"x": "a", "y": "a"}, {"x": "contradicted", "y": "not-checked"}, "unverified", ("y",)),
        ([["a", "b"]], {"x": "a"}, {"x": "verified"}, "open", ()),
        ([["a", "b"]], {"x": "a"}, {"x": "contradicted"}, "open", ()),
        ([["a", "b"]], {"x": "ab"}, {"x": "verified"}, "mitigated", ("x",)),
        ([["a", "b"]], {"x": "a", "y": "b"}, {"x": "verified", "y": "not-checked"}, "unverified", ("y", "x")),
        (
            [["a", "b"]],
            {"x": "a", "y": "b"},
            {"x": "verified", "y": "contradicted"},
            "contradicted",
            ("y", "x"),
        ),
        ([["a"], ["b"]], {"x": "a", "y": "b"}, {"x": "contradicted", "y": "verified"}, "mitigated", ("y",)),
        (
            [["a"], ["b"]],
            {"x": "a", "y": "b"},
            {"x": "not-checked", "y": "contradicted"},
            "contradicted",
            ("y",),
        ),
        ([["a"], ["b"]], {"y": "b"}, {"y": "not-checked"}, "unverified", ("y",)),
    ],
)
def test_judge(
    wanted: list[list[str]],
    provides: dict[str, str],
    states: dict[str, ControlState],
    status: str,
    used: tuple[str, ...],
) -> None:
    found = judge(wanted, {id_: tuple(words) for id_, words in provides.items()}, states)
    assert found[:2] == (status, used)
    assert found[2]


@given(
    st.lists(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=3), min_size=1, max_size=3),
    st.dictionaries(
        st.sampled_from(["w", "x", "y", "z"]),
        st.tuples(st.frozensets(st.sampled_from(CLASSES)), st.sampled_from(WORST_FIRST)),
    ),
)
def test_judge_by_its_definition(
    wanted: list[list[str]], controls: dict[str, tuple[frozenset[str], ControlState]]
) -> None:
    provides = {id_: tuple(sorted(words)) for id_, (words, _) in controls.items()}
    states = {id_: state for id_, (_, state) in controls.items()}
    status, used, _ = judge(wanted, provides, states)

    def given_by(word: str, *, among: set[ControlState]) -> bool:
        return any(word in provides[id_] and states[id_] in among for id_ in controls)

    whole = any(all(given_by(word, among=set(HOLDS)) for word in inner) for inner in wanted)
    assert (status == "mitigated") is whole
    assert status != "mitigated" or all(states[id_] in HOLDS for id_ in used)
    assert (status == "contradicted") is any(states[id_] == "contradicted" for id_ in used)
    claimed = any(all(given_by(word, among=set(WORST_FIRST)) for word in inner) for inner in wanted)
    assert (status == "open") is (not claimed)
    assert bool(used) is claimed


def changed(project: Project, **parts: Any) -> Project:
    return replace(project, systems=tuple(replace(system, **parts) for system in project.systems))


@settings(max_examples=25)
@given(projects(), st.randoms(use_true_random=False))
def test_threats_do_not_depend_on_order(project: Project, random: Any) -> None:
    system = project.systems[0]
    parts: dict[str, list[Any]] = {
        "boundaries": [*system.boundaries], "elements": [*system.elements], "flows": [*system.flows]
    }  # fmt: skip
    for part in parts.values():
        random.shuffle(part)
    rules = [*RULES]
    random.shuffle(rules)
    other = changed(project, **{name: tuple(part) for name, part in parts.items()})
    found = analyse(project, RULES, as_of=DAY)
    assert analyse(other, rules, as_of=DAY) == found
    assert [threat.id for threat in found] == sorted(
        {f"{threat.rule}@{threat.target.id}" for threat in found}
    )


@settings(max_examples=25)
@given(
    projects(), st.sampled_from(["b0", "b1", "b2", "new"]), st.frozensets(st.sampled_from(TRAITS), max_size=3)
)
def test_an_unrelated_element_changes_no_other_threat(
    project: Project, boundary: str, traits: frozenset[str]
) -> None:
    system = project.systems[0]
    extra = Element(id="new-element", name="N", kind="process", boundary=boundary, traits=traits)
    grown = changed(
        project,
        boundaries=(*system.boundaries, Boundary(id="new", name="N", privilege="user")),
        elements=(extra, *system.elements),
    )
    found = [t for t in analyse(grown, RULES, as_of=DAY) if t.target.id != "new-element"]
    assert tuple(found) == analyse(project, RULES, as_of=DAY)


@settings(max_examples=25)
@given(projects(), st.text(max_size=20))
def test_display_names_change_no_threat(project: Project, name: str) -> None:
    system = project.systems[0]
    renamed = changed(
        replace(
            project,
            data=tuple(replace(item, name=name) for item in project.data),
            controls=tuple(replace(item, title=name) for item in project.controls),
            adversaries=tuple(replace(item, name=name) for item in project.adversaries),
        ),
        boundaries=tuple(replace(item, name=name) for item in system.boundaries),
        elements=tuple(replace(item, name=name) for item in system.elements),
        flows=tuple(replace(item, name=name) for item in system.flows),
    )
    assert analyse(renamed, RULES, as_of=DAY) == analyse(project, RULES, as_of=DAY)


@settings(max_examples=25)
@given(projects(), st.data())
def test_an_id_is_made_of_rule_and_target_alone(project: Project, data: Any) -> None:
    """Whatever is added or taken away elsewhere, a threat that is still there has the same id; none takes another's."""
    system = project.systems[0]
    gone = data.draw(st.sampled_from([flow.id for flow in system.flows]))
    smaller = changed(project, flows=tuple(flow for flow in system.flows if flow.id != gone))
    whole = {threat.id: threat for threat in analyse(project, RULES, as_of=DAY)}
    for threat in analyse(smaller, RULES, as_of=DAY):
        assert threat.id == f"{threat.rule}@{threat.target.id}"
        assert threat.target.id != gone
        if threat.id in whole:
            same = whole[threat.id]
            assert (threat.rule, threat.target, threat.title) == (same.rule, same.target, same.title)


@settings(max_examples=25)
@given(projects(), st.sampled_from(WORST_FIRST))
def test_headlines_are_the_worst_and_residual_is_not_above_inherent(
    project: Project, state: ControlState
) -> None:
    two = replace(project.systems[0], configuration=Configuration(name="y", options={}))
    both = replace(project, systems=(*project.systems, two))
    for threat in analyse(both, RULES, {("x", "k"): state}, as_of=DAY):
        results = threat.by_configuration.values()
        assert threat.status == min((r.status for r in results), key=STATUSES.index)
        assert threat.risk == max((r.risk for r in results), key=RISK_LEVELS.index)
        assert all(RISK_LEVELS.index(r.risk) <= RISK_LEVELS.index(r.inherent) for r in results)
        assert threat.by_configuration["y"].status in {"open", "unverified"}
        assert (threat.by_configuration["x"].status == "mitigated") <= (state in HOLDS)


def rule(when: str, applies_to: str = "flow", wanted: tuple[tuple[str, ...], ...] = (("a",),)) -> Rule:
    def made(text: str, kind: str) -> Any:
        return compile_condition(text, applies_to, kind, VOCABULARY)

    return replace(
        RULES[0],
        id="X",
        applies_to="flow" if applies_to == "flow" else "element",
        when=made(when, "bool"),
        likelihood=made("4", "int"),
        impact=made("5", "int"),
        mitigated_by=wanted,
    )


def one(project: Project, rules: Rule, at: str, **more: Any) -> Threat:
    return next(threat for threat in analyse(project, [rules], as_of=DAY, **more) if threat.target.id == at)


def test_reach_counts_boundaries() -> None:
    world = AdversaryWorld(SystemIndex(chain(), CHAIN), chain().adversaries[0])
    by_id = {element.id: element for element in CHAIN.elements}
    assert {id_: world.reach(item) for id_, item in by_id.items()} == {
        "evil": 5, "one": 4, "two": 3, "far": 3, "island": 1
    }  # fmt: skip
    assert [id_ for id_, item in by_id.items() if world.reached(item)] == ["evil", "one", "two", "far"]
    assert [id_ for id_, item in by_id.items() if world.controls(item)] == ["evil"]


@pytest.mark.parametrize(
    ("verified", "status", "used"),
    [
        ("on-evil", "unverified", ("on-flow",)),
        ("on-one", "mitigated", ("on-one",)),
        ("on-host", "mitigated", ("on-host",)),
        ("on-flow", "mitigated", ("on-flow",)),
    ],
)
def test_a_control_on_the_side_of_the_adversary_does_not_count(
    verified: str, status: str, used: tuple[str, ...]
) -> None:
    found = one(chain(), rule("controls(flow.source)"), "F1", states={("x", verified): "verified"})
    result = found.by_configuration["x"]
    assert (found.status, result.controls) == (status, used)
    assert (result.inherent, result.risk) == ("critical", "medium" if status == "mitigated" else "critical")


@pytest.mark.parametrize(("claims", "reason"), [(True, "was not checked"), (False, "without evidence")])
def test_what_nobody_checked_is_unverified(claims: bool, reason: str) -> None:
    found = one(chain(claims), rule("controls(flow.source)"), "F1")
    assert found.status == "unverified"
    assert reason in found.by_configuration["x"].reason


@pytest.mark.parametrize(
    "adversary",
    [
        Adversary(id="a", name="A"),
        Adversary(id="a", name="A", controls=("elsewhere",)),
        Adversary(id="a", name="A", controls=("out",), when={"tee": ("tdx",)}),
    ],
)
def test_an_absent_adversary_makes_no_threat(adversary: Adversary) -> None:
    absent = replace(chain(), adversaries=(adversary,))
    assert analyse(absent, [rule("crosses(flow)"), *RULES], as_of=DAY) == ()


def test_the_worst_adversary_counts_and_all_are_named() -> None:
    more = replace(
        chain(), adversaries=(*chain().adversaries, Adversary(id="b", name="B", controls=("one",)))
    )
    found = one(more, rule("crosses(flow)"), "F1", states={("x", "on-one"): "verified"})
    assert found.adversaries == ("a", "b")
    assert found.status == "unverified"


@given(st.integers(-3, 9), st.integers(-3, 9))
def test_likelihood_and_impact_are_clamped(likelihood: int, impact: int) -> None:
    made = rule("crosses(flow)")
    numbers: dict[str, Any] = {
        "likelihood": compile_condition(
            f"0 + {likelihood}" if likelihood >= 0 else f"0 - {-likelihood}", "flow", "int", VOCABULARY
        ),
        "impact": compile_condition(
            f"0 + {impact}" if impact >= 0 else f"0 - {-impact}", "flow", "int", VOCABULARY
        ),
    }
    result = one(chain(), replace(made, **numbers), "F2").by_configuration["x"]
    assert (result.likelihood, result.impact) == (clamp(likelihood), clamp(impact))


def decision(**more: Any) -> Disposition:
    plain: dict[str, Any] = {
        "threat": "X@F1",
        "decision": "accepted",
        "reason": "R",
        "owner": "O",
        "expires": "2026-06-01",
        "source": "https://example.org/1",
        "configurations": (),
        "place": Place("d.yaml", 3),
    }
    return Disposition(**{**plain, **more})


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "accepted"),
        ({"decision": "transferred"}, "transferred"),
        ({"decision": "not-applicable"}, "not-applicable"),
        ({"configurations": ("x",)}, "accepted"),
        ({"source": ""}, "unverified"),
        ({"expires": "2026-05-31"}, "unverified"),
    ],
)
def test_decisions(more: dict[str, Any], status: str) -> None:
    found = one(chain(), rule("controls(flow.source)"), "F1", dispositions=[decision(**more)])
    assert found.status == status
    assert found.risk == "critical"
    assert found.disposition.startswith(
        "proposed: accepted" if more.get("source") == "" else more.get("decision", "accepted")
    )


def test_a_decision_does_not_hide_what_is_proven() -> None:
    states: dict[tuple[str, str], ControlState] = {("x", "on-one"): "verified"}
    found = one(chain(), rule("controls(flow.source)"), "F1", states=states, dispositions=[decision()])
    assert found.status == "mitigated"


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"threat": "X@F9"}, 'd.yaml:3  D005  no threat "X@F9" in any configuration; did you mean "X@F'),
        (
            {"threat": "zzzz"},
            'd.yaml:3  D005  no threat "zzzz" in any configuration; remove the orphaned disposition',
        ),
        ({"configurations": ("y",)}, 'd.yaml:3  D006  "X@F1": no configuration "y"; one of x'),
    ],
)
def test_orphans(more: dict[str, Any], line: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        analyse(chain(), [rule("crosses(flow)")], as_of=DAY, dispositions=[decision(**more)])
    assert caught.value.diagnostics[0].render().startswith(line)


def test_a_part_of_the_configurations_makes_no_orphans() -> None:
    assert (
        analyse(chain(), [rule("crosses(flow)")], as_of=DAY, dispositions=[decision()], configurations=[])
        == ()
    )


def test_orphans_are_looked_for_in_the_configurations_that_are_not_analysed() -> None:
    rules = [rule("crosses(flow)")]

    def found(threat: str) -> object:
        return analyse(
            chain(),
            rules,
            as_of=DAY,
            dispositions=[decision(threat=threat)],
            configurations=[],
            orphans_everywhere=True,
        )

    assert found("X@F1") == ()
    with pytest.raises(InvalidInput, match='D005  no threat "X@F9"'):
        found("X@F9")
    assert present_threats(chain(), rules, ["X@F1", "X@F9", "Y@F1"]) == {"X@F1"}
    assert present_threats(chain(), rules, ["X@F1"], but=["x"]) == set()
