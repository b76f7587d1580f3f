"""`drift --enforce` and `drift-waivers.yaml`: what stops a release, and who may let it wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.bundle.exports import schema
from collateral.drift import read_extracts, read_waivers, waivers_schema
from collateral.drift.files import DriftFile
from tests.cli.harness import Cli
from tests.collateral.support import load_tiny, write_files
from tests.drift.support import NEW, OLD, drift, make_shop
from tests.drift.test_reader import GOOD
from threatmodel.core.errors import InvalidInput

pytestmark = pytest.mark.slow

WAIVER = """\
  - extract: EXTRACT
    name: NAME
    reason: The next review looks at it
    owner: somebody
    expires: 2026-06-30
    source: https://example.org/decisions/12
"""
EDITS = {
    "calls": ["N.Odd", "N.Drop"],
    "names": ["x.notes.plain", "x.notes.old_name"],
    "keys": ["hypervisor.slow", "hypervisor.fast"],
    "pins": ["a.version"],
    "flows": ["on: pull_request_target", "permissions"],
}


def waive(wanted: dict[str, list[str]]) -> str:
    entries = [
        WAIVER.replace("EXTRACT", extract).replace("NAME", f'"{name}"')
        for extract, names in wanted.items()
        for name in names
    ]
    return "waivers:\n" + "".join(entries)


@pytest.fixture(name="shop", scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return make_shop(tmp_path_factory.mktemp("enforce"))


@pytest.fixture(name="waivers")
def _waivers(shop: Cli) -> Iterator[Path]:
    path = shop.cwd / "model/drift-waivers.yaml"
    yield path
    path.unlink(missing_ok=True)


def test_changes_stop_where_it_is_enforced(shop: Cli) -> None:
    assert shop(*drift()).code == 0
    assert shop(*drift("--enforce")).code == 10


@pytest.mark.parametrize("extract", EDITS)
def test_one_change_is_enough(shop: Cli, waivers: Path, extract: str) -> None:
    """Everything but one extract is waived: that one stops."""
    waivers.write_text(waive({name: names for name, names in EDITS.items() if name != extract}), "utf-8")
    said = shop(*drift("--enforce", "--format", "json"))
    assert said.code == 10
    assert said.json["edits"]["needed"] == len(EDITS[extract])


def test_waived_changes_pass_until_the_last_day(shop: Cli, waivers: Path) -> None:
    waivers.write_text(waive(EDITS), "utf-8")
    said = shop(*drift("--enforce", "--as-of", "2026-06-30", "--format", "json"))
    assert (said.code, said.err) == (0, "")
    jsonschema.Draft202012Validator(schema("drift", DriftFile)).validate(said.json)
    assert said.json["as_of"] == "2026-06-30"
    assert said.json["edits"] == {"needed": 0, "not_named": 0, "still_named": 0, "waived": 9}
    assert [row["waived"] for row in said.json["extracts"]] == [2, 2, 2, 1, 2]
    shown = shop(*drift("--as-of", "2026-06-30")).out
    assert "not named; api/notes.proto:1; waived by" not in shown
    assert "waived by somebody until 2026-06-30 [https://example.org/decisions/12]; " in shown
    assert shown.splitlines()[-1] == "edits to follow: 0 (0 to name, 0 to take out), 9 waived"
    late = shop(*drift("--enforce", "--as-of", "2026-07-01"))
    assert late.code == 10
    assert late.out.splitlines()[-1] == "edits to follow: 9 (7 to name, 2 to take out), 0 waived"
    assert (
        "model/drift-waivers.yaml:2  D050  the waiver of N.Odd of calls has expired on 2026-06-30" in late.err
    )
    assert late.err.count("D050") == 9


def test_a_waiver_without_a_source_is_proposed(shop: Cli, waivers: Path) -> None:
    waivers.write_text(waive({"pins": ["a.version"]}).replace("    source", "    #"), "utf-8")
    said = shop(*drift("--format", "json"))
    assert said.json["edits"]["waived"] == 0
    assert "D050  the waiver of a.version of pins is proposed" in said.err


def test_a_waiver_of_nothing_is_told(shop: Cli, waivers: Path) -> None:
    waivers.write_text(waive({"calls": ["N.Gone", "N.Put"], "pins": ["N.Odd"]}), "utf-8")
    said = shop(*drift())
    assert said.err.count("D049") == 3
    assert "model/drift-waivers.yaml:14  D049  the waiver of N.Odd of pins waives nothing here" in said.err


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("api/notes.proto", "service {", "api/notes.proto"),
        ("api/notes.proto", 'syntax = "proto3";\n', "api/*.proto"),
        ("src/names.go", "package p\n", "src/names.go"),
        ("config/a.toml.in", "", "config/a.toml.in"),
        ("versions.yaml", "a: {commitment: '2'}\n", "versions.yaml"),
    ],
)
def test_what_tells_nothing_is_not_clean(
    shop: Cli, waivers: Path, tmp_path: Path, path: str, text: str, name: str
) -> None:
    """On both sides: nothing changed, and nothing was seen."""
    write_files(tmp_path, {**OLD, path: text})
    same = {"old": str(tmp_path), "new": str(tmp_path)}
    said = shop(*drift("--format", "json", **same))
    assert said.code == 3
    assert {item["path"] for item in said.json["not_checked"]} == {name}
    assert shop(*drift("--enforce", **same)).code == 10
    [extract] = {item["extract"] for item in said.json["not_checked"]}
    waivers.write_text(waive({extract: [name]}), "utf-8")
    assert shop(*drift("--enforce", **same)).code == 0
    assert shop(*drift("--enforce", "--as-of", "2026-07-01", **same)).code == 10


def test_a_glob_of_nothing_is_not_clean(shop: Cli, tmp_path: Path) -> None:
    write_files(tmp_path, {path: text for path, text in NEW.items() if path != "versions.yaml"})
    same = {"old": str(tmp_path), "new": str(tmp_path)}
    assert shop(*drift("--enforce", **same)).code == 10


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "message"),
    [
        ("extract: pins", "extract: pin", "D043", 2, 'extract: the model has no "pin"'),
        ("name: a.version", "name: ''", "D040", 3, '"name" is empty'),
        ("    owner: somebody\n", "", "D040", 2, '"owner" is missing'),
        ("2026-06-30", "June", "D042", 6, "is not an ISO 8601 date"),
        ("https://example.org/decisions/12", "the meeting", "D042", 7, "source is not public"),
        ("reason:", "why:", "D041", 4, 'unknown key "why"'),
        ("waivers:\n", "waivers:\n" + waive({"pins": ["a.version"]})[9:], "D043", 8, "is waived twice"),
    ],
)
def test_a_bad_file(tmp_path: Path, old: str, new: str, code: str, line: int, message: str) -> None:
    extracts = read_extracts(GOOD.encode(), "extracts.yaml", load_tiny(tmp_path).project)
    text = waive({"pins": ["a.version"]}).replace('"', "")
    jsonschema.Draft202012Validator(waivers_schema()).validate(yaml.load(text, yaml.BaseLoader))
    assert read_waivers(text.encode(), "w", extracts)[0].owner == "somebody"
    with pytest.raises(InvalidInput) as error:
        read_waivers(text.replace(old, new, 1).encode(), "w", extracts)
    found = [(d.code, d.place.line if d.place else 0) for d in error.value.diagnostics]
    assert (code, line) in found
    assert any(message in d.message for d in error.value.diagnostics)


def test_check_reads_the_waivers(shop: Cli, waivers: Path) -> None:
    waivers.write_text("waivers: []\n", "utf-8")
    assert shop("check", "model").code == 0
    waivers.write_text("waivers: {}\n", "utf-8")
    assert (said := shop("check", "model")).code == 4
    assert "model/drift-waivers.yaml:1  D040" in said.err
