"""The bill of materials of the lock files of a source."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from collateral.bundle import sbom, statements
from collateral.bundle.parts import Making
from scanners.dependencies.locks import read_locks
from tests.bundle.support import Shop, runs
from tests.cli.harness import Cli
from tests.collateral.support import TOML, assessment, make_workspace, read_json, write_files
from tests.scanners.dependencies.support import (
    CARGO,
    GOMOD,
    GOSUM,
    REQUIREMENTS,
    SUM,
    entry,
    make_database,
)
from tests.scanners.support import MemoryFiles
from threatmodel.load import Loaded
from threatmodel.source import DirectoryTree, open_source

SCHEMAS = Path(__file__).parents[3] / "shared/schemas/cyclonedx"
FILES = {"Cargo.lock": CARGO, "go.mod": GOMOD, "go.sum": GOSUM, "requirements.txt": REQUIREMENTS}


def bill(loaded: Loaded, files: dict[str, str]) -> dict[str, Any]:
    tree = MemoryFiles({path: text.encode() for path, text in files.items()})
    paths = [path for path in files if path != "go.sum"]
    return sbom.bill(assessment(loaded), read_locks(tree, paths, sums=True))


def validate(document: dict[str, Any]) -> None:
    if not SCHEMAS.is_dir():
        pytest.skip("the CycloneDX schema is not beside this checkout (../shared/schemas)")
    found = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}", Resource.from_contents(schema))
        for name, schema in found.items()
    )
    schema = found["bom-1.6.schema.json"]
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    jsonschema.Draft7Validator(schema, registry=registry, format_checker=checker).validate(document)


def component(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [row for row in document["components"] if row["name"] == name]
    return dict(found)


def values(document: dict[str, Any], name: str) -> list[str]:
    rows = document["metadata"]["properties"]
    return [row["value"] for row in rows if row["name"] == f"threatmodel:{name}"]


def test_the_document_is_valid(tiny: Loaded) -> None:
    validate(bill(tiny, FILES | {"a/Cargo.lock": "", "poetry.lock": "", "b/Cargo.lock": CARGO}))


def test_a_document_that_is_wrong_is_not_valid(tiny: Loaded) -> None:
    document = bill(tiny, FILES)
    validate(document)
    document["components"][0]["hashes"] = [{"alg": "SHA-256", "content": "no digest"}]
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


def test_components_have_digests_places_and_origins(tiny: Loaded) -> None:
    document = bill(tiny, FILES | {"b/Cargo.lock": CARGO})
    h2 = component(document, "h2")
    assert h2["purl"] == h2["bom-ref"] == "pkg:cargo/h2@0.3.20"
    assert h2["hashes"] == [{"alg": "SHA-256", "content": SUM}]
    assert h2["evidence"]["occurrences"] == [
        {"location": "Cargo.lock", "line": 12},
        {"location": "b/Cargo.lock", "line": 12},
    ]
    module = component(document, "example.org/a")
    assert "hashes" not in module
    assert {"name": "threatmodel:digest", "value": GOSUM.split()[2]} in module["properties"]
    assert {"name": "threatmodel:origin", "value": "git"} in component(document, "regorus")["properties"]


def test_folders_of_the_tree_have_no_package_url(tiny: Loaded) -> None:
    own = component(bill(tiny, FILES), "own")
    assert own["bom-ref"] == "local:crates.io:Cargo.lock:own@0.1.0"
    assert "purl" not in own


def test_what_requires_what_is_told_where_the_lock_file_says_it(tiny: Loaded) -> None:
    document = bill(tiny, FILES)
    assert document["dependencies"] == [
        {"ref": "local:crates.io:Cargo.lock:own@0.1.0", "dependsOn": ["pkg:cargo/h2@0.3.20"]}
    ]


def test_it_says_that_it_is_of_lock_files_and_what_they_leave_open(tiny: Loaded) -> None:
    document = bill(tiny, FILES)
    assert values(document, "says") == ["what lock files of the source name, not what was built"]
    assert values(document, "lock-file") == ["Cargo.lock", "go.mod", "requirements.txt"]
    assert document["metadata"]["lifecycles"] == [{"phase": "pre-build"}]
    assert [row["aggregate"] for row in document["compositions"]] == ["unknown"]
    document = bill(tiny, FILES | {"requirements.txt": "click>=8\n", "yarn.lock": ""})
    assert [row["aggregate"] for row in document["compositions"]] == ["incomplete"]
    assert values(document, "lock-file-gap") == [
        "requirements.txt: line 1 does not pin one version: click>=8"
    ]
    assert values(document, "lock-file-not-read") == ["yarn.lock: a lock file of a kind that is not read"]


def test_what_is_left_open_many_times_is_counted(tiny: Loaded) -> None:
    loose = "".join(f"package{number}\n" for number in range(103))
    gaps = values(bill(tiny, {"requirements.txt": loose}), "lock-file-gap")
    assert (len(gaps), gaps[-1]) == (101, "requirements.txt: 3 more")


def test_the_serial_number_depends_on_the_content_alone(tiny: Loaded) -> None:
    first, again = bill(tiny, FILES), bill(tiny, FILES)
    assert first == again
    assert uuid.UUID(first["serialNumber"].removeprefix("urn:uuid:")).version == 5
    assert bill(tiny, {"go.mod": GOMOD})["serialNumber"] != first["serialNumber"]


def test_a_source_without_lock_files_has_no_document_and_the_reason_is_told(
    tiny: Loaded, tmp_path: Path
) -> None:
    making = Making(a=assessment(tiny), pictures=(), model=tmp_path, repository="", cache=tmp_path)
    with DirectoryTree(write_files(tmp_path / "tree", {"a.py": ""})) as tree:
        found = sbom.list_source(tree)
    for listed in (found, sbom.NOT_LISTED):
        made = replace(making, listed=listed)
        assert sbom.data(made, {}) == {}
        assert {item.what: item.why for item in statements.not_made(made, {})}[sbom.PATH] == listed.why_not
    assert found.why_not == "the source has no lock file of a kind that is known"


@pytest.mark.slow
def test_a_bundle_has_the_document_beside_findings_of_the_same_components(tmp_path: Path) -> None:
    toml = TOML.replace(
        "[configurations.guarded]", '[scanners]\nenabled = ["dependencies"]\n\n[configurations.guarded]'
    )
    make_workspace(tmp_path, toml=toml)
    write_files(tmp_path / "source", FILES)
    make_database(tmp_path / "db", entry())
    shop = Shop(Cli(cwd=tmp_path, path=os.environ["PATH"]))
    more = ("--edition", "private", "--tool-data", "osv=db")
    assert shop.build("out", *more, environ={"SOURCE_DATE_EPOCH": "1767225600"}).code == 3
    bundle = tmp_path / "out" / "tiny-1.0-private"
    document = read_json(bundle / sbom.PATH)
    validate(document)
    assert document["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"
    assert sbom.PATH in (bundle / "index.html").read_text()
    (run,) = runs(bundle).values()
    assert [row["ruleId"] for row in run["results"]] == ["TEST-1"]
    assert run["tool"]["driver"]["version"] == "2026-01-02"
    assert "the database has no entry for Go" in json.dumps(run["invocations"])
    assert shop.cli("verify", "out/tiny-1.0-private").code == 0


@pytest.mark.slow
@pytest.mark.skipif(
    "KATA_SOURCE" not in os.environ, reason="KATA_SOURCE names no repository of Kata Containers"
)
def test_the_lock_files_of_kata_are_read_whole(tiny: Loaded, tmp_path: Path) -> None:
    spec = f"{os.environ['KATA_SOURCE']}@4.1.0"
    with open_source(spec, cache=tmp_path, base=tmp_path, environ=os.environ) as tree:
        listed = sbom.list_source(tree)
    assert listed.locks is not None
    assert not listed.locks.unread
    counts = {lock.path: len(lock.components) for lock in listed.locks.read}
    assert counts["Cargo.lock"] == 901
    assert sum(path.endswith("go.mod") for path in counts) == 5
    assert not [gap for lock in listed.locks.read for gap in lock.gaps]
    document = sbom.bill(assessment(tiny), listed.locks)
    validate(document)
    refs = [row["bom-ref"] for row in document["components"]]
    assert len(refs) == len(set(refs))
    assert {edge["ref"] for edge in document["dependencies"]} <= set(refs)
