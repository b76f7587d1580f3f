"""A model written for pytm works with every command, unchanged."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.collateral.support import git

pytestmark = pytest.mark.slow

FORUM = Path(__file__).parents[1] / "data" / "pytm" / "forum.py"
WARNINGS = [
    'forum.py:44  M030  Datastore "Posts": pytm ignores the unknown attribute "isEncryptedAtRest"',
    'forum.py:63  M031  the name "Read" stands twice; its id is read-2; '
    "ids made from names change with them; give explicit ids with threatmodel.dsl",
    "forum.py  M032  a pytm file names no adversary, so no rule was asked: that there is no threat says nothing; "
    "name adversaries with threatmodel.dsl",
]


@pytest.fixture(name="cli", scope="module")
def _cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The file in a folder of a git repository; what is on disk differs in one port and one comment."""
    folder = tmp_path_factory.mktemp("forum")
    (folder / "design").mkdir()
    for place in (folder / "forum.py", folder / "design" / "forum.py"):
        shutil.copy(FORUM, place)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    for place in (folder / "forum.py", folder / "design" / "forum.py"):
        text = place.read_text().replace("dstPort = 5432", "dstPort = 5433  # another one")
        place.write_text(text)
    return Cli(cwd=folder, path=os.environ["PATH"], memory={})


def test_check_counts_and_says_what_was_not_asked(cli: Cli) -> None:
    said = cli("check", "forum.py")
    assert said.code == 0
    assert "9 elements  9 flows, 6 across boundaries  4 boundaries  0 adversaries" in said.out
    assert sorted(said.err.splitlines()) == sorted(WARNINGS)


def test_threats_and_diagram(cli: Cli) -> None:
    assert cli("threats", "forum.py").out == "0 threats (default)\n"
    assert cli("diagram", "forum.py", "-o", "pictures").code == 0
    assert "Writing helper" in (cli.cwd / "pictures/whole.svg").read_text("utf-8")


@pytest.mark.parametrize("path", ["forum.py", "design/forum.py"])
def test_diff_of_a_file_between_a_commit_and_a_folder(cli: Cli, path: str) -> None:
    said = cli("diff", "HEAD", ".", path)
    assert (said.code, said.out.count("port: 5432 → 5433")) == (0, 1)
    assert "flows: 1 changed" in said.out
    assert "no change" in cli("diff", "HEAD", "HEAD", path).out


def test_diff_names_places_in_the_repository(cli: Cli) -> None:
    found = cli("diff", "HEAD", ".", "design/forum.py", "--format", "json").json["difference"]["model"]
    assert [change["id"] for change in found] == ["insert"]
    assert {change["place"]["path"] for change in found if change["place"]} <= {"design/forum.py"}


def test_a_file_that_the_commit_does_not_have(cli: Cli) -> None:
    said = cli("diff", "HEAD", ".", "other.py")
    assert (said.code, said.err.split()[0]) == (2, "U001")


def test_claims_of_a_model_without_controls(cli: Cli) -> None:
    assert "no control is used" in cli("claims", "forum.py", "--source", ".").out


def test_gate(cli: Cli) -> None:
    said = cli("gate", "forum.py", "--base", "HEAD", "--head", ".", "--enforce")
    assert (said.code, "passed" in said.out) == (0, True)
