"""OpenVEX: what an advisory means for a release, and nothing that nobody said in public."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from collateral.advisories import Advisory, Range, load_advisories
from collateral.bundle import statements
from collateral.bundle.parts import Making
from collateral.vex import Affects, affects, openvex, purl
from tests.collateral.support import assessment
from threatmodel.core.canonical import dump_bytes
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_vocabulary

SCHEMA = Path(__file__).parents[3] / "shared/schemas/openvex/openvex_json_schema.json"
SOURCE = "https://example.org/advisory/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An advisory as `openvex` wants it."""

    ids: tuple[str, ...] = ("CVE-2026-0001", "GHSA-aaaa-bbbb-cccc")
    title: str = "A guest\nleaves"
    source: str = SOURCE
    fixed: tuple[str, ...] = ("1.2",)
    justification: str = ""
    ranges: tuple[tuple[str, str], ...] = (("1.0", "1.2"),)

    def affects(self, release: str) -> Affects:
        """From the ranges."""
        return affects(release, self.ranges)


def document(tiny: Loaded, *notes: Note, release: str = "1.0") -> dict[str, Any]:
    """The document, checked against the official schema where that is at hand."""
    made = openvex(assessment(tiny, release=release), notes)
    if SCHEMA.is_file() and made:
        schema = json.loads(SCHEMA.read_text())
        jsonschema.Draft202012Validator(schema).validate(made)
    return made


def statement(tiny: Loaded, note: Note, release: str) -> dict[str, Any]:
    (only,) = document(tiny, note, release=release)["statements"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize(
    ("release", "ranges", "expected"),
    [
        ("1.0", [("1.0", "1.2")], "affected"),
        ("1.1.9", [("1.0", "1.2")], "affected"),
        ("1.2", [("1.0", "1.2")], "fixed"),
        ("v1.2", [("1.0", "v1.2")], "fixed"),
        ("1.10", [("1.0", "1.9")], "fixed"),
        ("1.2.0-rc0", [("1.0", "1.2")], "affected"),
        ("0.9", [("1.0", "1.2")], "not-affected"),
        ("1.1", [("", "1.2")], "unknown"),
        ("1.3", [("", "1.2")], "fixed"),
        ("1.1", [("1.0", "")], "affected"),
        ("0.9", [("1.0", "")], "not-affected"),
        ("1.1", [("1.0", "a commit")], "unknown"),
        ("main", [("1.0", "1.2")], "unknown"),
        ("1.1", [], "unknown"),
        ("2.0", [("1.0", "1.2"), ("2.0", "2.1")], "affected"),
        ("2.1", [("1.0", "1.2"), ("2.0", "2.1")], "fixed"),
        ("1.5", [("1.0", "1.2"), ("2.0", "2.1")], "fixed"),
    ],
)
def test_ranges_of_versions(release: str, ranges: list[tuple[str, str]], expected: str) -> None:
    assert affects(release, ranges) == expected


@pytest.mark.parametrize(
    ("release", "changes", "status", "words"),
    [
        ("1.1", {}, "affected", "Update to 1.2 or later"),
        ("1.1", {"fixed": (), "ranges": (("1.0", ""),)}, "affected", "No fixed release is known"),
        ("1.2", {}, "fixed", "Fixed in 1.2"),
        ("0.9", {}, "under_investigation", "nobody has said in public why"),
        (
            "0.9",
            {"justification": "vulnerable_code_not_present"},
            "not_affected",
            "vulnerable_code_not_present",
        ),
        ("0.9", {"justification": "because"}, "under_investigation", "nobody has said in public why"),
        ("1.1", {"ranges": (("", "1.2"),)}, "under_investigation", "does not say"),
        ("1.1", {"source": "mail"}, "under_investigation", "does not say"),
    ],
)
def test_the_status_of_a_release(
    tiny: Loaded, release: str, changes: dict[str, Any], status: str, words: str
) -> None:
    found = statement(tiny, replace(Note(), **changes), release)
    assert found["status"] == status
    assert words in json.dumps(found)


def test_a_document_names_its_author_as_a_draft(tiny: Loaded) -> None:
    found = document(tiny, Note())
    assert found["author"].endswith(" (draft, not adopted by Tiny service)")
    project = {**tiny.manifest.project, "status": "adopted: https://example.org/adopted"}
    adopted = replace(assessment(tiny), manifest=replace(tiny.manifest, project=project))
    assert "draft" not in openvex(adopted, [Note()])["author"]
    assert found["timestamp"] == "2023-11-14T22:13:20Z"


def test_the_same_input_gives_the_same_id_in_any_order(tiny: Loaded) -> None:
    other = Note(ids=("CVE-2025-0002",))
    one, two = document(tiny, Note(), other), document(tiny, other, Note())
    assert dump_bytes(one) == dump_bytes(two)
    assert one["@id"].startswith("urn:threatmodel:openvex:tiny:1.0:")
    assert one["@id"] != document(tiny, other)["@id"]
    assert [s["vulnerability"]["name"] for s in one["statements"]] == ["CVE-2025-0002", "CVE-2026-0001"]
    assert one["statements"][1]["vulnerability"]["aliases"] == ["GHSA-aaaa-bbbb-cccc"]
    assert one["statements"][1]["vulnerability"]["description"] == "A guest leaves"


def test_no_advisory_makes_no_document(tiny: Loaded) -> None:
    assert document(tiny) == {}


def test_a_bundle_has_the_document_or_says_why_not(tiny: Loaded, tmp_path: Path) -> None:
    making = Making(a=assessment(tiny), pictures=(), model=tmp_path, repository="", cache=tmp_path)
    assert statements.openvex(making, {}) == {}
    missing = {item.what for item in statements.not_made(making, {})}
    assert missing >= {statements.OPENVEX, ".well-known/security.txt"}
    advisory = Advisory(
        id="CVE-2026-0001",
        title="A guest leaves",
        source=SOURCE,
        verified="read",
        surface="socket",
        cause="no check",
        stride="elevation-of-privilege",
        adversary="A1",
        elements=("store",),
        ranges=(Range(introduced="1.0", fixed="1.2"),),
    )
    files = statements.openvex(replace(making, advisories=(advisory,)), {})
    assert json.loads(files[statements.OPENVEX])["statements"][0]["status"] == "affected"
    assert statements.OPENVEX not in {item.what for item in statements.not_made(making, files)}


def test_the_advisories_of_the_model_of_kata_make_a_valid_document(tiny: Loaded) -> None:
    model = Path(__file__).parents[2] / "models/kata"
    loaded = load_model(model, "models/kata", load_vocabulary())
    advisories = load_advisories(model, loaded.project)
    a = replace(assessment(tiny, release="4.1.0"), manifest=loaded.manifest, project=loaded.project)
    made = openvex(a, advisories)
    if SCHEMA.is_file():
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(made)
    assert len(made["statements"]) == len(advisories) > 10
    assert {s["products"][0]["@id"] for s in made["statements"]} == {
        "pkg:github/kata-containers/kata-containers@4.1.0"
    }
    assert {s["status"] for s in made["statements"]} <= {"fixed", "affected", "under_investigation"}
    assert made["author"].endswith("(draft, not adopted by Kata Containers)")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "https://github.com/Kata-Containers/kata-containers@4.1.0",
            "pkg:github/kata-containers/kata-containers@1.0",
        ),
        ("https://github.com/a/b.git@v1", "pkg:github/a/b@1.0"),
        ("https://git.example.org/a/b@1", "pkg:generic/tiny@1.0"),
        ("../source", "pkg:generic/tiny@1.0"),
    ],
)
def test_the_product_is_a_package_url(tiny: Loaded, source: str, expected: str) -> None:
    a = assessment(tiny)
    manifest = replace(a.manifest, project={**a.manifest.project, "source": source})
    assert purl(replace(a, manifest=manifest)) == expected
