"""What models have to hold, and the door to the source that they describe."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from threatmodel.claims.ledger import check_claims
from threatmodel.core.globs import select
from threatmodel.load.loader import Loaded, load_model
from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.source.spec import open_source
from threatmodel.source.tree import SourceTree
from threatmodel.system import Configuration, Project

ROOT = Path(__file__).parents[2]
DAY = datetime.date(2026, 11, 25)


def load(name: str, extra: Sequence[Configuration] = ()) -> Loaded:
    """A model below `models`, with the shipped vocabulary, and further configurations."""
    return load_model(ROOT / "models" / name, f"models/{name}", load_vocabulary(), extra=extra)


def check_every_element_has_a_flow(project: Project) -> None:
    """In each configuration the elements are the ends of the flows, and no other."""
    for system in project.systems:
        ends = {end for flow in system.flows for end in (flow.source, flow.target)}
        assert {element.id for element in system.elements} == ends, system.configuration.name


def check_names_fit_a_diagram(project: Project) -> None:
    """Elements have at most 24 characters, flows at most 40."""
    elements = {item.name for system in project.systems for item in system.elements}
    flows = {item.name for system in project.systems for item in system.flows}
    assert {name for name in elements if len(name) > 24} == set()
    assert {name for name in flows if len(name) > 40} == set()


def check_control_classes(project: Project) -> None:
    """Every class is one of the shipped catalogue, and a control without a claim says where it is from."""
    known = set(load_vocabulary().control_classes)
    assert {c.id: set(c.provides) - known for c in project.controls if set(c.provides) - known} == {}
    assert [c.id for c in project.controls if not c.claims and not c.references] == []


@contextmanager
def source(variable: str, tag: str, cache: Path) -> Iterator[SourceTree]:
    """The source tree that an environment variable names, of a repository at the tag; the test is skipped where it names
    none."""
    spec = os.environ.get(variable)
    if not spec:
        pytest.skip(f"{variable} names no source tree")
    folder = spec.partition("@")[0]
    if any((Path(folder) / name).exists() for name in ("HEAD", ".git")):
        spec = f"{folder}@{tag}"
    with open_source(spec, cache=cache, base=ROOT) as tree:
        yield tree


def check_claims_hold(project: Project, tree: SourceTree) -> None:
    """Every claim on the model's own source is verified; those on other projects are tested apart."""
    checks = [check for check in check_claims(project, {"": tree}, as_of=DAY).checks if not check.source]
    assert [(check.control, check.text) for check in checks if check.state != "verified"] == []


def check_components(project: Project, tree: SourceTree) -> None:
    """Nearly every file belongs to a component, and every component's elements are there."""
    paths = tree.paths()
    mapped = {path for item in project.components for glob in item.globs for path in select(paths, glob)}
    assert len(mapped) >= 0.99 * len(paths), sorted(set(paths) - mapped)[:20]
    elements = {item.id for system in project.systems for item in system.elements}
    assert [c.id for c in project.components if not c.role and not set(c.runs_in) <= elements] == []
