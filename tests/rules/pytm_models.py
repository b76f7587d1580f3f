"""Models of pytm: made at random, or around one object; and what pytm itself finds in them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import pytm
from hypothesis import strategies as st

from threatmodel.core.diagnostics import Diagnostic
from threatmodel.dsl.session import begin
from threatmodel.inside.plain_pytm import Captured, convert
from threatmodel.system import Project

SIDS = ("AA01", "AC05", "DE01", "DR01", "INP01", "INP05", "INP20", "LLM01", "NONE01")


class Gateway(pytm.Server):  # type: ignore[misc]
    """A class of a model's own."""

    rate: int = 3


CLASSES: tuple[type[Any], ...] = (
    pytm.Actor,
    pytm.Agent,
    pytm.Datastore,
    pytm.ExternalEntity,
    Gateway,
    pytm.LLM,
    pytm.Lambda,
    pytm.Process,
    pytm.Server,
    pytm.SetOfProcesses,
)
_WORDS = {
    "OS": ("", "Windows", "Linux"),
    "authenticationScheme": ("", "x509"),
    "codeType": ("Unmanaged", "Managed"),
    "environment": ("", "Production", "Test"),
    "format": ("", "JSON", "XML"),
    "protocol": ("HTTP", "HTTPS", "IMAP", "SOAP", "HTTP", "", "SMTP"),
    "usesEncryptionAlgorithm": ("", "RSA", "AES", "DES"),
}
_SKIPPED = frozenset({"name", "description", "uuid", "is_drawn", "severity", "note", "order"})
_LIBRARY = Path(pytm.__file__).parent / "threatlib" / "threats.json"
_READ = frozenset(re.findall(r"\w+", _LIBRARY.read_text("utf-8"))) | {"isEncryptedAtRest", "port", "isSQL"}
"""Names that the conditions may read; what they do not read is chosen less often."""


def choices(cls: type[Any]) -> dict[str, tuple[Any, ...]]:
    """The attributes of a class that can be chosen at random, with some of their values."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, about in cls.model_fields.items():
        kind = about.annotation
        if name in _SKIPPED:
            continue
        if kind is bool:
            found[name] = (True, False)
        elif kind is int:
            found[name] = (-1, 80, 443)
        elif kind is str:
            found[name] = _WORDS.get(name, ("", "a"))
        elif isinstance(kind, type) and issubclass(kind, Enum):
            found[name] = tuple(kind)
    return found


@dataclass(frozen=True, kw_only=True)
class Made:
    """One random object: its class, attributes, controls, and numbers that choose what else it is joined with."""

    cls: type[Any]
    attributes: Mapping[str, Any]
    controls: Mapping[str, Any]
    numbers: tuple[int, ...]
    overrides: tuple[str, ...] = ()
    assumptions: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A random model."""

    tm: Mapping[str, Any]
    excluded: tuple[str, ...]
    boundaries: tuple[Made, ...]
    data: tuple[Made, ...]
    elements: tuple[Made, ...]
    flows: tuple[Made, ...]


def _some(known: Mapping[str, tuple[Any, ...]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    names = [name for name in sorted(known) for _ in range(4 if name in _READ else 1)]
    pairs = st.lists(st.tuples(st.sampled_from(names), st.integers(0, 7)), max_size=most)
    return pairs.map(lambda pairs: {name: known[name][at % len(known[name])] for name, at in pairs})


_CONTROLS = _some(choices(pytm.Controls), 30)
_NUMBERS = st.tuples(*[st.integers(0, 11)] * 5)
_RARELY = st.one_of(st.just(()), st.just(()), st.lists(st.sampled_from(SIDS), max_size=3).map(tuple))
_EXTRA = {"isStrange": (True, False), "usesXMLParser": (True, False), "usesVPN": (True, False)}


def _made(*classes: type[Any]) -> st.SearchStrategy[Made]:
    def of(cls: type[Any]) -> st.SearchStrategy[Made]:
        known = {**_EXTRA, **choices(cls)} if cls is not pytm.Data else choices(cls)
        return st.builds(
            Made,
            cls=st.just(cls),
            attributes=_some(known, 16),
            controls=_CONTROLS if cls is not pytm.Data else st.just({}),
            numbers=_NUMBERS,
            overrides=_RARELY,
            assumptions=_RARELY.map(lambda found: (found,) if found else ()),
        )

    return st.sampled_from(classes).flatmap(of)


SPECS: st.SearchStrategy[Spec] = st.builds(
    Spec,
    tm=_some(
        {
            "ignoreUnused": (False, False, True),
            "isOrdered": (False, True),
            "mergeResponses": (False, True),
            "onDuplicates": (pytm.Action.NO_ACTION, pytm.Action.IGNORE, pytm.Action.RESTRICT),
            "assumptions": ([], ["plain"], [pytm.Assumption("all", exclude=["AA01", "DE01"])]),
        },
        3,
    ),
    excluded=_RARELY,
    boundaries=st.lists(_made(pytm.Boundary), max_size=3).map(tuple),
    data=st.lists(_made(pytm.Data), max_size=4).map(tuple),
    elements=st.lists(_made(*CLASSES), min_size=1, max_size=7).map(tuple),
    flows=st.lists(_made(pytm.Dataflow), max_size=8).map(tuple),
)


def build(spec: Spec) -> Any:
    """The model, out of pytm's own classes. pytm keeps its state between models, so it is reset."""
    pytm.TM.reset()
    tm = pytm.TM("random", "A random model", **spec.tm)
    if spec.excluded:
        pytm.TM._threatsExcluded = list(spec.excluded)
    boundaries: list[Any] = []
    for number, made in enumerate(spec.boundaries):
        inside = boundaries[made.numbers[0] % len(boundaries)] if boundaries and made.numbers[1] % 2 else None
        boundaries.append(_filled(pytm.Boundary(f"boundary {number}", inBoundary=inside), made))
    data = [_filled(pytm.Data(f"data {number % 3}"), made) for number, made in enumerate(spec.data)]
    elements: list[Any] = []
    for number, made in enumerate(spec.elements):
        element = _filled(made.cls(f"element {number % 5}"), made)
        if boundaries and made.numbers[0] % 3:
            element.inBoundary = boundaries[made.numbers[0] % len(boundaries)]
        if data and made.numbers[1] % 2:
            element.data = [data[at % len(data)] for at in made.numbers[2:4]]
        elements.append(element)
    flows: list[Any] = []
    for number, made in enumerate(spec.flows):
        source, sink = (elements[at % len(elements)] for at in made.numbers[:2])
        flow = _filled(pytm.Dataflow(source, sink, f"flow {number}"), made)
        if data and made.numbers[2] % 4:
            flow.data = [data[at % len(data)] for at in made.numbers[2:5]]
        if flows and made.numbers[3] % 4 == 1:
            flow.responseTo = flows[made.numbers[4] % len(flows)]
        if made.numbers[4] == 11:
            flow.data = "in words"
        flows.append(flow)
    return tm


def crowd(size: int) -> Any:
    """A model with `size` objects of each class whose attributes are all chosen at random, and flows between them."""
    chance = random.Random(7)  # a fixed one: the same model each time
    pytm.TM.reset()
    tm = pytm.TM("crowd", "Many objects")
    boundaries = [pytm.Boundary(f"boundary {number}") for number in range(3)]

    def chosen(item: Any) -> Any:
        for name, values in choices(type(item)).items():
            setattr(item, name, chance.choice(values))
        if hasattr(item, "controls"):
            for name, values in choices(pytm.Controls).items():
                setattr(item.controls, name, chance.choice(values))
        if isinstance(item, pytm.Element):
            item.inScope = chance.random() < 0.9
        return item

    data = [chosen(pytm.Data(f"data {number}")) for number in range(40)]
    elements = [
        chosen(cls(f"{cls.__name__} {number}", inBoundary=chance.choice([*boundaries, None])))
        for cls in CLASSES
        for number in range(size)
    ]
    for element in elements:
        element.data = chance.sample(data, chance.randrange(3))
    for number in range(4 * size):
        flow = chosen(pytm.Dataflow(*chance.sample(elements, 2), f"flow {number}"))
        flow.data = chance.sample(data, chance.randrange(3))
    return tm


def _filled(item: Any, made: Made) -> Any:
    for name, value in made.attributes.items():
        setattr(item, name, value)
    for name, value in made.controls.items():
        setattr(item.controls, name, value)
    if made.overrides:
        item.overrides = [pytm.Finding(threat_id=sid) for sid in made.overrides]
    if made.assumptions:
        item.assumptions = [
            pytm.Assumption(f"assumption {number}", exclude=list(sids))
            for number, sids in enumerate(made.assumptions)
        ]
    return item


def project_of(tm: Any) -> tuple[Project, list[Diagnostic]]:
    """The model as the loader's child hands it over, and what it reported."""
    session = begin("/nowhere", "model.py")
    return convert(Captured(session, tm)), session.diagnostics


@dataclass(frozen=True, kw_only=True)
class Found:
    """Pairs of pytm's id of a threat and our id of an element: what `resolve()` finds, and what it excludes."""

    findings: frozenset[tuple[str, str]]
    excluded: frozenset[tuple[str, str]]
    ids: Mapping[int, str] = field(repr=False)


def resolved(tm: Any, project: Project) -> Found:
    """What pytm itself finds. The project must have been made of the model before."""
    assert project.pytm is not None
    elements = pytm.TM._elements
    assert len(elements) == len(project.pytm.nodes)
    ids = {id(item): node.id for item, node in zip(elements, project.pytm.nodes, strict=True)}
    tm.resolve()
    pairs = [
        frozenset((finding.threat_id, ids[id(finding.element)]) for finding in found)
        for found in (tm.findings, tm.excluded_findings)
    ]
    return Found(findings=pairs[0], excluded=pairs[1], ids=ids)
