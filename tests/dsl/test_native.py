"""Objects of the authoring language are pytm's own, whose attributes are made when somebody asks."""

from __future__ import annotations

import pytest
import pytm

import threatmodel.dsl as dsl
from threatmodel.dsl.session import Session, begin


@pytest.fixture
def session() -> Session:
    pytm.TM.reset()
    return begin("/model", "model")


def test_pytms_attributes_are_there(session: Session) -> None:
    key = dsl.Data("key", name="Key", confidentiality="high", secret=True)
    session.start_build()
    host = dsl.Boundary("host", name="Host", privilege="root")
    shim = dsl.Process("shim", inside=host, name="Shim", description="starts guests")
    disk = dsl.Datastore("disk", inside="host")
    flow = dsl.Flow("F1", shim, disk, "write", protocol="9p", data=[key])
    assert not pytm.TM._elements, "nothing of pytm's is made before somebody asks"
    assert (shim.inBoundary, shim.name, shim.description) == (host, "Shim", "starts guests")
    assert (flow.source, flow.sink, flow.protocol) == (shim, disk, "9p")
    assert [(item.name, item.isCredentials) for item in flow.data] == [("Key", True)]
    assert disk.inBoundary is None
    assert isinstance(shim, pytm.Process)
    assert shim in pytm.TM._elements
    assert (host.id, shim.id, disk.id, flow.id) == ("host", "shim", "disk", "F1")
    assert not session.diagnostics


def test_a_flow_between_ids_is_no_flow_of_pytms(session: Session) -> None:
    session.start_build()
    flow = dsl.Flow("F1", "a", "b", "ask")
    assert flow.id == "F1"
    with pytest.raises(AttributeError):
        _ = flow.sink


@pytest.mark.parametrize("asked_before", [False, True])
def test_no_attribute_is_set_afterwards(session: Session, asked_before: bool) -> None:
    session.start_build()
    shim = dsl.Process("shim", inside="host", name="Shim")
    if asked_before:
        assert shim.name == "Shim"
    shim.name = "other"
    shim.is_drawn = True
    assert (shim.name, shim.is_drawn) == ("Shim", True)
    assert [found.code for found in session.diagnostics] == ["M018"]
    with pytest.raises(AttributeError):
        _ = shim.nonsense
