"""Which scanners there are, and when code of a plug-in is imported."""

from __future__ import annotations

import pickle
from importlib.metadata import EntryPoint

import pytest

from scanners.registry import BUILT_IN, DEFAULT, GROUP, select
from tests.scanners.support import Plugin
from threatmodel.core.errors import UsageError

SUPPORT = "tests.scanners.support"


OTHERS = [
    "actionlint",
    "ast-grep",
    "cargo-audit",
    "cargo-deny",
    "clippy",
    "dependencies",
    "gitleaks",
    "gosec",
    "govulncheck",
    "hadolint",
    "osv-scanner",
    "ruff",
    "shellcheck",
    "trivy-config",
    "trivy-secret",
    "zizmor",
]


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_built_in_scanners_are_found_by_name_in_order() -> None:
    assert [scanner.name for scanner in DEFAULT] == ["bandit", "semgrep"]
    assert select(["semgrep", "bandit", "semgrep"], ()) == DEFAULT
    assert [scanner.name for scanner in BUILT_IN] == ["bandit", "semgrep", *OTHERS]
    assert pickle.loads(pickle.dumps(BUILT_IN)) == BUILT_IN


def test_a_plug_in_is_imported_only_when_it_is_named() -> None:
    points = (point("plugin", f"{SUPPORT}:Plugin"), point("other", "no.such.module:Thing"))
    assert select(["plugin"], points, {"plugin": "unknown"}) == (Plugin(),)
    assert select(["bandit"], points) == BUILT_IN[:1]


@pytest.mark.parametrize(
    ("name", "plugin", "message"),
    [
        ("semgrp", None, 'did you mean "semgrep"'),
        ("zzz", None, f"known: {', '.join(sorted(['bandit', 'semgrep', *OTHERS]))}"),
        ("p", point("p", "no.such.module:Thing"), "ModuleNotFoundError"),
        ("p", point("p", f"{SUPPORT}:Plugin"), "calls itself 'plugin'"),
        ("p", point("p", "builtins:dict"), "lacks name, describe, plan, run, parse"),
    ],
)
def test_what_cannot_be_used_is_a_usage_error(name: str, plugin: EntryPoint | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        select([name], (plugin,) if plugin else (), {"p": "unknown"})


@pytest.mark.parametrize(("versions", "said"), [({}, "none is named"), ({"plugin": "2.0"}, "2.0 is wanted")])
def test_a_plug_in_of_another_version_is_not_imported(versions: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match="S014.*" + said):
        select(["plugin"], (point("plugin", "no.such.module:Thing"),), versions)
