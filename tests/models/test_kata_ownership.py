"""Who owns the code of Kata Containers 4.1.0: figures that were counted apart from this program."""

from __future__ import annotations

from pathlib import Path

import pytest

from collateral.response import read_response
from collateral.response.audit import audit
from collateral.response.findings import findings
from collateral.response.ownership import Ownership
from threatmodel.load.loader import load_model
from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.source import SourceTree

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models/kata"


@pytest.fixture(scope="module")
def audited(source: SourceTree) -> Ownership:
    project = load_model(MODEL, "models/kata", load_vocabulary()).project
    policy = read_response((MODEL / "response.yaml").read_bytes(), "response.yaml").ownership
    return audit(project, source, policy)


def test_115_files_have_no_owner(audited: Ownership) -> None:
    assert (audited.files, len(audited.unowned)) == (2756, 115)
    assert sum(path.startswith("src/tools/genpolicy/") for path in audited.unowned) == 63
    assert {
        "src/tools/genpolicy/rules.rego",
        "src/kata-opa/allow-all.rego",
        "SECURITY_CONTACTS",
        "deny.toml",
    } <= {*audited.unowned}


def test_the_rule_for_proto_files_never_applies(audited: Ownership) -> None:
    (rule,) = [rule for rule in audited.rules if rule.pattern.endswith(".proto")]
    assert (rule.pattern, rule.matches) == ("/src/libs/protocols/*.proto", 0)
    assert rule in audited.dead
    assert [(f.location.line, f.rule) for f in findings(audited) if rule.pattern in f.message] == [
        (rule.line, "TMR-003")
    ]


def test_the_broader_runtime_rule_is_overridden(audited: Ownership) -> None:
    assert "/src/runtime*/" in {rule.pattern for rule in audited.shadowed}
    assert audited.ignored == ()


def test_nobody_can_be_reached_by_the_contact_file(audited: Ownership) -> None:
    assert {item.path: (item.state, item.documentation_only) for item in audited.contacts} == {
        "SECURITY.md": ("names-somebody", True),
        "SECURITY_CONTACTS": ("comments-only", False),
    }


def test_authors_are_counted_where_the_history_is_there(audited: Ownership) -> None:
    if audited.history:
        pytest.skip(audited.history)
    assert audited.since == "2025-08-21"
    people = {element.element: element for element in audited.elements}
    assert len(people["vmm-dragonball"].authors) == 13
    assert people["kata-deploy"].bus_factor == 1
    assert all("@" not in author.name for element in audited.elements for author in element.authors)
