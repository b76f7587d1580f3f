"""The triage rubric and the list of work, on a small system with threats made by hand."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest

from collateral.response.helping import LANGUAGES, TRAITS, Helping, where_to_help
from collateral.response.model import Holder, Response, Role, Severity, Statement, Supported
from collateral.response.ownership import Author, ElementOwnership, Ownership, PathSet
from collateral.response.rubric import Cell, Rubric, Verdict, make_rubric
from threatmodel.analysis import Status, Target, Threat, ThreatInConfiguration
from threatmodel.claims import check_claims
from threatmodel.rules import load_vocabulary

from .support import project

ASSUMPTIONS = ("The server has no debug port.", "Nothing about anything else.", "Kernels are up to date.")


def threat(
    id_: str, kind: str, adversary: str, status: Status = "open", configuration: str = "plain"
) -> Threat:
    here = ThreatInConfiguration(
        status=status,
        risk="high",
        inherent="high",
        likelihood=3,
        residual_likelihood=3,
        impact=3,
        controls=(),
        adversaries=(adversary,),
        reason="",
    )
    rule, _, target = id_.partition("@")
    return Threat(
        id=id_,
        rule=rule,
        pack="core",
        title="T",
        description="",
        target=Target(kind="flow" if kind == "flow" else "element", id=target),
        stride="tampering",
        cwe=(),
        capec=(),
        attack=(),
        status=status,
        risk="high",
        adversaries=(adversary,),
        by_configuration={configuration: here},
        mitigated_by=(),
    )


def cells(rubric: Rubric, adversary: str) -> dict[str, Verdict]:
    return {cell.boundary: cell.verdict for cell in rubric.cells if cell.adversary == adversary}


def cell(rubric: Rubric, boundary: str, adversary: str) -> Cell:
    return next(c for c in rubric.cells if (c.boundary, c.adversary) == (boundary, adversary))


THREATS = [
    threat("CORE-001@F1", "flow", "tenant-x"),
    threat("CORE-002@server", "element", "tenant-x", "mitigated"),
    threat("CORE-003@F9", "element", "host"),
]


@pytest.fixture
def rubric() -> Rubric:
    return make_rubric(project(), THREATS[:2], "plain", ASSUMPTIONS)


def test_every_boundary_with_elements_has_an_answer_for_every_adversary(rubric: Rubric) -> None:
    assert [boundary.id for boundary in rubric.boundaries] == ["outside", "node", "kernel", "vault", "island"]
    assert len(rubric.cells) == len(rubric.boundaries) * len(rubric.adversaries)


def test_answers_for_one_adversary(rubric: Rubric) -> None:
    assert cells(rubric, "tenant-x") == {
        "outside": "out-of-model",
        "node": "in-scope",
        "kernel": "out-of-model",
        "vault": "needs-team",
        "island": "out-of-model",
    }


def test_reasons_name_the_facts(rubric: Rubric) -> None:
    node = cell(rubric, "node", "tenant-x")
    assert "privilege root" in node.reason
    assert "1 open, 1 mitigated" in node.reason
    assert [known.id for known in node.threats] == ["CORE-001@F1", "CORE-002@server"]
    assert node.assumptions == (1,)
    assert "without breaking Node" in cell(rubric, "kernel", "tenant-x").reason
    assert "straight to Safe" in cell(rubric, "vault", "tenant-x").reason
    assert cell(rubric, "island", "tenant-x").reason == "No chain of flows leads here."


def test_an_adversary_of_another_configuration_is_out_of_the_model(rubric: Rubric) -> None:
    assert set(cells(rubric, "host").values()) == {"out-of-model"}
    assert (
        cell(rubric, "node", "host").reason
        == "Hostile host counts only where tee is tdx; plain has tee = none."
    )
    assert "Nothing that Ghost controls" in cell(rubric, "node", "ghost").reason
    assert [a.considered for a in rubric.adversaries] == [True, False, False]


def test_what_the_adversary_has_from_the_start_is_by_design() -> None:
    there = make_rubric(project(), (), "confidential")
    assert (cells(there, "host")["node"], cells(there, "host")["kernel"]) == ("by-design", "by-design")
    assert any("What Hostile host does inside Node and Kernel" in text for text in there.not_vulnerabilities)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        (("accepted", "not-applicable"), "by-design"),
        (("accepted", "open"), "in-scope"),
        (("unverified",), "in-scope"),
        (("contradicted",), "in-scope"),
        (("mitigated",), "in-scope"),
    ],
)
def test_only_decisions_on_all_threats_make_it_by_design(statuses: tuple[Status, ...], verdict: str) -> None:
    threats = [
        threat(f"CORE-00{n}@server", "element", "tenant-x", status) for n, status in enumerate(statuses)
    ]
    assert cells(make_rubric(project(), threats, "plain"), "tenant-x")["node"] == verdict


def test_a_threat_on_a_flow_strikes_the_end_that_is_not_the_adversarys() -> None:
    threats = [threat("CORE-001@F1", "flow", "host", configuration="confidential")]
    there = make_rubric(project(), threats, "confidential")
    assert cells(there, "host")["outside"] == "in-scope"


def test_what_no_configuration_has_is_not_modelled(rubric: Rubric) -> None:
    assert rubric.not_modelled == ("tee = snp",)
    assert any(text.startswith("A weakness of Registry itself") for text in rubric.not_vulnerabilities)


def test_the_order_of_threats_does_not_matter() -> None:
    forward = make_rubric(project(), THREATS[:2], "plain", ASSUMPTIONS)
    assert make_rubric(project(), THREATS[1::-1], "plain", ASSUMPTIONS) == forward


def helping(**more: object) -> Helping:
    ledger = check_claims(project(), {}, as_of=datetime.date(2026, 1, 1))
    return where_to_help(project(), "plain", THREATS[:2], ledger, **more)  # type: ignore[arg-type]


def test_what_nobody_knows_is_said_and_not_counted() -> None:
    found = helping()
    assert set(found.not_known) == {"never-tested", "unowned", "one-person", "vacant"}
    assert [task.kind for task in found.tasks] == ["never-verified"]
    assert found.tasks[0].refs == ("filter",)


def test_never_tested_threats_by_element_with_skills() -> None:
    found = helping(never_tested=("CORE-001@F1", "CORE-002@server", "CORE-999@elsewhere"))
    (task,) = [item for item in found.tasks if item.kind == "never-tested"]
    assert (task.count, task.where) == (2, ("Server",))
    assert task.skills == ("Rust", "image and archive formats")


OWNERSHIP = Ownership(
    source_commit="",
    as_of="2026-01-01",
    since="2025-01-01",
    codeowners="CODEOWNERS",
    unread="",
    other_files=(),
    files=3,
    unowned=("src/a", "Makefile"),
    unowned_in_elements=("src/a",),
    documentation_only_in_elements=("src/a.md",),
    rules=(),
    ignored=(),
    teams=(),
    documentation_teams=("@o/docs",),
    contacts=(),
    sets=(
        PathSet(
            id="server",
            component=True,
            elements=("server",),
            files=2,
            first="src/a",
            unowned=("src/a",),
            documentation_only=("src/a.md",),
            owners=(),
        ),
        PathSet(
            id="build",
            component=True,
            elements=(),
            files=1,
            first="Makefile",
            unowned=("Makefile",),
            documentation_only=(),
            owners=(),
        ),
    ),
    elements=(
        ElementOwnership(
            element="server",
            name="Server",
            components=("server",),
            files=2,
            unowned=1,
            documentation_only=1,
            owners=(),
            authors=(Author(name="Ada", commits=3, last="2025-05-05"),),
            commits=3,
            bots=0,
            bus_factor=1,
        ),
    ),
    history="",
    commits=3,
    bots=(),
)


def test_unowned_files_and_elements_of_one_person() -> None:
    tasks = helping(ownership=OWNERSHIP).tasks
    unowned = [task for task in tasks if task.kind == "unowned"]
    assert [(task.count, task.where, task.skills) for task in unowned] == [
        (2, ("Server",), ("Rust", "image and archive formats")),
        (1, ("build",), ("build systems and CI",)),
    ]
    assert [task.where for task in tasks if task.kind == "one-person"] == [("Server",)]
    assert "Ada" not in repr(tasks)


def test_people_are_not_judged_from_a_history_that_is_not_known() -> None:
    found = helping(ownership=dataclasses.replace(OWNERSHIP, history="shallow"))
    assert found.not_known["one-person"] == "shallow"
    assert [task for task in found.tasks if task.kind == "one-person"] == []


def test_vacant_roles_and_candidates_are_open() -> None:
    source = "https://example.org/roles"
    roles = (
        Role(id="a", role="A", duties="d", skills="x, y"),
        Role(id="b", role="B", duties="d", holders=(Holder(name="N"),), source=source),
        Role(id="c", role="C", duties="d", holders=(Holder(name="N", source=source),)),
        Role(id="e", role="E", duties="d", case_by_case=True),
    )
    said = Statement(text="t")
    response = Response(supported=Supported(policy=said), severity=Severity(version=said), roles=roles)
    tasks = [task for task in helping(response=response).tasks if task.kind == "vacant"]
    assert [(task.what, task.skills) for task in tasks] == [
        ("A (a role that is proposed)", ("x", "y")),
        ("B", ()),
    ]


def test_the_table_of_skills_knows_words_of_the_catalogue_only() -> None:
    assert set(TRAITS) <= set(load_vocabulary().element_traits)
    assert all(word == word.lower() for word in LANGUAGES)


def test_the_rubric_of_the_toolkit_itself_has_no_empty_reason() -> None:
    from threatmodel.load import Loading

    root = Path(__file__).parents[2] / "models/self"
    with Loading(root, "models/self") as loading:
        found = loading.finish(load_vocabulary()).project
    made = make_rubric(found, (), found.default_configuration)
    assert made.cells
    assert all(item.reason for item in made.cells)
