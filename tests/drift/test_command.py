"""`threatmodel drift` on a small repository with two tags."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.drift.files import DriftFile
from tests.cli.harness import Cli
from tests.collateral.support import make_workspace, write_files
from tests.drift.support import MODEL, NEW, OLD, drift, make_shop
from tests.drift.test_reader import GOOD, MORE

pytestmark = pytest.mark.slow


@pytest.fixture(name="shop", scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return make_shop(tmp_path_factory.mktemp("drift"))


def test_json_is_in_its_format_and_says_what_changed(shop: Cli) -> None:
    said = shop(*drift("--format", "json"))
    assert said.code == 0, said.err
    jsonschema.Draft202012Validator(schema("drift", DriftFile)).validate(said.json)
    rows = [(r["state"], r["name"], r["model"], r["where"]) for r in said.json["changes"]]
    assert rows == [
        ("added", "N.Odd", "not-named", []),
        ("added", "N.Put", "named", ["T1"]),
        ("changed", "N.Get", "named", ["T1"]),
        ("removed", "N.Drop", "named", ["T1"]),
        ("removed", "N.Gone", "not-named", []),
        ("added", "x.notes.plain", "not-named", []),
        ("added", "x.notes.seen_by", "named", ["data notes"]),
        ("removed", "x.notes.old_name", "named", ["data notes"]),
        ("added", "hypervisor.slow", "not-named", []),
        ("changed", "hypervisor.auth", "named", ["option auth"]),
        ("changed", "hypervisor.fast", "not-named", []),
        ("changed", "a.version", "not-named", []),
        ("added", "on: pull_request_target", "not-named", []),
        ("changed", "permissions", "not-named", []),
        ("removed", "on: push", "not-named", []),
    ]
    slow = said.json["changes"][8]
    assert [place["path"] for place in slow["places"]] == ["config/a.toml.in", "config/b.toml.in"]
    assert slow["after"] == "commented out: 1"
    counts = {
        r["id"]: (r["added"], r["removed"], r["changed"], r["not_named"], r["still_named"])
        for r in said.json["extracts"]
    }
    assert counts["calls"] == (2, 2, 1, 1, 1)
    assert counts["names"] == (2, 1, 0, 1, 1)


def test_a_listed_key(shop: Cli) -> None:
    keys = shop.cwd / "model/configuration-keys.yaml"
    keys.write_text(
        "hypervisors: {}\nmarks: {}\nknown: {go: [slow other]}\nrules: [{option: auth, key: hypervisor.fast}]\n"
    )
    try:
        said = shop(*drift("--format", "json"))
    finally:
        keys.unlink()
    found = {r["name"]: (r["model"], r["where"]) for r in said.json["changes"]}
    assert found["hypervisor.slow"] == ("listed", ["configuration-keys.yaml"])
    assert found["hypervisor.fast"] == ("named", ["configuration-keys.yaml"])


def test_text(shop: Cli) -> None:
    said = shop(*drift())
    lines = said.out.splitlines()
    assert lines[0] == "tiny: 1.0 to 2.0"
    assert "  changed  hypervisor.fast: 1 became 2" in lines
    assert "           still named by T1; was api/notes.proto:1" in lines
    assert "           not named; config/a.toml.in:4 and 1 more" in lines
    assert lines[-1] == "edits to follow: 9 (7 to name, 2 to take out), 0 waived"
    assert (
        lines[-2] == "15 changes: 7 that the model does not name, 0 that it only lists, 2 gone that it names"
    )
    assert "<U+202E>" in said.out
    assert "\u202e" not in said.out


def test_markdown(shop: Cli) -> None:
    out = shop(*drift("--format", "markdown")).out
    assert "| Extract | Kind |" in out
    assert r"- added **N\.Odd**" in out


def test_nothing_changed(shop: Cli) -> None:
    said = shop(*drift(new="source@1.0"))
    assert (said.code, said.out.splitlines()[-2][:9]) == (0, "0 changes")
    assert shop(*drift("--enforce", new="source@1.0")).code == 0


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("api/notes.proto", "service {", "a name is missing"),
        ("config/a.toml.in", "x =", "not TOML"),
        ("versions.yaml", "", "the file is empty"),
        ("src/names.go", 'const A = y.Z + "b"', "is made of y.Z, which is no constant of this file"),
    ],
)
def test_what_cannot_be_read_is_not_checked(
    shop: Cli, tmp_path: Path, path: str, text: str, reason: str
) -> None:
    write_files(tmp_path, {**NEW, path: text})
    said = shop(*drift(new=str(tmp_path)))
    assert said.code == 3
    assert "not checked" in said.out
    assert reason in said.out
    assert said.out.splitlines()[-2].endswith("1 not checked")
    assert said.out.splitlines()[-1].startswith("edits to follow of what was checked: ")


def test_what_is_missing_is_not_checked(shop: Cli, tmp_path: Path) -> None:
    write_files(tmp_path, {path: text for path, text in NEW.items() if path != "versions.yaml"})
    said = shop(*drift("--format", "json", new=str(tmp_path)))
    assert said.code == 3
    assert [(n["extract"], n["side"], n["reason"]) for n in said.json["not_checked"]] == [
        ("pins", "source", "no file matches")
    ]
    back = shop(*drift(old=str(tmp_path)))
    assert back.code == 0
    assert "no file of versions.yaml in the baseline" in back.out


def test_refusals(shop: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    said = shop.at(tmp_path)("drift", "model", "--source", ".", "--baseline", ".")
    assert (said.code, said.err[:32]) == (2, "U019  model has no extracts.yaml")
    assert shop("drift", "model", "--source", "source@2.0").code == 2
    assert shop(*drift(old="source@9.9")).code == 3
    (tmp_path / "model/extracts.yaml").write_text(GOOD.replace("T1]", "T9]", 1), "utf-8")
    for command in (("drift", "model", "--source", ".", "--baseline", "."), ("check", "model")):
        refused = shop.at(tmp_path)(*command)
        assert (refused.code, refused.err[:33]) == (4, "model/extracts.yaml:5  D043  belo")


def test_rules_and_owners(shop: Cli, tmp_path: Path) -> None:
    """Apart from the others, so that each of their counts says one thing."""
    make_workspace(tmp_path, init=MODEL, source=False)
    (tmp_path / "model/extracts.yaml").write_text(
        MORE.partition("  - id: checks")[0].replace(
            'paths: ["api/*.proto"]', 'paths: ["api/*.proto"]\n    lookup: ["policy/*.rego"]', 1
        )
    )
    owners = "*.go @a\n/api/ @b\n/policy/ @c\n/config/ @c\n/.github/ @c\nversions.yaml @c\nCODEOWNERS @c\n"
    rules = "package p\ndefault Q := false\ndefault AllowAll := false\nhelper if { input.x }\n"
    for name, changes in {
        "old": {"policy/p.rego": rules, "CODEOWNERS": owners},
        "new": {
            "policy/p.rego": rules.replace("false", "true").replace("input.x", "true"),
            "CODEOWNERS": owners.replace("/policy/ @c", "/policy/"),
        },
    }.items():
        write_files(tmp_path / name, {**OLD, **changes})
    at = shop.at(tmp_path)
    said = at("drift", "model", "--source", "new", "--baseline", "old")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert "  changed  N.Get: rule Q: p.rego default false became rule Q: p.rego default true" in lines
    assert "  changed  AllowAll: default false became default true" in lines
    assert any(line.startswith("  changed  other rules: 1 rules, sha256 ") for line in lines)
    assert "  changed  /policy/: @c became nobody" in lines
    assert "  added    no owner: policy/*.rego" in lines
    assert lines[lines.index("without an owner in CODEOWNERS, of what claims and extracts read") + 1 :][
        :1
    ] == ["  policy/*.rego"]
    file = at("drift", "model", "--source", "new", "--baseline", "old", "--format", "json").json
    assert file["no_owner"] == ["policy/*.rego"]
    shown = at("drift", "model", "--source", "new", "--baseline", "old", "--format", "markdown").out
    assert "### Without an owner in CODEOWNERS" in shown
    (tmp_path / "new/policy/p.rego").write_text("default")
    broken = at("drift", "model", "--source", "new", "--baseline", "old")
    assert broken.code == 3
    assert "policy/p.rego:1 cannot be read" in broken.out
    assert "N.Get" not in broken.out


def test_many_items_of_a_list_are_said_together(shop: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, init=MODEL, source=False)
    (tmp_path / "model/extracts.yaml").write_text(
        "extracts: [{id: options, kind: arguments, paths: [a.rs], belongs_to: [service], pattern: '--.*'}]\n"
    )
    write_files(tmp_path / "old", {"a.rs": 'fn f() { g(["--kept", "1"]) }'})
    many = ", ".join(f'"--o{n:02}"' for n in range(30))
    write_files(tmp_path / "new", {"a.rs": f'fn f() {{ g(["--kept", "2", {many}]) }}'})
    at = shop.at(tmp_path)
    said = at("drift", "model", "--source", "new", "--baseline", "old")
    lines = said.out.splitlines()
    start = lines.index("options, of service")
    assert lines[start + 1].startswith("  added    30 items: --o00, --o01, ")
    assert lines[start + 1].endswith("--o23 and 6 more")
    assert lines[start + 2] == "           not named; a.rs:1, and so on"
    assert lines[start + 3] == "  changed  --kept: 1 became 2"
    whole = at("drift", "model", "--source", "new", "--baseline", "old", "--format", "json")
    assert len(whole.json["changes"]) == 31
    shown = at("drift", "model", "--source", "new", "--baseline", "old", "--format", "markdown").out
    assert r"- added **30 items**\: " in shown
