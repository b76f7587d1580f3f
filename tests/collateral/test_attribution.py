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
from threatmodel.system import CodeKind, Component

APP = Component(id="app", globs=("app/**",), runs_in=("service",))
PYTHON = Component(id="python", globs=("**/*.py",), runs_in=("client",))
TESTS = Component(id="tests", globs=("tests/**", "app/test_*.py"), role="test")
BOTH = Component(id="both", globs=("{app,lib}/**",), runs_in=("service",))
PATHS = st.text("abpt/.*?[_éß\u202e\udcff \\", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("components", "path", "found"),
    [
        ((APP, PYTHON), "app/a.py", "app"),
        ((PYTHON, APP), "app/a.py", "app"),
        ((APP, PYTHON), "a.py", "python"),
        ((PYTHON, APP), "app/a.c", "app"),
        ((APP, TESTS), "app/test_a.py", "tests"),
        ((APP, BOTH), "app/a.c", "app"),
        ((BOTH, APP), "app/a.c", "both"),
        ((BOTH, APP), "lib/a.c", "both"),
        ((TESTS, APP), "app/test_a.py", "tests"),
        ((APP,), "other/app/a.py", None),
        ((APP,), "application", None),
        ((), "app/a.py", None),
    ],
)
def test_the_most_specific_component_wins_and_of_equals_the_first(
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


@given(PATHS, st.permutations([APP, PYTHON, TESTS]))
def test_a_component_that_wins_matches_and_without_it_another_that_matches_wins(
    path: str, components: list[Component]
) -> None:
    alone = [component for component in components if ComponentMap((component,)).component(path)]
    assert (ComponentMap(components).component(path) in alone) == bool(alone)


@given(PATHS)
def test_the_order_of_components_of_different_length_makes_no_difference(path: str) -> None:
    components = (TESTS, APP, PYTHON)
    assert ComponentMap(components).component(path) == ComponentMap(components[::-1]).component(path)


RPC = Component(id="rpc", globs=("app/**",), symbols=("Service.*",), runs_in=("client",))


@pytest.mark.parametrize(
    ("path", "symbol", "component", "kind", "reason"),
    [
        ("app/a.go", "Service.Call", "rpc", "", "Service.Call in app/**"),
        ("app/a.go", "Serve", "app", "", "path in app/**"),
        ("app/a.go", "", "app", "", "path in app/**"),
        ("app/a_test.go", "TestCall", "app", "test", "path in app/**; test code by go-tests"),
        ("app/a.rs", "tests::call", "app", "test", "path in app/**; test code by rust-tests"),
        ("app/a.rs", "contests::call", "app", "", "path in app/**"),
        ("app/a.pb.go", "Service.Call", "rpc", "generated", "Service.Call in app/**; generated code by made"),
        ("lib/a_test.go", "", "", "test", "test code by go-tests"),
        ("lib/a.go", "Service.Call", "", "", ""),
    ],
)
def test_symbols_narrow_components_and_kinds(
    path: str, symbol: str, component: str, kind: str, reason: str
) -> None:
    kinds = (
        CodeKind(id="go-tests", kind="test", globs=("**/*_test.go",)),
        CodeKind(id="rust-tests", kind="test", globs=("**/*.rs",), symbols=("tests::*",)),
        CodeKind(id="made", kind="generated", globs=("**/*.pb.go",)),
    )
    found = ComponentMap((APP, RPC), kinds).place(path, symbol)
    assert (found[0].id if found[0] else "", *found[1:]) == (component, kind, reason)


def test_the_glob_that_is_named_as_the_reason_is_without_braces() -> None:
    braces = Component(id="b", globs=("{x,y/{z,w}}/*.c",), runs_in=("service",))
    assert ComponentMap((braces,)).place("y/w/a.c", "")[2] == "path in y/w/*.c"


def one(tiny: Loaded, tree: Path, path: str = "app/service.py", **changes: object) -> Attribution:
    """The attribution of one finding in the tiny model."""
    a = assessment(tiny, tree)
    found = finding(path, **changes)
    (item,) = attribute(a.project, [found], a.threats, ComponentMap.of(a.project))
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


@pytest.mark.parametrize(
    ("cwe", "stride", "reason"),
    [
        (("CWE-770",), "", "CWE-770 in"),
        (("CWE-1325",), "", "CWE-1325, a kind of CWE-770, in"),
        (("CWE-1325",), "denial-of-service", "CWE-1325, a kind of CWE-770, in"),
        (("CWE-1325",), "spoofing", ""),
        ((), "denial-of-service", "denial-of-service at a boundary of service, where app runs"),
        ((), "", ""),
    ],
)
def test_weakness_then_kind_of_weakness_then_category_link_a_threat(
    tiny: Loaded, tree: Path, cwe: tuple[str, ...], stride: str, reason: str
) -> None:
    links = {link.threat: link.reason for link in one(tiny, tree, cwe=cwe, stride=stride).threats}
    assert links.get("CORE-005@T1", "").startswith(reason)
    assert bool(links.get("CORE-005@T1")) == bool(reason)


def test_a_category_that_tells_no_threat_apart_names_none(tiny: Loaded, tree: Path) -> None:
    a = assessment(tiny, tree)
    (threat,) = (threat for threat in a.threats if threat.id == "CORE-005@T1")
    found = finding(cwe=(), stride=threat.stride)
    for number, linked in ((12, 12), (13, 0)):
        threats = [replace(threat, id=f"CORE-{at:03}@T1") for at in range(number)]
        (item,) = attribute(a.project, [found], threats, ComponentMap.of(a.project))
        assert len(item.threats) == linked


def test_code_that_does_not_run_bears_on_no_threat(tiny: Loaded, tree: Path) -> None:
    a = assessment(tiny, tree)
    for kind, linked in (("test", False), ("example", False), ("generated", True), ("vendored", True)):
        project = replace(a.project, code_kinds=(CodeKind(id="k", kind=kind, globs=("app/**",)),))  # type: ignore[arg-type]
        (item,) = attribute(project, [finding()], a.threats, ComponentMap.of(project))
        assert (item.kind, bool(item.threats), item.elements) == (kind, linked, ("service",))
        assert item.part == ("runs" if linked else kind)


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
    (item,) = attribute(project, [finding()], a.threats, ComponentMap.of(project))
    assert item.elements == ("client", "service")
    assert [link.threat for link in item.threats] == ["CORE-005@T1"]
    assert item.threats[0].reason.endswith("runs in client")


def test_findings_keep_their_order_and_each_has_one_attribution(tiny: Loaded, tree: Path) -> None:
    a = assessment(tiny, tree)
    found = [finding(path) for path in ("z", "app/b", "a", "app/a")]
    items = attribute(a.project, found, a.threats, ComponentMap.of(a.project))
    assert [item.fingerprint for item in items] == [item.fingerprint for item in found]
