"""Findings reach elements by path and threats by weakness; what the model does not cover is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.attribution import Attribution, ComponentMap, attribute
from tests.collateral.support import assessment, finding
from threatmodel.load import Loaded
from threatmodel.system import Component

APP = Component(id="app", globs=("app/**",), runs_in=("service",))
PYTHON = Component(id="python", globs=("**/*.py",), runs_in=("client",))
TESTS = Component(id="tests", globs=("tests/**", "app/test_*.py"), role="test")
PATHS = st.text("abpt/.*?[_éß\u202e\udcff \\", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("components", "path", "found"),
    [
        ((APP, PYTHON), "app/a.py", "app"),
        ((PYTHON, APP), "app/a.py", "python"),
        ((PYTHON, APP), "app/a.c", "app"),
        ((APP, TESTS), "app/test_a.py", "app"),
        ((TESTS, APP), "app/test_a.py", "tests"),
        ((APP,), "other/app/a.py", None),
        ((APP,), "application", None),
        ((), "app/a.py", None),
    ],
)
def test_the_first_component_that_matches_wins(
    components: tuple[Component, ...], path: str, found: str | None
) -> None:
    component = ComponentMap(components).component(path)
    assert (component.id if component else None) == found


def test_coverage_counts_every_file_and_names_those_without_a_component() -> None:
    coverage = ComponentMap((APP, TESTS)).coverage(["z", "app/a", "tests/b", "app/c", "a"])
    assert (coverage.files, coverage.mapped) == (5, 3)
    assert coverage.unmapped == ("a", "z")
    assert coverage.by_component == {"app": 2, "tests": 1}


@given(st.sets(PATHS), st.permutations([APP, PYTHON, TESTS]))
def test_every_path_is_mapped_once_or_named(paths: set[str], components: list[Component]) -> None:
    found = ComponentMap(components)
    coverage = found.coverage(paths)
    assert coverage.files == len(paths) == coverage.mapped + len(coverage.unmapped)
    assert sum(coverage.by_component.values()) == coverage.mapped
    assert set(coverage.unmapped) == {path for path in paths if found.component(path) is None}
    assert coverage == ComponentMap(components).coverage(sorted(paths, reverse=True))


@given(PATHS)
def test_the_map_agrees_with_asking_each_component_in_turn(path: str) -> None:
    components = (TESTS, APP, PYTHON)
    alone = [component for component in components if ComponentMap((component,)).component(path)]
    assert ComponentMap(components).component(path) == (alone[0] if alone else None)


def one(tiny: Loaded, tree: Path, path: str = "app/service.py", **changes: object) -> Attribution:
    """The attribution of one finding in the tiny model."""
    a = assessment(tiny, tree)
    found = finding(path, **changes)
    (item,) = attribute(a.project, [found], a.threats, ComponentMap(a.project.components))
    assert item.fingerprint == found.fingerprint
    return item


def test_a_finding_bears_on_threats_of_its_weakness_where_the_code_runs(tiny: Loaded, tree: Path) -> None:
    item = one(tiny, tree)
    assert (item.component, item.role, item.elements) == ("app", "", ("service",))
    assert [(link.threat, link.reason) for link in item.threats] == [
        ("CORE-005@T1", "CWE-400 in app, which runs in service")
    ]


def test_all_shared_weaknesses_are_named(tiny: Loaded, tree: Path) -> None:
    item = one(tiny, tree, cwe=("CWE-1", "CWE-400", "CWE-770"))
    assert [link.reason for link in item.threats] == ["CWE-400, CWE-770 in app, which runs in service"]


@pytest.mark.parametrize("cwe", [(), ("CWE-79",), ("CWE-40",), ("CWE-4000",)])
def test_another_weakness_bears_on_no_threat(tiny: Loaded, tree: Path, cwe: tuple[str, ...]) -> None:
    item = one(tiny, tree, cwe=cwe)
    assert (item.component, item.threats) == ("app", ())


def test_a_role_reaches_no_element(tiny: Loaded, tree: Path) -> None:
    item = one(tiny, tree, "tests/test_service.py")
    assert (item.component, item.role, item.elements, item.threats) == ("suite", "test", (), ())


def test_a_path_outside_the_model_has_no_component(tiny: Loaded, tree: Path) -> None:
    item = one(tiny, tree, "README.md")
    assert (item.component, item.role, item.elements, item.threats) == ("", "", (), ())


def test_a_threat_that_two_elements_share_is_linked_once(tiny: Loaded, tree: Path) -> None:
    a = assessment(tiny, tree)
    both = Component(id="both", globs=("**",), runs_in=("client", "service"))
    project = replace(a.project, components=(both,))
    (item,) = attribute(project, [finding()], a.threats, ComponentMap(project.components))
    assert item.elements == ("client", "service")
    assert [link.threat for link in item.threats] == ["CORE-005@T1"]
    assert item.threats[0].reason.endswith("runs in client")


def test_findings_keep_their_order_and_each_has_one_attribution(tiny: Loaded, tree: Path) -> None:
    a = assessment(tiny, tree)
    found = [finding(path) for path in ("z", "app/b", "a", "app/a")]
    items = attribute(a.project, found, a.threats, ComponentMap(a.project.components))
    assert [item.fingerprint for item in items] == [item.fingerprint for item in found]
