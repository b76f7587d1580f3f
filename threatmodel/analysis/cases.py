"""The firing and quiet cases that a rule ships with, as systems of two elements and one flow."""

from __future__ import annotations

import datetime
from typing import Any

from threatmodel.analysis.engine import analyse
from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.rules.rule import Case, Rule
from threatmodel.system import (
    Adversary,
    Boundary,
    Configuration,
    DataAsset,
    Element,
    Flow,
    Project,
    SystemModel,
)

ELEMENT_KEYS = {"kind", "language", "runs_as", "multiple", "traits", "privilege", "controlled", "data"}
FLOW_KEYS = {
    "name", "protocol", "over", "port", "authentication", "encryption", "shares_memory", "traits", "operations", "data"
}  # fmt: skip
DATA_KEYS = {"confidentiality", "integrity", "availability", "secret", "origin_controlled"}
CASE_KEYS = {"source", "target", "flow", "same_boundary", "note"}
_DAY = datetime.date(2000, 1, 1)


def fires(rule: Rule, case: Case) -> bool:
    """True where the rule gives a threat at the case's flow, or at its target for a rule about elements.

    Raises:
        InvalidInput: R010, the case has a key that it cannot have.
    """
    project = build(case)
    at = "F" if rule.applies_to == "flow" else "target"
    return any(threat.target.id == at for threat in analyse(project, [rule], as_of=_DAY))


def build(case: Case) -> Project:
    """The case as a project with one adversary and one configuration.

    Raises:
        InvalidInput: R010, the case has a key that it cannot have.
    """
    system = case.system
    _known(system, CASE_KEYS, case.place)
    assets: list[DataAsset] = []
    controlled: list[str] = []
    elements = []
    boundaries = [_boundary("left", system, "source"), _boundary("right", system, "target")]
    for name, side in (("source", "left"), ("target", "right")):
        given = system.get(name, {})
        _known(given, ELEMENT_KEYS, case.place)
        if given.get("controlled"):
            controlled.append(name)
        elements.append(
            Element(
                id=name,
                name=name,
                kind=given.get("kind", "process"),
                boundary="left" if system.get("same_boundary") else side,
                language=given.get("language", ""),
                runs_as=given.get("runs_as", ""),
                multiple=given.get("multiple", False),
                traits=frozenset(given.get("traits", ())),
                data=_data(given.get("data", ()), name, assets, case.place),
            )
        )
    given = system.get("flow", {})
    _known(given, FLOW_KEYS, case.place)
    plain: dict[str, Any] = {
        key: value for key, value in given.items() if key not in {"traits", "operations", "data"}
    }
    flow = Flow(
        id="F",
        source="source",
        target="target",
        traits=frozenset(given.get("traits", ())),
        operations=tuple(given.get("operations", ())),
        data=_data(given.get("data", ()), "F", assets, case.place),
        **{"name": "flow", **plain},
    )
    # An author of data that is neither end: taint without control of the source.
    author = Element(id="author", name="author", kind="external", boundary="outside")
    return Project(
        id="case",
        name="case",
        default_configuration="case",
        data=tuple(assets),
        adversaries=(Adversary(id="adversary", name="adversary", controls=(*controlled, "author")),),
        systems=(
            SystemModel(
                configuration=Configuration(name="case", options={}),
                boundaries=(*boundaries, Boundary(id="outside", name="outside", privilege="none")),
                elements=(*elements, author),
                flows=(flow,),
            ),
        ),
    )


def _boundary(id_: str, system: dict[str, Any], name: str) -> Boundary:
    return Boundary(id=id_, name=id_, privilege=system.get(name, {}).get("privilege", "user"))


def _data(items: Any, holder: str, assets: list[DataAsset], place: Place) -> tuple[str, ...]:
    ids = []
    for index, given in enumerate(items):
        _known(given, DATA_KEYS, place)
        plain = {key: value for key, value in given.items() if key != "origin_controlled"}
        origin = ("author",) if given.get("origin_controlled") else ()
        ids.append(f"{holder}-data-{index}")
        assets.append(DataAsset(id=ids[-1], name=ids[-1], origin=origin, **plain))
    return tuple(ids)


def _known(given: Any, known: set[str], place: Place) -> None:
    for key in given:
        if key not in known:
            raise InvalidInput(
                Diagnostic(
                    code="R010", message=f'a case has no "{key}"', place=place, hint=nearest(key, known)
                )
            )
