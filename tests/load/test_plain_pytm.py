"""A model written for pytm works with every command, unchanged."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.collateral.support import git
from tests.load.support import HEAD, MODEL

pytestmark = pytest.mark.slow

FORUM = Path(__file__).parents[1] / "data" / "pytm" / "forum.py"
WARNINGS = [
    'forum.py:44  M030  Datastore "Posts": pytm ignores the unknown attribute "isEncryptedAtRest"',
    'forum.py:63  M031  the name "Read" stands twice; its id is read-2; '
    "ids made from names change with them; give explicit ids with threatmodel.dsl",
    "forum.py  M032  a pytm file names no adversary, so only pytm's own threats can be asked for: that there is no other "
    "says nothing; the pack pytm asks for those; name adversaries with threatmodel.dsl for others",
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


def test_threats_of_pytm_s_own_library(cli: Cli) -> None:
    """What pytm 1.4.0's `resolve()` finds in this file: 174 pairs, and one that an assumption of it excludes."""
    found = cli("threats", "forum.py", "--pack", "pytm", "--format", "json").json["threats"]
    proposed = [threat["id"] for threat in found if threat["disposition"]]
    assert (len(found), proposed) == (175, ["PYTM-INP16@web-server"])
    assert {(threat["pack"], threat["status"]) for threat in found} == {("pytm", "open")}
    assert len(cli("threats", "forum.py", "--pack", "pytm-fixed", "--format", "json").json["threats"]) == 153
    said = cli("check", "forum.py", "--pack", "pytm")
    assert (said.code, "threats  175   open 175" in said.out) == (0, True)


def test_packs_that_cannot_be_asked(cli: Cli, tmp_path: Path) -> None:
    said = cli("threats", "forum.py", "--pack", "pyt")
    assert (said.code, said.err.splitlines()[-1]) == (2, 'R001  no rule pack "pyt"; did you mean "pytm"?')
    own = tmp_path / "own.py"
    own.write_text(f"{HEAD}{MODEL}")
    said = cli("threats", str(own), "--pack", "pytm")
    assert (said.code, said.err.split()[0]) == (4, "R013")


def test_what_pytm_refuses_or_does_otherwise_is_told(cli: Cli, tmp_path: Path) -> None:
    begin = 'from pytm import *\ntm = TM("t", "d")\n'
    twice = 'Server("s", overrides=[Finding(threat_id="AA01"), Finding(threat_id="AA01")])\n'
    outer = 'Boundary("b", overrides=[Finding(threat_id="AA01")])\n'
    file = 'tm.threatsFile = "own.json"\n'
    (tmp_path / "own.json").write_text("[]")
    for name, code, exit_ in (("twice", twice, 4), ("outer", outer, 0), ("file", file, 0)):
        path = tmp_path / f"{name}.py"
        path.write_text(f"{begin}{code}tm.process()\n")
        told = {"twice": "M040", "outer": "M042", "file": "M041"}[name]
        said = cli("threats", str(path), "--pack", "pytm")
        assert (said.code, told in said.err) == (exit_, True), said.err
        assert cli("threats", str(path)).code == 0


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
