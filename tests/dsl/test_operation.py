"""An operation of a flow may say which rule decides on it and what its receiver parses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.load.support import HEAD, MODEL, load, write
from threatmodel.analysis.modeldiff import compare_systems
from threatmodel.system import OperationFact, Project

BODY = """\
    Flow("F2", shim, agent, "calls", operations=["Plain", Operation("Read", policy="ReadRule", parses="a path")])
    Flow("F3", shim, agent, "more", operations=["Plain"])
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return load(write(tmp_path, {"__init__.py": HEAD + BODY + MODEL})).project


def test_names_and_facts(project: Project) -> None:
    _, first, second = project.systems[0].flows
    assert first.operations == ("Plain", "Read")
    assert first.operation_facts == (OperationFact(name="Read", policy="ReadRule", parses="a path"),)
    assert (second.operations, second.operation_facts) == (("Plain",), ())


@pytest.mark.parametrize(
    ("change", "gone", "came"),
    [
        ({"policy": ""}, "Read (rule ReadRule): a path", "Read: a path"),
        ({"parses": "two paths"}, "Read (rule ReadRule): a path", "Read (rule ReadRule): two paths"),
        ({}, "", ""),
    ],
)
def test_a_changed_fact_is_a_change(project: Project, change: dict[str, str], gone: str, came: str) -> None:
    system = project.systems[0]
    flow = system.flows[1]
    other = replace(flow, operation_facts=(replace(flow.operation_facts[0], **change),))
    changes = compare_systems(system, replace(system, flows=(system.flows[0], other, system.flows[2])))
    edits = [edit for found in changes for edit in found.edits]
    assert [(e.attribute, e.gone, e.came) for e in edits] == (
        [("operation_facts", (gone,), (came,))] if change else []
    )
