"""What the loader's child says of a plain pytm file is read as hostile input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import pytm
from pydantic import TypeAdapter

from tests.rules.pytm_models import project_of
from threatmodel.core.canonical import compact_bytes
from threatmodel.inside.wire import Declared, Wire, to_wire
from threatmodel.system import Project
from threatmodel.system.pytm import Items, Opaque, PytmModel, ToDatum, ToNode, Word


@pytest.fixture(name="model")
def _model() -> Iterator[PytmModel]:
    yield _project().pytm or pytest.fail("no attributes")
    pytm.TM.reset()


def _project() -> Project:
    pytm.TM.reset()
    tm = pytm.TM("t", "d")
    web = pytm.Server("web", inBoundary=pytm.Boundary("zone"), protocol="HTTPS", notKnown=1.5)
    web.other, web.controls.isHardened = object(), True
    user = pytm.Actor("user")
    pytm.Dataflow(user, web, "ask", data=[pytm.Data("b"), pytm.Data("a")], tlsVersion=pytm.TLSVersion.TLSv12)
    project, _ = project_of(tm)
    return project


def _ids(model: PytmModel) -> dict[Any, set[str]]:
    kinds = ("element", "flow", "boundary")
    return {kind: {node.id for node in model.nodes if node.kind == kind} for kind in kinds}


def test_only_what_differs_from_the_class_is_said(model: PytmModel) -> None:
    nodes = {node.id: node for node in model.nodes}
    web = nodes["web"].attributes
    assert {key: value for key, value in web.items() if key not in {"controls", "inputs"}} == {
        "inBoundary": ToNode(node="zone"),
        "name": "web",
        "notKnown": 1.5,
        "other": Opaque(opaque="object"),
        "protocol": "HTTPS",
    }
    assert web["inputs"] == Items(items=(ToNode(node="ask"),), named=False)
    assert nodes["ask"].attributes["tlsVersion"] == Word(enum="TLSVersion", word="TLSv12")
    assert nodes["ask"].attributes["data"] == Items(items=(ToDatum(datum=0), ToDatum(datum=1)), named=True)
    assert nodes["ask"].attributes["protocol"] == "HTTPS"  # as pytm's check fills it in
    assert model.classes[nodes["web"].cls].classes[:3] == ("Server", "Asset", "Element")


def test_it_travels_without_loss() -> None:
    project = _project()
    read = TypeAdapter(Wire).validate_json(compact_bytes(to_wire(project)), strict=True)
    assert read.project(Declared()) == project
    pytm.TM.reset()


def test_all_names_lead_somewhere(model: PytmModel) -> None:
    assert model.dangling(_ids(model)) == ""


@pytest.mark.parametrize(
    ("value", "lost"),
    [
        (ToNode(node="gone"), "node gone"),
        (ToDatum(datum=2), "datum 2"),
        (ToDatum(datum=-1), "datum -1"),
        (Word(enum="TLSVersion", word="TLSv14"), "word TLSVersion.TLSv14"),
        (Word(enum="Colour", word="red"), "word Colour.red"),
        (Items(items=(1, ToNode(node="gone")), named=True), "node gone"),
    ],
)
def test_names_that_lead_nowhere(model: PytmModel, value: Any, lost: str) -> None:
    first = model.nodes[0]
    changed = replace(model, nodes=(replace(first, attributes={"x": value}), *model.nodes[1:]))
    assert changed.dangling(_ids(model)) == lost
    usual = replace(model.classes[0], defaults={"x": value})
    assert replace(model, classes=(usual, *model.classes[1:])).dangling(_ids(model)) == lost


def test_nodes_and_classes_that_are_not_there(model: PytmModel) -> None:
    first = next(node for node in model.nodes if node.id == "web")
    assert replace(model, nodes=(first, *model.nodes)).dangling(_ids(model)) == f"{first.kind} {first.id}"
    assert replace(model, nodes=(replace(first, id="gone"),)).dangling(_ids(model)) == "element gone"
    assert replace(model, nodes=(replace(first, kind="flow"),)).dangling(_ids(model)) == "flow web"
    for number in (-1, 99):
        changed = replace(model, nodes=(replace(model.nodes[0], cls=number), *model.nodes[1:]))
        assert changed.dangling(_ids(model)) == f"class {number}"


def test_an_answer_with_a_lost_name_is_refused() -> None:
    project = _project()
    assert project.pytm is not None
    lost = replace(project.pytm, nodes=tuple(replace(node, id="gone") for node in project.pytm.nodes[:1]))
    read = TypeAdapter(Wire).validate_json(compact_bytes(to_wire(replace(project, pytm=lost))), strict=True)
    with pytest.raises(ValueError, match=r"pytm's attributes name .* gone, which is not there"):
        read.project(Declared())
    pytm.TM.reset()
