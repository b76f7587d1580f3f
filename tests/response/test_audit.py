"""The ownership audit on repositories that the test makes."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from collateral.response.audit import audit
from collateral.response.files import OwnershipFile, ownership_file
from collateral.response.findings import RULES, findings, ownership_sarif
from collateral.response.model import OwnershipPolicy
from collateral.response.ownership import Author, Ownership
from collateral.response.text import audit_markdown, audit_text
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain
from threatmodel.source import DirectoryTree, GitRefTree

from .support import DAY, NOW, commit, git, project

SARIF = Path(__file__).parents[3] / "shared" / "schemas" / "sarif" / "sarif-schema-2.1.0.json"
DOCS = Path(__file__).parents[2] / "docs"
POLICY = OwnershipPolicy(documentation_teams=("@o/docs",), bots=("helper",))
OWNERS = """\
*.md @o/docs
/gone/ @o/ghosts
*.txt @a
/kern/ @o/kernel
[bad] @o/kernel
"""


def audited(root: Path, *, as_of: datetime.date | None = None, policy: OwnershipPolicy = POLICY) -> Ownership:
    with GitRefTree(root, "HEAD") as tree:
        return audit(project(), tree, policy, as_of=as_of)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two people and two bots; one commit is too old to count."""
    root = tmp_path / "repo"
    files = {
        "CODEOWNERS": OWNERS,
        "SECURITY_CONTACTS": "# nobody\n\n#\n",
        "src/a.rs": "1",
        "src/read.md": "1",
        "kern/k.c": "1",
        "kern/k.txt": "1",
        "Makefile": "1",
    }
    commit(root, files, author="Old Hand", at=NOW - 400 * DAY)
    commit(root, {"src/a.rs": "2"}, author="Ada", at=NOW - 300 * DAY)
    commit(root, {"src/a.rs": "3", "kern/k.c": "2"}, author="Ada", at=NOW - 200 * DAY)
    commit(root, {"src/a.rs": "4"}, author="Bob", at=NOW - 100 * DAY)
    commit(root, {"src/a.rs": "5"}, author="dependabot[bot]", at=NOW - 50 * DAY)
    commit(root, {"src/a.rs": "6"}, author="Release Helper", at=NOW)
    return root


def test_files_by_what_the_last_rule_says(repo: Path) -> None:
    found = audited(repo)
    assert found.files == 7
    assert found.unowned == ("CODEOWNERS", "Makefile", "SECURITY_CONTACTS", "src/a.rs")
    assert found.unowned_in_elements == ("src/a.rs",)
    assert found.documentation_only_in_elements == ("src/read.md",)
    assert [rule.pattern for rule in found.dead] == ["/gone/"]
    assert [(rule.pattern, rule.shadowed_by) for rule in found.shadowed] == [("*.txt", (4,))]
    assert [(line.line, line.reason) for line in found.ignored] == [(5, "ranges in [ ] do not work")]
    assert found.teams == ("@o/docs", "@o/ghosts", "@o/kernel")


def test_people_of_twelve_months_by_element(repo: Path) -> None:
    found = audited(repo)
    assert (found.since, found.as_of, found.history) == ("2025-05-28", "2026-05-28", "")
    server, kern = (next(e for e in found.elements if e.element == id_) for id_ in ("server", "kern"))
    assert server.authors == (
        Author(name="Ada", commits=2, last="2025-11-09"),
        Author(name="Bob", commits=1, last="2026-02-17"),
    )
    assert (server.commits, server.bots, server.bus_factor) == (3, 2, 1)
    assert found.bots == ("Release Helper", "dependabot[bot]")
    assert [author.name for author in kern.authors] == ["Ada"]


def test_candidates_come_from_the_history_of_the_files(repo: Path) -> None:
    sets = {item.id: item for item in audited(repo).sets}
    assert [person.name for person in sets["server"].candidates] == ["Ada", "Bob"]
    assert sets["kern"].candidates == ()
    assert sets["build"].candidates == ()
    assert sets["."].unowned == ("CODEOWNERS", "SECURITY_CONTACTS")
    assert not sets["."].component


@pytest.mark.parametrize(
    ("day", "people"),
    [("2025-06-30", ["Old Hand"]), ("2026-05-28", ["Ada", "Bob"]), ("2030-01-01", []), ("2024-02-29", [])],
)
def test_the_period_ends_on_the_day_that_is_named(repo: Path, day: str, people: list[str]) -> None:
    found = audited(repo, as_of=datetime.date.fromisoformat(day))
    server = next(element for element in found.elements if element.element == "server")
    assert [author.name for author in server.authors] == people


def by_rule(found: Ownership) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for item in findings(found):
        out.setdefault(item.rule, []).append(f"{item.location.path}:{item.location.line}")
    return out


def test_findings_have_stable_rules_and_places(repo: Path) -> None:
    assert by_rule(audited(repo)) == {
        "TMR-002": ["CODEOWNERS:5"],
        "TMR-003": ["CODEOWNERS:2"],
        "TMR-004": ["CODEOWNERS:3"],
        "TMR-005": ["src/a.rs:0"],
        "TMR-006": ["CODEOWNERS:0", "Makefile:0", "SECURITY_CONTACTS:0"],
        "TMR-007": ["src/read.md:0"],
        "TMR-008": ["SECURITY_CONTACTS:0"],
        "TMR-009": ["SECURITY.md:0"],
        "TMR-010": ["kern/k.c:0"],
        "TMR-012": ["CODEOWNERS:1", "CODEOWNERS:2", "CODEOWNERS:4"],
    }


@pytest.mark.parametrize(
    ("files", "rule", "place"),
    [
        ({}, "TMR-001", "CODEOWNERS:0"),
        ({".github/CODEOWNERS": "* @a\n", "CODEOWNERS": "* @b\n"}, "TMR-013", "CODEOWNERS:0"),
        ({"docs/CODEOWNERS": "* @a\n", "CODEOWNERS": "* @b\n"}, "TMR-013", "docs/CODEOWNERS:0"),
        ({"CODEOWNERS": "* @a\n", "SECURITY.md": "We care.\n"}, "TMR-009", "SECURITY.md:0"),
        ({"CODEOWNERS": "* @a\n", ".github/SECURITY.md": "\n"}, "TMR-008", ".github/SECURITY.md:0"),
        ({"CODEOWNERS": "*.md @o/docs\n", "SECURITY.md": "https://x.example\n"}, "TMR-014", "SECURITY.md:0"),
        ({"CODEOWNERS": "* @a\n", "kern/k.c": "1"}, "TMR-011", "kern/k.c:0"),
    ],
)
def test_each_other_rule_fires(tmp_path: Path, files: dict[str, str], rule: str, place: str) -> None:
    commit(tmp_path / "r", {"x": "", **files}, author="Some[bot]")
    assert place in by_rule(audited(tmp_path / "r"))[rule]


def test_every_rule_is_documented() -> None:
    text = (DOCS / "response.md").read_text(encoding="utf-8")
    assert [rule.id for rule in RULES if f"| {rule.id} |" not in text] == []
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_a_shallow_clone_tells_owners_and_no_people(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo}", "shallow")
    found = audited(tmp_path / "shallow")
    assert "shallow" in found.history
    assert len(found.unowned) == 4
    assert not {"TMR-010", "TMR-011"} & set(by_rule(found))
    for text in (audit_text(found), audit_markdown(found)):
        assert "not known" in text
        assert "Candidates from" not in text
    log = ownership_sarif(found, tool_version="1", project="demo", release="1")
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_a_folder_without_git_has_owners_too(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @a\n")
    found = audit(project(), DirectoryTree(tmp_path), POLICY)
    assert (found.unowned, found.as_of) == ((), "")
    assert found.history


def test_a_link_is_no_codeowners_file(tmp_path: Path) -> None:
    commit(tmp_path / "r", {"real": "* @a\n"})
    (tmp_path / "r" / "CODEOWNERS").symlink_to("real")
    commit(tmp_path / "r", {})
    found = audited(tmp_path / "r")
    assert found.unread == "there is no CODEOWNERS file"
    assert found.unowned == ("CODEOWNERS", "real")


HOSTILE = "| x |\n`@o/team` \x1b[2J\u202e <script>"


def test_hostile_names_reach_no_output_raw(tmp_path: Path) -> None:
    path = "src/a\u202e|`b\x1b.rs"
    owners = "* @a\nsrc/ @o/<script>\n" + f"/{HOSTILE.splitlines()[0]} @a\n"
    commit(tmp_path / "r", {"CODEOWNERS": owners, path: ""}, author="E\u202ev|il <x@example.org>")
    found = audited(tmp_path / "r")
    log = ownership_sarif(found, tool_version="1", project="demo", release="1")
    for text in (audit_text(found), audit_markdown(found), dump_bytes(log).decode()):
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert "example.org" not in text


def test_markdown_tells_no_team(repo: Path) -> None:
    for line in audit_markdown(audited(repo)).splitlines():
        assert all(part.count("@") == 0 for part in line.split("`")[::2]), line


def test_sarif_is_valid_and_json_has_a_schema(repo: Path) -> None:
    from collateral.bundle.exports import schema

    found = audited(repo)
    log = ownership_sarif(found, tool_version="1.0.0", project="demo", release="1")
    plain: Any = json.loads(dump_bytes(to_plain(ownership_file(project(), found))))
    kind = jsonschema.Draft202012Validator(schema("ownership", OwnershipFile))
    assert list(kind.iter_errors(plain)) == []
    assert len(plain["findings"]) == len(log["runs"][0]["results"])
    if not SARIF.is_file():
        pytest.skip("the SARIF schema is not beside this checkout (../shared/schemas)")
    official = json.loads(SARIF.read_bytes())
    checker = jsonschema.validators.validator_for(official)(official)
    assert list(checker.iter_errors(log)) == []


def test_the_same_tree_gives_the_same_bytes(repo: Path) -> None:
    once, again = audited(repo), audited(repo)
    assert dump_bytes(to_plain(once)) == dump_bytes(to_plain(again))
